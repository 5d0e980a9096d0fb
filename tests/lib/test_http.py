"""The web client against real servers, and against everything that would lead it astray."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import socket
import struct
import threading
import time
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lib.servers import Answer, HttpServer, client_tls, server_tls

from depesche.lib.web import addresses
from depesche.lib.web.http import Client, HttpError

OUTSIDE = "127.0.0.2"  # plays a public site; 127.0.0.1 stays what it is
pytestmark = pytest.mark.allow_hosts(["127.0.0.1", OUTSIDE])

PAGE = Answer(200, b"<rss/>", {"Content-Type": "application/rss+xml", "ETag": 'W/"odd quote'})


def client(**options) -> Client:
    return Client(
        **({"allow_private": True, "user_agent": "Depesche (+mailto:a@b.example)", "timeout": 5} | options)
    )


def guarded(names: dict[str, list[str]] | None = None, **options) -> Client:
    """Return a client for which OUTSIDE is public and *names* is all there is in the DNS."""
    known = {"site.example": [OUTSIDE]} | (names or {})

    def resolve(name: str) -> list[str]:
        if name not in known:
            raise OSError(f"no such name: {name}")
        return known[name]

    network = ipaddress.ip_network(f"{OUTSIDE}/32")
    return client(allow_private=False, allowed_networks=[network], resolve=resolve, **options)


@pytest.fixture
def inside():
    with HttpServer({"/": Answer(200, b"secret")}) as server:
        yield server


@pytest.fixture
def site():
    with HttpServer({"/feed": PAGE}, host=OUTSIDE) as server:
        yield server


def redirect(target: str, status: int = 302) -> Answer:
    return Answer(status, b"moved", {"Location": target})


def test_a_document_arrives_with_its_headers_as_sent(inside):
    inside.routes["/feed"] = PAGE
    response = client().fetch(f"{inside.url}/feed#top", {"If-None-Match": '"x"'})
    assert (response.status, response.body) == (200, b"<rss/>")
    assert response.headers["etag"] == 'W/"odd quote'
    assert response.headers["content-type"] == "application/rss+xml"
    assert response.url == response.permanent_url == f"{inside.url}/feed"
    (asked,) = inside.asked
    assert asked.headers["if-none-match"] == '"x"'
    assert asked.headers["user-agent"] == "Depesche (+mailto:a@b.example)"
    assert "cookie" not in asked.headers


@pytest.mark.parametrize("status", [304, 404, 410, 429, 503])
def test_every_status_is_an_answer(inside, status):
    inside.routes["/feed"] = Answer(status, b"", {"Retry-After": "120"})
    response = client().fetch(f"{inside.url}/feed")
    assert (response.status, response.headers["retry-after"]) == (status, "120")


def test_one_loop_may_fetch_many_at_once(inside):
    inside.routes |= {f"/{n}": Answer(200, b"%d" % n) for n in range(20)}
    getter = client()

    async def all_of_them():
        return await asyncio.gather(*(getter.get(f"{inside.url}/{n}") for n in range(20)))

    assert [r.body for r in asyncio.run(all_of_them())] == [b"%d" % n for n in range(20)]


def test_cookies_are_not_kept(inside):
    inside.routes["/"] = Answer(302, b"", {"Location": "/next", "Set-Cookie": "id=1; Path=/"})
    inside.routes["/next"] = Answer(200, b"ok", {"Set-Cookie": "id=2; Path=/"})
    getter = client()
    assert [getter.fetch(inside.url).body, getter.fetch(inside.url).body] == [b"ok", b"ok"]
    assert not any("cookie" in asked.headers for asked in inside.asked)


def test_the_environment_names_no_proxy(inside, site, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, inside.url)
    assert guarded().fetch(f"http://site.example:{site.port}/feed").body == b"<rss/>"
    assert inside.asked == []


def test_a_name_is_resolved_once_and_its_site_asked(site):
    lookups = []

    def resolve(name):
        lookups.append(name)
        return [OUTSIDE]

    network = ipaddress.ip_network(OUTSIDE)
    getter = client(allow_private=False, allowed_networks=[network], resolve=resolve)
    for _ in range(2):
        assert getter.fetch(f"http://site.example:{site.port}/feed").status == 200
    assert lookups == ["site.example"]
    assert site.asked[0].headers["host"] == f"site.example:{site.port}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "2130706433",
        "0x7f000001",
        "0X7F.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "127.000.000.001",
        "１２７.0.0.1",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "0",
        "0.0.0.0",
        "8.8.8.8",
        "mapped.example",
        "nat64.example",
        "two-faced.example",
        "inside.example",
        "empty.example",
        "site.example@127.0.0.1",
        "localhost\\@site.example",
        "site.example\\@localhost",
        "unknown.example",
        "",
    ],
)
def test_no_spelling_leads_inside(inside, host):
    names = {
        "localhost": ["127.0.0.1"],
        "localhost.": ["127.0.0.1"],
        "inside.example": ["127.0.0.1"],
        "two-faced.example": [OUTSIDE, "127.0.0.1"],
        "mapped.example": ["::ffff:127.0.0.1"],
        "nat64.example": ["64:ff9b::7f00:1"],
        "empty.example": [],
    }
    with pytest.raises(HttpError) as caught:
        guarded(names).fetch(f"http://{host}:{inside.port}/")
    assert inside.asked == []
    assert caught.value.reason


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "http://inside.example:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
        "http://user@site.example:{port}/",
        "file:///etc/passwd",
        "ftp://site.example/",
        "gopher://127.0.0.1:{port}/_x",
        "javascript:alert(1)",
        "http://site.example\r\n.evil.example/",
    ],
)
def test_no_redirect_leads_inside(inside, site, status, target):
    site.routes["/feed"] = Answer(
        status, b"", {"Location": target.format(port=inside.port).replace("\r\n", " ")}
    )
    with pytest.raises(HttpError) as caught:
        guarded({"inside.example": ["127.0.0.1"]}).fetch(f"http://site.example:{site.port}/feed")
    assert caught.value.refused
    assert inside.asked == []
    assert len(site.asked) == 1


def test_a_name_that_turns_inside_between_two_requests_is_not_followed(inside, site):
    answers = iter([[OUTSIDE], ["127.0.0.1"]])
    network = ipaddress.ip_network(OUTSIDE)
    getter = client(allow_private=False, allowed_networks=[network], resolve=lambda name: next(answers))
    site.routes["/feed"] = redirect(f"http://rebound.example:{inside.port}/")
    with pytest.raises(HttpError, match="not a public address") as caught:
        getter.fetch(f"http://site.example:{site.port}/feed")
    assert caught.value.refused
    assert inside.asked == []


@pytest.mark.parametrize("lies", [["127.0.0.1"], ["127.0.0.1", "::1"], ["::ffff:127.0.0.1", "127.0.0.1"]])
def test_the_socket_is_the_last_to_look(inside, lies):
    class Liar:
        async def resolve(self, name):
            return tuple(ipaddress.ip_address(text) for text in lies)

    getter = guarded()
    getter._resolver = Liar()
    with pytest.raises(HttpError, match="not a public address") as caught:
        getter.fetch(f"http://site.example:{inside.port}/")
    assert caught.value.refused
    assert inside.asked == []


PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.0",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
]
OWN = [
    "127.0.0.1",
    "127.255.255.254",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12::1",
]
NEVER = [
    "0.0.0.0",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::8.8.8.8",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "4000::1",
]


@pytest.mark.parametrize(
    ("listed", "guarding", "opened"), [(PUBLIC, True, True), (OWN, False, True), (NEVER, False, False)]
)
def test_which_addresses_are_spoken_to(listed, guarding, opened):
    strict, open_to_own = addresses.Guard(), addresses.Guard(allow_private=True)
    for text in listed:
        address = ipaddress.ip_address(text)
        assert (text, strict.permits(address)) == (text, guarding)
        assert (text, open_to_own.permits(address)) == (text, opened)


@settings(max_examples=300)
@given(st.ip_addresses())
def test_what_the_standard_library_calls_special_is_never_public(address):
    if addresses.Guard().permits(address):
        assert address.is_global
        assert not address.is_multicast
        assert getattr(address, "ipv4_mapped", None) is None


def test_numbers_are_taken_only_where_private_hosts_are_allowed(inside):
    with pytest.raises(HttpError, match="not the name of a site"):
        guarded().fetch("http://8.8.8.8/")
    assert client().fetch(f"http://127.0.0.1:{inside.port}/").body == b"secret"
    for number in ("2130706433", "0x7f000001", "127.1", "169.254.169.254", "[::ffff:127.0.0.1]"):
        with pytest.raises(HttpError) as caught:
            client().fetch(f"http://{number}:{inside.port}/")
        assert caught.value.refused


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [((301,), 1), ((308, 301), 2), ((302,), 0), ((301, 302, 301), 1), ((307, 308), 0), ((303,), 0)],
)
def test_only_permanent_redirects_from_the_start_are_remembered(inside, statuses, permanent):
    for number, status in enumerate(statuses):
        inside.routes[f"/{number}"] = redirect(f"/{number + 1}", status)
    inside.routes[f"/{len(statuses)}"] = PAGE
    response = client().fetch(f"{inside.url}/0")
    assert response.status == 200
    assert response.url == f"{inside.url}/{len(statuses)}"
    assert response.permanent_url == f"{inside.url}/{permanent}"


def test_five_redirects_are_followed_and_no_more(inside):
    inside.routes |= {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    inside.routes["/6"] = PAGE
    assert client().fetch(f"{inside.url}/1").status == 200
    with pytest.raises(HttpError, match="more than 5 redirects"):
        client().fetch(f"{inside.url}/0")
    inside.routes["/loop"] = redirect("/loop")
    inside.asked.clear()
    with pytest.raises(HttpError, match="more than 5 redirects"):
        client().fetch(f"{inside.url}/loop")
    assert len(inside.asked) == 6


def test_a_redirect_without_a_target_is_an_answer(inside):
    inside.routes["/"] = Answer(302, b"where?")
    assert client().fetch(inside.url).status == 302


def test_a_password_goes_to_its_own_site_only(inside, site):
    site.routes["/feed"] = redirect(f"http://127.0.0.1:{inside.port}/")
    url = f"http://anna:ge%20heim@{OUTSIDE}:{site.port}/feed"
    response = client().fetch(url, {"Cookie": "s=1", "X-Kept": "yes"})
    assert site.asked[0].headers["authorization"] == "Basic YW5uYTpnZSBoZWlt"
    assert not {"authorization", "cookie"} & set(inside.asked[0].headers)
    assert inside.asked[0].headers["x-kept"] == "yes"
    assert "anna" not in response.url + response.permanent_url


def test_no_error_repeats_a_password_or_a_query(inside):
    with pytest.raises(HttpError) as caught:
        client(max_bytes=3).fetch(f"http://anna:geheim@127.0.0.1:{inside.port}/?key=geheim")
    assert "geheim" not in caught.value.reason
    with pytest.raises(HttpError) as caught:
        guarded().fetch("http://anna:geheim@127.0.0.1/?key=geheim")
    assert "geheim" not in caught.value.reason


def test_a_header_cannot_carry_another(inside):
    with pytest.raises(HttpError):
        client().fetch(inside.url, {"If-None-Match": "x\r\nHost: evil.example"})
    assert inside.asked == []


@pytest.mark.parametrize("url", ["", "feed", "/feed", "ftp://site.example/", "http://", "http://:80/", "http:///x",
                                 "http://site.example:99999/", "http://a b.example/", "http://site.example/\r\nX: y",
                                 "http://[::1/", "http://-.example/", "http://" + "a." * 200 + "example/"])  # fmt: skip
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(HttpError):
        guarded().fetch(url)


def test_bodies_are_unpacked(inside):
    inside.routes["/gzip"] = Answer(200, gzip.compress(b"text" * 99), {"Content-Encoding": "gzip"})
    inside.routes["/deflate"] = Answer(200, zlib.compress(b"text" * 99), {"Content-Encoding": "deflate"})
    assert client().fetch(f"{inside.url}/gzip").body == b"text" * 99
    assert client().fetch(f"{inside.url}/deflate").body == b"text" * 99
    inside.routes["/broken?key=geheim"] = Answer(200, b"no gzip", {"Content-Encoding": "gzip"})
    with pytest.raises(HttpError) as caught:
        client().fetch(f"{inside.url}/broken?key=geheim")
    assert "geheim" not in caught.value.reason


@pytest.mark.parametrize(
    ("coding", "squeeze"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", lambda data: brotli.compress(data, quality=5)),
    ],
)
def test_a_bomb_is_stopped_before_it_fills_memory(inside, coding, squeeze):
    squeezed = squeeze(bytes(100_000_000))
    inside.routes["/bomb"] = Answer(200, squeezed, {"Content-Encoding": coding})
    getter = client(max_bytes=1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(HttpError, match="more than 1000000 bytes"):
            getter.fetch(f"{inside.url}/bomb")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_a_body_may_be_as_large_as_allowed_and_no_larger(inside):
    inside.routes["/"] = Answer(200, b"x" * 1000)
    assert len(client(max_bytes=1000).fetch(inside.url).body) == 1000
    with pytest.raises(HttpError, match="more than 999 bytes"):
        client(max_bytes=999).fetch(inside.url)

    def endless(write, closing):
        while not closing.is_set():
            write(b"x" * 65536)

    inside.routes["/endless"] = Answer(200, stream=endless)
    with pytest.raises(HttpError, match="more than"):
        client().fetch(f"{inside.url}/endless")


def test_a_server_that_never_ends_or_never_begins_is_left(inside):
    def drip(write, closing):
        while not closing.wait(0.05):
            write(b".")

    def wait(asked):
        inside.closing.wait(10)
        return PAGE

    inside.routes["/drip"] = Answer(200, stream=drip)
    inside.routes["/wait"] = wait
    inside.routes["/far"] = redirect("/wait")
    for path in ("/drip", "/wait", "/far"):
        with pytest.raises(HttpError, match=r"no answer within 0\.3 s"):
            client(timeout=0.3).fetch(inside.url + path)


def test_a_name_server_that_never_answers_is_left():
    getter = client(timeout=0.2, resolve=lambda name: time.sleep(1) or [])
    with pytest.raises(HttpError, match="no answer within"):
        getter.fetch("http://site.example/")


def test_a_body_cut_short_is_an_error(inside):
    inside.routes["/"] = Answer(200, b"half", {"Content-Length": "8"})
    with pytest.raises(HttpError):
        client().fetch(inside.url)


def test_nobody_listens(inside):
    with HttpServer() as gone:
        url = gone.url
    with pytest.raises(HttpError, match="Cannot connect") as caught:
        client().fetch(url)
    assert not caught.value.refused


def test_certificates_are_checked():
    with HttpServer({"/": PAGE}, tls=server_tls()) as server:
        resolve = {"localhost": ["127.0.0.1"], "other.example": ["127.0.0.1"]}.__getitem__
        getter = client(tls=client_tls(), resolve=resolve)
        assert getter.fetch(f"https://localhost:{server.port}/").status == 200
        with pytest.raises(HttpError, match="certificate"):
            getter.fetch(f"https://other.example:{server.port}/")
        with pytest.raises(HttpError, match="certificate"):
            client(resolve=resolve).fetch(f"https://localhost:{server.port}/")


# -- a name server that lies -----------------------------------------------------------------------


class NameServer:
    """A name server of one's own on the loopback: it answers every question of *records* as told, over UDP."""

    def __init__(self, records):
        self.records = records
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = self.socket.getsockname()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                question, asker = self.socket.recvfrom(512)
            except OSError:
                return
            name, place = [], 12
            while question[place]:
                name.append(question[place + 1 : place + 1 + question[place]].decode())
                place += 1 + question[place]
            (kind,) = struct.unpack(">H", question[place + 1 : place + 3])
            self.asked.append((".".join(name), kind))
            found = [ipaddress.ip_address(one) for one in self.records(".".join(name))]
            found = [one for one in found if kind == (1 if one.version == 4 else 28)]
            head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, len(found), 0, 0)
            body = question[12 : place + 5]
            for one in found:
                body += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(one.packed)) + one.packed
            self.socket.sendto(head + body, asker)

    def resolve(self, name):
        """Ask for both kinds of address as a stub resolver does."""
        found = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(5)
            for kind in (1, 28):
                labels = b"".join(bytes([len(one)]) + one.encode() for one in name.rstrip(".").split("."))
                asking.sendto(
                    struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0)
                    + labels
                    + b"\0"
                    + struct.pack(">HH", kind, 1),
                    self.address,
                )
                answer = asking.recv(2048)
                (count,) = struct.unpack(">H", answer[6:8])
                place = 12 + len(labels) + 5
                for _ in range(count):
                    (length,) = struct.unpack(">H", answer[place + 10 : place + 12])
                    found.append(str(ipaddress.ip_address(answer[place + 12 : place + 12 + length])))
                    place += 12 + length
        if not found:
            raise OSError("no such name")
        return found


INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "169.254.169.254", "169.254.0.1",
    "100.100.100.200", "168.63.129.16", "0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "::", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    "fe80::1", "fec0::1", "fd00:ec2::254", "fd12::1", "ff02::1", "2001::1",
]  # fmt: skip


@pytest.mark.parametrize("inside_address", INSIDE)
def test_no_answer_of_a_name_server_leads_inside(inside, site, inside_address):
    """Alone, beside an honest address, and at the end of a redirect."""

    def records(name):
        return {
            "bad.example": [inside_address],
            "both.example": [OUTSIDE, inside_address],
            "site.example": [OUTSIDE],
        }.get(name, [])

    site.routes["/feed"] = redirect(f"http://bad.example:{inside.port}/")
    with NameServer(records) as names:
        network = ipaddress.ip_network(OUTSIDE)
        getter = client(allow_private=False, allowed_networks=[network], resolve=names.resolve)
        for url in (
            f"http://bad.example:{inside.port}/",
            f"http://both.example:{inside.port}/",
            f"http://site.example:{site.port}/feed",
        ):
            with pytest.raises(HttpError, match="not a public address") as caught:
                getter.fetch(url)
            assert caught.value.refused
            with pytest.raises(HttpError, match="not a public address"):
                getter.send("POST", url.replace("site.example", "bad.example"), b"x")
        assert ("bad.example", 1) in names.asked
    assert inside.asked == []


