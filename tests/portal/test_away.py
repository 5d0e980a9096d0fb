"""While the database is away every door says so, and that nothing was stored; afterwards all is as before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from asking import Desk
from paper import FULL

from depesche.store import database as module

ITEM = json.dumps({"uri": "x:1", "type": "text", "headline": "Boje", "body_text": "Text."}).encode()
TOKEN = {"authorization": "Bearer open-sesame"}


@contextmanager
def away(desk: Desk) -> Iterator[None]:
    """Put something else where the database was."""
    engine = desk.paper.room.database.engine
    engine.dispose()
    path = desk.paper.room.settings.data_dir / "depesche.sqlite"
    names = [one.name for one in path.parent.glob("depesche.sqlite*")]
    for name in names:
        (path.parent / name).rename(path.parent / f"kept-{name}")
    path.mkdir()
    yield
    path.rmdir()
    for name in names:
        (path.parent / f"kept-{name}").rename(path.parent / name)


def test_a_page_asks_people_to_come_again(desk: Desk) -> None:
    path = desk.path("main")
    with away(desk):
        for one in (
            "/",
            path,
            "/search?q=Werft",
            f"/pictures/{'0' * 64}-480.webp",
            "/healthz",
            "/sitemap.xml",
        ):
            answer = desk.browser.get(one)
            assert (answer.status, answer.headers["cache-control"]) == (503, "no-store"), one
            assert int(answer.headers["retry-after"]) > 0
            assert "content-security-policy" in answer.headers
        assert "nicht gespeichert" in desk.browser.get("/").text
        assert "was not stored" in desk.browser.get("/en/").text
        assert desk.browser.ask("HEAD", "/").status == 503
    assert desk.browser.get("/").status == 200
    assert desk.browser.get(path).status == 200


def test_programs_are_told_in_their_own_way(desk: Desk) -> None:
    with away(desk):
        answer = desk.browser.get("/api/v1/stories")
        assert answer.status == 503
        assert answer.headers["content-type"] == "application/problem+json"
        answer = desk.browser.post("/view", {"story": str(desk.keys["main"])})
        assert (answer.status, "retry-after" in answer.headers) == (503, True)
        assert desk.browser.get("/live").status == 503


def test_a_sender_is_told_that_nothing_was_kept(desk: Desk) -> None:
    with away(desk):
        answer = desk.browser.post(f"/intake/{FULL}", ITEM, **TOKEN)
        assert (answer.status, answer.headers["retry-after"]) == (503, "10")
        assert "nothing was kept" in answer.json()["error"]
        assert desk.browser.post("/intake/nobody", ITEM, **TOKEN).status == 404, "that needs no database"
        assert desk.browser.post(f"/intake/{FULL}", ITEM, authorization="Bearer x").status == 401
        hub = desk.browser.post("/websub/unknown-token", b"<rss/>")
        assert (hub.status, "nothing was kept" in hub.text) == (503, True)
        assert desk.browser.get("/websub/unknown-token?hub.mode=subscribe").status == 503
    with desk.paper.room.database.reading() as tx:
        assert tx.spool.counts() == {}
    answer = desk.browser.post(f"/intake/{FULL}", ITEM, **TOKEN)
    assert (answer.status, answer.json()["new"]) == (202, True)


def test_a_push_into_a_locked_database_is_to_be_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = desk.paper.room.database
    database.engine.dispose()
    monkeypatch.setattr(module, "_BUSY_MS", 50)
    other = sqlite3.connect(desk.paper.room.settings.data_dir / "depesche.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert desk.browser.post(f"/intake/{FULL}", ITEM, **TOKEN).status == 503
    assert desk.browser.get("/").status == 200, "reading goes on"
    other.execute("ROLLBACK")
    other.close()
    answer = desk.browser.post(f"/intake/{FULL}", ITEM, **TOKEN)
    assert (answer.status, answer.json()["new"]) == (202, True)
    assert [bool(one.filings) for one in desk.paper.room.file_waiting()] == [True]
