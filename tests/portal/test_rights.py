"""What a wire's licence allows, in every way out: page, list, search, feed, versions and pictures."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from asking import Desk
from paper import FULL, SECRET
from PIL import Image

from depesche.lib import images
from depesche.model.rights import shown_in_feed, shown_pictures
from depesche.model.story import Picture
from depesche.model.take import PictureRef
from depesche.model.wire import FULL as WHOLE
from depesche.model.wire import HEADLINE, TEASER, Rights

HEAD = "Werft im Norden sucht hundert Schweißer"
LEAD = "Die Werft sucht Schweißer für zwei Fähren und bildet auch selbst aus."
BODY = f"{LEAD}\n\n{SECRET}"
NOTICE = "Ohne Gewähr des Anbieters."
TAIL = "© 2026 Nordlicht, alle Rechte vorbehalten."


def licensed(desk: Desk, rights: Rights) -> None:
    wires = desk.paper.room.wires
    wires[FULL] = replace(wires[FULL], rights=rights)


def filed(desk: Desk, rights: Rights, **more: object) -> str:
    licensed(desk, rights)
    key = desk.paper.file("rights", HEAD, BODY, canonical_url="https://nordlicht.example/1", **more)
    desk.index()
    return desk.paper.path(key)


def everywhere(desk: Desk, path: str) -> dict[str, str]:
    """Return every public text in which the story could stand."""
    asked = {
        "page": path, "english": f"/en{path}", "versions": f"{path}/versions", "home": "/", "provider": "/providers/nordlicht-nachrichten",
        "search": "/search?q=Schwei%C3%9Fer", "atom": "/feed.atom", "json": "/feed.json", "rss": "/feed.rss", "sitemap": "/sitemaps/2026-03.xml",
        "found": "/search.atom?q=Schwei%C3%9Fer", "news": "/sitemaps/news.xml",
    }  # fmt: skip
    found = {name: desk.browser.get(one) for name, one in asked.items()}
    assert {name: one.status for name, one in found.items() if one.status != 200} == {}
    plain = re.compile("</?mark>")
    return {name: plain.sub("", one.text.replace("&nbsp;", " ")) for name, one in found.items()}


def test_of_a_wire_that_is_configured_no_more_the_headline_alone_is_shown(desk: Desk) -> None:
    """Whoever takes a wire out has most likely no licence any more."""
    path = filed(desk, Rights())
    picture = re.search(r"/pictures/[^ \"]+", desk.browser.get(desk.path("main")).text)
    assert picture
    desk.paper.room.wires.pop(FULL)
    desk.app.pages.clear()
    desk.app.memory.drop(desk.app.memory.tags())
    texts = everywhere(desk, path)
    assert [name for name, text in texts.items() if SECRET in text or LEAD[:40] in text] == []
    assert HEAD in texts["page"]
    assert desk.browser.get(picture[0]).status == 404


def test_what_an_operator_brought_in_by_hand_is_shown_whole(desk: Desk) -> None:
    assert desk.paper.room.rights("desk") == Rights()


def test_a_full_licence_shows_all_with_notice_and_copyright(desk: Desk) -> None:
    texts = everywhere(desk, filed(desk, Rights(notice=NOTICE, copyright=TAIL)))
    for name in ("page", "english"):
        assert all(one in texts[name] for one in (LEAD, SECRET, NOTICE, TAIL)), name
    for name in ("atom", "json", "rss", "found"):
        assert all(one in texts[name] for one in (LEAD, SECRET, NOTICE, TAIL)), (
            f"the tail goes with the text: {name}"
        )
    for name in ("home", "provider", "search"):
        assert HEAD in texts[name]


@pytest.mark.parametrize("display", [TEASER, HEADLINE])
def test_what_is_not_licensed_stands_nowhere(desk: Desk, display: str) -> None:
    path = filed(desk, Rights(display, 40, notice=NOTICE, copyright=TAIL))
    texts = everywhere(desk, path)
    assert [name for name, text in texts.items() if SECRET in text] == []
    assert [name for name, text in texts.items() if "bildet auch" in text] == [], "cut at 40 characters"
    assert all(HEAD in text for name, text in texts.items() if name not in {"sitemap", "news"})
    assert not any(path in texts[name] for name in ("sitemap", "news")), (
        "its provider's page is the one to find"
    )
    assert "https://nordlicht.example/1" in texts["page"]
    assert ("Die Werft sucht" in texts["page"]) == (display == TEASER)
    assert all(one in texts["page"] for one in (NOTICE, TAIL))


def test_without_syndication_only_the_headline_leaves(desk: Desk) -> None:
    texts = everywhere(desk, filed(desk, Rights(syndication=False)))
    assert SECRET in texts["page"]
    for name in ("atom", "json", "rss", "found"):
        assert HEAD in texts[name]
        assert "Die Werft sucht" not in texts[name]


def test_an_advertisement_is_called_one_in_feeds_too(desk: Desk) -> None:
    texts = everywhere(desk, filed(desk, Rights(sponsored=True)))
    assert f"Anzeige: {HEAD}" in texts["atom"]
    assert f"Anzeige: {HEAD}" in texts["json"]
    assert "Anzeige" in texts["page"]


def test_a_change_of_licence_counts_for_what_is_printed_already(desk: Desk) -> None:
    path = filed(desk, Rights())
    assert SECRET in desk.browser.get(path).text
    licensed(desk, Rights(HEADLINE))
    version = desk.paper.room.database
    with version.reading() as tx:
        seen = tx.newsstand.version(int(path.rpartition("-")[2]))
    assert seen is not None
    assert shown_in_feed(seen, Rights(HEADLINE)).body_html == ""


@pytest.mark.parametrize(
    ("told", "tail", "shown"),
    [
        ("© Nordlicht", TAIL, f"© Nordlicht {TAIL}"),
        (TAIL, TAIL, TAIL),
        (None, TAIL, TAIL),
        ("© N", None, "© N"),
    ],
)
def test_the_copyright_line_is_not_said_twice(
    desk: Desk, told: str | None, tail: str | None, shown: str
) -> None:
    page = desk.browser.get(filed(desk, Rights(copyright=tail), copyright=told)).text.partition("<main")[2]
    assert page.count(shown) == 1
    assert page.count(TAIL) == (TAIL in shown)


@pytest.mark.parametrize(
    ("rights", "count"),
    [(Rights(), 1), (Rights(HEADLINE), 0), (Rights(pictures=False), 0), (Rights(TEASER), 1)],
)
def test_pictures_only_where_the_licence_has_them(desk: Desk, rights: Rights, count: int) -> None:
    assert len(shown_pictures((Picture("0" * 64, "image/png", 4, 3, (4,)),), rights)) == count
    licensed(desk, rights)
    page = desk.browser.get(desk.path("main")).text
    assert ("/pictures/" in page) == bool(count)


def test_a_picture_is_offered_in_every_format_there_is(desk: Desk) -> None:
    key = desk.paper.file("pic", HEAD, BODY, pictures=(PictureRef("a.jpg", "Boje"),))
    out = io.BytesIO()
    Image.effect_mandelbrot((1000, 700), (-2, -1, 1, 1), 60).convert("RGB").save(out, "JPEG")
    made = images.sanitise(out.getvalue())
    more = {(width, "avif"): b"avif bytes" for width in made.renditions} | dict(made.more)
    with desk.paper.room.database.transaction() as tx:
        version = tx.newsstand.version(key)
        assert version is not None
        tx.pictures.keep(made.sha256, made.media_type, made.width, made.height, made.renditions, more)
        tx.pictures.settle(version.key, 0, sha256=made.sha256, caption="aus dem Bild", credit="Foto: Kolk")
    page = desk.browser.get(desk.paper.path(key)).text
    assert page.index('type="image/avif"') < page.index('type="image/webp"') < page.index('.jpg"')
    assert "Foto: Kolk" in page
    assert "aus dem Bild" not in page, "the item's own caption stands above the picture's"
    for name, kind in (("320.webp", "image/webp"), ("320.avif", "image/avif"), ("640.jpg", "image/jpeg")):
        answer = desk.browser.get(f"/pictures/{made.sha256}-{name}")
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
    for name in ("320.jpg", "640.png", "321.webp", "320.gif", "320.svg"):
        assert desk.browser.get(f"/pictures/{made.sha256}-{name}").status == 404


# -- retention -------------------------------------------------------------------------------------


def test_a_story_goes_everywhere_when_its_licence_ends(desk: Desk) -> None:
    room = desk.paper.room
    path = filed(desk, Rights(retention_days=30))
    assert SECRET in desk.browser.get(path).text
    desk.paper.clock.move(days=29)
    assert room.expire() == 0 or HEAD in desk.browser.get(path).text
    desk.paper.clock.move(days=2)
    while room.expire():
        pass
    desk.index()
    answer = desk.browser.get(path)
    assert answer.status == 410
    assert "nicht mehr vorhanden" in answer.text
    assert "no longer here" in desk.browser.get(f"/en{path}").text
    for one in (
        f"{path}/versions",
        "/",
        "/search?q=Schwei%C3%9Fer",
        "/feed.atom",
        "/feed.json",
        "/sitemap.xml",
    ):
        text = desk.browser.get(one).text
        assert HEAD not in text, one
        assert SECRET not in text, one
    assert desk.browser.get(desk.path("teaser")).status == 200, "another wire's licence goes on"
    assert desk.browser.get(desk.path("main")).status == 410, "and every story of this one has ended"


def test_nothing_of_the_text_is_left_in_the_database(desk: Desk) -> None:
    room = desk.paper.room
    licensed(desk, Rights(retention_days=1))
    room.spool(
        b'{"uri": "x:1", "type": "text", "headline": "Boje", "body_text": "%s"}' % SECRET.encode(),
        wire=FULL,
        name="x",
    )
    (done,) = room.file_waiting()
    key = done.filings[0].story
    assert key is not None
    desk.paper.clock.move(days=2)
    while room.expire():
        pass
    with room.database.reading() as tx:
        tables = [
            table.name
            for table in __import__("depesche.store.schema", fromlist=["metadata"]).metadata.sorted_tables
        ]
        left = [
            name
            for name in tables
            for row in tx.connection.exec_driver_sql(f"SELECT * FROM {name}")
            if any(
                SECRET in (one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one))
                for one in row
            )
            and (name not in {"versions", "takes", "stories"} or row.story_id == key)
        ]
        item = tx.spool.get(done.spool)
    assert left == []
    assert item is not None
    assert (item.raw, item.state) == (b"", "purged")
    again, is_new = room.spool(
        b'{"uri": "x:1", "type": "text", "headline": "Boje", "body_text": "%s"}' % SECRET.encode(),
        wire=FULL,
        name="x",
    )
    assert (again, is_new) == (done.spool, False), "the same bytes are not taken in again"


def test_an_ended_story_is_not_revived_but_may_be_killed(desk: Desk) -> None:
    path = filed(desk, Rights(retention_days=1))
    desk.paper.clock.move(days=2)
    while desk.paper.room.expire():
        pass
    desk.paper.file("rights", HEAD, f"{BODY} Nachtrag.", version="9")
    assert desk.browser.get(path).status == 410
    desk.paper.kill("rights", reason="Falsch.")
    answer = desk.browser.get(path)
    assert (answer.status, "zurückgezogen" in answer.text) == (410, True)


def test_the_journal_tells_of_the_end(desk: Desk) -> None:
    path = filed(desk, Rights(retention_days=1))
    desk.paper.clock.time += timedelta(days=2)
    desk.paper.room.expire()
    with desk.paper.room.database.reading() as tx:
        assert [one.kind for one in tx.journal.of_story(int(path.rpartition("-")[2]))] == ["filed", "expired"]


def test_pictures_that_no_story_shows_are_dropped(desk: Desk) -> None:
    room = desk.paper.room
    with room.database.transaction() as tx:
        assert tx.pictures.drop_orphans() == 0, "what is shown stays"
    licensed(desk, Rights(retention_days=1))
    desk.paper.clock.move(days=3)
    while room.expire():
        pass
    with room.database.transaction() as tx:
        assert tx.pictures.drop_orphans() == 1
        assert tx.pictures.drop_orphans() == 0
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM renditions").scalar() == 0


def test_the_whole_wire_is_the_default() -> None:
    assert Rights().display == WHOLE