def test_a_name_server_that_changes_its_mind_is_asked_once(inside, site):
    """Rebinding: what was checked is what is spoken to."""
    turns = []

    def records(name):
        turns.append(name)
        return [OUTSIDE] if len(turns) <= 2 else ["127.0.0.1"]

    with NameServer(records) as names:
        getter = client(
            allow_private=False, allowed_networks=[ipaddress.ip_network(OUTSIDE)], resolve=names.resolve
        )
        for _ in range(3):
            assert getter.fetch(f"http://site.example:{site.port}/feed").body == b"<rss/>"
    assert len(turns) == 2, "one question for each kind of address"
    assert inside.asked == []


# -- other methods and secrets ---------------------------------------------------------------------


def test_a_body_is_sent_with_its_headers(inside):
    inside.routes["/hub"] = Answer(202, b"thanks")
    answer = client().send(
        "POST", f"{inside.url}/hub", b"a=1", {"Content-Type": "text/plain"}, secret={"X-Key": "salt"}
    )
    assert (answer.status, answer.body) == (202, b"thanks")
    (asked,) = inside.asked
    assert (asked.method, asked.body, asked.headers["content-type"], asked.headers["x-key"]) == (
        "POST",
        b"a=1",
        "text/plain",
        "salt",
    )
    inside.routes["/entry"] = Answer(204)
    assert client().send("DELETE", f"{inside.url}/entry").status == 204


