"""What was read most, as a page and beside the news; charts of views."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from asking import Desk
from paper import BAHN, WERFT

from depesche.model.take import Subject
from depesche.portal.i18n import Speech
from depesche.portal.pages import chart

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = int(NOON.timestamp() // 3600)
GERMAN = Speech("de", ZoneInfo("Europe/Berlin"))


def _read(desk: Desk, story: int, n: int, hours_ago: int = 0) -> None:
    with desk.paper.room.database.transaction() as tx:
        tx.views.add({(story, HOUR - hours_ago): n})


def _headlines(desk: Desk, path: str) -> list[str]:
    answer = desk.browser.get(path)
    assert answer.status == 200, path
    return [
        one.split("</a>")[0]
        for one in re.findall(r'<ol class="ranked">(.*?)</ol>', answer.text, re.DOTALL)[0].split("<li>")[1:]
    ]


def test_the_list_has_the_most_viewed_first_and_says_how_often(shown: Desk) -> None:
    found = _headlines(shown, "/most-read")
    assert ["größten Auftrag" in found[0], "hebt Prognose" in found[1], "wins ferry order" in found[2]] == [
        True
    ] * 3
    text = shown.browser.get("/en/most-read").text
    assert "1,284\N{NO-BREAK SPACE}views" in text
    assert "Advertisements are left out." in text


def test_advertisements_stay_out_of_lists_and_off_the_front_page(desk: Desk) -> None:
    _read(desk, desk.keys["advert"], 99_999)
    assert not any("Sparbrief" in one for one in _headlines(desk, "/most-read"))
    assert not any("Sparbrief" in one for one in _headlines(desk, "/"))


def test_hour_day_and_week_look_back_as_far(desk: Desk) -> None:
    newest, old = desk.keys["newest"], desk.keys["old"]
    _read(desk, newest, 5_000, hours_ago=1)
    _read(desk, old, 7_000, hours_ago=30)
    assert "Trockendocks" in _headlines(desk, "/most-read?period=hour")[0]
    assert "Trockendocks" in _headlines(desk, "/most-read")[0]
    assert "Nordersand" in _headlines(desk, "/most-read?period=week")[0]
    assert "Trockendocks" in _headlines(desk, "/most-read?period=nonsense")[0]


def test_a_language_a_share_and_a_provider_have_lists_of_their_own(shown: Desk) -> None:
    assert len(_headlines(shown, "/most-read?lang=en")) == 1
    werft = _headlines(shown, f"/most-read?share={WERFT}")
    assert werft
    assert all("Falkenwerft" in one for one in werft)
    assert "Prognose" in _headlines(shown, f"/most-read?period=week&share={BAHN}")[0]
    assert len(_headlines(shown, "/most-read?provider=hansekontor")) == 1
    assert shown.browser.get("/most-read?provider=nobody").status == 200
    assert shown.browser.get("/most-read?share=ZZ0").status == 404


def test_topics_have_lists_and_tabs_where_stories_have_topics(desk: Desk) -> None:
    story = desk.paper.file(
        "top", "Hafenbau zieht an", "Text.", subjects=(Subject("medtop", "04000000", "Wirtschaft & Handel"),)
    )
    other = desk.paper.file("low", "Anderes", "Text.", subjects=(Subject("keyword", "hafen", "Hafen"),))
    _read(desk, story, 3)
    _read(desk, other, 9_000)
    text = desk.browser.get("/most-read").text
    assert "Wirtschaft &amp; Handel" in text
    assert ">Hafen<" not in text
    assert ["Hafenbau" in one for one in _headlines(desk, "/most-read?topic=04000000")] == [True]
    assert desk.browser.get("/most-read?topic=%25%22'").status == 200


def test_a_killed_story_leaves_the_list_at_once(desk: Desk) -> None:
    assert "größten Auftrag" in _headlines(desk, "/most-read")[0]
    desk.paper.clock.move(minutes=1)
    desk.paper.kill("r2")
    assert "größten Auftrag" not in desk.browser.get("/most-read").text


@pytest.mark.parametrize(
    "query",
    [
        "topic=%00",
        "topic=%",
        "topic=%ff%fe",
        "topic=" + "x" * 5_000,
        "topic=%22%5D%27--",
        "provider=%00",
        "provider=..%2F..",
        "share=%00",
        "share=%ff",
        "share=ZZ" + "0" * 500,
        "lang=%00&period=%00",
        "period=hour&period=week&lang=de&lang=en",
        "period[]=day&=&&&",
        "topic&share&provider",
        "&".join(f"x{n}=1" for n in range(300)),
    ],
)  # fmt: skip
def test_odd_wishes_never_break_the_list(shown: Desk, query: str) -> None:
    for address in ("/most-read", "/en/most-read", "/api/v1/most-read"):
        assert shown.browser.get(f"{address}?{query}").status in {200, 400, 404, 414}


def test_nothing_read_is_said_in_words(bare: Desk) -> None:
    assert "In dieser Zeit wurde nichts gelesen." in bare.browser.get("/most-read").text


def test_story_pages_draw_their_views_from_fifty_on(desk: Desk) -> None:
    key = desk.keys["newest"]
    for hours_ago, n in ((3, 20), (1, 29)):
        _read(desk, key, n, hours_ago)
    assert '<svg class="trend-drawing"' not in desk.browser.get(desk.path("newest")).text
    _read(desk, key, 1)
    desk.app._press.refresh([key])
    text = desk.browser.get(desk.path("newest")).text
    assert (
        '<svg class="trend-drawing" viewBox="0 0 320 56" preserveAspectRatio="none" aria-hidden="true"'
        in text
    )
    assert re.findall(r"<tr><th scope=\"row\">2\. März, (\d\d):00</th><td>(\d+)</td>", text) == [
        ("10", "20"), ("11", "0"), ("12", "29"), ("13", "1"),
    ]  # fmt: skip


def test_a_share_draws_the_views_of_its_news(desk: Desk) -> None:
    assert '<svg class="trend-drawing"' not in desk.browser.get(f"/shares/{WERFT}").text, "one day is no line"
    _read(desk, desk.keys["main"], 40, hours_ago=24 * 3)
    _read(desk, desk.keys["advert"], 40, hours_ago=24 * 3)
    desk.app.memory.drop({f"i{WERFT}"})
    text = desk.browser.get(f"/shares/{WERFT}").text
    days = re.findall(r"<th scope=\"row\">(\d+)\. \w+\.?</th><td>([\d.]+)</td>", text)
    assert [day for day, _ in days] == ["27", "28", "1", "2"]
    assert days[0][1] == "40"
    assert f"/most-read?period=week&amp;share={WERFT}" in text


def test_a_chart_begins_with_the_first_view_and_ends_now() -> None:
    drawn = chart.of_hours([(HOUR - 4, 60), (HOUR - 1, 30)], GERMAN, NOON)
    assert drawn is not None
    assert [point.n for point in drawn.points] == [60, 0, 0, 30, 0]
    assert (drawn.first.when, drawn.last.when) == ("2. März, 09:00", "2. März, 13:00")
    assert drawn.line == "M0 3L80 56L160 56L240 29.5L320 56"
    assert drawn.area == drawn.line + "L320 56L0 56Z"


def test_a_chart_of_more_than_two_days_goes_by_the_day_of_the_zone() -> None:
    drawn = chart.of_hours([(HOUR - 24 * 40, 500), (HOUR - 50, 60), (HOUR - 13, 5), (HOUR, 1)], GERMAN, NOON)
    assert drawn is not None
    assert not drawn.by_hour
    assert len(drawn.points) == 30
    assert [(point.when, point.n) for point in drawn.points[-3:]] == [
        ("28. Feb.", 60),
        ("1. März", 0),
        ("2. März", 6),
    ]


def test_too_little_makes_no_chart() -> None:
    assert chart.of_hours([], GERMAN, NOON) is None
    assert chart.of_hours([(HOUR - 3, 49)], GERMAN, NOON) is None
    assert chart.of_hours([(HOUR, 4_900)], GERMAN, NOON) is None
    assert chart.of_days([], GERMAN, NOON) is None


def test_a_view_that_moved_on_never_draws_below_the_ground() -> None:
    drawn = chart.of_hours([(HOUR - 2, 70), (HOUR - 1, -1)], GERMAN, NOON + timedelta(minutes=5))
    assert drawn is not None
    assert " 56" in drawn.line
    assert " 57" not in drawn.line


def test_what_was_not_read_by_readers_of_the_story_says_so(desk: Desk) -> None:
    room, keys = desk.paper.room, desk.keys
    day = 20_514
    assert day == HOUR // 24
    with room.database.transaction() as tx:
        tx.coreads.add(
            {(day, keys["newest"], keys["index"]): 9_000.0, (day, keys["newest"], keys["english"]): 5_000.0, (day, keys["old"], keys["old"]): 50.0,
             (day, keys["headline"], keys["headline"]): 50.0, (day, keys["advert"], keys["advert"]): 90.0},
            {(day, keys["newest"], keys["index"]): 41},
        )  # fmt: skip
    kinds = dict(room.readership.also_read(keys["newest"]))
    assert kinds[keys["index"]] == "read"
    assert kinds[keys["english"]] == "read", "another language, but really read after this"
    assert kinds[keys["old"]] == "popular"
    assert keys["headline"] not in kinds, "another language, and only popular"
    assert keys["advert"] not in kinds
    assert "newest" in kinds.values()
    assert list(kinds)[:2] == [keys["index"], keys["english"]]
    desk.app._press.refresh([keys["newest"]])
    assert "viel gelesen" in desk.browser.get(desk.path("newest")).text
    explained = {one.story: one for one in room.readership.offers(keys["newest"])}
    assert explained[keys["index"]].readers == 41
    assert explained[keys["old"]].readers == 0
