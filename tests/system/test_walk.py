"""The whole job, walked in a browser: story, subscription, confirmation, running story, kill."""

from __future__ import annotations

import json
import mailbox
import re
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
from site_walk import get, post

from conftest import Installation, wait_until
from depesche.model.identifiers import isin_with_check_digit

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ISIN = isin_with_check_digit("ZZ0000KORA0")
TOKEN = "nur-fuer-den-probelauf"
NOTICE = "Die Meldung beruhte auf einer Verwechslung zweier Werke."

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def portal(installation: Installation) -> str:
    installation.configure(
        f'title = "Revierblatt"\noperator = "Probe"\n[[wires]]\nname = "kontor"\nprovider = "Kontor"\nkind = "push"\ntoken = "{TOKEN}"\n'
    )
    register = installation.folder / "register.csv"
    register.write_text(
        f"isin,name,wkn,ticker,mic,aliases\n{ISIN},Kora Werke AG,A0KRA1,KOR,XETR,Kora Werke\n"
    )
    installation.run("instruments", "import", "plain_csv", register)
    return installation.serve()


def item(guid: str, headline: str, text: str, **more: Any) -> dict[str, Any]:
    created = datetime.now(UTC) - timedelta(seconds=2)
    made = {
        "uri": f"urn:kontor:{guid}", "version": "1", "versioncreated": created.isoformat(), "type": "text", "pubstatus": "usable",
        "language": "de", "headline": headline, "body_html": f"<p>LINDAU (kontor) - {text}/ab/kn/cd</p>",
    }  # fmt: skip
    return made | more


def push(portal: str, made: dict[str, Any]) -> None:
    status, body = post(
        f"{portal}/intake/kontor", json.dumps(made).encode(), {"Authorization": f"Bearer {TOKEN}"}
    )
    assert status == 202, body


def letters(installation: Installation) -> list[Message]:
    folder = installation.folder / "var" / "mail"
    # The courier makes the folder's parts one after the other.
    is_made = all((folder / part).is_dir() for part in ("tmp", "new", "cur"))
    found = mailbox.Maildir(folder, create=False) if is_made else []
    return sorted(found, key=lambda letter: str(letter["Date"]))


def text_of(letter: Message) -> str:
    part = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
    return part.get_payload(decode=True).decode()  # type: ignore[union-attr]


def test_the_whole_job(installation: Installation, portal: str, browser: Browser) -> None:
    push(
        portal,
        item(
            "1",
            "ROUNDUP/Werksbau: Kora Werke bauen in Lindau",
            f"Die Kora Werke AG (ISIN {ISIN}) bauen am See.",
        ),
    )
    page = browser.new_page(locale="de-DE")
    foreign: list[str] = []
    page.on(
        "request", lambda request: foreign.append(request.url) if not request.url.startswith(portal) else None
    )
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    wait_until(lambda: b"Kora Werke bauen in Lindau" in get(f"{portal}/")[2])

    page.goto(portal)
    page.get_by_role("link", name="Kora Werke bauen in Lindau").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kora Werke bauen in Lindau")
    body = page.locator("body")
    for words in ("ROUNDUP", "Werksbau", "Kontor", "LINDAU", "Kora Werke AG"):
        expect(body).to_contain_text(re.compile(words, re.IGNORECASE))
    expect(body).not_to_contain_text("ab/kn/cd")
    follow(installation, page)

    push(
        portal,
        item(
            "2",
            "ROUNDUP 2/Werksbau: Kora Werke bekommen Zuschuss",
            f"Der Kreis hilft der Kora Werke AG (ISIN {ISIN}).",
        ),
    )
    wait_until(lambda: len(letters(installation)) == 2)
    alert = next(letter for letter in letters(installation) if "Zuschuss" in text_of(letter))
    assert alert["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    push(
        portal,
        item(
            "3",
            "ROUNDUP 3/Werksbau: Kora Werke beginnen im Mai",
            f"Im Mai beginnt die Kora Werke AG (ISIN {ISIN}).",
        ),
    )
    wait_until(lambda: b"beginnen im Mai" in get(f"{portal}/")[2])
    home = get(f"{portal}/")[2].decode()
    assert "bauen in Lindau" not in re.sub(r"(?s)<aside.*?</aside>", "", home), (
        "one entry for a running story"
    )
    time.sleep(1.5)
    assert len(letters(installation)) == 2, "no second letter on a running story"

    story = re.search(r'href="(/news/[^"]*beginnen-im-mai-\d+)"', home)
    assert story is not None
    page.goto(portal + story[1])
    for earlier in ("Kora Werke bauen in Lindau", "Kora Werke bekommen Zuschuss"):
        expect(page.get_by_role("link", name=re.compile(earlier)).first).to_be_visible()
    kill(installation, portal, portal + story[1], page)
    page.wait_for_load_state("networkidle")
    assert foreign == []
    assert [said for said in errors if "410" not in said] == []
    page.close()


def follow(installation: Installation, page: Page) -> None:
    """Follow the share from the box on the page and confirm by the link in the letter."""
    box = page.locator("form[action$='/follow']").first
    box.locator("input[type=email]").fill("leserin@example.org")
    box.get_by_role("button", name="Kostenlos abonnieren").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Postfach")
    wait_until(lambda: len(letters(installation)) == 1)
    link = re.search(r"http://\S+/follow/confirm\S+", text_of(letters(installation)[0]))
    assert link is not None
    status, _, _ = get(link[0])
    assert status == 200
    proof = installation.run("consent", "leserin@example.org", "--json").stdout
    assert '"confirmed"' not in proof, "looking at the link confirms nothing"
    page.goto(link[0])
    page.locator("main form").get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("Kora Werke AG")
    proof = installation.run("consent", "leserin@example.org", "--json").stdout
    assert '"confirmed"' in proof


def kill(installation: Installation, portal: str, address: str, page: Page) -> None:
    """Take the third part back; its page says so and nothing else knows it any more."""
    where = [
        f"{portal}/",
        f"{portal}/search?q=beginnen",
        f"{portal}/feed.atom",
        f"{portal}/feed.json",
        f"{portal}/sitemap.xml",
        f"{portal}/shares/{ISIN}",
    ]
    wait_until(lambda: all(b"beginnen" in get(url)[2] for url in where[:4]))
    note = {"role": "correction_consumerready", "text": NOTICE}
    gone = item("3", "", "", version="2", pubstatus="canceled", ednote=NOTICE)
    gone["body_html"] = ""
    gone["ednotes"] = [note | {"is_publishable": True}]
    push(portal, gone)
    wait_until(lambda: get(address)[0] == 410, 10)
    expect(page.locator("main")).not_to_contain_text(
        "im Mai", timeout=20_000
    )  # the open page hears of it and loads anew
    page.wait_for_load_state("networkidle")
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 410
    expect(page.locator("main")).not_to_contain_text("im Mai")
    for url in where:
        wait_until(lambda url=url: b"beginnen-im-mai" not in get(url)[2] and b"im Mai" not in get(url)[2], 10)  # type: ignore[misc]
    wait_until(
        lambda: "ROUNDUP 2" in get(f"{portal}/")[2].decode() or b"Zuschuss" in get(f"{portal}/")[2], 10
    )
