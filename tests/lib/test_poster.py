"""Many posts at once to sites named by strangers, some of whom mean no good."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from servers import Answer, Asked, HttpServer, client_tls, server_tls

from depesche.lib.web.addresses import Forbidden
from depesche.lib.web.poster import Post, Posted, Poster

OUTSIDE = "127.0.0.2"  # plays a public site
pytestmark = pytest.mark.allow_hosts(["127.0.0.1", OUTSIDE])


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as made:
        yield made


def post(urls: list[str], **options: object) -> list[Posted]:
    """Post a document to each of *urls* and return the answers in that order."""
    poster = Poster(**({"user_agent": "Depesche", "timeout": 5.0, "allow_private": True} | options))  # type: ignore[arg-type]
    try:
        found = list(poster.post(Post(n, url, b"body %d" % n, {"X-N": str(n)}) for n, url in enumerate(urls)))
    finally:
        poster.close()
    return sorted(found, key=lambda one: one.key)


def test_each_gets_its_own_and_answers(server: HttpServer) -> None:
    server.routes |= {f"/{n}": Answer(200 + n, b"said %d" % n, {"X-Said": str(n)}) for n in range(3)}
    found = post([f"{server.url}/{n}" for n in range(3)])
    assert [(one.status, one.body, one.headers["x-said"]) for one in found] == [
        (200 + n, b"said %d" % n, str(n)) for n in range(3)
    ]
    asked = sorted(server.asked, key=lambda one: one.path)
    assert [(one.method, one.body, one.headers["x-n"], one.headers["user-agent"]) for one in asked] == [
        ("POST", b"body %d" % n, str(n), "Depesche") for n in range(3)
    ]


def test_redirects_are_answers_and_not_followed(server: HttpServer) -> None:
    server.routes |= {"/a": Answer(307, b"", {"Location": f"{server.url}/b"}), "/b": Answer(200)}
    assert [one.status for one in post([f"{server.url}/a"])] == [307]
    assert [one.path for one in server.asked] == ["/a"]


def test_one_that_hangs_holds_up_nobody(server: HttpServer) -> None:

    def hang(_asked: Asked) -> Answer:
        server.closing.wait(10)
        return Answer(200)

    server.routes["/hang"] = hang
    server.routes["/drip"] = Answer(200, stream=drip, headers={"Transfer-Encoding": "identity"})
    server.routes["/ok"] = Answer(204)
    order: list[int] = []
    poster = Poster(user_agent="Depesche", timeout=1.0, at_once=4, allow_private=True)
    urls = [f"{server.url}/hang", f"{server.url}/drip", *[f"{server.url}/ok"] * 6]
    try:
        for one in poster.post(Post(n, url, b"", {}) for n, url in enumerate(urls)):
            order.append(one.key)
            assert one.status == (0 if one.key < 2 else 204)
            assert one.key > 1 or "no answer within 1 s" in one.reason
    finally:
        poster.close()
    assert set(order[:6]) == {2, 3, 4, 5, 6, 7}


def drip(write: object, closing: threading.Event) -> None:
    """Send an octet now and then, for ever."""
    while not closing.wait(0.05):
        try:
            write(b"x")  # type: ignore[operator]
        except OSError:
            return


def test_whoever_hangs_up_is_asked_twice_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[int] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    taken.append(len(connection.recv(4096)))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        (found,) = post([f"http://127.0.0.1:{listener.getsockname()[1]}/"])
        assert found.status == 0
        assert found.reason
        assert len(taken) == 2
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_connections_are_kept_and_lost_ones_replaced() -> None:
    opened: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                opened.append("open")
                with connection:
                    for _ in range(3):  # three answers to a connection, then it is closed without a word
                        head = connection.recv(65536)
                        if not head:
                            break
                        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        poster = Poster(user_agent="Depesche", at_once=1, allow_private=True)
        for batch in range(3):
            found = list(poster.post(Post(n, url, b"", {}) for n in range(3)))
            assert [one.status for one in found] == [201] * 3, found
            deadline = time.monotonic() + 5
            while len(opened) < batch + 1 and time.monotonic() < deadline:
                time.sleep(0.01)
        poster.close()
        assert len(opened) == 3
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_of_an_endless_answer_little_is_read(server: HttpServer) -> None:
    server.routes["/much"] = Answer(500, b"x" * 1_000_000)
    (found,) = post([f"{server.url}/much"], most_bytes=100)
    assert (found.status, found.body) == (500, b"x" * 100)


@pytest.mark.parametrize(
    "url",
    [
        "http://site.example/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://user:pw@site.example/",
        "https://2130706433/", "https://0x7f.1/", "ftp://site.example/", "file:///etc/passwd", "https:///x", "https://site.example/\r\nX: y",
        "https://site example/", "javascript:alert(1)", "", "https://[::ffff:127.0.0.1]/", "https://100.100.100.200/",
    ],
)  # fmt: skip
def test_addresses_that_nobody_is_posted_to(url: str) -> None:
    poster = Poster(user_agent="Depesche")
    with pytest.raises(Forbidden):
        poster.check(url)
    (found,) = poster.post([Post(1, url, b"", {})])
    assert (found.status, found.refused) == (0, True)
    poster.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
def test_names_that_lead_inside_are_refused(address: str) -> None:
    (found,) = post(["https://inside.example/"], allow_private=False, resolve=lambda _name: [address])
    assert (found.status, found.refused) == (0, True)
    assert "public" in found.reason


def test_a_public_site_with_a_certificate_is_posted_to() -> None:
    def accept(_asked: Asked) -> Answer:
        return Answer(201)

    with HttpServer({"/p": accept}, host=OUTSIDE, tls=server_tls()) as server:
        network = ipaddress.ip_network(f"{OUTSIDE}/32")
        options = {"allow_private": False, "allowed": [network], "resolve": lambda _name: [OUTSIDE]}
        (found,) = post([f"https://localhost:{server.port}/p"], tls=client_tls(), **options)
        assert found.status == 201
        (found,) = post([f"https://localhost:{server.port}/p"], **options)
        assert found.status == 0
        assert not found.refused
        assert "ertificate" in found.reason
