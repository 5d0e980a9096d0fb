"""A real browser on a reader's own page: accessible in light and dark, on a phone, without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from paper import BAHN, PROVIDERS, TEASER
from playwright.sync_api import Browser
from test_browser import Served, chromium, open_page, served

from depesche.model.subscription import Subscriber, Target

__all__ = ["chromium", "served"]  # fixtures

pytestmark = pytest.mark.browser


def own_pages(served: Served, address: str) -> tuple[str, str]:
    """Follow three things as a reader; returns the token of her page, and that of a confirmation still open."""
    opt_in = served.paper.room.opt_in
    targets = [
        Target.share(BAHN), Target("provider", PROVIDERS[TEASER]), Target("search", "faehre", "Binnenschifffahrtsverkehrsuntersuchung"),
    ]  # fmt: skip
    for number, target in enumerate(targets):
        opt_in.request(address, target, "de", f"10.0.{number}.1", "Ja.", "/", cadence="digest")
        with served.paper.room.database.reading() as tx:
            reader = tx.subscriptions.by_identity(address)
            assert reader is not None
            newest = tx.subscriptions.of_subscriber(reader.key)[-1]
        token = opt_in._links.confirm(newest.key).split("token=")[1]
        if number < 2:
            opt_in.confirm(token, "192.0.2.1")
    _give_webhook(served, reader)
    return opt_in.manage_link(reader.key).split("token=")[1], token


def _give_webhook(served: Served, reader: Subscriber) -> None:
    """Let a program at a long address follow what its reader does; it has failed for a while."""
    now, url = served.paper.room.clock.now(), "https://program.example/" + "langerpfad" * 20
    with served.paper.room.database.transaction() as tx:
        hook = tx.subscriptions.subscriber(
            url, f"webhook:{url}:{reader.key}", "de", now, channel="webhook", owner=reader.key
        )
        for one in tx.subscriptions.of_subscriber(reader.key):
            tx.subscriptions.confirm(tx.subscriptions.request(hook.key, one.target.key, now).key, now)
        tx.readers.fail(hook.key, now)
        tx.subscriptions.pause(hook.key, now + timedelta(days=400))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_own_pages(served: Served, chromium: Browser, dark: bool) -> None:
    manage, confirm = own_pages(served, f"ida-{int(dark)}@example.org")
    page = open_page(chromium, width=1280 if dark else 360, dark=dark)
    for path in (f"/follow/manage?token={manage}&saved=1", f"/follow/erase?token={manage}", f"/follow/leave?token={manage}",
                 f"/follow/confirm?token={confirm}", f"/en/follow/manage?token={manage}"):  # fmt: skip
        page.goto(served.base + path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        result = Axe().run(page)
        assert result.violations_count == 0, f"{path}\n{result.generate_report()}"
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, path
    page.context.close()


def test_a_reader_sets_everything_without_a_script(served: Served, chromium: Browser) -> None:
    manage, _ = own_pages(served, "noscript@example.org")
    page = open_page(chromium, width=360, script=False)
    page.goto(f"{served.base}/follow/manage?token={manage}")
    page.click(".followed details summary >> nth=0")
    page.uncheck(".followed input[name=cadence] >> nth=0")
    page.click(".followed .ticks button >> nth=0")
    assert page.inner_text("[role=status]") == "Gespeichert."
    assert "sofort" in page.inner_text(".followed .codes >> nth=0")
    page.check("input[name=hour12]")
    page.fill("input[name=quiet_from]", "23:15")
    page.fill("input[name=quiet_to]", "05:45")
    page.click("form:has(input[name=zone]) button")
    assert page.input_value("input[name=quiet_to]") == "05:45"
    assert page.is_checked("input[name=hour12]")
    page.select_option("select[name=tongue]", "en")
    page.click("form:has(select[name=tongue]) button")
    page.click("form:has(input[name=webhook][type=hidden]):has(input[value=hook-remove]) button")
    assert (
        page.locator("text=program.example").count()
        == page.locator(".consents >> text=program.example").count()
    )
    with page.expect_download() as download:
        page.click("form[action$=export] button")
    assert download.value.suggested_filename == "depesche.json"
    page.click("a[href*=erase]")
    page.click("main button")
    assert page.inner_text("h1") == "Gelöscht."
    with served.paper.room.database.reading() as tx:
        assert tx.subscriptions.by_identity("noscript@example.org") is None
    page.context.close()
