"""The archive names every month and day with public stories, all of these, and nothing else."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from asking import Desk
from lxml import etree, html

from fakes import NOON

TODAY, YESTERDAY = "/archive/2026-03-02", "/archive/2026-03-01"


def links(text: str, start: str) -> list[str]:
    return [str(one) for one in html.fromstring(text).xpath("//main//a/@href") if str(one).startswith(start)]


def test_from_the_footer_to_a_story_of_a_day(shown: Desk) -> None:
    assert 'href="/archive">Archiv</a>' in shown.browser.get("/").text
    index = shown.browser.get("/archive").text
    assert links(index, "/archive/") == ["/archive/2026-03", TODAY, YESTERDAY]
    assert "Sonntag, 1. März" in index
    month = shown.browser.get("/archive/2026-03").text
    assert links(month, "/archive/") == [TODAY, YESTERDAY]
    day = shown.browser.get(YESTERDAY).text
    assert "<h1>Sonntag, 1.\N{NO-BREAK SPACE}März 2026</h1>" in day
    assert shown.path("old") in links(day, "/news/")
    assert links(day, "/archive/") == ["/archive/2026-03", TODAY]
    assert f'href="/en{TODAY}"' in shown.browser.get("/en/archive").text


def test_a_day_has_each_part_of_a_chain_and_nothing_that_was_killed(shown: Desk) -> None:
    found = set(links(shown.browser.get(TODAY).text, "/news/"))
    assert {shown.path(name) for name in ("first", "main", "corrected", "headline", "advert")} <= found
    assert shown.path("old") not in found
    assert "Übernahme" not in shown.browser.get(TODAY).text


def test_a_kill_empties_the_archive_at_once_and_an_embargo_keeps_out_of_it(desk: Desk) -> None:
    assert desk.path("old") in desk.browser.get(YESTERDAY).text
    desk.paper.kill("old")
    gone = desk.browser.get(YESTERDAY)
    assert (gone.status, "zweites Gleis" in gone.text) == (404, False)
    secret = desk.paper.file(
        "embargo", "Geheime Zahlen der Küstenbahn", "Text.", embargoed=NOON + timedelta(hours=3)
    )
    assert "Geheime Zahlen" not in desk.browser.get(TODAY).text
    desk.app.memory.drop({"archive"})
    counted = re.search(r'2026-03-02">[^<]*</a><span class="small">(\d+)', desk.browser.get("/archive").text)
    listed = links(desk.browser.get(TODAY).text, "/news/")
    assert counted is not None
    assert int(counted[1]) == len(listed)
    assert not any(one.endswith(f"-{secret}") for one in listed)


def test_days_are_those_of_the_zone(desk: Desk) -> None:
    at = datetime(2026, 3, 2, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # still the first in UTC
    minutes = (NOON - at).total_seconds() / 60
    story = desk.paper.file("night", "Nachtfrost im Hafen", "Text.", minutes_ago=minutes)
    assert desk.paper.path(story) in links(desk.browser.get(TODAY).text, "/news/")
    assert desk.paper.path(story) not in links(desk.browser.get(YESTERDAY).text, "/news/")


def test_a_long_day_goes_on_in_pages_and_months_without_stories_are_left_out(desk: Desk) -> None:
    end = NOON - timedelta(days=40)
    desk.paper.clock.time = end
    for n in range(230):
        desk.paper.file(f"n{n}", f"Meldung Nummer {n} vom Kai", "Text.", minutes_ago=n / 60)
    desk.paper.clock.time = NOON - timedelta(days=400)
    desk.paper.file("ago", "Alte Meldung vom Kai", "Text.")
    desk.paper.clock.time = NOON
    assert links(desk.browser.get("/archive").text, "/archive/20")[:3] == [
        "/archive/2026-01", "/archive/2026-03", "/archive/2025-01",
    ]  # fmt: skip
    path: str | None = f"/archive/{end:%Y-%m-%d}"
    seen: list[str] = []
    pages = 0
    while path:
        tree = html.fromstring(desk.browser.get(path).text)
        seen += [str(one) for one in tree.xpath("//ol//a[@class='row-link']/@href")]
        following = tree.xpath("//main//a[@rel='next' and contains(@href, 'before=')]/@href")
        path = str(following[0]) if following else None
        pages += 1
    assert (pages, len(seen), len(set(seen))) == (3, 230, 230)
    month = desk.browser.get("/archive/2026-01").text
    assert links(month, "/archive/20")[-2:] == ["/archive/2025-01", "/archive/2026-03"]


@pytest.mark.parametrize(
    "wrong",
    ["2026-02", "2026-03-03", "2026-13", "2026-02-30", "2026-3", "0000-01", "9999-12", "9999-12-31", "x", "2026-03-02x", "٢٠٢٦-03"],
)  # fmt: skip
def test_what_is_no_time_with_stories_is_not_found(shown: Desk, wrong: str) -> None:
    assert shown.browser.get(f"/archive/{wrong}").status == 404


def test_an_empty_portal_has_an_empty_archive(bare: Desk) -> None:
    assert "Hier gibt es keine Meldungen" in bare.browser.get("/archive").text


def test_search_engines_are_led_to_it(shown: Desk) -> None:
    tree = etree.fromstring(shown.browser.get("/sitemaps/shares.xml").text.encode())
    assert "http://portal.example/archive" in [node.text for node in tree.iter("{*}loc")]
