"""Polling real servers: conditional, patient, and never stopped by one that fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.lib.servers import Answer, Asked, HttpServer

from depesche.lib.web.http import Client, Response
from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.store.wires.polls import Poll
from depesche.store.wires.spool import Spooled
from depesche.wires.doors.fetch import Poller
from fakes import NOON, FakeClock

FEED = b"<rss><channel><item><guid>tide:1</guid></item></channel></rss>"
SECOND_HOST = "127.0.0.2"
pytestmark = pytest.mark.allow_hosts(["127.0.0.1", SECOND_HOST])


@pytest.fixture
def database(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Database]:
    shutil.copy(migrated_sqlite, tmp_path / "spool.sqlite")
    opened = Database(f"sqlite:///{tmp_path}/spool.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer() as server:
        yield server


class Bench:
    """A poller over wires that are added as a test needs them; its jitter is none."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.wires: dict[str, Wire] = {}
        self.client = Client(user_agent="Depesche (+mailto:desk@example.org)", timeout=5, max_bytes=1000)
        self.private = Client(
            user_agent="Depesche (+mailto:desk@example.org)", timeout=5, max_bytes=1000, allow_private=True
        )

    def wire(self, name: str, url: str, **more: object) -> None:
        options = {"kind": "poll", "allow_private": True, "interval": 300.0} | more
        self.wires[name] = Wire(name, "Küstenfunk", url=url, **options)  # type: ignore[arg-type]

    def poller(self) -> Poller:
        return Poller(
            self.database, self.clock, self.wires, self.client, private=self.private, rng=lambda: 0.0
        )

    def run(self) -> int:
        return self.poller().run_due()

    def poll(self, name: str) -> Poll:
        with self.database.reading() as tx:
            poll = tx.polls.get(name)
        assert poll is not None
        return poll

    def spooled(self) -> list[Spooled]:
        with self.database.reading() as tx:
            return tx.spool.waiting()


@pytest.fixture
def bench(database: Database, clock: FakeClock) -> Bench:
    return Bench(database, clock)


def test_a_feed_is_spooled_with_where_it_came_from(bench: Bench, site: HttpServer) -> None:
    site.routes["/feed?key=secret"] = Answer(200, FEED)
    bench.wire("coast", f"{site.url}/feed?key=secret", format="feed")
    assert bench.run() == 1
    (item,) = bench.spooled()
    assert (item.raw, item.wire, item.provider, item.format) == (FEED, "coast", "Küstenfunk", "feed")
    assert item.base == f"{site.url}/feed?key=secret"
    assert item.name == f"{site.url}/feed", "a query may hold a key"
    assert site.asked[0].headers["user-agent"].startswith("Depesche")
    assert bench.poll("coast").last_item_at == NOON


def test_nobody_is_asked_before_the_interval_is_over(
    bench: Bench, site: HttpServer, clock: FakeClock
) -> None:
    site.routes["/feed"] = Answer(200, FEED)
    bench.wire("coast", f"{site.url}/feed")
    bench.run()
    assert bench.run() == 0
    clock.move(seconds=299)
    bench.run()
    assert len(site.asked) == 1
    assert bench.poller().next_due() == NOON + timedelta(seconds=300)
    clock.move(seconds=1)
    bench.run()
    assert len(site.asked) == 2


