"""The push door: each answer says what became of the item."""

from __future__ import annotations

import gzip
import json

import pytest
from asking import Desk
from paper import FULL

ITEM = json.dumps(
    {"uri": "urn:x:1", "type": "text", "headline": "Neues aus dem Hafen", "body_text": "Text."}
).encode()


def test_an_item_is_safe_when_it_is_answered(desk: Desk) -> None:
    answer = desk.browser.post(f"/intake/{FULL}", ITEM, site=None, authorization="Bearer open-sesame")
    assert (answer.status, answer.json()["new"]) == (202, True)
    again = desk.browser.post(f"/intake/{FULL}", ITEM, site=None, authorization="bearer open-sesame")
    assert again.json() == {"item": answer.json()["item"], "new": False}
    with desk.paper.room.database.reading() as tx:
        assert [one.raw for one in tx.spool.waiting()] == [ITEM]


def test_strangers_are_turned_away(desk: Desk) -> None:
    for said in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic b3Blbg=="},
        {"authorization": "Bearer"},
    ):
        answer = desk.browser.post(f"/intake/{FULL}", ITEM, site=None, **said)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "token" in answer.json()["error"]
    assert (
        desk.browser.post("/intake/nowhere", ITEM, site=None, authorization="Bearer open-sesame").status
        == 404
    )
    assert desk.browser.get(f"/intake/{FULL}").status == 405


def test_what_cannot_be_kept_is_said_so(desk: Desk) -> None:
    empty = desk.browser.post(f"/intake/{FULL}", b" ", site=None, authorization="Bearer open-sesame")
    assert (empty.status, "nothing was kept" in empty.json()["error"]) == (400, True)
    huge = b"x" * (desk.paper.room.settings.max_item_bytes + 1)
    assert (
        desk.browser.post(f"/intake/{FULL}", huge, site=None, authorization="Bearer open-sesame").status
        == 413
    )


def test_the_portal_says_that_it_is_well(desk: Desk) -> None:
    answer = desk.browser.get("/healthz")
    assert (answer.status, answer.text) == (200, "ok\n")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate, gzip"])
def test_a_packed_item_is_refused_before_it_is_read(desk: Desk, coding: str) -> None:
    """What unpacks to a hundred megabytes never gets the chance."""
    bomb = gzip.compress(bytes(10_000_000))
    answer = desk.browser.post(
        f"/intake/{FULL}", bomb, authorization="Bearer open-sesame", content_encoding=coding
    )
    assert (answer.status, "Content-Encoding" in answer.json()["error"]) == (415, True)
    with desk.paper.room.database.reading() as tx:
        assert tx.spool.counts() == {}
    plain = desk.browser.post(
        f"/intake/{FULL}", b"{}", authorization="Bearer open-sesame", content_encoding="identity"
    )
    assert plain.status == 202


@pytest.mark.parametrize(
    "name", ["../etc/passwd", "..%2f..%2fetc", "a/b", "%00", "", "desk", "NORDLICHT", "nordlicht%20"]
)
def test_no_name_of_a_wire_leads_anywhere(desk: Desk, name: str) -> None:
    assert desk.browser.post(f"/intake/{name}", b"{}", authorization="Bearer open-sesame").status == 404
