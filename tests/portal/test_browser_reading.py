"""A reader at a keyboard, and one who passes a story on, in a real browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from paper import BAHN, FULL, PROVIDERS
from playwright.sync_api import Browser, Page, expect
from test_browser import Served, chromium, open_page, served

from depesche.model.take import Take

__all__ = ["chromium", "served"]

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.closest('[data-row]')?.dataset.row"


def headlines(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "main [data-row]", "rows => rows.filter(row => !row.closest('.rail')).map(row => row.dataset.row)"
    )


@pytest.mark.parametrize(
    "path", ["/", "/search?q=falkenwerft", "/providers/nordlicht-nachrichten", "/archive/2026-03-02"]
)
def test_j_and_k_go_through_every_list(served: Served, chromium: Browser, path: str) -> None:
    page = open_page(chromium)
    page.goto(served.base + path)
    page.wait_for_selector("[data-keys]:not([hidden])")
    stories = headlines(page)
    assert len(stories) > 3
    reached = []
    for _ in stories:
        page.keyboard.press("j")
        reached.append(page.evaluate(FOCUSED))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached == stories
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) == stories[-1], "the last is the last"
    page.keyboard.press("k")
    assert page.evaluate(FOCUSED) == stories[-2]
    page.keyboard.press("Enter")
    page.wait_for_url("**/news/*")
    page.context.close()


def test_slash_searches_and_typing_there_types(served: Served, chromium: Browser) -> None:
    page = open_page(chromium)
    page.goto(served.base + "/")
    page.wait_for_selector("[data-keys]:not([hidden])")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("jk/?")
    assert page.input_value("#q") == "jk/?"
    page.context.close()


def test_help_keeps_the_focus_tells_the_keys_and_can_switch_them_off(
    served: Served, chromium: Browser
) -> None:
    page = open_page(chromium)
    page.goto(served.base + "/")
    page.wait_for_selector("[data-keys]:not([hidden])")
    page.keyboard.press("j")
    first = page.evaluate(FOCUSED)
    page.keyboard.press("?")
    assert page.inner_text("dialog h2") == "Tasten für diese Liste"
    assert Axe().run(page).violations_count == 0
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == first, "the focus is back where it was"
    page.click("[data-keys]")
    page.check("dialog input")
    page.click("dialog button")
    page.reload()
    page.wait_for_selector("[data-keys]:not([hidden])")
    page.keyboard.press("j")
    page.keyboard.press("?")
    assert page.evaluate(FOCUSED) is None
    assert not page.is_visible("dialog")
    page.click("[data-keys]")
    assert page.is_checked("dialog input")
    page.uncheck("dialog input")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) is not None
    page.context.close()


def test_a_story_is_passed_on_without_telling_anybody_else(served: Served, chromium: Browser) -> None:
    page = open_page(chromium)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'share', {value: async (what) => { window.shared = what; }});"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    path = served.path("main")
    page.goto(served.base + path)
    page.click("[data-share]")
    assert page.evaluate("window.shared") == {
        "title": "Falkenwerft gewinnt größten Auftrag ihrer Geschichte", "url": served.base + path,
    }  # fmt: skip
    page.click("[data-copy]")
    expect(page.locator("main > p[role=status]")).to_have_text("Kopiert")
    assert page.inner_text("[data-copy]") == "Kopiert"
    assert page.evaluate("navigator.clipboard.readText()") == served.base + path
    letter = urlsplit(page.get_attribute(".tools a", "href") or "")
    assert letter.scheme == "mailto"
    assert parse_qs(letter.query) == {
        "subject": ["Falkenwerft gewinnt größten Auftrag ihrer Geschichte"], "body": [served.base + path],
    }  # fmt: skip
    assert all(url.startswith(served.base) for url in asked)
    page.context.close()


def test_without_script_and_without_sharing_only_what_works_is_offered(
    served: Served, chromium: Browser
) -> None:
    for script, offered in (
        (False, ["Per E-Mail schicken"]),
        (True, ["Per E-Mail schicken", "Link kopieren", "Drucken"]),
    ):
        page = open_page(chromium, script=script)
        page.add_init_script("delete Navigator.prototype.share;")
        page.goto(served.base + served.path("main"))
        if script:
            page.wait_for_selector(".tools button:not([hidden])")
        shown = page.eval_on_selector_all(
            ".tools > *", "all => all.filter(one => one.checkVisibility()).map(one => one.innerText)"
        )
        assert shown == offered
        page.context.close()


def test_a_wide_table_is_printed_whole(served: Served, chromium: Browser) -> None:
    rows = "".join(f"<tr>{'<td>1.234.567,89</td>' * 6}</tr>" for _ in range(2))
    long = "HOCH  12,80   TIEF 11,90   VOLUMEN 1.200.300   " * 3
    body = f"<p>Zahlen.</p><table>{rows}</table><pre>{long}</pre>"
    take = Take(
        "test", PROVIDERS[FULL], "wide", "Zahlen der Küstenbahn", "Zahlen der Küstenbahn", language="de",
        version_created=served.paper.clock.now(), body_html=body, body_text="Zahlen.",
    )  # fmt: skip
    page = open_page(chromium, width=794)
    page.goto(served.base + served.paper.path(served.paper.take(take, FULL, served.paper.clock.now())))
    page.emulate_media(media="print")
    for part in (".copy table", ".copy pre"):
        cut = page.eval_on_selector(
            part,
            "one => Math.max(one.scrollWidth - one.clientWidth, one.getBoundingClientRect().right - innerWidth)",
        )
        assert cut <= 0, part
    page.context.close()


def test_a_first_visit_by_keyboard_ends_with_a_confirmed_share(served: Served, chromium: Browser) -> None:
    page = open_page(chromium, width=360)
    page.goto(served.base + "/")
    page.wait_for_selector("[data-keys]", state="attached")
    page.wait_for_selector("#q[role=combobox]")
    page.keyboard.press("/")
    page.keyboard.type("ZZB001")
    page.wait_for_selector("#suggestions li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/shares/{BAHN}")
    page.focus("#mail")
    page.keyboard.type("erste@example.org")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Bitte sehen Sie in Ihr Postfach")
    with served.paper.room.database.reading() as tx:
        reader = tx.subscriptions.by_identity("erste@example.org")
        assert reader is not None
        asked = tx.subscriptions.of_subscriber(reader.key)[0]
    page.goto(served.paper.room.opt_in._links.confirm(asked.key))
    page.click("main button")
    assert page.inner_text("h1") == "Sie folgen Küstenbahn SE."
    page.context.close()