def test_validators_are_sent_back_verbatim_and_304_does_nothing(
    bench: Bench, site: HttpServer, clock: FakeClock
) -> None:
    etag, modified = "W/\"odd  'one", "Mon, 02 Mar 2026 10:00:00 GMT"

    def feed(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == etag and asked.headers.get("if-modified-since") == modified:
            return Answer(304)
        return Answer(200, FEED, {"ETag": etag, "Last-Modified": modified})

    site.routes["/feed"] = feed
    bench.wire("coast", f"{site.url}/feed")
    assert bench.run() == 1
    clock.move(seconds=300)
    assert bench.run() == 0
    poll = bench.poll("coast")
    assert (poll.etag, poll.modified, poll.failures, poll.last_error) == (etag, modified, 0, None)
    assert poll.last_item_at == NOON
    assert poll.next_at == NOON + timedelta(seconds=600)
    assert len(site.asked) == 2


def test_unchanged_bytes_are_one_item_even_without_validators(
    bench: Bench, site: HttpServer, clock: FakeClock
) -> None:
    site.routes["/feed"] = Answer(200, FEED)
    bench.wire("coast", f"{site.url}/feed")
    bench.run()
    clock.move(seconds=300)
    assert bench.run() == 0
    site.routes["/feed"] = Answer(200, FEED + b"<!-- more -->")
    clock.move(seconds=300)
    assert bench.run() == 1
    assert len(bench.spooled()) == 2


@pytest.mark.parametrize(
    ("status", "given", "wait"),
    [
        (429, "7200", timedelta(hours=2)),
        (503, "Mon, 02 Mar 2026 15:00:00 GMT", timedelta(hours=3)),
        (503, "10", timedelta(seconds=600)),  # our own patience is longer
        (429, "999999999999999999999", timedelta(days=7)),
        (429, "soon", timedelta(seconds=600)),
        (503, None, timedelta(seconds=600)),
    ],
)
def test_retry_after_is_obeyed(
    bench: Bench, site: HttpServer, clock: FakeClock, status: int, given: str | None, wait: timedelta
) -> None:
    site.routes["/feed"] = Answer(status, b"", {} if given is None else {"Retry-After": given})
    bench.wire("coast", f"{site.url}/feed")
    bench.run()
    assert bench.poll("coast").next_at == NOON + wait
    clock.time = NOON + wait - timedelta(seconds=1)
    bench.run()
    assert len(site.asked) == 1


def test_retry_after_counts_for_every_wire_of_the_site(bench: Bench, site: HttpServer) -> None:
    site.routes["/a"] = Answer(429, b"", {"Retry-After": "3600"})
    site.routes["/b"] = Answer(200, FEED)
    bench.wire("a", f"{site.url}/a")
    bench.wire("b", f"{site.url}/b")
    assert bench.run() == 0
    assert [asked.path for asked in site.asked] == ["/a"]
    assert bench.poll("b").next_at == NOON + timedelta(hours=1)


def test_failures_back_off_to_a_day_and_are_forgotten_on_success(
    bench: Bench, site: HttpServer, clock: FakeClock
) -> None:
    site.routes["/feed"] = Answer(500, b"oops")
    bench.wire("coast", f"{site.url}/feed")
    waits = []
    for _ in range(12):
        bench.run()
        poll = bench.poll("coast")
        waits.append((poll.next_at - clock.now()).total_seconds())
        clock.time = poll.next_at
    assert waits[:3] == [600, 1200, 2400]
    assert waits[-1] == 86_400
    assert waits == sorted(waits)
    assert (bench.poll("coast").failures, bench.poll("coast").last_error) == (12, "status 500")
    site.routes["/feed"] = Answer(200, FEED)
    assert bench.run() == 1
    assert (bench.poll("coast").failures, bench.poll("coast").last_error) == (0, None)


def test_jitter_only_ever_adds(bench: Bench, site: HttpServer, clock: FakeClock) -> None:
    site.routes["/feed"] = Answer(200, FEED)
    bench.wire("coast", f"{site.url}/feed")
    Poller(bench.database, clock, bench.wires, bench.client, private=bench.private, rng=lambda: 0.5).run_due()
    assert bench.poll("coast").next_at == NOON + timedelta(seconds=315)


class Canned(Client):
    """A client whose answer carries exactly these headers; a real server adds a Date of its own."""

    def __init__(self, headers: dict[str, str], body: bytes = FEED) -> None:
        self.headers = headers
        self.body = body

    def fetch(
        self, url: str, headers: Mapping[str, str] | None = None, *, secret: Mapping[str, str] | None = None
    ) -> Response:
        return Response(200, self.headers, self.body, url, url)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"cache-control": "public, max-age=900"}, 900),
        ({"cache-control": "max-age=60"}, 300),
        ({"cache-control": "max-age=86400"}, 3600),
        ({"date": "Mon, 02 Mar 2026 12:00:00 GMT", "expires": "Mon, 02 Mar 2026 12:20:00 GMT"}, 1200),
        ({"date": "Mon, 02 Mar 2026 12:00:00 GMT", "expires": "Mon, 02 Mar 2026 11:00:00 GMT"}, 300),
        ({"date": "never", "expires": "0"}, 300),
        ({"cache-control": "max-age=x, =, ,"}, 300),
    ],
)
def test_freshness_may_lengthen_the_interval_up_to_an_hour(
    bench: Bench, clock: FakeClock, headers: dict[str, str], wait: int
) -> None:
    bench.wire("coast", "https://feed.example/")
    Poller(bench.database, clock, bench.wires, Canned(headers), rng=lambda: 0.0).run_due()
    assert bench.poll("coast").next_at == NOON + timedelta(seconds=wait)


