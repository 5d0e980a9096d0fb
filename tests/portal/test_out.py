"""What leaves for other programs is well-formed, says what its standard asks for, and keeps to the rights."""

from __future__ import annotations

import io
import json
import re
import threading
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, quote

import feedparser
import pytest
from asking import Browser, Desk
from lxml import etree, html
from paper import BAHN, SECRET, WERFT, Paper
from PIL import Image

from depesche.lib.web.http import Client
from depesche.model import journal
from depesche.model.errors import DeliveryError
from depesche.portal.app import create_app
from depesche.portal.assets import tightened
from depesche.portal.edge.encoding import Body
from depesche.portal.out.hub import HubPing
from depesche.portal.site import Site

PLACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


@pytest.mark.parametrize(
    "stem", ["/feed", "/en/feed", f"/shares/{WERFT}/feed", "/providers/nordlicht-nachrichten/feed", "/search"]
)
def test_rss_has_what_the_standard_asks_for(shown: Desk, stem: str) -> None:
    path = f"{stem}.rss" + ("?q=Falkenwerft" if stem == "/search" else "")
    answer = shown.browser.get(path)
    assert answer.headers["content-type"].startswith("application/rss+xml")
    channel = etree.fromstring(answer.text.encode()).find("channel")
    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    own = channel.find("{http://www.w3.org/2005/Atom}link[@rel='self']")
    assert own is not None
    assert own.get("href") == f"http://portal.example{path}"
    items = channel.findall("item")
    assert items
    for item in items:
        assert item.findtext("title")
        assert str(item.findtext("link")).startswith("http://portal.example/")
        assert parsedate_to_datetime(str(item.findtext("pubDate"))).tzinfo is not None
    assert not feedparser.parse(answer.text).bozo
    assert SECRET not in answer.text


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_every_list_is_a_feed_of_every_kind_and_no_other(shown: Desk, kind: str) -> None:
    for stem in ("/feed", f"/shares/{BAHN}/feed", "/providers/hansekontor/feed"):
        answer = shown.browser.get(f"{stem}.{kind}")
        again = shown.browser.get(f"{stem}.{kind}", if_none_match=answer.headers["etag"])
        assert (answer.status, again.status, again.body) == (200, 304, b"")
    found = shown.browser.get(f"/search.{kind}?q=Falkenwerft")
    again = shown.browser.get(f"/search.{kind}?q=Falkenwerft", if_none_match=found.headers["etag"])
    assert (found.status, again.status) == (200, 304)
    assert shown.browser.get("/feed.xml").status == 404
    assert shown.browser.get("/search.txt?q=x").status == 404


def test_a_feed_goes_on_in_pages(desk: Desk) -> None:
    for n in range(95):
        desk.paper.file(f"n{n}", f"Meldung Nummer {n} aus dem Hafen", "Text.", minutes_ago=n)
    desk.index()
    for first in ("/feed.atom", "/feed.rss", "/feed.json", "/search.atom?q=Hafen", "/search.json?q=Hafen"):
        seen: list[str] = []
        path: str | None = first
        pages = 0
        while path:
            text = desk.browser.get(path).text
            pages += 1
            seen += re.findall(r"Meldung Nummer (\d+) aus", re.sub(r"(?s)<summary>.*?</summary>", "", text))
            if ".json" in first:
                follow = json.loads(text).get("next_url")
            else:
                found = re.search(r'rel="next" href="([^"]*)"', text)
                follow = found[1].replace("&amp;", "&") if found else None
                assert ('rel="first"' in text) == (pages > 1)
            path = follow.removeprefix("http://portal.example") if follow else None
        assert set(map(int, seen)) == set(range(95)), first
        assert pages == 3, first


