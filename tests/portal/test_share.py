"""The share's page, suggestions while typing, topics, and what is folded under the first story."""

from __future__ import annotations

import json
from datetime import timedelta

from asking import Desk
from paper import BAHN, FULL, HEADLINE, TEASER, WERFT

from depesche.instruments import decisions
from depesche.model.take import Subject
from depesche.stories import topics

TEXT = (
    "Die Falkenwerft AG hat vier Fähren an die Küstenbahn SE verkauft. Der Preis liegt bei 620 Millionen Euro. Die erste Fähre fährt "
    "im Herbst auf der Linie zu den Inseln, die letzte folgt drei Jahre danach. Vorstandschefin Ida Brook sprach von einem guten Tag "
    "für die Werft und ihre 4100 Beschäftigten. Das alte Trockendock wird um 80 Meter verlängert, der Kran stammt aus eigener Fertigung."
)
SALE = "Falkenwerft AG verkauft vier Fähren an die Küstenbahn SE"


def sale(desk: Desk) -> list[int]:
    """File one text of three providers."""
    return [
        desk.paper.file(
            f"sale-{n}",
            SALE,
            TEXT,
            wire=wire,
            minutes_ago=30 - n,
            label=("EQS-ADHOC", None, None) if n == 0 else None,
        )
        for n, wire in enumerate((FULL, TEASER, HEADLINE))
    ]


def test_the_page_says_everything_that_identifies_the_share(shown: Desk) -> None:
    page = shown.browser.get(f"/shares/{WERFT}").text
    for said in (WERFT, "ZZW001", "FKW", "Xetra", f'data-copy="{WERFT}"', "/feed.atom"):
        assert said in page


def test_releases_stand_apart_and_companions_are_named(desk: Desk) -> None:
    sale(desk)
    page = desk.browser.get(f"/en/shares/{WERFT}").text
    assert page.index("Ad hoc releases") < page.index("News on Falkenwerft AG")
    assert "Often named together" in page
    assert f'href="/en/shares/{BAHN}"' in page


def test_one_text_of_three_providers_is_one_line_that_names_them(desk: Desk) -> None:
    first, second, _ = sale(desk)
    assert desk.browser.get("/").text.count(SALE) == 1
    assert "auch bei Hansekontor, Tickerline" in desk.browser.get("/").text
    page = desk.browser.get(desk.paper.path(second)).text
    assert "Derselbe Text auch bei" in page
    assert f'href="{desk.paper.path(first)}">Nordlicht Nachrichten</a>' in page


def test_typing_suggests_shares_by_name_and_code(shown: Desk) -> None:
    for typed in ("falken", "ZZW0", "FKW", WERFT[:8]):
        answer = shown.browser.get(f"/suggest?q={typed}")
        assert answer.headers["content-type"] == "application/json"
        assert json.loads(answer.text)["suggestions"][0] == {
            "name": "Falkenwerft AG", "isin": WERFT, "wkn": "ZZW001", "ticker": "FKW", "href": f"/shares/{WERFT}",
        }  # fmt: skip
    assert json.loads(shown.browser.get("/suggest?q=%25_").text)["suggestions"] == []
    assert json.loads(shown.browser.get("/suggest").text)["suggestions"] == []
    assert (
        json.loads(shown.browser.get("/en/suggest?q=fkw").text)["suggestions"][0]["href"]
        == f"/en/shares/{WERFT}"
    )


def test_topics_have_names_and_pages_in_both_languages(desk: Desk) -> None:
    with desk.paper.room.database.transaction() as tx:
        tx.topics.put(topics.shipped())
    story = desk.paper.file(
        "t", SALE, TEXT, subjects=(Subject("medtop", "medtop:20000303"), Subject("keyword", "Fähre"))
    )
    path = desk.paper.path(story)
    assert '<a class="chip" href="/topics/20000303">Schiffbau</a>' in desk.browser.get(path).text
    assert (
        '<a class="chip" href="/en/topics/20000303">Shipbuilding</a>' in desk.browser.get(f"/en{path}").text
    )
    for code, name in (
        ("20000303", "Schiffbau"),
        ("20000294", "Industrie und Maschinenbau"),
        ("04000000", "Wirtschaft"),
    ):
        page = desk.browser.get(f"/topics/{code}")
        assert f"<h1>{name}</h1>" in page.text
        assert SALE in page.text
    assert desk.browser.get("/topics/medtop:20000303").headers["location"] == "/topics/20000303"
    assert "noch keine Meldung" in desk.browser.get("/topics/20000370").text
    for missing in ("20009999", "boats"):
        assert desk.browser.get(f"/topics/{missing}").status == 404
        assert desk.browser.get(f"/topics/{missing}/feed.atom").status == 404


def test_a_topic_is_a_feed_of_every_kind_without_what_was_killed(desk: Desk) -> None:
    with desk.paper.room.database.transaction() as tx:
        tx.topics.put(topics.shipped())
    about = (Subject("medtop", "medtop:20000303"),)
    desk.paper.file("t", SALE, TEXT, subjects=about)
    desk.paper.file("k", "Gerücht um ein Schiff", TEXT, subjects=about)
    later = desk.paper.clock.now() + timedelta(hours=1)
    desk.paper.file("e", "Geheimnis um ein Schiff", TEXT, subjects=about, embargoed=later)
    assert "Gerücht" in desk.browser.get("/topics/20000303/feed.atom").text
    desk.paper.kill("k")
    for kind in ("atom", "rss", "json"):
        for prefix, name in (("", "Schiffbau"), ("/en", "Shipbuilding")):
            stem = f"{prefix}/topics/20000303"
            feed = desk.browser.get(f"{stem}/feed.{kind}")
            assert feed.status == 200
            assert SALE in feed.text
            assert name in feed.text
            assert "Gerücht" not in feed.text
            assert "Geheimnis" not in feed.text
            page = desk.browser.get(stem).text
            assert page.count(f'href="{stem}/feed.{kind}"') == 2
    assert desk.browser.get("/topics/20000370/feed.rss").status == 200
    assert desk.browser.get("/topics/20000303/feed.xml").status == 404
    opml = desk.browser.get("/feeds.opml").text
    assert 'text="Schiffbau"' in opml
    assert "/topics/20000303/feed.atom" in opml
    assert 'href="/topics/20000303/feed.json"' in desk.browser.get("/feeds").text


def test_a_withdrawn_link_takes_the_story_off_page_feed_and_search(desk: Desk) -> None:
    story = desk.paper.file(
        "w",
        "Werftgerüchte um Falkenwerft",
        "Die Aktie der Falkenwerft gab 3 Prozent nach. Falkenwerft schweigt zum Umsatz.",
    )
    room, path = desk.paper.room, f"/shares/{WERFT}"
    desk.index()
    assert "Werftgerüchte" in desk.browser.get(path).text
    assert "Werftgerüchte" in desk.browser.get(f"{path}/feed.atom").text
    assert f'href="{path}"' in desk.browser.get(desk.paper.path(story)).text
    with room.database.transaction() as tx:
        decisions.alias(tx, WERFT, "Falkenwerft", "blocked", room.clock.now())
    while room.relinker.step():
        pass
    desk.index()
    desk.app._looked = float("-inf")  # the journal is looked at every quarter of a second
    assert "Werftgerüchte" not in desk.browser.get(path).text
    assert "Werftgerüchte" not in desk.browser.get(f"{path}/feed.atom").text
    assert f'href="{path}"' not in desk.browser.get(desk.paper.path(story)).text
    assert story not in room.searcher.search(f"isin:{WERFT}").stories