def test_a_failing_wire_stops_no_other(bench: Bench, site: HttpServer) -> None:
    site.routes["/good"] = Answer(200, FEED)
    site.routes["/flood"] = Answer(200, b"x" * 2000)
    site.routes["/void"] = Answer(200, b" ")
    site.routes["/gone"] = Answer(410)
    bench.wire("nobody", "http://127.0.0.1:9/feed")
    bench.wire("odd", "http://[::1/feed")
    bench.wire("file", "file:///etc/passwd")
    bench.wire("flood", f"{site.url}/flood")
    bench.wire("void", f"{site.url}/void")
    bench.wire("gone", f"{site.url}/gone")
    bench.wire("missing", f"{site.url}/missing")
    bench.wire("good", f"{site.url}/good")
    assert bench.run() == 1
    assert [item.wire for item in bench.spooled()] == ["good"]
    said = {name: bench.poll(name).last_error or "" for name in bench.wires}
    assert said["good"] == ""
    assert "only http" in said["file"]
    assert "more than 1000 bytes" in said["flood"]
    assert said["void"] == "the answer is empty"
    assert said["gone"] == "gone (status 410)"
    assert said["missing"] == "status 404"
    assert all(said[name] for name in ("nobody", "odd"))
    assert bench.poll("gone").gone


def test_private_networks_only_for_wires_that_may(bench: Bench, site: HttpServer) -> None:
    site.routes["/feed"] = Answer(200, FEED)
    bench.wire("public", f"{site.url}/feed", allow_private=False)
    assert bench.run() == 0
    assert site.asked == []
    assert bench.poll("public").failures == 1


def test_different_sites_are_asked_at_the_same_time(bench: Bench, site: HttpServer) -> None:
    import threading

    together = threading.Barrier(2, timeout=5)

    def feed(asked: Asked) -> Answer:
        together.wait()  # only if both are being asked does either answer
        return Answer(200, FEED)

    with HttpServer({"/feed": feed}, host=SECOND_HOST) as other:
        site.routes["/feed"] = feed
        bench.wire("one", f"{site.url}/feed")
        bench.wire("two", f"{other.url}/feed")
        assert bench.run() == 2


def test_a_moved_feed_is_asked_at_its_new_address(bench: Bench, site: HttpServer, clock: FakeClock) -> None:
    site.routes["/old"] = Answer(301, b"", {"Location": "/new/feed"})
    site.routes["/new/feed"] = lambda asked: Answer(200, FEED + str(len(site.asked)).encode())
    bench.wire("coast", f"{site.url}/old")
    poller = bench.poller()
    assert poller.run_due() == 1
    assert bench.spooled()[0].base == f"{site.url}/new/feed", (
        "relative pictures start where the answer came from"
    )
    clock.move(seconds=300)
    assert poller.run_due() == 1
    assert [asked.path for asked in site.asked] == ["/old", "/new/feed", "/new/feed"]


