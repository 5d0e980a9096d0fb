"""Advertising slots: none by default, labelled, of a fixed size, in flight when they should be, and harmless."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from asking import Browser, Desk
from hypothesis import given
from hypothesis import strategies as st
from paper import Paper
from PIL import Image

from depesche import settings
from depesche.model.errors import NotFound, SettingsError
from depesche.portal.app import create_app
from depesche.portal.slots import TURN_SECONDS, Slots

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 12, 3, 12, tzinfo=UTC)


def _adverts(*given: dict[str, Any]) -> tuple[settings.AdvertSettings, ...]:
    return settings.read({"adverts": list(given)}).adverts


def _text(name: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "place": "home-rail",
        "width": 300,
        "height": 100,
        "html": f"<p>Tee {name}</p>",
        **more,
    }


@pytest.fixture
def portal(furnished: tuple[Path, dict[str, int]], tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(*adverts: dict[str, Any]) -> Desk:
        folder = tmp_path / f"data{len(made)}"
        shutil.copytree(furnished[0], folder, dirs_exist_ok=True)
        paper = Paper.reopen(folder, base_url="http://portal.example", adverts=adverts)
        app = create_app(paper.room)
        made.append(Desk(paper, furnished[1], app, Browser(app)))
        return made[-1]

    yield make
    for desk in made:
        desk.browser.close()
        desk.app.pages.close()
        desk.paper.room.close()


@pytest.mark.parametrize(
    ("advert", "said"),
    [
        (_text(html=None), "one of picture, html and frame"),
        (_text(frame="https://ads.example/1"), "one of picture, html and frame"),
        (_text(html=None, frame="http://ads.example/1"), "must be an address"),
        (_text(html=None, frame="https://ads.example/1; script-src *"), "must be an address"),
        (_text(link="javascript:alert(1)"), "must be an address"),
        (_text(html=None, picture="no.png"), "a picture needs alt"),
        (_text(place="confirmation"), "place"),
        (_text(**{"from": "2026-12-05", "until": "2026-12-01"}), "until is before from"),
        (_text(name="../etc"), "name"),
        (_text(weight=0), "weight"),
    ],
)
def test_what_cannot_be_right_is_said(advert: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        _adverts(advert)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    file = tmp_path / "tea.png"
    file.write_bytes(b"<svg onload=alert(1)>")
    with pytest.raises(SettingsError, match=r"adverts: a: picture .*tea\.png"):
        Slots(_adverts(_text(html=None, picture=str(file), alt="Tee")), BERLIN)


def test_a_flight_begins_and_ends_at_midnight_of_the_portal() -> None:
    slots = Slots(_adverts(_text(**{"from": "2026-12-03", "until": "2026-12-03"})), BERLIN)
    first = datetime(2026, 12, 2, 23, 0, tzinfo=UTC)
    assert slots.choose("home-rail", first - timedelta(seconds=1)) is None
    assert slots.choose("home-rail", first) is not None
    assert slots.choose("home-rail", first + timedelta(hours=24, seconds=-1)) is not None
    assert slots.choose("home-rail", first + timedelta(hours=24)) is None


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_turns_go_by_weight(weights: list[int]) -> None:
    slots = Slots(_adverts(*(_text(f"a{n}", weight=weight) for n, weight in enumerate(weights))), BERLIN)
    turns = sum(weights)
    seen: dict[str, int] = {}
    for turn in range(turns):
        chosen = slots.choose("home-rail", NOON + timedelta(seconds=turn * TURN_SECONDS))
        assert chosen
        seen[chosen.name] = seen.get(chosen.name, 0) + 1
    assert [seen[f"a{n}"] for n in range(len(weights))] == weights


def test_there_are_none_by_default(shown: Desk) -> None:
    for path in ("/", shown.path("main"), "/search?q=Falkenwerft"):
        answer = shown.browser.get(path)
        assert 'class="slot"' not in answer.text
        assert "frame-src" not in answer.headers["content-security-policy"]
    assert shown.browser.get("/slots/home-rail").status == 404


def test_a_slot_keeps_its_room_and_is_labelled(portal: Callable[..., Desk], tmp_path: Path) -> None:
    file = tmp_path / "tea.png"
    Image.new("RGB", (300, 120), "teal").save(file)
    desk = portal(
        _text(
            "pic",
            place="story-rail",
            html=None,
            picture=str(file),
            alt="Eine Kanne",
            link="https://tea.example/",
        ),
        _text("big", place="story-rail", height=250, **{"from": "2099-01-01"}),
        _text(
            "txt", place="home-list", html="<p>Gut</p><script>alert(1)</script>", link="https://tea.example/"
        ),
    )
    page = desk.browser.get(desk.path("main"))
    assert (
        '<iframe class="slot" src="/slots/story-rail" width="300" height="274" title="Anzeige" loading="lazy"></iframe>'
        in page.text
    )
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    inside = desk.browser.get("/slots/story-rail")
    assert "Anzeige" in inside.text
    assert 'alt="Eine Kanne"' in inside.text
    assert 'rel="noopener nofollow sponsored"' in inside.text
    assert "frame-ancestors 'self'" in inside.headers["content-security-policy"]
    assert desk.browser.get("/slots/pictures/pic").headers["content-type"] == "image/png"
    assert desk.browser.get("/slots/pictures/txt").status == 404
    text = desk.browser.get("/en/slots/home-list").text
    assert "Advertisement" in text
    assert "<p>Gut</p>" in text
    assert "script" not in text


def test_a_foreign_frame_is_sandboxed_and_the_only_host(portal: Callable[..., Desk]) -> None:
    desk = portal(_text("far", html=None, frame="https://ads.example/tea?x=1&y=2"))
    inside = desk.browser.get("/slots/home-rail")
    assert 'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"' in inside.text
    assert 'src="https://ads.example/tea?x=1&amp;y=2"' in inside.text
    policy = inside.headers["content-security-policy"]
    assert "frame-src https://ads.example;" in policy
    assert "ads.example" not in desk.browser.get("/").headers["content-security-policy"]


def test_nothing_stands_in_confirmations_or_notices(portal: Callable[..., Desk]) -> None:
    places = ("home-list", "home-rail", "story-text", "story-rail", "share-rail", "search-rail")
    desk = portal(*(_text(place, place=place) for place in places))
    quiet = ["/follow/confirm?token=x", "/follow/manage?token=x", "/follow/leave?token=x", "/imprint", "/privacy", "/nowhere",
             desk.path("killed")]  # fmt: skip
    for path in quiet:
        assert 'class="slot"' not in desk.browser.get(path).text
    for path in ("/", desk.path("main"), "/search?q=Falkenwerft"):
        assert 'class="slot"' in desk.browser.get(path).text


def test_a_slot_outside_its_flight_is_empty(portal: Callable[..., Desk]) -> None:
    desk = portal(_text("then", until=str(date(2020, 1, 1))))
    inside = desk.browser.get("/slots/home-rail")
    assert inside.status == 200
    assert "Anzeige</p>" not in inside.text


def test_there_is_no_other_slot(portal: Callable[..., Desk]) -> None:
    desk = portal(_text())
    assert desk.browser.get("/slots/story-rail").status == 404
    with pytest.raises(NotFound):
        Slots((), BERLIN).choose("home-rail", NOON)