def test_the_feeds_are_listed_for_people_and_as_opml(shown: Desk) -> None:
    page = shown.browser.get("/feeds").text
    for path in (
        "/feed.rss",
        f"/shares/{WERFT}/feed.atom",
        "/providers/hansekontor/feed.json",
        "/feeds.opml",
    ):
        assert f'href="{path}"' in page
    tree = etree.fromstring(shown.browser.get("/en/feeds.opml").text.encode())
    addresses = [str(one.get("xmlUrl")) for one in tree.iter("outline") if one.get("type") == "rss"]
    assert f"http://portal.example/en/shares/{WERFT}/feed.atom" in addresses
    for one in addresses:
        assert shown.browser.get(one.removeprefix("http://portal.example")).status == 200


def test_sitemaps_name_every_month_and_two_days_for_news(desk: Desk) -> None:
    clock = desk.paper.clock
    at = clock.time
    clock.time = at - timedelta(days=70)
    desk.paper.file("ago", "Eine Meldung von vorgestern", "Text.")
    clock.time = at
    index = etree.fromstring(desk.browser.get("/sitemap.xml").text.encode())
    names = [str(node.text).rpartition("/")[2] for node in index.iter(PLACE)]
    assert names == ["news.xml", "shares.xml", "2026-03.xml", "2025-12.xml"]
    old = desk.browser.get("/sitemaps/2025-12.xml").text
    assert "eine-meldung-von-vorgestern" in old
    news = etree.fromstring(desk.browser.get("/sitemaps/news.xml").text.encode())
    titles = [node.text for node in news.iter(f"{NEWS}title")]
    assert "Falkenwerft wins ferry order, shares jump" in titles
    assert "Eine Meldung von vorgestern" not in titles
    assert "Sparbrief Küste: fünf Jahre fest" not in titles, "an advertisement is no news"
    assert {node.text for node in news.iter(f"{NEWS}language")} == {"de", "en"}
    assert WERFT in desk.browser.get("/sitemaps/shares.xml").text
    for wrong in ("2026-13", "0000-01", "2024-01", "x", "2026-03-2"):
        assert desk.browser.get(f"/sitemaps/{wrong}.xml").status == 404, wrong


def data_of(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text)
    assert found is not None
    said: dict[str, object] = json.loads(found[1])
    return said


def test_a_story_says_what_it_is_to_machines(shown: Desk) -> None:
    text = shown.browser.get(shown.path("main")).text
    said = data_of(text)
    assert (said["@type"], said["isAccessibleForFree"], said["inLanguage"]) == ("NewsArticle", True, "de")
    assert said["headline"] == "Falkenwerft gewinnt größten Auftrag ihrer Geschichte"
    about = said["about"]
    assert isinstance(about, list)
    assert WERFT in {one["identifier"][0]["value"] for one in about}
    assert (
        f'<meta property="og:image" content="http://portal.example/preview/{shown.keys["main"]}-1.png">'
        in text
    )
    corrected = data_of(shown.browser.get(shown.path("corrected")).text)
    correction = corrected["correction"]
    assert isinstance(correction, dict)
    assert "21 Millionen, nicht 12" in correction["text"]
    assert data_of(shown.browser.get(shown.path("advert")).text)["@type"] == "AdvertiserContentArticle"


def test_a_part_of_a_story_leads_to_the_whole(shown: Desk) -> None:
    text = shown.browser.get(shown.path("teaser")).text
    assert '<link rel="canonical" href="https://hansekontor.example/artikel/17">' in text
    said = data_of(text)
    assert (said["isAccessibleForFree"], said["isBasedOn"]) == (
        False,
        "https://hansekontor.example/artikel/17",
    )
    assert SECRET not in text
    assert (
        f'<link rel="canonical" href="http://portal.example{shown.path("main")}">'
        in shown.browser.get(shown.path("main")).text
    )


def test_nothing_breaks_out_of_a_data_block(desk: Desk) -> None:
    evil = '</script><script>alert(1)</script><!-- \u2028 "'
    key = desk.paper.file("evil", evil, "Text.", byline=evil, copyright=evil, correction=evil)
    text = desk.browser.get(desk.paper.path(key)).text
    assert data_of(text)["headline"] == evil
    assert "<script>alert" not in text


