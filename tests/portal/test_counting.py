"""Views: counted by the beacon, the pixel or the request, answered with the number of now."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from asking import AGENT, Browser, Desk
from paper import Paper

from depesche.model.audience import Visit
from depesche.portal.app import create_app

ADDRESS = "http://portal.example"


def flushed(desk: Desk) -> int:
    """Write what was counted and return the views of the main story since it was furnished."""
    desk.paper.room.flush_views()
    with desk.paper.room.database.reading() as tx:
        return tx.views.total(desk.keys["main"]) - 1284


def test_the_beacon_counts_once_and_tells_the_number(desk: Desk) -> None:
    key = desk.keys["main"]
    assert desk.browser.post("/view", {"story": str(key)}).json() == {
        "story": key,
        "views": 1285,
        "text": "1.285\N{NO-BREAK SPACE}Aufrufe",
    }
    assert desk.browser.post("/view", {"story": str(key)}).json()["views"] == 1284
    desk.paper.room.flush_views()
    assert (
        desk.browser.post("/en/view", {"path": "/en" + desk.path("main")}).json()["text"]
        == "1,285\N{NO-BREAK SPACE}views"
    )


def test_the_beacon_carries_the_headers_of_every_answer(desk: Desk) -> None:
    headers = desk.browser.post("/view", {"story": str(desk.keys["main"])}).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def test_robots_and_other_sites_do_not_count(desk: Desk) -> None:
    key = str(desk.keys["main"])
    assert desk.browser.post("/view", {"story": key}, user_agent="Googlebot/2.1").json()["views"] == 1284
    assert desk.browser.post("/view", {"story": key}, site="cross-site").status == 403
    assert desk.browser.post("/view", {"story": key}, sec_purpose="prefetch").json()["views"] == 1284
    assert desk.paper.room.flush_views() == set()


@pytest.mark.parametrize(
    "story",
    ["999999", "x", "", "0", "-1", "1" * 40, "9223372036854775808", "1;DROP", "١٢", "\x00", "%", "1e3"],
)
def test_a_view_of_nothing_is_not_found(desk: Desk, story: str) -> None:
    assert desk.browser.post("/view", {"story": story}).status == 404
    assert flushed(desk) == 0


def test_a_killed_story_is_not_viewed(desk: Desk) -> None:
    assert desk.browser.post("/view", {"story": str(desk.keys["killed"])}).status == 404


def test_an_origin_that_is_no_address_is_another_site(desk: Desk) -> None:
    key = str(desk.keys["main"])
    for origin in ("https://[other.example", "null", ""):
        assert desk.browser.post("/view", {"story": key}, site=None, origin=origin).status == 403
    assert flushed(desk) == 0


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&" * 400, b"story=1&" * 60, b"{}", b"=", b"story"])
def test_bodies_that_name_no_story_are_refused(desk: Desk, body: bytes) -> None:
    assert desk.browser.post("/view", body).status in {404, 413}


def test_a_body_of_ten_megabytes_is_not_read(desk: Desk) -> None:
    assert desk.browser.post("/view", b"story=1&x=" + b"x" * 10_000_000).status == 413
    assert desk.browser.post("/view", b"", content_length="10000000").status == 413


def test_an_endless_body_is_left_after_half_a_kilobyte(desk: Desk) -> None:
    asked = 0

    async def receive() -> Any:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 400, "more_body": True}

    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/view",
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.7", 1),
    }
    asyncio.run(desk.app(scope, receive, send))
    assert said[0]["status"] == 413
    assert asked == 2


def test_a_flood_from_one_address_is_cut_off_and_told_as_such(desk: Desk) -> None:
    key = str(desk.keys["main"])
    for n in range(140):
        assert desk.browser.post("/view", {"story": key}, user_agent=f"{AGENT} {n}").status == 200
    assert flushed(desk) == 120
    with desk.paper.room.database.reading() as tx:
        assert {why: n for (_, why), n in tx.views.rejections(0, 99_999).items()} == {"rate": 20}


def test_a_flood_of_forged_numbers_is_not_looked_up(desk: Desk) -> None:
    readership = desk.paper.room.readership
    known = [str(desk.keys["main"])] * 10 + [str(900_000 + n) for n in range(140)]
    statuses = [desk.browser.post("/view", {"story": story}).status for story in known]
    assert statuses == [200] * 10 + [404] * 140
    assert [readership.knows(900_000 + n) for n in range(140)] == [True] * 110 + [False] * 30
    assert desk.browser.post("/view", {"story": known[0]}).status == 200, "what is at hand is told"
    desk.paper.room.flush_views()
    with desk.paper.room.database.reading() as tx:
        refused = {why: n for (_, why), n in tx.views.rejections(0, 99_999).items()}
    assert refused == {"repeat": 9, "unknown": 110, "rate": 31}


def test_without_script_a_picture_counts(desk: Desk) -> None:
    key = desk.keys["newest"]
    assert f'<noscript><img class="pixel" src="/view/{key}.gif"' in desk.browser.get(desk.path("newest")).text
    answer = desk.browser.get(f"/view/{key}.gif")
    assert (answer.status, answer.headers["content-type"], answer.headers["cache-control"]) == (
        200,
        "image/gif",
        "no-store",
    )
    assert desk.paper.room.flush_views() == {key}
    assert desk.browser.get("/view/99999999999999999999999.gif").status in {200, 404}


@pytest.mark.parametrize(
    ("headers", "counted"),
    [
        ({"sec_fetch_site": "same-origin"}, 1),
        ({"sec_fetch_site": "cross-site"}, 0),
        ({"sec_fetch_site": "same-site"}, 0),
        ({"sec_fetch_site": "none"}, 0),
        ({"referer": f"{ADDRESS}/news/1"}, 1),
        ({"referer": "https://other.example/"}, 0),
        ({"referer": "https://[other.example/"}, 0),
        ({}, 1),
    ],
)
def test_another_site_cannot_lend_us_its_readers(desk: Desk, headers: dict[str, str], counted: int) -> None:
    answer = desk.browser.get(f"/view/{desk.keys['main']}.gif", **headers)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
    assert flushed(desk) == counted


def test_asking_for_the_head_of_the_picture_counts_nothing(desk: Desk) -> None:
    answer = desk.browser.ask("HEAD", f"/view/{desk.keys['main']}.gif")
    assert (answer.status, answer.body) == (200, b"")
    assert flushed(desk) == 0
    desk.browser.get(f"/view/{desk.keys['main']}.gif")
    assert flushed(desk) == 1


def test_the_rules_are_published_with_their_totals(desk: Desk) -> None:
    desk.browser.get(f"/view/{desk.keys['main']}.gif", user_agent="Googlebot/2.1")
    for n in range(150):
        desk.paper.room.counter.count(desk.keys["newest"], _visit(n))
    desk.paper.room.flush_views()
    desk.paper.room.readership.watch()
    text = desk.browser.get("/transparency").text
    assert "ein Roboter, nach eigener Angabe" in text
    assert "Nordlicht Nachrichten" in text
    assert "gezählt, aber vermerkt" in text
    assert "auf Vorrat holt." not in text


def _visit(n: int) -> Visit:
    return Visit(f"198.51.{n}.1", AGENT)


@pytest.fixture
def by_request(furnished: tuple[Path, dict[str, int]], tmp_path: Path) -> Any:
    """The furnished portal, counting the requests for its pages."""
    shutil.copytree(furnished[0], tmp_path / "data", dirs_exist_ok=True)
    paper = Paper.reopen(tmp_path / "data", base_url=ADDRESS, count_by="request")
    app = create_app(paper.room)
    desk = Desk(paper, furnished[1], app, Browser(app))
    yield desk
    desk.browser.close()
    app.pages.close()
    paper.room.index_follower.close()
    paper.room.close()


def test_counting_by_request_counts_pages_asked_for(by_request: Desk) -> None:
    desk, path = by_request, by_request.path("main")
    text = desk.browser.get(path).text
    assert "data-view=" not in text
    assert ".gif" not in text
    assert flushed(desk) == 1
    desk.paper.clock.move(seconds=40)
    etag = desk.browser.get("/en" + path).headers["etag"]
    desk.paper.clock.move(seconds=40)
    assert desk.browser.get("/en" + path, if_none_match=etag).status == 304
    assert flushed(desk) == 3
    desk.paper.clock.move(seconds=40)
    desk.browser.ask("HEAD", path)
    desk.browser.get(path, sec_purpose="prefetch;prerender")
    desk.browser.get(path, sec_fetch_dest="image", sec_fetch_site="cross-site")
    desk.browser.get(path, sec_fetch_dest="iframe", sec_fetch_site="cross-site")
    desk.browser.get(path, user_agent="Googlebot/2.1")
    desk.browser.get(path + "/versions")
    assert flushed(desk) == 3
    desk.browser.get(path, sec_fetch_dest="document", sec_fetch_site="cross-site")
    assert flushed(desk) == 4
    desk.browser.get(f"/view/{desk.keys['main']}.gif")
    assert desk.browser.post("/view", {"story": str(desk.keys["main"])}).status == 404
    assert flushed(desk) == 4
    assert "auf Vorrat holt." in desk.browser.get("/transparency").text