def test_only_poll_wires_are_polled(bench: Bench, site: HttpServer) -> None:
    bench.wire("coast", f"{site.url}/feed", kind="push")
    assert bench.run() == 0
    assert bench.poller().next_due() is None
    assert site.asked == []


def test_a_poll_that_dies_before_its_commit_is_repeated(bench: Bench, site: HttpServer) -> None:
    """Item and validators are committed together: there is no moment at which only the validators are kept."""
    site.routes["/feed"] = Answer(200, FEED, {"ETag": '"1"'})
    bench.wire("coast", f"{site.url}/feed")
    bench.wires["coast"] = replace(bench.wires["coast"], provider=None)  # type: ignore[arg-type]  # the spool refuses it
    assert bench.run() == 0
    poll = bench.poll("coast")
    assert poll.etag is None
    assert poll.failures == 1
    bench.wire("coast", f"{site.url}/feed")
    bench.clock.time = poll.next_at
    assert bench.run() == 1


# -- HTTP APIs -------------------------------------------------------------------------------------


def test_an_api_is_asked_with_its_key_and_its_list_is_parted(bench: Bench, site: HttpServer) -> None:
    site.routes["/api"] = Answer(200, b'{"data": {"items": [{"uri": "a"},\n {"uri": "b"}]}}', {"ETag": '"1"'})
    bench.wire(
        "coast", f"{site.url}/api", headers=(("X-Api-Key", "salt"),), items="data.items", format="ninjs"
    )
    assert bench.run() == 2
    assert [one.raw for one in bench.spooled()] == [b'{"uri": "a"}', b'{"uri": "b"}']
    assert site.asked[0].headers["x-api-key"] == "salt"
    assert bench.poll("coast").etag == '"1"'


def test_a_key_does_not_go_along_to_another_site(bench: Bench, site: HttpServer) -> None:
    with HttpServer({"/feed": Answer(200, FEED)}, host=SECOND_HOST) as other:
        site.routes["/feed"] = Answer(302, b"", {"Location": f"{other.url}/feed"})
        bench.wire("coast", f"{site.url}/feed", headers=(("X-Api-Key", "salt"),))
        assert bench.run() == 1
        assert "x-api-key" not in other.asked[0].headers
        assert site.asked[0].headers["x-api-key"] == "salt"


def test_an_empty_list_is_a_good_answer(bench: Bench, site: HttpServer) -> None:
    site.routes["/api"] = Answer(200, b"[]")
    site.routes["/none"] = Answer(204)
    bench.wire("coast", f"{site.url}/api", items=".")
    bench.wire("none", f"{site.url}/none", items=".")
    assert bench.run() == 0
    assert (bench.poll("coast").last_error, bench.poll("none").last_error) == (None, None)


def test_an_answer_without_the_list_is_a_failure_with_its_reason(bench: Bench, site: HttpServer) -> None:
    site.routes["/api"] = Answer(200, b'{"message": "maintenance"}', {"ETag": '"1"'})
    bench.wire("coast", f"{site.url}/api", items="data.items")
    assert bench.run() == 0
    poll = bench.poll("coast")
    assert "no 'data' where 'data.items' should be" in (poll.last_error or "")
    assert poll.etag is None, "what was not understood is asked for again in full"


# -- rhythm ----------------------------------------------------------------------------------------


def beat(bench: Bench, name: str, seconds: float, times: int = 30) -> None:
    """Let the wire bring an item every so many seconds until now."""
    with bench.database.transaction() as tx:
        for n in range(times, -1, -1):
            tx.health.beat(name, bench.clock.now() - timedelta(seconds=seconds * n), 1, None)


@pytest.mark.parametrize(
    ("seconds", "wait"), [(60, 60), (1200, 300), (14_400, 3600), (30 * 86_400, 86_400), (1, 60)]
)
def test_polls_follow_the_rhythm_of_the_wire(
    bench: Bench, site: HttpServer, seconds: float, wait: float
) -> None:
    site.routes["/feed"] = Answer(200, FEED)
    bench.wire("coast", f"{site.url}/feed", interval=None)
    beat(bench, "coast", seconds)
    bench.run()
    assert (bench.poll("coast").next_at - NOON).total_seconds() == pytest.approx(wait, abs=1)