@pytest.mark.parametrize(
    ("status", "followed"), [(301, False), (302, False), (303, False), (307, True), (308, True)]
)
def test_only_faithful_redirects_are_followed_with_a_body(inside, status, followed):
    inside.routes["/hub"] = redirect("/there", status)
    inside.routes["/there"] = Answer(202)
    assert client().send("POST", f"{inside.url}/hub", b"a=1").status == (202 if followed else status)
    assert [one.body for one in inside.asked] == [b"a=1"] * (2 if followed else 1)


def test_secret_headers_stay_at_their_site(inside, site):
    site.routes["/feed"] = redirect(f"http://127.0.0.1:{inside.port}/", 307)
    client().fetch(f"{site.url}/feed", {"X-Open": "yes"}, secret={"X-Key": "salt"})
    client().send("POST", f"{site.url}/feed", b"x", {"X-Open": "yes"}, secret={"X-Key": "salt"})
    assert all(asked.headers["x-key"] == "salt" for asked in site.asked)
    assert [("x-key" in asked.headers, asked.headers["x-open"]) for asked in inside.asked] == [
        (False, "yes")
    ] * 2


@pytest.mark.parametrize("name", ["metadata.google.internal", "metadata", "instance-data.ec2.internal"])
def test_the_names_of_clouds_metadata_lead_nowhere(name):
    with pytest.raises(HttpError, match="not a public address") as caught:
        guarded({name: ["169.254.169.254"]}).fetch(f"http://{name}/computeMetadata/v1/")
    assert caught.value.refused
    with pytest.raises(HttpError, match="not a public address"):
        client(resolve=lambda _: ["169.254.169.254"]).fetch(f"http://{name}/")