def test_a_preview_is_drawn_from_the_headline_as_long_as_there_is_a_story(desk: Desk) -> None:
    key = desk.keys["corrected"]
    answer = desk.browser.get(f"/preview/{key}-2.png")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert "immutable" in answer.headers["cache-control"]
    with Image.open(io.BytesIO(answer.body)) as image:
        assert image.size == (1200, 630)
        assert len(image.convert("L").resize((60, 30)).getcolors() or []) > 10
    assert "immutable" not in desk.browser.get(f"/preview/{key}.png").headers["cache-control"]
    desk.paper.kill("cor")
    assert desk.browser.get(f"/preview/{key}-2.png").status == 404
    for wrong in ("0", "x", "99999", "1-0", "9" * 30):
        assert desk.browser.get(f"/preview/{wrong}.png").status == 404


@pytest.mark.parametrize(
    "headline",
    ["W", "Wort " * 80, "Donaudampfschifffahrtsgesellschaft" * 12, "\u202eשלום 你好 🚢", "x\u0300" * 90],
)
def test_no_headline_is_too_much_for_a_preview(desk: Desk, headline: str) -> None:
    key = desk.paper.file("h", headline, "Text.", label=("ROUNDUP", 12, "Thema " * 30))
    answer = desk.browser.get(f"/preview/{key}.png")
    assert answer.status == 200
    assert len(answer.body) < 200_000


def test_oembed_says_how_to_show_a_share_and_a_story(shown: Desk) -> None:
    def asked(url: str, **more: str) -> str:
        return (
            "/oembed?url="
            + quote(f"http://portal.example{url}", safe="")
            + "".join(f"&{a}={b}" for a, b in more.items())
        )

    share = shown.browser.get(asked(f"/en/shares/{WERFT}", maxwidth="300")).json()
    assert (share["type"], share["width"]) == ("rich", 300)
    frame = html.fromstring(share["html"])
    assert frame.get("src") == f"http://portal.example/en/embed/shares/{WERFT}"
    story = shown.browser.get(asked(shown.path("main"))).json()
    assert (story["type"], story["version"]) == ("link", "1.0")
    assert shown.browser.get(story["thumbnail_url"].removeprefix("http://portal.example")).status == 200
    tree = etree.fromstring(shown.browser.get(asked(shown.path("main"), format="xml")).text.encode())
    assert tree.findtext("title") == story["title"]
    page = shown.browser.get(shown.path("main")).text
    found = re.search(r'type="application/json\+oembed"[^>]* href="http://portal.example([^"]*)"', page)
    assert found is not None
    assert shown.browser.get(found[1].replace("&amp;", "&")).json() == story
    assert shown.browser.get(asked(shown.path("main"), format="yaml")).status == 501
    for wrong in ("/", "/news/x-99999", "/shares/none"):
        assert shown.browser.get(asked(wrong)).status == 404
    assert shown.browser.get("/oembed?url=https%3A%2F%2Felsewhere.example%2Fnews%2Fx-1").status == 404
    for url in (
        "",
        "?url=",
        "?url=http://[",
        "?url=//portal.example/shares/x",
        "?url=http://portal.example/shares/%00",
    ):
        assert shown.browser.get(f"/oembed{url}").status == 404, url


def test_only_the_widget_may_be_framed(shown: Desk) -> None:
    answer = shown.browser.get(f"/embed/shares/{WERFT}")
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "<script" not in answer.text
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert shown.path("main") in answer.text
    assert shown.browser.get("/embed/shares/FKW").headers["location"] == f"/embed/shares/{WERFT}"
    assert (
        "frame-ancestors 'none'" in shown.browser.get(f"/shares/{WERFT}").headers["content-security-policy"]
    )


