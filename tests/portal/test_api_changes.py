"""Whoever follows the changes has what the public may see, and drops what it may not, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import Browser, Desk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paper import FULL, Paper

from depesche.portal.app import create_app

Row = tuple[str, int, int]


@pytest.fixture
def followed(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty portal on each kind of database."""
    monkeypatch.setattr("depesche.portal.edge.edge.CHECK", 0.0)
    paper = Paper.empty(tmp_path / "data", base_url="http://portal.example", database_url=database_url)
    app = create_app(paper.room)
    app.gate._anonymous = 1_000_000
    desk = Desk(paper, {}, app, Browser(app))
    yield desk
    desk.browser.close()
    app.pages.close()
    paper.room.index_follower.close()
    paper.room.close()


def ask(desk: Desk, path: str) -> Any:
    answer = desk.browser.get(f"/api/v1{path}")
    assert answer.status == 200, answer.text
    return answer.json()


def rows(answer: Any) -> list[Row]:
    return [(one["kind"], one["story"], one["version"]) for one in answer["changes"]]


def everything(desk: Desk, after: int = 0, limit: int = 1000) -> list[Row]:
    """Follow the feed from *after* to its end."""
    found: list[Row] = []
    while True:
        answer = ask(desk, f"/changes?after={after}&limit={limit}")
        found += rows(answer)
        after = answer["cursor"]
        if not answer["more"]:
            return found


def test_what_happens_to_a_story_is_told_in_order(followed: Desk) -> None:
    paper = followed.paper
    start = ask(followed, "/changes")
    assert (start["changes"], start["more"]) == ([], False)
    one = paper.file("a", "Erste Meldung", "Text.", version="1")
    paper.clock.move(minutes=1)
    paper.file("a", "Erste Meldung, neu", "Text, neu.", version="2")
    paper.clock.move(minutes=1)
    two = paper.file("b", "Zweite Meldung", "Anderer Text.")
    paper.kill("a", reason="Falsch.")
    found = ask(followed, start["next"].removeprefix("http://portal.example/api/v1"))
    assert rows(found) == [("filed", one, 1), ("filed", one, 2), ("filed", two, 1), ("killed", one, 3)]
    assert [one["action"] for one in found["changes"]] == ["new", "update", "new", "kill"]
    assert [one["is_public"] for one in found["changes"]] == [False, False, True, False]
    killed = found["changes"][-1]
    assert (killed["url"], killed["href"]) == (None, f"http://portal.example/api/v1/stories/{one}")
    assert "erste" not in followed.browser.get("/api/v1/changes?after=0").text, "a slug tells the headline"
    assert ask(followed, f"/changes?after={found['cursor']}")["changes"] == []
    only = ask(followed, f"/changes?after=0&kinds=killed,withheld&story={one}")
    assert rows(only) == [("killed", one, 3)]
    assert rows(ask(followed, f"/changes?after=0&story={two}")) == [("filed", two, 1)]


def test_an_embargoed_version_is_told_when_it_is_released(followed: Desk) -> None:
    paper = followed.paper
    until = paper.clock.now() + timedelta(hours=2)
    held = paper.file("e", "Unter Sperrfrist", "Text.", embargoed=until)
    never = paper.file("n", "Nie erschienen", "Text.", embargoed=until)
    open_ = paper.file("o", "Offen", "Text.")
    withheld = paper.file("w", "Zurückgehalten", "Text.", status="withheld")
    first = ask(followed, "/changes?after=0")
    assert rows(first) == [("filed", open_, 1)]
    paper.kill("n")
    assert everything(followed) == [("filed", open_, 1)], "what never was public does not end in public"
    paper.clock.move(hours=3)
    with paper.room.database.transaction() as tx:
        paper.room.desk.release(tx, paper.clock.now())
    expected = [("released", held, 1)]
    assert everything(followed, first["cursor"]) == expected
    assert everything(followed) == [("filed", open_, 1), *expected], "the same from the beginning"
    paper.kill("w")
    assert not {never, withheld} & {story for _, story, _ in everything(followed)}


