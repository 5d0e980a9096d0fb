"""Following a share: asked, confirmed, managed and left with forms alone, and only from our own pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from asking import Browser, Desk
from paper import BAHN, WERFT, Paper

from depesche.model.errors import StoreError
from depesche.portal.app import create_app

FORM = {"isin": BAHN, "email": "ida.brook@example.org", "from": f"/shares/{BAHN}"}


def follow(desk: Desk, isin: str = BAHN, email: str = "ida.brook@example.org") -> str:
    """Ask to follow and return the confirm link of the letter, as the reader's mail program would open it."""
    assert desk.browser.post("/follow", {**FORM, "isin": isin, "email": email}).status == 200
    with desk.paper.room.database.reading() as tx:
        found = tx.subscriptions.by_identity(email)
        assert found is not None
        newest = tx.subscriptions.of_subscriber(found.key)[-1]
    links = desk.paper.room.opt_in._links
    return _local(links.confirm(newest.key))


def _local(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def manage_link(desk: Desk) -> str:
    with desk.paper.room.database.reading() as tx:
        found = tx.subscriptions.by_identity("ida.brook@example.org")
    assert found is not None
    return _local(desk.paper.room.opt_in.manage_link(found.key))


def token_of(text: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def active(desk: Desk) -> int:
    with desk.paper.room.database.reading() as tx:
        return tx.subscriptions.counts()[0]


def test_the_whole_way_from_the_box_to_the_end(desk: Desk) -> None:
    answer = desk.browser.post("/follow", FORM)
    assert "Bitte sehen Sie in Ihr Postfach" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    with desk.paper.room.database.reading() as tx:
        subscriber = tx.subscriptions.by_identity("ida.brook@example.org")
        assert subscriber is not None
        consent = tx.subscriptions.consents(subscriber.key)[0]
    assert consent.form_text is not None
    shown = re.sub(r"<[^>]+>", "", desk.browser.get(f"/shares/{BAHN}").text)
    assert consent.form_text in shown, "the kept words are those on the page"
    assert consent.source == f"/shares/{BAHN}"
    assert consent.ip == "192.0.2.7"

    link = follow(desk)
    page = desk.browser.get(link)
    assert "Küstenbahn SE folgen?" in page.text
    assert active(desk) == 0
    done = desk.browser.post("/follow/confirm", {"token": token_of(page.text)})
    assert "Sie folgen Küstenbahn SE." in done.text
    assert active(desk) == 1
    assert "bereits bestätigt" in desk.browser.get(link).text

    managed = desk.browser.get(manage_link(desk))
    assert "ida.brook@example.org" in managed.text
    number = re.search(r'name="subscription" value="(\d+)"', managed.text)
    assert number is not None
    left = desk.browser.post("/follow/leave", {"token": token_of(managed.text), "subscription": number[1]})
    assert "Abbestellt." in left.text
    assert active(desk) == 0
    again = desk.browser.post("/follow/leave", {"token": token_of(managed.text), "subscription": number[1]})
    assert (again.status, "Sie bekommen keine solchen Briefe." in again.text) == (200, True)


def test_a_mail_program_leaves_with_one_click(desk: Desk) -> None:
    link = follow(desk)
    desk.browser.post("/follow/confirm", {"token": link.split("token=")[1]})
    with desk.paper.room.database.reading() as tx:
        found = tx.subscriptions.by_identity("ida.brook@example.org")
        assert found is not None
        keys = [one.key for one in tx.subscriptions.of_subscriber(found.key)]
    leave = _local(desk.paper.room.opt_in._links.leave(found.key, keys, "en"))
    assert leave.startswith("/en/follow/leave?token=")
    assert "Stop these letters?" in desk.browser.get(leave).text
    assert active(desk) == 1
    answer = desk.browser.post(leave, b"List-Unsubscribe=One-Click", site=None)
    assert answer.status == 200
    assert active(desk) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "none"},
    ],
)
def test_a_form_from_another_site_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    answer = desk.browser.post("/follow", FORM, site=None, **headers)
    assert answer.status == 403
    assert "von einer fremden Seite" in answer.text
    with desk.paper.room.database.reading() as tx:
        assert tx.subscriptions.by_identity("ida.brook@example.org") is None