def test_what_programs_look_for_is_where_they_look(tmp_path: Path, shown: Desk) -> None:
    manifest = json.loads(shown.browser.get("/manifest.webmanifest").text)
    assert manifest["name"] == "Depesche"
    for icon in manifest["icons"]:
        assert shown.browser.get(icon["src"]).headers["content-type"] == icon["type"]
    assert shown.browser.get("/.well-known/security.txt").status == 404
    paper = Paper.empty(tmp_path, base_url="http://portal.example", security_contact="safety@portal.example")
    app = create_app(paper.room)
    browser = Browser(app)
    told = browser.get("/.well-known/security.txt").text
    assert "Contact: mailto:safety@portal.example\n" in told
    assert "Expires: 2026-08-29T00:00:00Z\n" in told
    browser.close()
    app.pages.close()
    paper.room.close()


class Hub(BaseHTTPRequestHandler):
    told: ClassVar[list[bytes]] = []
    status: ClassVar[int] = 204

    def do_POST(self) -> None:
        Hub.told.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(Hub.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_hub_hears_of_every_feed_that_changed(desk: Desk) -> None:
    server = HTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        ping = HubPing(Site(desk.paper.room), address, Client(allow_private=True, user_agent="test"))
        with desk.paper.room.database.reading() as tx:
            start = tx.journal.last()
        desk.paper.file("h", "Falkenwerft meldet Neues", "Die Falkenwerft meldet.")
        with desk.paper.room.database.reading() as tx:
            entries = tx.journal.after(start)
        Hub.told, Hub.status = [], 204
        ping.handle(entries)
        said = parse_qs(Hub.told[0].decode())
        assert said["hub.mode"] == ["publish"]
        assert {
            "http://portal.example/feed.atom",
            "http://portal.example/en/feed.json",
            f"http://portal.example/shares/{WERFT}/feed.rss",
            "http://portal.example/providers/nordlicht-nachrichten/feed.atom",
        } <= set(said["hub.url"])
        Hub.status = 503
        with pytest.raises(DeliveryError):
            ping.handle(entries)
        Hub.told = []
        desk.paper.clock.move(hours=3)
        ping.handle(entries)
        ping.handle([journal.Entry(9, desk.paper.clock.now(), journal.PICTURED, 1, 1, 1, "new")])
        assert Hub.told == [], "neither what is long known nor what changes no feed"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_style_guide_shows_every_part(shown: Desk) -> None:
    for prefix in ("", "/en"):
        answer = shown.browser.get(f"{prefix}/styleguide")
        assert answer.status == 200
        for part in ("swatch-accent", "mark breaking", 'class="follow"', "live-pill", "<ins>", "<mark>"):
            assert part in answer.text, part


def test_a_style_sheet_is_sent_without_what_only_people_need() -> None:
    loose = b'/* c */\n.a::before { content: "a  /* x */; b" }\n\n.b > .c, .d { margin: calc(1px + 2px); }\n'
    assert tightened(loose) == b'.a::before{content:"a  /* x */; b"}.b > .c,.d{margin:calc(1px + 2px)}'


def test_what_is_kept_for_months_goes_in_the_smallest_encoding() -> None:
    raw = b"the same words again " * 100
    assert Body(raw, lasts=True).get(("zstd", "br", "gzip"))[0] == "br"
    assert Body(raw).get(("zstd", "br", "gzip"))[0] == "zstd"
    assert Body(raw, lasts=True).get(("zstd", "gzip"))[0] == "zstd"


def test_parts_of_a_page_carry_only_the_headers_that_are_about_them(shown: Desk) -> None:
    page = shown.browser.get("/imprint")
    parts = re.findall(r'(?:href=|src=|import\()"(/static/[^"]+)"', page.text)
    assert {one.rpartition(".")[2] for one in parts} >= {"css", "js", "woff2", "svg"}
    for one in parts:
        headers = shown.browser.get(one).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert ("content-security-policy" in headers) == one.endswith(".svg"), (
            "a drawing may be opened by itself"
        )
    for name in (
        "content-security-policy",
        "permissions-policy",
        "referrer-policy",
        "cross-origin-opener-policy",
    ):
        assert name in page.headers