def test_withholding_takes_a_story_back_and_expiry_ends_it(followed: Desk) -> None:
    paper = followed.paper
    key = paper.file("a", "Erst offen", "Text.", version="1")
    paper.clock.move(minutes=1)
    paper.file("a", "Erst offen", "Text.", version="2", status="withheld")
    assert everything(followed) == [("filed", key, 1), ("withheld", key, 2)]
    other = paper.file("b", "Läuft ab", "Text.")
    wire = paper.room.wires[FULL]
    paper.room.wires[FULL] = replace(wire, rights=replace(wire.rights, retention_days=1))
    paper.clock.move(hours=50)
    paper.room.expire()
    told = everything(followed)
    assert ("expired", other) in {(kind, story) for kind, story, _ in told}
    assert ("filed", other, 1) not in told, "its text is gone"
    answer = followed.browser.get(f"/api/v1/stories/{other}")
    assert (answer.status, "licence" in answer.json()["detail"]) == (410, True)


def test_a_place_of_another_database_is_noticed(followed: Desk) -> None:
    answer = followed.browser.get("/api/v1/changes?after=999999")
    assert (answer.status, "begin anew" in answer.json()["detail"]) == (400, True)


def test_lists_read_the_same_from_either_database(followed: Desk) -> None:
    paper = followed.paper
    made = [
        paper.file(f"g{n}", f"Falkenwerft {n}", "Text.", language="de" if n % 2 else "en") for n in range(5)
    ]
    for query in (
        "isin=ZZW001",
        "isin=FKW&language=de",
        "provider=nordlicht-nachrichten&since=2026-03-02",
        "topic=x",
        "until=2030-01-01",
    ):
        found = [one["story"] for one in ask(followed, f"/stories?{query}")["stories"]]
        wanted = (
            []
            if "topic" in query
            else [key for n, key in enumerate(made) if "language" not in query or n % 2]
        )
        assert found == wanted[::-1], query
    for odd in ("%C3%A4%F0%9F%9A%A2", "%25", "_", "'", "%5C"):
        for path in (
            f"/stories?provider={odd}",
            f"/stories?isin={odd}",
            f"/instruments?q={odd}",
            f"/search?q={odd}",
        ):
            assert followed.browser.get(f"/api/v1{path}").status in {200, 404}, path
    assert followed.browser.get(f"/api/v1/changes?after=0&story={2**63 - 1}").status == 200
    assert followed.browser.get(f"/api/v1/stories/{2**63 - 1}").status == 404
    assert followed.browser.get(f"/api/v1/stories/{made[0]}/versions/{2**63 - 1}").status == 404


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    acts=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["file", "kill", "withhold", "embargo", "wait"])),
        max_size=14,
    )
)
def test_a_copy_kept_by_the_changes_is_what_is_public(
    acts: list[tuple[int, str]], tmp_path_factory: Any
) -> None:
    paper = Paper.empty(tmp_path_factory.mktemp("copy"), base_url="http://portal.example")
    app = create_app(paper.room)
    app.gate._anonymous = 1_000_000
    desk = Desk(paper, {}, app, Browser(app))
    copy: set[int] = set()
    after = 0
    for number, (guid, act) in enumerate(acts, start=1):
        paper.clock.move(minutes=1)
        more: dict[str, Any] = {"version": str(number)}
        if act == "kill":
            paper.kill(f"g{guid}")
        elif act == "wait":
            paper.clock.move(minutes=40)
        else:
            if act == "withhold":
                more["status"] = "withheld"
            if act == "embargo":
                more["embargoed"] = paper.clock.now() + timedelta(minutes=30)
            paper.file(f"g{guid}", f"Meldung {guid}", f"Text {number}.", **more)
        with paper.room.database.transaction() as tx:
            paper.room.desk.release(tx, paper.clock.now())
        answer = ask(desk, f"/changes?after={after}")
        after = answer["cursor"]
        for one in answer["changes"]:
            (copy.discard if one["kind"] in {"killed", "withheld", "expired"} else copy.add)(one["story"])
        with paper.room.database.reading() as tx:
            public = set(tx.newsstand.public_ids())
        assert copy == public
    desk.browser.close()
    app.pages.close()
    paper.room.close()