def test_before_a_rhythm_is_known_five_minutes_will_do(bench: Bench, site: HttpServer) -> None:
    site.routes["/feed"] = Answer(200, FEED)
    bench.wire("coast", f"{site.url}/feed", interval=None)
    bench.run()
    assert bench.poll("coast").next_at == NOON + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("channel", "headers", "wait"),
    [
        (b"<ttl>60</ttl>", {}, 3600),
        (b"<ttl>9999999</ttl>", {}, 86_400),
        (b"<ttl>soon</ttl><ttl>-5</ttl>", {}, 300),
        (b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", {}, 1800),
        (b"<sy:updatePeriod> daily </sy:updatePeriod>", {}, 86_400),
        (b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", {}, 3600),
        (b"<ttl>30</ttl>", {"cache-control": "max-age=7200"}, 7200),
        (b"<ttl>240</ttl>", {"cache-control": "max-age=60"}, 14_400),
    ],
)
def test_the_longest_wish_counts(
    bench: Bench, clock: FakeClock, channel: bytes, headers: dict[str, str], wait: int
) -> None:
    bench.wire("coast", "https://feed.example/", interval=None)
    body = b"<rss><channel>" + channel + b"</channel></rss>"
    Poller(bench.database, clock, bench.wires, Canned(headers, body), rng=lambda: 0.0).run_due()
    assert bench.poll("coast").next_at == NOON + timedelta(seconds=wait)


def test_a_fixed_interval_grows_by_an_hour_at_most(bench: Bench, clock: FakeClock) -> None:
    bench.wire("coast", "https://feed.example/")
    answer = Canned({}, b"<rss><channel><ttl>1440</ttl></channel></rss>")
    Poller(bench.database, clock, bench.wires, answer, rng=lambda: 0.0).run_due()
    assert bench.poll("coast").next_at == NOON + timedelta(hours=1)


# -- what is remembered ----------------------------------------------------------------------------


def test_a_site_that_is_gone_is_asked_no_more_until_its_url_changes(
    bench: Bench, site: HttpServer, clock: FakeClock
) -> None:
    site.routes["/gone"] = Answer(410)
    site.routes["/back"] = Answer(200, FEED)
    bench.wire("coast", f"{site.url}/gone")
    bench.run()
    clock.move(days=30)
    assert bench.run() == 0
    assert len(site.asked) == 1
    assert bench.poller().next_due() is None
    bench.wire("coast", f"{site.url}/back")
    assert bench.run() == 1
    assert not bench.poll("coast").gone


def test_a_gone_site_may_be_asked_again_by_hand(bench: Bench, site: HttpServer) -> None:
    site.routes["/gone"] = Answer(410)
    bench.wire("coast", f"{site.url}/gone")
    bench.run()
    site.routes["/gone"] = Answer(200, FEED)
    with bench.database.transaction() as tx:
        tx.polls.forget("coast")
    assert bench.run() == 1


def test_a_permanent_move_is_remembered_over_a_restart(
    bench: Bench, site: HttpServer, clock: FakeClock
) -> None:
    site.routes["/old"] = Answer(308, b"", {"Location": "/new"})
    site.routes["/new"] = Answer(200, FEED, {"ETag": '"1"'})
    bench.wire("coast", f"{site.url}/old")
    bench.run()
    clock.move(seconds=300)
    bench.run()  # another poller, as after a restart
    assert [asked.path for asked in site.asked] == ["/old", "/new", "/new"]
    assert site.asked[-1].headers["if-none-match"] == '"1"'
    site.routes["/new"] = Answer(404)
    clock.move(seconds=300)
    bench.run()
    clock.time = bench.poll("coast").next_at
    bench.run()
    assert [asked.path for asked in site.asked][3:5] == ["/new", "/old"], (
        "the setting is tried when the new home fails"
    )


def test_a_temporary_move_is_not_remembered(bench: Bench, site: HttpServer, clock: FakeClock) -> None:
    site.routes["/old"] = Answer(302, b"", {"Location": "/new"})
    site.routes["/new"] = Answer(200, FEED)
    bench.wire("coast", f"{site.url}/old")
    bench.run()
    clock.move(seconds=300)
    bench.run()
    assert [asked.path for asked in site.asked] == ["/old", "/new", "/old", "/new"]


def test_validators_belong_to_their_address(bench: Bench, site: HttpServer, clock: FakeClock) -> None:
    site.routes["/one"] = site.routes["/two"] = Answer(200, FEED, {"ETag": '"1"'})
    bench.wire("coast", f"{site.url}/one")
    bench.run()
    bench.wire("coast", f"{site.url}/two")
    bench.run()
    assert "if-none-match" not in site.asked[1].headers


def test_retry_after_also_holds_for_wires_of_the_site_that_are_due_later(
    bench: Bench, site: HttpServer, clock: FakeClock
) -> None:
    site.routes["/a"] = Answer(200, FEED)
    site.routes["/b"] = Answer(200, FEED)
    bench.wire("a", f"{site.url}/a", interval=300.0)
    bench.wire("b", f"{site.url}/b", interval=600.0)
    bench.run()
    site.routes["/a"] = Answer(429, b"", {"Retry-After": "3600"})
    clock.move(seconds=300)
    bench.run()
    clock.move(seconds=3599)
    bench.run()
    assert [asked.path for asked in site.asked] == ["/a", "/b", "/a"]


def test_one_site_never_answers_two_at_once(bench: Bench, site: HttpServer) -> None:
    import threading

    busy = threading.Lock()
    clashes: list[str] = []

    def feed(asked: Asked) -> Answer:
        if not busy.acquire(blocking=False):
            clashes.append(asked.path)
        else:
            threading.Event().wait(0.02)
            busy.release()
        return Answer(200, FEED)

    site.routes |= dict.fromkeys([f"/{n}" for n in range(4)], feed)
    with_turns = Client(user_agent="x", allow_private=True)
    threads = [threading.Thread(target=with_turns.fetch, args=(f"{site.url}/{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(site.asked), clashes) == (4, [])


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>Wartungsarbeiten</body></html>",
        b"\xef\xbb\xbf \n<HTML><head></head></HTML>",
        b'<?xml version="1.0"?>\n<!-- proxy -->\n<!doctype HTML PUBLIC "x"><html/>',
    ],
)
def test_a_web_page_with_a_good_status_is_a_failure(
    bench: Bench, site: HttpServer, clock: FakeClock, body: bytes
) -> None:
    site.routes["/feed"] = Answer(200, FEED, {"ETag": '"good"'})
    bench.wire("coast", f"{site.url}/feed")
    assert bench.run() == 1
    site.routes["/feed"] = Answer(200, body, {"ETag": '"bad"'})
    for failures in (1, 2, 3):
        clock.move(days=1)
        assert bench.run() == 0
        assert (bench.poll("coast").failures, bench.poll("coast").etag) == (failures, '"good"')
    assert "web page" in str(bench.poll("coast").last_error)
    assert len(bench.spooled()) == 1, "it is not kept: it is no item"
    site.routes["/feed"] = Answer(200, FEED + b"\n")
    clock.move(days=1)
    assert bench.run() == 1
    assert bench.poll("coast").failures == 0


@pytest.mark.parametrize(
    "body", [b"<htmlish/>", b"<rss><!-- <html> --></rss>", b"{}", b"\xff\xfe<\x00h\x00", b"<"]
)
def test_what_only_looks_like_a_web_page_is_kept(bench: Bench, site: HttpServer, body: bytes) -> None:
    site.routes["/feed"] = Answer(200, body)
    bench.wire("coast", f"{site.url}/feed")
    assert bench.run() == 1
