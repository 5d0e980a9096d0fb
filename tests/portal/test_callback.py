"""The address hubs call back, and signatures at the push door, as they arrive over HTTP."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest
from asking import Desk
from paper import FULL

from depesche.model.wire import Wire
from depesche.store.wires.websub import ACTIVE, ASKED, Lease
from fakes import NOON

TOPIC = "https://feed.example/atom"
TOKEN = "a-token-that-only-the-hub-was-told"


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """A portal that has asked a hub and waits for its verification."""
    room = desk.paper.room
    room.wires["coast"] = Wire("coast", "Küstenfunk", kind="poll", url=TOPIC, format="feed")
    with room.database.transaction() as tx:
        tx.websub.put(Lease("coast", TOKEN, "salt", "https://hub.example/", TOPIC, ASKED, NOON, failures=1))
    return desk


def state(desk: Desk) -> str | None:
    with desk.paper.room.database.reading() as tx:
        lease = tx.websub.by_token(TOKEN)
    return lease.state if lease else None


def query(**more: str) -> str:
    return f"hub.topic={TOPIC}&hub.lease_seconds=864000&" + "&".join(f"hub.{k}={v}" for k, v in more.items())


def test_the_challenge_is_repeated_as_plain_text(waiting: Desk) -> None:
    answer = waiting.browser.get(f"/websub/{TOKEN}?{query(mode='subscribe', challenge='%3Cscript%3E')}")
    assert (answer.status, answer.text) == (200, "<script>")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert state(waiting) == ACTIVE


@pytest.mark.parametrize(
    "path", ["guessed?" + query(mode="subscribe"), f"{TOKEN}?" + query(mode="unsubscribe"), TOKEN]
)
def test_what_was_not_asked_for_is_not_there(waiting: Desk, path: str) -> None:
    assert waiting.browser.get(f"/websub/{path}").status == 404
    assert state(waiting) == ASKED


@pytest.mark.parametrize("header", ["x_hub_signature", "x_hub_signature_256"])
def test_signed_content_is_spooled(waiting: Desk, header: str) -> None:
    body = b'<feed xmlns="http://www.w3.org/2005/Atom"/>'
    digest = "sha256=" + hmac.new(b"salt", body, "sha256").hexdigest()
    answer = waiting.browser.post(f"/websub/{TOKEN}", body, site=None, **{header: digest})
    assert answer.status == 202
    with waiting.paper.room.database.reading() as tx:
        assert [(one.raw, one.wire) for one in tx.spool.waiting()] == [(body, "coast")]


def test_forged_content_is_answered_alike_and_dropped(waiting: Desk) -> None:
    for headers in ({}, {"x_hub_signature": "sha256=" + "0" * 64}):
        assert waiting.browser.post(f"/websub/{TOKEN}", b"<feed/>", site=None, **headers).status == 202
    assert waiting.browser.post("/websub/guessed", b"<feed/>", site=None).status == 404
    with waiting.paper.room.database.reading() as tx:
        assert tx.spool.waiting() == []


def test_content_that_is_too_large_is_not_read(waiting: Desk) -> None:
    huge = b"x" * (waiting.paper.room.settings.max_item_bytes + 1)
    assert waiting.browser.post(f"/websub/{TOKEN}", huge, site=None).status == 413


def test_a_signature_opens_the_push_door(desk: Desk) -> None:
    wires = desk.paper.room.wires
    wires["signed"] = Wire("signed", "Küstenfunk", secret="salt")
    body, stamp = b'{"uri": "x:1"}', str(int(desk.paper.clock.now().timestamp()))
    made = "sha256=" + hmac.new(b"salt", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    good = {"x_signature": made, "x_timestamp": stamp}
    assert desk.browser.post("/intake/signed", body, site=None, **good).status == 202
    assert desk.browser.post("/intake/signed", body, site=None, **good).json()["new"] is False
    assert desk.browser.post("/intake/signed", body + b" ", site=None, **good).status == 401
    assert desk.browser.post("/intake/signed", body, site=None, x_signature=made).status == 401
    assert desk.browser.post(f"/intake/{FULL}", body, site=None, **good).status == 401
    desk.paper.clock.time += timedelta(minutes=6)
    assert desk.browser.post("/intake/signed", body, site=None, **good).status == 401