def test_secrets_do_not_follow_to_another_port(inside, site):
    """Another port, like another scheme, is another site."""
    with HttpServer({"/there": PAGE}, host=OUTSIDE) as other:
        site.routes["/feed"] = redirect(f"http://site.example:{other.port}/there")
        getter = guarded()
        answer = getter.fetch(f"http://site.example:{site.port}/feed", secret={"X-Key": "salt"})
        assert answer.body == b"<rss/>"
        assert ["x-key" in asked.headers for asked in (*site.asked, *other.asked)] == [True, False]


# -- servers that flood ----------------------------------------------------------------------------


class Flood:
    """A server that answers every request with *start* and then with *more*, for ever."""

    def __init__(self, start, more, pause=0.0):
        self.start, self.more, self.pause = start, more, pause
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)

    def _serve(self):
        try:
            connection, _ = self.listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(self.start)
                while not self.closing.wait(self.pause):
                    connection.sendall(self.more)
        except OSError:
            return  # the client has hung up, as it should


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "more", "pause"),
    [
        pytest.param(OK, b"X-Name: value\r\n", 0.0, id="headers"),
        pytest.param(OK + b"X-Name: ", b"y" * 65536, 0.0, id="one header"),
        pytest.param(OK, b"X-Name: value\r\n", 0.05, id="slow headers"),
        pytest.param(b"HTTP/1.1 200 ", b"y" * 65536, 0.0, id="status"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0.01, id="continue"),
        pytest.param(CHUNKED + b"1\r\na\r\n0\r\n", b"X-Name: value\r\n", 0.0, id="trailers"),
        pytest.param(CHUNKED + b"1;", b"y" * 65536, 0.01, id="extension of a chunk"),
        pytest.param(CHUNKED, b"1\r\na\r\n", 0.05, id="slow chunks"),
        pytest.param(b"", b"", 0.05, id="nothing"),
    ],
)
def test_a_flood_is_left_in_time_and_fills_no_memory(start, more, pause):
    with Flood(start, more, pause) as flood:
        tracemalloc.start()
        try:
            with pytest.raises(HttpError):
                client(timeout=0.5).fetch(flood.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 20_000_000


def test_a_coding_we_did_not_ask_for_is_named(inside):
    inside.routes["/"] = Answer(200, zstandard.compress(bytes(10**8)), {"Content-Encoding": "zstd"})
    with pytest.raises(HttpError, match="zstd"):
        client(max_bytes=1_000_000).fetch(inside.url)
    assert "zstd" not in inside.asked[0].headers["accept-encoding"]
