"""A cache before the portal is told how long it may keep a page, and what to forget when something changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from asking import Browser, Desk
from paper import WERFT, Paper
from tests.lib.servers import Answer, HttpServer

from depesche.lib.web.http import Client
from depesche.model.errors import DeliveryError
from depesche.model.journal import Entry
from depesche.portal.app import create_app
from depesche.portal.out.purge import Purge, open_purge
from depesche.portal.site import Site

ADDRESS = "http://portal.example"


@pytest.fixture
def cached(
    furnished: tuple[Path, dict[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A furnished portal with a shared cache before it."""
    monkeypatch.setattr("depesche.portal.edge.edge.CHECK", 0.0)
    shutil.copytree(furnished[0], tmp_path / "data")
    given = {"cdn_purge_url": "http://cache.example/", "cdn_purge_key": "X-Key: secret", "cdn_seconds": 90}
    paper = Paper.reopen(tmp_path / "data", base_url=ADDRESS, **given)
    app = create_app(paper.room)
    browser = Browser(app)
    yield Desk(paper, furnished[1], app, browser)
    browser.close()
    app.pages.close()
    paper.room.close()


def keys_of(desk: Desk, path: str) -> set[str]:
    answer = desk.browser.get(path)
    assert answer.headers["cache-control"] == "public, no-cache", "a browser goes on asking"
    for name in ("cdn-cache-control", "surrogate-control"):
        assert answer.headers[name] == "max-age=90, stale-while-revalidate=30", path
    keys = set(answer.headers["surrogate-key"].split(" "))
    assert keys == set(answer.headers["cache-tag"].split(","))
    return keys


def test_pages_name_everything_they_are_made_of(cached: Desk) -> None:
    main = f"s{cached.keys['main']}"
    assert {"home", main, f"s{cached.keys['old']}"} <= keys_of(cached, "/")
    assert {f"i{WERFT}", main} <= keys_of(cached, f"/shares/{WERFT}")
    assert {"pnordlicht-nachrichten", main} <= keys_of(cached, "/providers/nordlicht-nachrichten")
    assert {main, f"s{cached.keys['first']}"} <= keys_of(cached, cached.path("main"))
    assert keys_of(cached, cached.path("main")) == keys_of(cached, "/en" + cached.path("main"))
    again = cached.browser.get(cached.path("main"), if_none_match="*")
    assert (again.status, main in again.headers["surrogate-key"].split()) == (304, True)


def test_what_belongs_to_one_reader_or_is_no_page_is_kept_by_none(cached: Desk) -> None:
    for path in (
        "/nothing",
        f"/news/x-{cached.keys['killed']}",
        "/search?q=falkenwerft",
        "/follow/manage?token=x",
        "/api/v1/stories",
    ):
        assert "surrogate-control" not in cached.browser.get(path).headers, path


def test_without_a_cache_to_tell_no_cache_is_told(shown: Desk) -> None:
    for path in ("/", shown.path("main"), "/feed.atom"):
        assert not {"surrogate-control", "cdn-cache-control", "surrogate-key"} & set(
            shown.browser.get(path).headers
        )
    assert open_purge(shown.paper.room, shown.paper.room.private_client) is None


def changed(desk: Desk, act: Callable[[], object]) -> Sequence[Entry]:
    with desk.paper.room.database.reading() as tx:
        start = tx.journal.last()
    act()
    with desk.paper.room.database.reading() as tx:
        return tx.journal.after(start)


def test_a_kill_is_told_twice_with_every_key_of_the_pages_that_show_it(cached: Desk) -> None:
    shown_on = [
        keys_of(cached, path) for path in ("/", cached.path("main"), cached.path("first"), f"/shares/{WERFT}")
    ]
    waited: list[float] = []
    with HttpServer({"/purge": Answer(200)}) as server:
        client = Client(allow_private=True, user_agent="test")
        purge = Purge(
            Site(cached.paper.room), f"{server.url}/purge", client, "X-Key: secret", pause=waited.append
        )
        purge.handle(changed(cached, lambda: cached.paper.kill("r2")))
        assert len(waited) == 1
        assert waited[0] > 0.25, "until then a process may have served the page"
        assert {(one.method, one.headers["x-key"]) for one in server.asked} == {("POST", "secret")}
        told = [one.headers["surrogate-key"].split() for one in server.asked]
        assert [json.loads(one.body)["tags"] for one in server.asked] == told
        half = len(told) // 2
        assert told[:half] == told[half:]
        assert all(len(keys) <= 30 for keys in told)
        keys = {key for some in told for key in some}
        assert all(keys & page for page in shown_on)
        assert "pictures" in keys
        picture = cached.paper.file("p", "Ohne Bild", "Text.")
        assert picture not in keys


def test_news_takes_no_pictures_along_and_what_is_long_past_is_not_told(cached: Desk) -> None:
    entries = changed(
        cached, lambda: cached.paper.file("n", "Falkenwerft tauft Fähre", "Die Falkenwerft tauft.")
    )
    with HttpServer({"/": Answer(204)}) as server:
        purge = Purge(
            Site(cached.paper.room),
            server.url + "/",
            Client(allow_private=True, user_agent="test"),
            pause=lambda _s: None,
        )
        purge.handle(entries)
        keys = {key for one in server.asked for key in one.headers["surrogate-key"].split()}
        assert {"home", f"i{WERFT}", "pnordlicht-nachrichten"} <= keys
        assert "pictures" not in keys
        server.asked.clear()
        cached.paper.clock.time += timedelta(hours=1)
        purge.handle(entries)
        assert server.asked == [], "no cache has kept anything so long"


def test_a_cache_that_does_not_answer_is_told_again(cached: Desk) -> None:
    entries = changed(cached, lambda: cached.paper.kill("r2"))
    with HttpServer({"/": Answer(503)}) as server:
        purge = Purge(
            Site(cached.paper.room),
            server.url + "/",
            Client(allow_private=True, user_agent="test"),
            pause=lambda _s: None,
        )
        with pytest.raises(DeliveryError, match="503"):
            purge.handle(entries)
    with pytest.raises(DeliveryError, match="purge"):
        purge.handle(entries)