def test_an_older_browser_says_where_it_comes_from(desk: Desk) -> None:
    assert desk.browser.post("/follow", FORM, site=None, origin="http://portal.example").status == 200


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b@c", "x@localhost\r\nBcc: y@example.org", "a" * 300 + "@example.org"]
)
def test_a_bad_address_is_answered_in_the_same_box(desk: Desk, address: str) -> None:
    answer = desk.browser.post("/follow", {**FORM, "email": address})
    assert answer.status == 400
    assert 'aria-invalid="true"' in answer.text
    assert "es wurde nichts gespeichert" in answer.text


@pytest.mark.parametrize("isin", ["", "ZZ0000000000", "<script>", "ZZ" * 500, "ÄÖÜ"])
def test_a_share_we_do_not_carry_is_said_so(desk: Desk, isin: str) -> None:
    answer = desk.browser.post("/follow", {**FORM, "isin": isin})
    assert answer.status == 404
    assert "Diese Aktie führen wir nicht." in answer.text


@pytest.mark.parametrize(
    "source",
    ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example", "x" * 999],
)
def test_the_way_back_never_leads_elsewhere(desk: Desk, source: str) -> None:
    text = desk.browser.post("/follow", {**FORM, "from": source}).text
    assert "evil.example" not in text
    assert "javascript:" not in text


@pytest.mark.parametrize("path", ["/follow/confirm", "/follow/manage", "/follow/leave"])
def test_a_broken_link_says_so(desk: Desk, path: str) -> None:
    for token in ("", "x", "%00", "a" * 5000):
        answer = desk.browser.get(f"{path}?token={token}")
        assert answer.status == 400
        assert "unvollständig oder verändert" in answer.text
    assert desk.browser.post("/follow/leave", {"token": "x"}).status == 400


def test_too_much_is_refused(desk: Desk) -> None:
    assert desk.browser.post("/follow", b"email=" + b"a" * 20_000).status == 413
    assert desk.browser.post("/follow", b"\xff\xfe=1").status == 404
    assert desk.browser.get("/follow").status == 405


def test_the_box_speaks_english_on_english_pages(desk: Desk) -> None:
    text = desk.browser.post("/en/follow", {**FORM, "isin": WERFT}).text
    assert "Please look into your mailbox" in text
    assert "Falkenwerft AG" in text


def test_one_request_too_many_is_told_when_to_come_again(tmp_path: Path) -> None:
    paper = Paper.empty(
        tmp_path, base_url="http://portal.example", follow_per_hour=1, mailbox_path="/mailbox"
    )
    app = create_app(paper.room)
    browser = Browser(app)
    form = {"isin": WERFT, "email": "leser@example.org", "from": "/"}
    first = browser.post("/follow", form)
    assert first.status == 200
    assert 'href="/mailbox"' in first.text
    second = browser.post("/follow", form)
    assert second.status == 429
    assert int(second.headers["retry-after"]) > 0
    assert "Das war eine Anfrage zu viel." in second.text
    browser.close()
    app.pages.close()
    paper.room.close()


def test_a_database_that_does_not_answer_is_no_fault_of_the_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(desk.paper.room.searcher, "search", lambda *_, **__: refuse())
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/search", "query_string": b"q=x", "headers": [], "client": None, "server": None,
        "scheme": "http", "root_path": "",
    }  # fmt: skip
    desk.browser.loop.run_until_complete(desk.app(scope, receive, send))
    assert messages[0]["status"] == 503
    assert (b"retry-after", b"60") in messages[0]["headers"]
    assert "Gerade nicht erreichbar" in messages[1]["body"].decode()
