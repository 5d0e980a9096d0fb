"""Hubs: found, asked, verified, renewed and left; what they push is kept only when it is signed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from doors import Bench
from hypothesis import given
from hypothesis import strategies as st
from tests.lib.servers import Answer, Asked, HttpServer

from depesche.lib.web.http import Response
from depesche.model.errors import NotFound
from depesche.store.database import Database
from depesche.store.wires.websub import ACTIVE, ASKED, DENIED, LEAVING, Lease
from depesche.wires.doors.fetch import Poller
from depesche.wires.doors.hubs import Announced, announced, of_headers
from depesche.wires.doors.websub import HubDoor, signed
from fakes import NOON, FakeClock

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

CALLBACK = "https://portal.example"
DAY = timedelta(days=1)


class Hub:
    """A feed with its hub: it verifies what it is asked for before it answers, and pushes with the secret it was given."""

    def __init__(self) -> None:
        self.server = HttpServer({"/hub": self._asked, "/feed": self._feed})
        self.names_hub = True
        self.verifies = True
        self.lease = "864000"
        self.status = 202
        self.forms: list[dict[str, str]] = []
        self.door: HubDoor | None = None
        self.entries = 1

    def _feed(self, asked: Asked) -> Answer:
        link = (
            f'<link rel="hub" href="/hub"/><link rel="self" href="{self.topic}"/>' if self.names_hub else ""
        )
        entries = "".join(f"<entry><id>urn:x:{n}</id></entry>" for n in range(self.entries))
        return Answer(200, f'<feed xmlns="http://www.w3.org/2005/Atom">{link}{entries}</feed>'.encode())

    @property
    def topic(self) -> str:
        return f"{self.server.url}/feed"

    def _asked(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        self.forms.append(form)
        if self.verifies and self.status == 202 and self.door is not None:
            assert self.verify(form["hub.mode"]) == "echo me"
        return Answer(self.status)

    def verify(self, mode: str, **more: str) -> str:
        assert self.door is not None
        query = {
            "hub.mode": mode,
            "hub.topic": self.topic,
            "hub.challenge": "echo me",
            "hub.lease_seconds": self.lease,
        }
        return self.door.verify(self.token, query | {f"hub.{name}": value for name, value in more.items()})

    @property
    def token(self) -> str:
        start = f"{CALLBACK}/websub/"
        assert self.forms[-1]["hub.callback"].startswith(start)
        return self.forms[-1]["hub.callback"].removeprefix(start)

    def push(self, body: bytes, method: str = "sha256") -> bool:
        assert self.door is not None
        secret = next(form["hub.secret"] for form in reversed(self.forms) if "hub.secret" in form)
        digest = hmac.new(secret.encode(), body, method).hexdigest()
        return self.door.receive(self.token, body, f"{method}={digest}")


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    with made.server:
        yield made


class House(Bench):
    """A poller and the door for hubs, as the newsroom joins them."""

    def open(self, hub: Hub, callback: str = CALLBACK) -> None:
        self.door = HubDoor(
            self.database,
            self.clock,
            self.wires,
            self.client,
            callback,
            private=self.private,
            rng=lambda: 0.0,
        )
        self.poller = Poller(
            self.database, self.clock, self.wires, self.client, private=self.private, rng=lambda: 0.0
        )
        self.poller.on_answer = self.door.notice
        hub.door = self.door

    def lease(self, wire: str = "coast") -> Lease | None:
        with self.database.reading() as tx:
            return tx.websub.get(wire)


@pytest.fixture
def house(database: Database, clock: FakeClock, hub: Hub) -> House:
    made = House(database, clock)
    made.wire("coast", hub.topic)
    made.open(hub)
    return made


def subscribed(house: House) -> Lease:
    assert house.poller.run_due() == 1
    assert house.door.run_due() == 1
    lease = house.lease()
    assert lease is not None
    return lease


def test_a_feed_that_names_a_hub_is_subscribed_to_and_verified(house: House, hub: Hub) -> None:
    lease = subscribed(house)
    (form,) = hub.forms
    assert (form["hub.mode"], form["hub.topic"], form["hub.secret"]) == ("subscribe", hub.topic, lease.secret)
    assert (lease.state, lease.lease_until, lease.failures) == (ACTIVE, NOON + timedelta(days=10), 0)
    assert house.door.run_due() == 0, "nothing more is due"


def test_what_the_hub_pushes_is_spooled_and_polls_become_rare(house: House, hub: Hub) -> None:
    subscribed(house)
    assert hub.push(b"<feed>new</feed>")
    assert hub.push(b"<feed>new</feed>"), "the same again is acknowledged and changes nothing"
    items = house.spooled()
    assert [(one.raw, one.wire, one.provider, one.base) for one in items[1:]] == [
        (b"<feed>new</feed>", "coast", "Küstenfunk", hub.topic)
    ]
    assert len(items) == 2
    hub.entries = 2
    house.clock.move(seconds=300)
    assert house.poller.run_due() == 1
    assert house.poll("coast").next_at == house.clock.now() + DAY, "once a day, to miss nothing"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_method_of_the_protocol_is_understood(house: House, hub: Hub, method: str) -> None:
    subscribed(house)
    assert hub.push(method.encode(), method)


@pytest.mark.parametrize(
    "signature", [None, "", "sha256=", "md5=00", "sha256=" + "0" * 64, "sha256=ü", "=", "sha256"]
)
def test_what_is_not_signed_is_dropped_without_a_word(house: House, hub: Hub, signature: str | None) -> None:
    subscribed(house)
    assert not house.door.receive(hub.token, b"<feed>forged</feed>", signature)
    assert len(house.spooled()) == 1


@given(
    st.binary(max_size=60), st.text(min_size=1, max_size=20), st.sampled_from(["sha1", "sha256", "sha512"])
)
def test_only_the_right_signature_is_right(body: bytes, secret: str, method: str) -> None:
    good = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    assert signed(body, f"{method}={good}", secret)
    assert signed(body, f"{method.upper()}={good.upper()}", secret)
    assert not signed(body + b"x", f"{method}={good}", secret)
    assert not signed(body, f"{method}={good}", secret + "x")
    assert not signed(body, f"{method}={good[:-1]}", secret)


def test_nobody_can_verify_what_was_not_asked_for(house: House, hub: Hub) -> None:
    lease = subscribed(house)
    for query in (
        {"hub.mode": "subscribe", "hub.topic": hub.topic, "hub.challenge": "x"},  # verified already
        {"hub.mode": "unsubscribe", "hub.topic": hub.topic, "hub.challenge": "x"},
        {"hub.mode": "subscribe", "hub.topic": "https://other.example/", "hub.challenge": "x"},
        {"hub.mode": "publish", "hub.topic": hub.topic},
        {},
    ):
        with pytest.raises(NotFound):
            house.door.verify(lease.token, query)
    with pytest.raises(NotFound):
        house.door.verify("guessed", {"hub.mode": "subscribe", "hub.topic": hub.topic, "hub.challenge": "x"})
    with pytest.raises(NotFound):
        house.door.receive("guessed", b"x", "sha256=0")
    assert house.lease() == lease


def test_a_lease_is_renewed_before_it_ends(house: House, hub: Hub) -> None:
    subscribed(house)
    house.clock.move(days=7)
    assert house.door.run_due() == 0
    house.clock.move(days=1)
    assert house.door.run_due() == 1
    lease = house.lease()
    assert lease is not None
    assert lease.lease_until == house.clock.now() + timedelta(days=10)
    assert lease.token == hub.token


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("60", timedelta(minutes=5)),
        ("99999999999", timedelta(days=90)),
        ("", timedelta(days=10)),
        ("-5", timedelta(days=10)),
    ],
)
def test_odd_leases_are_kept_within_reason(house: House, hub: Hub, said: str, kept: timedelta) -> None:
    hub.lease = said
    assert subscribed(house).lease_until == NOON + kept


def test_a_hub_that_never_verifies_or_fails_is_asked_ever_more_slowly(house: House, hub: Hub) -> None:
    hub.verifies = False
    house.poller.run_due()
    waits = []
    for turn in range(4):
        hub.status = 202 if turn % 2 else 500
        house.door.run_due()
        lease = house.lease()
        assert lease is not None
        assert lease.state == ASKED
        waits.append((lease.next_at - house.clock.now()) / timedelta(hours=1))
        house.clock.time = lease.next_at
    assert waits == [1, 2, 4, 8]
    house.poller.run_due()
    assert house.poll("coast").next_at - house.clock.now() < DAY, "polling goes on as ever"


def test_a_hub_may_deny(house: House, hub: Hub) -> None:
    hub.verifies = False
    house.poller.run_due()
    house.door.run_due()
    assert (
        house.door.verify(hub.token, {"hub.mode": "denied", "hub.topic": hub.topic, "hub.reason": "no\nroom"})
        == ""
    )
    lease = house.lease()
    assert lease is not None
    assert (lease.state, lease.last_error, lease.next_at) == (
        DENIED,
        "denied: no room",
        NOON + timedelta(days=7),
    )


def test_a_feed_that_names_its_hub_no_more_is_left(house: House, hub: Hub) -> None:
    subscribed(house)
    hub.names_hub = False
    house.clock.move(days=1)
    house.poller.run_due()
    assert house.door.run_due() == 1
    assert hub.forms[-1]["hub.mode"] == "unsubscribe"
    assert "hub.secret" not in hub.forms[-1]
    assert house.lease() is None


def test_a_wire_that_is_gone_or_does_not_want_hubs_leaves(house: House, hub: Hub) -> None:
    lease = subscribed(house)
    house.wire("coast", hub.topic, websub=False)
    house.open(hub)
    with pytest.raises(NotFound):
        house.door.receive(lease.token, b"x", "sha256=0")
    assert house.door.run_due() == 1
    assert house.lease() is None
    house.clock.move(days=2)
    house.poller.run_due()
    assert house.lease() is None, "it does not come back"


def test_a_hub_that_does_not_answer_a_farewell_is_forgotten(house: House, hub: Hub) -> None:
    subscribed(house)
    hub.status = 500
    house.wires.clear()
    house.open(hub)
    for _ in range(4):
        house.door.run_due()
        house.clock.move(days=1)
    assert house.lease() is None


def test_another_hub_gets_another_address_and_secret(house: House, hub: Hub) -> None:
    first = subscribed(house)
    hub.server.routes["/hub2"] = hub.server.routes["/hub"]
    hub.server.routes["/feed"] = Answer(
        200, b"<feed/>", {"Link": f'</hub2>; rel="hub", <{hub.topic}>; rel=self'}
    )
    house.clock.move(days=1)
    house.poller.run_due()
    house.door.run_due()
    second = house.lease()
    assert second is not None
    assert (second.hub, second.state) == (f"{hub.server.url}/hub2", ACTIVE)
    assert second.token != first.token
    with pytest.raises(NotFound):
        house.door.receive(first.token, b"x", "sha256=0")


def test_without_a_public_address_no_hub_is_asked(house: House, hub: Hub) -> None:
    house.open(hub, callback="")
    house.poller.run_due()
    assert house.lease() is None
    assert house.door.run_due() == 0


def test_hubs_inside_are_not_asked_for_public_feeds(house: House, hub: Hub) -> None:
    house.wire("coast", "https://feed.example/", allow_private=False)
    house.open(hub)
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="{hub.server.url}/hub"/></feed>'.encode()
    house.door.notice(house.wires["coast"], Response(200, {}, body, "https://feed.example/", ""))
    assert house.door.run_due() == 1
    assert hub.server.asked == []
    lease = house.lease()
    assert lease is not None
    assert lease.last_error


def test_leaving_is_undone_when_the_feed_names_its_hub_again(house: House, hub: Hub) -> None:
    subscribed(house)
    hub.names_hub = False
    house.clock.move(days=1)
    house.poller.run_due()
    lease = house.lease()
    assert lease is not None
    assert lease.state == LEAVING
    hub.names_hub, hub.entries = True, 2
    house.clock.move(days=1)
    house.poller.run_due()
    house.door.run_due()
    lease = house.lease()
    assert lease is not None
    assert lease.state == ACTIVE


RSS = b'<?xml version="1.0"?><rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>x</title>%b<item><title>x</title>%b</item></channel></rss>'
LINKS = b'<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="https://feed.example/rss"/>'


@pytest.mark.parametrize(
    ("headers", "body", "found"),
    [
        ({}, RSS % (LINKS, b""), Announced("https://hub.example/", "https://feed.example/rss")),
        ({}, RSS % (b"", LINKS), None),  # what an entry says is not the feed's word
        ({}, b'{"version":"x","hubs":[{"type":"rssCloud","url":"https://no.example/"},{"type":"WebSub","url":"https://hub.example/"}],"feed_url":"https://feed.example/json"}',
         Announced("https://hub.example/", "https://feed.example/json")),
        ({"link": '<https://hub.example/>; rel="hub"'}, b"", Announced("https://hub.example/", "https://feed.example/")),
        ({"link": '</hub>; title="a, b"; rel="x hub", </me>; rel=SELF'}, b"", Announced("https://feed.example/hub", "https://feed.example/me")),
        ({"link": "<javascript:alert(1)>; rel=hub"}, b"", None),
        ({"link": "<http://[::1/>; rel=hub"}, b"", None),
        ({}, b"<rss", None),
        ({}, b"{", None),
        ({}, b"[]", None),
        ({}, b"", None),
        ({}, b'{"hubs": 7, "feed_url": []}', None),
        ({}, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="&a;"/></feed>', None),
    ],
)  # fmt: skip
def test_where_a_feed_names_its_hub(headers: dict[str, str], body: bytes, found: Announced | None) -> None:
    assert announced(Response(200, headers, body, "https://feed.example/", "")) == found


@given(st.text(max_size=200))
def test_no_header_is_too_odd(text: str) -> None:
    assert isinstance(of_headers(text), dict)


@given(st.binary(max_size=300))
def test_no_body_is_too_odd(body: bytes) -> None:
    found = announced(Response(200, {}, body, "https://feed.example/", ""))
    assert found is None or found.hub.startswith("http")
