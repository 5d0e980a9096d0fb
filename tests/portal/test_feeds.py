"""Feeds, sitemap and robots.txt are well-formed, in order, and keep to the rights."""

from __future__ import annotations

import feedparser
from asking import Desk
from lxml import etree
from paper import BAHN, SECRET, WERFT

ATOM = "{http://www.w3.org/2005/Atom}"


def test_atom_has_what_the_standard_asks_for(shown: Desk) -> None:
    for path in ("/feed.atom", "/en/feed.atom", f"/shares/{WERFT}/feed.atom"):
        answer = shown.browser.get(path)
        assert answer.headers["content-type"].startswith("application/atom+xml")
        root = etree.fromstring(answer.text.encode())
        assert root.tag == f"{ATOM}feed"
        for node in (root, *root.findall(f"{ATOM}entry")):
            assert all(node.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated"))
        own = root.find(f"{ATOM}link[@rel='self']")
        assert own is not None
        assert own.get("href") == "http://portal.example" + path
        ids = [node.findtext(f"{ATOM}id") for node in root.findall(f"{ATOM}entry")]
        assert len(set(ids)) == len(ids) > 0
        assert not feedparser.parse(answer.text).bozo


def test_a_feed_carries_text_only_where_it_may_leave(shown: Desk) -> None:
    parsed = feedparser.parse(shown.browser.get("/feed.atom").text)
    entries = {one.title: one for one in parsed.entries}
    assert (
        "Befreiungsschlag"
        in entries["ROUNDUP 2 · Fähren: Falkenwerft gewinnt größten Auftrag ihrer Geschichte"]
        .content[0]
        .value
    )
    teaser = entries["Küstenbahn prüft Börsengang der Güterzüge"]
    assert "content" not in teaser
    assert teaser.summary.startswith("Die Küstenbahn erwägt")
    headline = entries["Harbour index closes at a record high"]
    assert "content" not in headline
    assert "summary" not in headline
    assert SECRET not in str(parsed)
    tags = {one.term for one in entries["Falkenwerft wins ferry order, shares jump"].tags}
    assert tags == {WERFT}


def test_json_feed_says_the_same(shown: Desk) -> None:
    answer = shown.browser.get(f"/shares/{BAHN}/feed.json")
    assert answer.headers["content-type"].startswith("application/feed+json")
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"http://portal.example/shares/{BAHN}/feed.json"
    titles = [one["title"] for one in feed["items"]]
    assert titles[0].startswith("EQS-Adhoc: Küstenbahn SE hebt Prognose")
    assert all("content_html" in one or "content_text" in one for one in feed["items"])
    assert all(BAHN in one["tags"] for one in feed["items"])
    times = [one["date_published"] for one in feed["items"]]
    assert times == sorted(times, reverse=True)


def test_feeds_follow_a_language(shown: Desk) -> None:
    feed = shown.browser.get("/feed.json?lang=en").json()
    assert {one["language"] for one in feed["items"]} == {"en"}
    assert feed["feed_url"].endswith("/feed.json?lang=en")


def test_sitemap_and_robots(shown: Desk) -> None:
    index = etree.fromstring(shown.browser.get("/sitemap.xml").text.encode())
    listed = [node.text for node in index.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert listed == [f"http://portal.example/sitemaps/{name}.xml" for name in ("news", "shares", "2026-03")]
    root = etree.fromstring(shown.browser.get("/sitemaps/2026-03.xml").text.encode())
    places = [node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert "http://portal.example" + shown.path("main") in places
    assert not any("uebernahme" in str(one) for one in places)
    robots = shown.browser.get("/robots.txt").text
    assert "Disallow: /follow" in robots
    assert "Sitemap: http://portal.example/sitemap.xml" in robots
