"""In a real browser: new stories are announced without moving anything, a kill takes its line away, a widget shows in a frame."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from paper import WERFT
from playwright.sync_api import Browser, Page, expect
from test_browser import Served, chromium, open_page, served  # noqa: F401

pytestmark = pytest.mark.browser


def open_list(served: Served, chromium: Browser, path: str = "/", **more: object) -> Page:  # noqa: F811
    page = open_page(chromium, **more)  # type: ignore[arg-type]
    with page.expect_response(lambda answer: "/live" in answer.url):
        page.goto(served.base + path)
    page.evaluate(
        "window.moved = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) window.moved += e.value; })"
        ".observe({type: 'layout-shift', buffered: false});"
    )
    return page


def test_a_bar_counts_what_is_new_and_nothing_moves(served: Served, chromium: Browser) -> None:  # noqa: F811
    page = open_list(served, chromium)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    first = page.inner_text(".row-head >> nth=0")
    served.paper.file("b1", "Falkenwerft baut ein Dock", "Die Falkenwerft baut.")
    expect(page.locator(".live a")).to_have_text("1 neue Meldung")
    served.paper.file("b2", "Falkenwerft baut noch ein Dock", "Die Falkenwerft baut.")
    expect(page.locator(".live a")).to_have_text("2 neue Meldungen")
    assert page.inner_text(".row-head >> nth=0") == first
    assert page.evaluate("window.moved") == 0
    served.paper.file("b3", "Falkenwerft brennt", "Die Falkenwerft brennt.", urgency=1)
    alarm = page.locator(".live-pill.alarm")
    expect(alarm).to_contain_text("Falkenwerft brennt")
    page.click(".live-pill:not(.alarm)")
    expect(page.locator(".row-head", has_text="Falkenwerft baut noch ein Dock")).to_be_visible()
    expect(page.locator(".live a")).to_have_count(0)
    assert wrong == []
    page.context.close()


def test_a_killed_story_disappears_and_a_correction_is_seen(served: Served, chromium: Browser) -> None:  # noqa: F811
    served.paper.file("c1", "Falkenwerft zahlt 3 Euro", "Die Falkenwerft zahlt.", version="1")
    served.paper.file("c2", "Falkenwerft wird verkauft", "Die Falkenwerft wird verkauft.")
    page = open_list(served, chromium, f"/shares/{WERFT}")
    expect(page.locator(".row-head", has_text="wird verkauft")).to_be_visible()
    served.paper.kill("c2")
    expect(page.locator(".row-head", has_text="wird verkauft")).to_have_count(0)
    served.paper.file(
        "c1", "Falkenwerft zahlt 4 Euro", "Die Falkenwerft zahlt.", version="2", correction="Es sind vier."
    )
    expect(page.locator(".row", has_text="Falkenwerft zahlt 4 Euro").locator(".corrected")).to_be_visible()
    served.paper.file("c3", "Eine Meldung ohne Aktie", "Nur Text.")
    served.paper.file("c4", "Falkenwerft feiert", "Die Falkenwerft feiert.")
    expect(page.locator(".live a")).to_have_text("1 neue Meldung")
    page.context.close()


def test_a_page_in_the_background_does_not_listen_and_catches_up(
    served: Served,  # noqa: F811
    chromium: Browser,  # noqa: F811
) -> None:
    page = open_list(served, chromium)
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    served.paper.file("d1", "Falkenwerft im Hintergrund", "Die Falkenwerft.")
    page.wait_for_timeout(700)
    assert page.locator(".live a").count() == 0
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'visible', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    expect(page.locator(".live a")).to_have_text("1 neue Meldung")
    page.context.close()


def test_an_open_story_says_that_it_changed_and_leaves_when_killed(
    served: Served,  # noqa: F811
    chromium: Browser,  # noqa: F811
) -> None:
    story = served.paper.file("e1", "Falkenwerft kauft Kräne", "Die Falkenwerft kauft.", version="1")
    page = open_list(served, chromium, served.paper.path(story))
    box = page.locator("[data-changed]")
    expect(box).to_be_hidden()
    served.paper.file("e2", "Falkenwerft kauft Seile", "Die Falkenwerft kauft.")
    page.wait_for_timeout(600)
    expect(box).to_be_hidden()
    served.paper.file("e1", "Falkenwerft kauft zwei Kräne", "Die Falkenwerft kauft.", version="2")
    top = page.locator(".byline-bar").bounding_box()
    expect(box).to_be_visible()
    assert page.locator(".byline-bar").bounding_box() == top
    box.click()
    expect(page.locator("h1")).to_have_text("Falkenwerft kauft zwei Kräne")
    served.paper.kill("e1")
    expect(page.locator("main")).to_contain_text("zurückgezogen")
    assert "kauft zwei" not in page.content()
    page.context.close()


def test_another_site_may_frame_the_widget(served: Served, chromium: Browser) -> None:  # noqa: F811
    page = open_page(chromium)
    asked = page.request.get(f"{served.base}/oembed?url={served.base}/shares/{WERFT}")
    frame = json.loads(asked.text())["html"].encode()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<link rel=icon href='data:,'>" + frame)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        page.goto(f"http://127.0.0.1:{other.server_address[1]}/")
        inside = page.frame_locator("iframe")
        expect(inside.locator("h1")).to_contain_text("Falkenwerft AG")
        expect(inside.locator("h1")).to_have_css("font-family", re.compile("Depesche Serif"))
        assert wrong == []
        page.context.close()
        other.shutdown()
        thread.join()


def test_a_data_block_is_let_through_by_the_policy(served: Served, chromium: Browser) -> None:  # noqa: F811
    page = open_page(chromium)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text))
    page.goto(served.base + served.path("main"))
    said = page.evaluate(
        "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)"
    )
    assert said["@type"] == "NewsArticle"
    assert wrong == []
    page.context.close()
