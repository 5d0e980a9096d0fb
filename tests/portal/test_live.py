"""Open pages hear of new stories once, in order, from where they stand, and of nothing that was taken back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from asking import Desk
from paper import WERFT

from depesche.portal.edge import live


@dataclass
class Event:
    kind: str
    seq: int
    data: Any


@dataclass
class Ear:
    """One open page."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Any:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.raw += message.get("body", b"")

    @property
    def events(self) -> list[Event]:
        found = []
        for block in self.raw.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if "event" in lines:
                found.append(Event(lines["event"], int(lines["id"]), json.loads(lines["data"])))
        return found

    async def until(self, enough: Callable[[Ear], bool]) -> Ear:
        async with asyncio.timeout(5):
            while not enough(self):
                await asyncio.sleep(0.005)
        return self


@asynccontextmanager
async def listening(desk: Desk, query: str = "", **headers: str) -> AsyncIterator[Ear]:
    ear = Ear()
    scope = {
        "type": "http", "method": "GET", "path": "/live", "query_string": query.encode(), "scheme": "http", "root_path": "", "client": None,
        "server": None, "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asked = asyncio.ensure_future(desk.app(scope, ear.receive, ear.send))  # type: ignore[arg-type]
    await ear.until(lambda one: one.status != 0 and (b"retry" in one.raw or one.status != 200))
    try:
        yield ear
    finally:
        ear.gone.set()
        await asked


def run(desk: Desk, steps: Any) -> None:
    """Take *steps*, and let what runs beside them come to its end."""

    async def all_of_them() -> None:
        await steps
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.005)

    desk.browser.loop.run_until_complete(all_of_them())


def last(desk: Desk) -> int:
    with desk.paper.room.database.reading() as tx:
        return tx.journal.last()


def test_a_new_story_is_told_with_its_place_in_the_journal(desk: Desk) -> None:
    async def steps() -> None:
        async with listening(desk, f"after={last(desk)}") as ear:
            assert ear.headers["content-type"] == "text/event-stream"
            assert ear.headers["content-security-policy"].startswith("default-src 'none'")
            assert "content-encoding" not in ear.headers
            key = desk.paper.file("n1", "Falkenwerft stellt ein", "Falkenwerft sucht Leute.", urgency=1)
            await ear.until(lambda one: len(one.events) == 1)
            told = ear.events[0]
            assert (told.kind, told.seq) == ("new", last(desk))
            assert told.data["story"] == key
            assert told.data["path"] == desk.paper.path(key)
            assert told.data["headline"] == "Falkenwerft stellt ein"
            assert told.data["shares"] == [WERFT]
            assert told.data["breaking"] is True
        assert desk.app.live.connections == 0

    run(desk, steps())


def test_a_correction_is_an_update_and_a_kill_has_no_words(desk: Desk) -> None:
    async def steps() -> None:
        async with listening(desk, f"after={last(desk)}") as ear:
            desk.paper.file("n1", "Küstenbahn fährt 3 Linien", "Text.", version="1")
            await ear.until(lambda one: len(one.events) == 1)
            desk.paper.file("n1", "Küstenbahn fährt 4 Linien", "Text.", version="2", correction="Es sind 4.")
            await ear.until(lambda one: len(one.events) == 2)
            desk.paper.kill("n1")
            await ear.until(lambda one: len(one.events) == 3)
            assert [one.kind for one in ear.events] == ["new", "updated", "killed"]
            assert ear.events[1].data["corrected"] is True
            assert set(ear.events[2].data) == {"story"}

    run(desk, steps())


def test_who_comes_back_gets_what_was_missed_and_nothing_twice(desk: Desk) -> None:
    async def steps() -> None:
        start = last(desk)
        for n in range(3):
            desk.paper.file(f"m{n}", f"Meldung {n} aus dem Hafen", "Text.")
        async with listening(desk, f"after={start}") as ear:
            await ear.until(lambda one: len(one.events) == 3)
            seen = [one.seq for one in ear.events]
        assert seen == sorted(seen)
        async with listening(desk, f"after={start}", last_event_id=str(seen[1])) as ear:
            await ear.until(lambda one: len(one.events) == 1)
            assert [one.seq for one in ear.events] == seen[2:]
        async with listening(desk) as ear:
            desk.paper.file("later", "Noch eine aus dem Hafen", "Text.")
            await ear.until(lambda one: bool(one.events))
            assert [one.data["headline"] for one in ear.events] == ["Noch eine aus dem Hafen"]

    run(desk, steps())


