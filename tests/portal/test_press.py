"""Printed pages: the same as rendered ones, gone when they must be, back when they may be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import zstandard
from asking import Desk
from paper import BAHN, WERFT

from depesche.bus.follow import catch_up
from depesche.portal.edge.memory import Memory
from depesche.portal.edge.press import FILE, Press, open_press
from depesche.portal.pages import story
from depesche.portal.site import Site
from depesche.store.pages import PageStore, Printed


def press_of(desk: Desk) -> Press:
    press = open_press(desk.paper.room)
    catch_up(desk.paper.room.database, [press], desk.paper.clock)
    return press


def test_the_press_prints_every_public_story_in_every_language(desk: Desk) -> None:
    press_of(desk)
    public = len(desk.keys) - 1
    assert desk.app.pages.count() == 2 * public
    assert desk.app.pages.get(desk.keys["killed"], 0, desk.paper.path(desk.keys["killed"])) is None


def test_a_stored_page_is_the_rendered_one(desk: Desk) -> None:
    press_of(desk)
    site = Site(desk.paper.room)
    page = story.read(site, desk.keys["main"])
    assert page is not None
    path = desk.path("main")
    for place, language in enumerate(("de", "en")):
        found = desk.app.pages.get(desk.keys["main"], place, site.href(path, language))
        assert found is not None
        assert zstandard.ZstdDecompressor().decompress(found[1]).decode() == story.render(
            site, language, page
        )
    for encoding in ("zstd", "gzip", "br", "identity", "gzip;q=0, br;q=0.5", ""):
        answer = desk.browser.get(path, accept_encoding=encoding)
        assert answer.text == story.render(site, "de", page)
        assert answer.headers.get("content-encoding", "identity") in (encoding or "identity")


def test_a_kill_is_seen_at_once_and_everywhere(desk: Desk) -> None:
    press_of(desk)
    key, path = desk.keys["corrected"], desk.path("corrected")
    everywhere = [
        "/",
        "/en/",
        f"/shares/{BAHN}",
        "/providers/nordlicht-nachrichten",
        "/feed.atom",
        "/feed.json",
        "/feed.rss",
        "/sitemaps/2026-03.xml",
        "/sitemaps/news.xml",
        f"/embed/shares/{BAHN}",
        "/search.rss?q=Fahrgäste".replace("ä", "%C3%A4"),
        f"/shares/{BAHN}/feed.atom",
        "/archive/2026-03-02",
        "/api/v1/stories",
        "/api/v1/search?q=Fahrgäste".replace("ä", "%C3%A4"),
        f"/api/v1/stories?isin={BAHN}",
        desk.path("adhoc"),
        "/search?q=Fahrgäste".replace("ä", "%C3%A4"),
    ]
    assert all("fahrgaeste" in desk.browser.get(one).text for one in everywhere)
    assert desk.browser.get(path).status == 200
    desk.paper.kill("cor", reason="Falsch.")
    for one in (path, f"/en{path}", f"{path}/versions", f"{path}/versions/1"):
        assert desk.browser.get(one).status == 410, one
    for one in everywhere:
        text = desk.browser.get(one).text
        assert "fahrgaeste" not in text, one
        assert "Millionen Fahrgäste" not in text, one
    assert key not in desk.app.pages.has([key])


def test_a_withheld_story_is_taken_back_and_may_return(desk: Desk) -> None:
    press = press_of(desk)
    path = desk.path("newest")
    desk.paper.clock.move(minutes=1)
    desk.paper.kill("new", status="withheld")
    answer = desk.browser.get(path)
    assert answer.status == 404
    assert "vorläufig zurückgenommen" in answer.text
    desk.paper.clock.move(minutes=1)
    desk.paper.file(
        "new", "Musterhaven genehmigt Verlängerung des Docks doch", "Die Stadt hat noch einmal geprüft."
    )
    catch_up(desk.paper.room.database, [press], desk.paper.clock)
    assert "noch einmal geprüft" in desk.browser.get(path).text


def test_a_new_version_replaces_the_printed_page_without_a_press(desk: Desk) -> None:
    path = desk.path("newest")
    assert "genehmigt Verlängerung" in desk.browser.get(path).text
    desk.paper.clock.move(minutes=1)
    desk.paper.file("new", "Musterhaven lehnt ab", "Die Stadt hat abgelehnt.")
    assert "lehnt ab" in desk.browser.get(path).text
    assert "lehnt ab" in desk.browser.get("/").text


def test_a_chain_goes_on_on_every_page_of_it(desk: Desk) -> None:
    press = press_of(desk)
    first = desk.path("first")
    desk.paper.clock.move(minutes=1)
    desk.paper.file(
        "r3", "Falkenwerft stellt 340 Leute ein", "Falkenwerft stellt ein.", label=("ROUNDUP", 3, "Fähren")
    )
    assert "stellt 340 Leute ein" in desk.browser.get(first).text
    catch_up(desk.paper.room.database, [press], desk.paper.clock)
    assert "stellt 340 Leute ein" in desk.browser.get(desk.path("main")).text


def test_an_embargoed_story_shows_nowhere_until_released(desk: Desk) -> None:
    from datetime import timedelta

    until = desk.paper.clock.now() + timedelta(hours=1)
    key = desk.paper.file("emb", "Falkenwerft nennt Halbjahreszahlen", "Geheim bis eins.", embargoed=until)
    press_of(desk)
    for path in (f"/news/{key}", "/", "/feed.atom", f"/shares/{WERFT}", "/sitemap.xml"):
        assert "albjahreszahlen" not in desk.browser.get(path).text
    assert desk.browser.get(f"/news/{key}").status == 404
    desk.paper.clock.move(hours=2)
    assert desk.paper.room.release_embargoes() == 1
    assert desk.browser.get(desk.paper.path(key)).status == 200
    assert "Halbjahreszahlen" in desk.browser.get("/").text


def test_counts_are_printed_anew_when_asked(desk: Desk) -> None:
    press = press_of(desk)
    key = desk.keys["main"]
    desk.paper.view(key, 16)
    assert "1.284\N{NO-BREAK SPACE}Aufrufe" in desk.browser.get(desk.path("main")).text
    assert press.refresh({key, 999_999}) == 1
    assert "1.300\N{NO-BREAK SPACE}Aufrufe" in desk.browser.get(desk.path("main")).text


def test_the_store_may_be_deleted_or_spoiled_at_any_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depesche.store.pages._LOOK_AGAIN", 0.0)
    press = press_of(desk)
    file = Path(desk.paper.room.settings.data_dir) / FILE
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    assert desk.browser.get(desk.path("main")).status == 200
    assert press.refresh({desk.keys["main"]}) == 1
    desk.app.pages.close()
    press._pages.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    file.write_bytes(b"this is no database" * 1000)
    assert desk.browser.get(desk.path("main")).status == 200
    assert desk.browser.get(desk.path("main")).status == 200
    assert desk.app.pages.count() == 2


def test_pages_of_another_database_are_not_shown(desk: Desk) -> None:
    site = Site(desk.paper.room)
    strange = PageStore(Path(desk.paper.room.settings.data_dir) / FILE, site.edition)
    path = desk.path("main")
    body = zstandard.ZstdCompressor().compress(b"from elsewhere")
    strange.put([Printed(desk.keys["main"], 0, path, site.edition, 1_000_000, "e", body, frozenset())])
    assert "from elsewhere" not in desk.browser.get(path).text
    strange.close()


def test_other_settings_are_another_edition(desk: Desk, tmp_path: Path) -> None:
    from paper import settings

    from depesche.newsroom import Newsroom

    site = Site(desk.paper.room)
    other = Site(
        Newsroom(
            settings(tmp_path / "other", base_url="http://portal.example", title="Anders"), desk.paper.clock
        )
    )
    assert site.edition != other.edition


def page(story: int, seq: int, *, shows: tuple[int, ...] = (), body: bytes = b"x") -> Printed:
    return Printed(story, 0, f"/news/{story}", "e", seq, f"t{seq}", body, frozenset({story, *shows}))


def test_a_slow_print_never_overtakes_a_change(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "p.sqlite", "e")
    store.put([page(1, 5, shows=(2,)), page(2, 5), page(3, 5)])
    assert store.remove({2: 9}) == {1, 2}
    assert store.get(1, 0, "/news/1") is None
    assert store.get(3, 0, "/news/3") == ("t5", b"x")
    store.put([page(1, 8, shows=(2,)), page(2, 8)])  # begun before the change, finished after it
    assert store.has([1, 2]) == set()
    store.put([page(1, 9, shows=(2,)), page(2, 10)])
    store.put([page(2, 9, body=b"older")])
    assert store.get(2, 0, "/news/2") == ("t10", b"x")
    assert store.remove({2: 9}) == set()
    assert store.get(1, 0, "/elsewhere") is None
    store.close()
    assert store.newest() == 10
    assert PageStore(tmp_path / "p.sqlite", "another edition").get(1, 0, "/news/1") is None
    store.close()


def test_memory_is_bounded_and_forgets_by_tag() -> None:
    memory: Memory[str] = Memory(1000)
    for n in range(50):
        memory.put(f"k{n}", "v", size=100, until=10.0, tags=[f"s{n}", "home"])
    assert memory.size <= 1000
    assert memory.get("k0", 0.0) is None
    assert memory.get("k49", 0.0) == "v"
    assert memory.get("k49", 10.0) is None
    memory.drop(["s48"])
    assert memory.get("k48", 0.0) is None
    generation = memory.generation
    memory.drop(["nothing"])
    memory.put("late", "v", size=1, until=10.0, generation=generation)
    assert memory.get("late", 0.0) is None
    memory.drop(["home"])
    assert len(memory) == 0
    assert memory.size == 0
    assert memory.tags() == set()


def test_ten_thousand_questions_make_one_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = story.render

    def counted(site: Site, language: str, page: object) -> str:
        made.append(language)
        return real(site, language, page)  # type: ignore[arg-type]

    monkeypatch.setattr(story, "render", counted)

    async def storm() -> list[int]:
        asked = [desk.browser.ask_now("GET", desk.path("main"), b"", {}) for _ in range(10_000)]
        return [answer.status for answer in await asyncio.gather(*asked)]

    assert set(desk.browser.loop.run_until_complete(storm())) == {200}
    assert made == ["de", "en"]


def test_unchanged_pages_are_not_sent_again(desk: Desk) -> None:
    for path in (desk.path("main"), "/", f"/shares/{WERFT}", "/feed.atom", "/feed.json"):
        first = desk.browser.get(path)
        again = desk.browser.get(path, if_none_match=first.headers["etag"])
        assert (again.status, again.body) == (304, b""), path
        assert again.headers["etag"] == first.headers["etag"]
        assert desk.browser.get(path, if_none_match='W/"other"').status == 200


def test_head_is_get_without_the_body(desk: Desk) -> None:
    for path in (desk.path("main"), "/", "/search?q=x", "/nothing", "/robots.txt"):
        head, get = desk.browser.ask("HEAD", path), desk.browser.get(path)
        assert (head.status, head.body) == (get.status, b""), path
        assert head.headers["content-length"] == get.headers["content-length"]


def test_strange_queries_share_one_place_in_memory(desk: Desk) -> None:
    for n in range(300):
        assert desk.browser.get(f"/?utm={n}").status == 200
    assert len(desk.app.memory) == 1


def test_static_files_are_named_by_their_content(desk: Desk) -> None:
    text = desk.browser.get("/imprint").text
    style = next(part.split('"')[0] for part in text.split('href="') if part.startswith("/static/pages."))
    answer = desk.browser.get(style, accept_encoding="gzip")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert ".legend{" in answer.text
    font = next(part.split('"')[0] for part in text.split('url("') if part.startswith("/static/fonts/serif."))
    assert desk.browser.get(font).headers["content-type"] == "font/woff2"
    assert desk.browser.get("/static/portal.000.css").status == 404
    assert desk.browser.get("/static/../app.py").status == 404


def test_pictures_go_with_their_story(desk: Desk) -> None:
    text = desk.browser.get(desk.path("main")).text
    path = next(part.split('"')[0] for part in text.split('src="') if part.startswith("/pictures/"))
    answer = desk.browser.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.body[8:12] == b"WEBP"
    assert desk.browser.get(path.replace("1200", "1201")).status == 404
    assert desk.browser.get("/pictures/x.webp").status == 404
    desk.paper.kill("r2")
    assert desk.browser.get(path).status == 404
