"""A real browser: what is seen counts, what is only fetched ahead does not, and coming back does."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from paper import Paper
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from depesche.portal.app import create_app
from depesche.portal.edge.edge import Edge

pytestmark = pytest.mark.browser

PHONE = "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--user-agent={PHONE}",  # what is sent as a page is left does not know of a context's own name
]


@dataclass
class Counted:
    """A portal on a port of loopback, and what it has counted."""

    base: str
    paper: Paper
    keys: dict[str, int]

    def path(self, name: str) -> str:
        return self.paper.path(self.keys[name])

    def views(self, name: str) -> int:
        self.paper.room.flush_views()
        with self.paper.room.database.reading() as tx:
            return tx.views.total(self.keys[name])

    def refused(self) -> dict[str, int]:
        self.paper.room.flush_views()
        with self.paper.room.database.reading() as tx:
            return {why: n for (_, why), n in tx.views.rejections(0, 99_999).items()}

    def await_views(self, name: str, n: int) -> None:
        _until(lambda: self.views(name) >= n)
        time.sleep(0.3)  # whatever would count twice has had its time
        assert self.views(name) == n


def _until(claim: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)


@pytest.fixture
def counted(furnished: tuple[Path, dict[str, int]], tmp_path: Path) -> Iterator[Counted]:
    folder = tmp_path / "data"
    shutil.copytree(furnished[0], folder)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        paper = Paper.reopen(folder, base_url=base)
        app = create_app(paper.room)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        _until(lambda: server.started)
        yield Counted(base, paper, furnished[1])
        server.should_exit = True
        thread.join()
    _close(app, paper)


def _close(app: Edge, paper: Paper) -> None:
    app.pages.close()
    paper.room.index_follower.close()
    paper.room.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=ARGUMENTS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser whose name is not that of a headless one."""
    made = chromium.new_context(user_agent=PHONE)
    yield made
    made.close()


def test_a_normal_visit_counts_once_and_shows_it(counted: Counted, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(counted.base + counted.path("main"))
    expect(page.locator("[data-views]")).to_contain_text("1.285")
    counted.await_views("main", 1285)
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_without_javascript_the_pixel_counts(counted: Counted, chromium: Browser) -> None:
    context = chromium.new_context(user_agent=PHONE, java_script_enabled=False)
    context.new_page().goto(counted.base + counted.path("main"))
    counted.await_views("main", 1285)
    context.close()


def test_a_tab_closed_at_once_counts(counted: Counted, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(counted.base + counted.path("main"), wait_until="domcontentloaded")
    page.close()
    counted.await_views("main", 1285)


def test_a_story_left_before_the_script_has_come_counts(counted: Counted, context: BrowserContext) -> None:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setBlockedURLs", {"urls": ["*/portal.*.js"]})
    page.goto(counted.base + counted.path("main"))
    page.goto(counted.base + "/")
    counted.await_views("main", 1285)


def test_back_and_forward_count_again_and_quick_ones_are_repeats(
    counted: Counted, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(counted.base + counted.path("main"))
    counted.await_views("main", 1285)
    page.goto(counted.base + counted.path("newest"))
    counted.await_views("newest", 1)
    page.evaluate("history.back()")
    _until(lambda: counted.refused().get("repeat") == 1)
    assert counted.views("main") == 1285
    counted.paper.clock.move(seconds=40)
    page.evaluate("history.forward()")
    counted.await_views("newest", 2)
    page.evaluate("history.back()")
    counted.await_views("main", 1286)


def test_a_page_in_the_background_counts_when_it_is_seen(counted: Counted, context: BrowserContext) -> None:
    page = context.new_page()
    page.add_init_script(
        "let shown = false;"
        "Object.defineProperty(document, 'visibilityState', { get: () => shown ? 'visible' : 'hidden' });"
        "window.show = () => { shown = true; document.dispatchEvent(new Event('visibilitychange')); };"
    )
    page.goto(counted.base + counted.path("main"))
    page.wait_for_timeout(500)
    assert counted.views("main") == 1284
    page.evaluate("show()")
    counted.await_views("main", 1285)


@pytest.mark.parametrize("how", ["prefetch", "prerender"])
def test_what_is_fetched_ahead_counts_only_once_it_is_shown(
    counted: Counted, context: BrowserContext, how: str
) -> None:
    page = context.new_page()
    target = counted.base + counted.path("main")
    # The portal's own policy forbids scripts in the page, so the rules are put into one that has none.
    page.route(
        "**/ahead",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<script type="speculationrules">{{"{how}":[{{"urls":["{target}"],"eagerness":"immediate"}}]}}</script>'
            f'<a href="{target}">on</a>',
        ),
    )
    page.goto(counted.base + "/ahead")
    page.wait_for_timeout(1500)
    assert counted.views("main") == 1284
    page.click("a")
    counted.await_views("main", 1285)


def test_a_link_prefetched_and_never_shown_does_not_count(counted: Counted, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(counted.base + "/imprint")
    page.evaluate(
        "path => { const link = document.createElement('link'); link.rel = 'prefetch'; link.href = path; document.head.append(link); }",
        counted.path("main"),
    )
    page.wait_for_timeout(800)
    assert counted.views("main") == 1284


def test_a_headless_browser_by_its_own_name_is_a_robot(counted: Counted, chromium: Browser) -> None:
    context = chromium.new_context(user_agent=PHONE.replace("Chrome/", "HeadlessChrome/"))
    context.new_page().goto(counted.base + counted.path("main"))
    _until(lambda: counted.refused().get("robot") == 1)
    assert counted.views("main") == 1284
    context.close()
