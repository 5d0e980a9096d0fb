"""Views: counted by the beacon or the pixel, answered with the number of now."""

from __future__ import annotations

from asking import Desk


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


def test_robots_and_other_sites_do_not_count(desk: Desk) -> None:
    key = str(desk.keys["main"])
    assert desk.browser.post("/view", {"story": key}, user_agent="Googlebot/2.1").json()["views"] == 1284
    assert desk.browser.post("/view", {"story": key}, site="cross-site").status == 403
    assert desk.browser.post("/view", {"story": key}, sec_purpose="prefetch").json()["views"] == 1284
    assert desk.paper.room.flush_views() == set()


def test_a_view_of_nothing_is_not_found(desk: Desk) -> None:
    for story in ("999999", "x", "", "0", "1" * 40, str(desk.keys["killed"])):
        assert desk.browser.post("/view", {"story": story}).status == 404


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


def test_the_rules_are_published(desk: Desk) -> None:
    desk.browser.get(f"/view/{desk.keys['main']}.gif", user_agent="Googlebot/2.1")
    desk.paper.room.flush_views()
    text = desk.browser.get("/transparency").text
    assert "ein Roboter, nach eigener Angabe" in text
    assert "Nordlicht Nachrichten" in text
