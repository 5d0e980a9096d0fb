"""The mailbox page shows letters as they are and runs nothing of them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from depesche.lib.mailing.maildir import deliver_to_maildir
from depesche.ops.demo.letters import Letterbox
from depesche.ops.demo.mailbox import Mailbox
from fakes import FakeClock

LINK = "http://127.0.0.1:8000/follow/confirm?token=abc.def-_1"


async def portal(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"portal {scope['path']}")(scope, receive, send)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
def mailbox(folder: Path) -> Mailbox:
    return Mailbox(
        portal,
        folder,
        title="Depesche",
        stylesheets=("/static/portal.1.css",),
        icon="/static/icon.1.svg",
        zone=ZoneInfo("Europe/Berlin"),
    )


def deliver(folder: Path, subject: str, clock: FakeClock, html: str = "") -> str:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = (
        "Depesche <depesche@demo.example>",
        "mira@leserin.example",
        subject,
    )
    letter.set_content(f"Bitte bestätigen Sie <jetzt>: {LINK}.\n")
    letter.add_alternative(
        html or f'<html><head><title>x</title></head><body><a href="{LINK}">ja</a></body></html>',
        subtype="html",
    )
    return deliver_to_maildir(folder, bytes(letter), clock).name


def test_an_empty_mailbox_says_what_to_do(mailbox: Mailbox, ask) -> None:
    assert "Folgen Sie" in ask(mailbox, "/mailbox").text
    assert "Follow a share" in ask(mailbox, "/en/mailbox").text


def test_letters_are_listed_newest_first(mailbox: Mailbox, folder: Path, clock: FakeClock, ask) -> None:
    for subject in ("Erster <Brief>", "Zweiter & letzter"):
        deliver(folder, subject, clock)
        clock.move(seconds=5)
    page = ask(mailbox, "/mailbox").text
    assert page.index("Zweiter &amp; letzter") < page.index("Erster &lt;Brief&gt;")
    assert "mira@leserin.example" in page


def test_a_letter_is_shown_with_links_that_work(
    mailbox: Mailbox, folder: Path, clock: FakeClock, ask
) -> None:
    key = deliver(folder, "Bitte bestätigen", clock)
    page = ask(mailbox, f"/mailbox/{key}")
    assert page.status == 200
    assert f'<a href="{LINK}">{LINK}</a>.' in page.text
    assert "Sie &lt;jetzt&gt;" in page.text
    assert f'src="/mailbox/{key}/html"' in page.text
    assert "script-src" not in page.headers["content-security-policy"]


def test_the_letter_s_html_can_run_nothing_and_opens_links_on_top(
    mailbox: Mailbox, folder: Path, clock: FakeClock, ask
) -> None:
    html = (
        "<html><head></head><body><script>alert(1)</script><img src=https://spy.example/x.gif></body></html>"
    )
    key = deliver(folder, "Böse", clock, html)
    frame = ask(mailbox, f"/mailbox/{key}/html")
    policy = frame.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "allow-scripts" not in policy
    assert "img-src 'self'" in policy
    assert '<head><base target="_top">' in frame.text


@pytest.mark.parametrize("key", ["missing", "..%2f..%2fetc%2fpasswd", "..", ".hidden"])
def test_what_is_no_letter_is_not_found(
    mailbox: Mailbox, folder: Path, clock: FakeClock, ask, key: str
) -> None:
    deliver(folder, "Ein Brief", clock)
    (folder / "secret").write_text("three years of work")
    for address in (f"/mailbox/{key}", f"/mailbox/{key}/html", "/en/mailbox/secret"):
        answer = ask(mailbox, address)
        assert answer.status == 404
        assert "three years" not in answer.text


@pytest.mark.parametrize("path", ["/", "/mailboxes", "/news/x-1", "/en", "/en/", "/enmailbox"])
def test_everything_else_is_the_portal_s(mailbox: Mailbox, path: str, ask) -> None:
    assert ask(mailbox, path).text == f"portal {path}"


def test_a_letterbox_finds_the_link_to_confirm(folder: Path, clock: FakeClock) -> None:
    deliver(folder, "Bitte bestätigen", clock)
    (letter,) = Letterbox(folder).letters()
    assert letter.link("/follow/confirm") == LINK + "."
    assert letter.link("/follow/leave") is None
    assert letter.at <= datetime.now(UTC)
