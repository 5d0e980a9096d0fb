"""Addresses of pictures: one that was once shown answers only as long as a story shows it and may show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asking import Browser, Desk
from paper import FULL, TEASER, Paper

from depesche.model.take import PictureRef
from depesche.model.wire import HEADLINE, Rights
from depesche.portal.app import create_app

HEAD, BODY = "Boje vertrieben", "Eine Boje ist vertrieben."
PICTURES = (PictureRef("boje.jpg", "Eine Boje"),)


@pytest.fixture
def desk(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr("depesche.portal.edge.edge.CHECK", 0.0)
    paper = Paper.empty(tmp_path, base_url="http://portal.example", database_url=database_url)
    app = create_app(paper.room)
    made = Desk(paper, {}, app, Browser(app))
    yield made
    made.browser.close()
    app.pages.close()
    paper.room.close()


@pytest.fixture
def address(desk: Desk) -> str:
    """The address of a picture that a public story shows."""
    key = desk.paper.file("boje", HEAD, BODY, version="1", pictures=PICTURES)
    made = f"/pictures/{desk.paper.picture(key)}-480.webp"
    assert desk.browser.get(made).status == 200
    return made


def licensed(desk: Desk, rights: Rights, wire: str = FULL) -> None:
    desk.paper.room.wires[wire] = replace(desk.paper.room.wires[wire], rights=rights)


def kill(desk: Desk) -> None:
    desk.paper.kill("boje", reason="Falsch.")


def withhold(desk: Desk) -> None:
    desk.paper.clock.move(minutes=1)
    desk.paper.file("boje", HEAD, BODY, version="2", status="withheld", pictures=PICTURES)


def expire(desk: Desk) -> None:
    licensed(desk, Rights(retention_days=1))
    desk.paper.clock.move(days=2)
    assert desk.paper.room.expire() == 1


def update_without_it(desk: Desk) -> None:
    desk.paper.clock.move(minutes=1)
    desk.paper.file("boje", HEAD, f"{BODY} Sie treibt.", version="2")


def forbid_pictures(desk: Desk) -> None:
    licensed(desk, Rights(pictures=False))


def allow_headlines_only(desk: Desk) -> None:
    licensed(desk, Rights(HEADLINE))


@pytest.mark.parametrize(
    "change", [kill, withhold, expire, update_without_it, forbid_pictures, allow_headlines_only]
)
def test_its_address_ends_when_the_story_may_show_it_no_more(
    desk: Desk, address: str, change: Callable[[Desk], None]
) -> None:
    etag = desk.browser.get(address).headers["etag"]
    change(desk)
    assert desk.browser.get(address).status == 404
    assert desk.browser.get(address, if_none_match=etag).status == 404
    assert desk.browser.ask("HEAD", address).status == 404
    assert desk.browser.get(f"/en{address}").status == 404


def test_another_story_may_go_on_showing_it(desk: Desk, address: str) -> None:
    other = desk.paper.file("zwei", "Noch eine Boje", BODY, wire=TEASER, pictures=PICTURES)
    desk.paper.picture(other)
    kill(desk)
    assert desk.browser.get(address).status == 200
    licensed(desk, Rights(pictures=False), TEASER)
    assert desk.browser.get(address).status == 404


def test_it_has_no_address_before_its_embargo_lifts(desk: Desk) -> None:
    key = desk.paper.file("boje", HEAD, BODY, version="1", pictures=PICTURES)
    address = f"/pictures/{desk.paper.picture(key, width=1000)}-480.webp"
    kill(desk)  # its bytes stay until they are tidied away
    until = desk.paper.clock.now() + timedelta(hours=1)
    held = desk.paper.file("gesperrt", "Boje gefunden", BODY, pictures=PICTURES, embargoed=until)
    with desk.paper.room.database.transaction() as tx:
        (waiting,) = (one for one in tx.pictures.waiting() if one.story == held)
        tx.pictures.settle(waiting.version, waiting.place, sha256=address[10:74])
    assert desk.browser.get(address).status == 404
    desk.paper.clock.move(hours=2)
    assert desk.paper.room.release_embargoes() == 1
    assert desk.browser.get(address).status == 200


def test_the_first_version_shows_on_while_an_update_is_held_back(desk: Desk, address: str) -> None:
    desk.paper.clock.move(minutes=1)
    until = desk.paper.clock.now() + timedelta(hours=1)
    desk.paper.file("boje", HEAD, f"{BODY} Sie treibt.", version="2", embargoed=until)
    assert desk.browser.get(address).status == 200
    desk.paper.clock.move(hours=2)
    desk.paper.room.release_embargoes()
    assert desk.browser.get(address).status == 404