def test_what_was_taken_back_is_not_told_to_who_comes_late(desk: Desk) -> None:
    async def steps() -> None:
        start = last(desk)
        desk.paper.file("k", "Gerücht über die Werft", "Text.")
        async with listening(desk, f"after={start}") as ear:
            await ear.until(lambda one: len(one.events) == 1)
            desk.paper.kill("k")
            await ear.until(lambda one: len(one.events) == 2)
        async with listening(desk, f"after={start}") as ear:
            await ear.until(lambda one: len(one.events) == 1)
            assert [one.kind for one in ear.events] == ["killed"]
            assert "Gerücht" not in ear.raw.decode()

    run(desk, steps())


def test_an_embargoed_story_is_told_when_it_may_be(desk: Desk) -> None:
    from datetime import timedelta

    async def steps() -> None:
        async with listening(desk, f"after={last(desk)}") as ear:
            desk.paper.file(
                "e",
                "Gesperrte Zahlen der Werft",
                "Text.",
                embargoed=desk.paper.clock.now() + timedelta(hours=1),
            )
            desk.paper.file("o", "Offene Zahlen der Werft", "Text.")
            await ear.until(lambda one: len(one.events) == 1)
            desk.paper.clock.time += timedelta(hours=2)
            desk.paper.room.release_embargoes()
            await ear.until(lambda one: len(one.events) == 2)
            assert [one.data["headline"] for one in ear.events] == [
                "Offene Zahlen der Werft",
                "Gesperrte Zahlen der Werft",
            ]

    run(desk, steps())


def test_who_missed_more_than_is_kept_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "KEPT", 3)

    async def steps() -> None:
        start = last(desk)
        for n in range(5):
            desk.paper.file(f"m{n}", f"Meldung {n} aus dem Hafen", "Text.")
        async with listening(desk, f"after={start}") as ear:
            await ear.until(lambda one: bool(one.events))
            assert [(one.kind, one.seq) for one in ear.events] == [("missed", last(desk))]
        async with listening(desk, f"after={last(desk) - 2}") as ear:
            await ear.until(lambda one: len(one.events) == 2)

    run(desk, steps())


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "999999999"])
def test_no_place_is_an_error(desk: Desk, after: str) -> None:
    async def steps() -> None:
        async with listening(desk, f"after={after}") as ear:
            assert ear.status == 200
            desk.paper.file("n", "Meldung nach allem", "Text.")
            await ear.until(lambda one: bool(one.events))
            assert [one.data["headline"] for one in ear.events] == ["Meldung nach allem"]

    run(desk, steps())


def test_beyond_the_last_place_pages_are_told_to_come_back_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.app.live, "_most", 1)

    async def steps() -> None:
        async with listening(desk), listening(desk) as second:
            assert second.status == 503
            assert int(second.headers["retry-after"]) > 0
        async with listening(desk) as third:
            assert third.status == 200

    run(desk, steps())


def test_a_silent_line_is_kept_warm_and_a_server_that_ends_lets_go(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.01)

    async def steps() -> None:
        async with listening(desk) as ear:
            await ear.until(lambda one: b"\n:\n\n" in one.raw)
            desk.app.live.end()
            async with asyncio.timeout(5):
                while desk.app.live.connections:
                    await asyncio.sleep(0.005)

    run(desk, steps())


def test_who_does_not_listen_is_let_go(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.05)

    async def steps() -> None:
        stuck = asyncio.Event()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                await stuck.wait()

        ear = Ear()
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/live",
            "query_string": b"",
            "headers": [],
            "client": None,
        }
        async with asyncio.timeout(5):
            await desk.app(scope, ear.receive, send)  # type: ignore[arg-type]
        assert desk.app.live.connections == 0

    run(desk, steps())


def test_lists_say_where_they_stand_and_only_the_newest_listen(desk: Desk) -> None:
    text = desk.browser.get("/").text
    assert f'data-live="/live?after={last(desk)}"' in text
    assert "data-live" in desk.browser.get(f"/shares/{WERFT}").text
    assert "data-live" not in desk.browser.get("/?before=1e9_1").text
