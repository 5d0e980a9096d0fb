"""A real browser: accessible, nothing moves, nothing is loaded from elsewhere, and everything works without JavaScript."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from paper import BAHN, WERFT, Paper
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from depesche.model.errors import StoreError
from depesche.model.take import Subject
from depesche.portal import away
from depesche.portal.app import create_app
from depesche.portal.ask import HTML, Ask
from depesche.portal.ask import Page as Answer
from depesche.portal.pages import notices
from depesche.portal.site import Site

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Served:
    base: str
    paper: Paper
    keys: dict[str, int]

    def path(self, name: str) -> str:
        return self.paper.path(self.keys[name])


@pytest.fixture(scope="module")
def served(
    furnished: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The furnished portal on a port of loopback."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(furnished[0], folder, dirs_exist_ok=True)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        paper = Paper.reopen(folder, base_url=base)
        paper.file(
            "dock", "Werften bestellen Stahl", "Die Werften bestellen Stahl.", subjects=(Subject("medtop", "20000170", "Schiffbau"),)
        )  # fmt: skip
        app = create_app(paper.room)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield Served(base, paper, furnished[1])
        app.live.end()
        server.should_exit = True
        thread.join()
    app.pages.close()
    paper.room.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


MOST_BYTES = 30_000  # of a story, over the wire, with everything but pictures


def open_page(chromium: Browser, *, width: int = 1280, dark: bool = False, script: bool = True) -> Page:
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )
    return context.new_page()


def every_path(served: Served) -> list[str]:
    story = [served.path(name) for name in ("main", "corrected", "teaser", "headline", "advert", "adhoc")]
    corrected = served.path("corrected")
    return [
        "/", "/en/", "/?lang=en", *story, f"{corrected}/versions", f"{corrected}/versions/1", "/en" + served.path("english"), f"/shares/{WERFT}",
        f"/en/shares/{BAHN}", "/providers/nordlicht-nachrichten", "/search", "/search?q=falkenwerft", "/search?q=xyzzyq", "/imprint", "/privacy",
        "/transparency", "/most-read", "/en/most-read?period=week&lang=en", "/feeds", "/en/api", "/styleguide", f"/embed/shares/{WERFT}", "/search?q=falkenwerft+seit:2026&sort=new", "/nothing", f"/news/x-{served.keys['killed']}", "/follow/confirm?token=x",
        "/archive", "/archive/2026-03", "/archive/2026-03-02", "/topics/20000170", "/search?q=isin:XX+seit:gestern+%22offen", "/?before=1772452800.0_9",
        *TROUBLE,
    ]  # fmt: skip


def everyday(served: Served) -> list[str]:
    """The pages most readers see, one of each kind."""
    return [
        "/",
        served.path("main"),
        served.path("corrected"),
        f"/shares/{WERFT}",
        "/search?q=falkenwerft",
        "/most-read",
    ]


TROUBLE = ("/trouble/429", "/trouble/500", "/trouble/503", "/trouble/503-en")


def show_trouble(page: Page, served: Served) -> None:
    """Let *page* see what the portal says on bad days, at addresses of its own."""
    site = Site(served.paper.room)
    asks = Ask("de", "/"), Ask("en", "/")
    said = (
        notices.too_many(site, asks[0], "Bitte warten Sie.", 30), notices.failed(site, asks[0]),
        away.answer(site, "/", StoreError("away")), away.answer(site, "/en/", StoreError("away")),
    )  # fmt: skip
    for path, one in zip(TROUBLE, said, strict=True):
        assert str(one.status) in path
        page.route(served.base + path, partial(answer_with, one))


def answer_with(answer: Answer, route: Route) -> None:
    """Answer what a browser asks with a page of ours."""
    route.fulfill(status=answer.status, body=answer.raw, content_type=HTML)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_comes_from_elsewhere(
    served: Served, chromium: Browser, width: int, dark: bool
) -> None:
    page = open_page(chromium, width=width, dark=dark)
    show_trouble(page, served)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None
    )
    for path in every_path(served) if dark == (width > 1000) else everyday(served):
        page.goto(served.base + path)
        result = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
        assert result.violations_count == 0, f"{path}\n{result.generate_report()}"
    assert all(url.startswith(served.base) for url in asked)
    assert wrong == []
    page.context.close()


def test_a_phone_never_scrolls_sideways(served: Served, chromium: Browser) -> None:
    page = open_page(chromium, width=320)  # 1280 pixels at 400 %
    show_trouble(page, served)
    for path in every_path(served):
        page.goto(served.base + path)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, path
    page.context.close()


def test_nothing_moves_while_a_page_loads(served: Served, chromium: Browser) -> None:
    page = open_page(chromium)
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) window.moved += e.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    for path in ("/", served.path("main"), f"/shares/{WERFT}"):
        page.goto(served.base + path)
        page.evaluate("document.fonts.ready.then(() => 0)")
        page.wait_for_timeout(200)
        assert page.evaluate("window.moved") < 0.01, path
    page.context.close()


def test_a_reader_finds_a_share_by_its_wkn_and_follows_it(served: Served, chromium: Browser) -> None:
    page = open_page(chromium, script=False)
    page.goto(served.base + "/")
    page.fill("#q", "ZZB001")
    page.press("#q", "Enter")
    page.click("section.found-shares a")
    assert page.inner_text("h1") == "Küstenbahn SE"
    page.fill("input[type=email]", "leser@example.org")
    page.click(".follow button")
    assert page.inner_text("h1") == "Bitte sehen Sie in Ihr Postfach"
    with served.paper.room.database.reading() as tx:
        found = tx.subscriptions.by_identity("leser@example.org")
        assert found is not None
        newest = tx.subscriptions.of_subscriber(found.key)[0]
    page.goto(served.paper.room.opt_in._links.confirm(newest.key))
    page.click("main button")
    assert page.inner_text("h1") == "Sie folgen Küstenbahn SE."
    page.context.close()


def test_a_story_weighs_little_and_what_few_need_comes_when_they_do(
    served: Served, chromium: Browser
) -> None:
    page = open_page(chromium)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    asked: dict[str, str] = {}
    weights: dict[str, float] = {}
    session.on(
        "Network.requestWillBeSent", lambda told: asked.update({told["requestId"]: told["request"]["url"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda told: weights.update({asked[told["requestId"]]: told["encodedDataLength"]}),
    )
    with page.expect_response(served.base + "/view"):
        page.goto(served.base + served.path("main"))
    page.evaluate("document.fonts.ready.then(() => 0)")
    page.wait_for_timeout(300)
    counted = {url: weight for url, weight in weights.items() if "/pictures/" not in url}
    assert any("/serif." in url for url in counted)
    assert sum(counted.values()) <= MOST_BYTES, counted
    assert not any("/push." in url for url in asked.values())
    with page.expect_response(lambda answer: "/static/push." in answer.url):
        page.focus("#mail")
    page.context.close()


def test_a_look_is_counted_and_the_page_says_so(served: Served, chromium: Browser) -> None:
    page = open_page(chromium)
    path = served.path("old")
    with page.expect_response(served.base + "/view") as counted:
        page.goto(served.base + path)
    views = counted.value.json()
    expect(page.locator("[data-views]")).to_have_text(views["text"])
    assert page.get_attribute(".byline-bar time", "title")
    page.context.close()


def test_every_link_on_every_page_leads_somewhere(served: Served, chromium: Browser) -> None:
    page = open_page(chromium, script=False)
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = page.request.get(served.base + path)
        assert answer.status == 200, path
        if "text/html" in answer.headers["content-type"]:
            page.goto(served.base + path)
            links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
            waiting += [
                link.removeprefix(served.base).split("#")[0] or "/"
                for link in links
                if link.startswith(served.base)
            ]
    assert len(seen) > 40
    page.context.close()


def test_the_keyboard_reaches_text_search_and_follow_box(served: Served, chromium: Browser) -> None:
    page = open_page(chromium)
    page.goto(served.base + served.path("main"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
        assert page.evaluate(
            "document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none'"
        )
    assert {"q", "mail-what", "mail"} <= reached
    page.context.close()


def test_stored_script_stays_dead(served: Served, chromium: Browser) -> None:
    evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    key = served.paper.file(
        "evil", evil, evil, byline=evil, credit=evil, label=("ROUNDUP", 1, evil), place=evil, correction=evil
    )
    page = open_page(chromium)
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    for path in (served.paper.path(key), "/", "/search?q=onerror"):
        page.goto(served.base + path)
        page.wait_for_timeout(300)
        assert page.title() != "1"
    assert alerts == []
    page.context.close()
