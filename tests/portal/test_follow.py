"""Following a share: asked, confirmed, managed and left with forms alone, and only from our own pages."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

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
    known = desk.browser.get(link).text
    assert "bereits bestätigt" in known
    assert all(f'href="/shares/{BAHN}">Zur Seite dazu' in text for text in (done.text, known))

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


def _agreed(desk: Desk, email: str = "ida.brook@example.org") -> str:
    with desk.paper.room.database.reading() as tx:
        found = tx.subscriptions.by_identity(email)
        assert found is not None
        text = tx.subscriptions.consents(found.key)[-1].form_text
    assert text is not None
    return text


def _text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _box(page: str) -> dict[str, str]:
    """Return the hidden fields of the follow box, and the first choice where there is one."""
    form = page[page.index('<form class="follow"') :]
    form = form[: form.index("</form>")]
    fields = dict(re.findall(r'type="hidden" name="([a-z]+)"(?: value="([^"]*)")?', form))
    chosen = re.search(r'<option value="([^"]+)"', form)
    return {name: unescape(value) for name, value in fields.items()} | (
        {"target": unescape(chosen[1])} if chosen else {}
    )


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        (f"/shares/{BAHN}", "instrument"),
        ("/providers/hansekontor", "provider"),
        ("/search?q=F%C3%A4hre+-streik", "search"),
        ("main", "instrument"),
        ("index", "lineage"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"cadence": "digest", "updates": "1"}], ids=["plain", "ticked"])
def test_each_box_says_what_is_agreed_to_word_for_word(
    desk: Desk, where: str, kind: str, options: dict[str, str]
) -> None:
    path = desk.path(where) if where in desk.keys else where
    page = desk.browser.get(path).text
    box = _box(page)
    assert box["target"].partition(":")[0] == kind
    assert desk.browser.post("/follow", {**box, "email": "ida.brook@example.org", **options}).status == 200
    lines = _agreed(desk).splitlines()
    for line in lines:
        assert line.removeprefix("☑ ").replace(" ", "") in _text_of(page).replace(" ", "")
    assert len(lines) == 1 + len([one for one in options if one != "updates" or kind != "lineage"])
    with desk.paper.room.database.reading() as tx:
        reader = tx.subscriptions.by_identity("ida.brook@example.org")
        assert reader is not None
        (one,) = tx.subscriptions.of_subscriber(reader.key)
        (proof,) = tx.subscriptions.consents(reader.key)
    assert (one.kind, one.cadence) == (kind, options.get("cadence", "instant"))
    assert one.updates == (kind == "lineage" or bool(options))
    assert proof.source == box["from"]


def test_a_story_offers_each_of_its_shares_and_itself(desk: Desk) -> None:
    page = desk.browser.get(desk.path("main")).text
    form = page[page.index('<form class="follow"') :]
    offered = re.findall(r'<option value="([a-z]+):([^"]+)">([^<]+)</option>', form[: form.index("</form>")])
    assert [kind for kind, _, _ in offered] == ["instrument"] * (len(offered) - 1) + ["lineage"]
    assert WERFT in {value for _, value, _ in offered}
    assert page.count('<form class="follow"') == 1
    kind, value, _ = offered[-1]
    answer = desk.browser.post(
        "/follow", {"target": f"{kind}:{value}", "choice": "", "email": "leser@example.org", "from": "/"}
    )
    assert "dass Sie der Meldung „" in answer.text
    assert "was Sie gewählt haben" in _agreed(desk, "leser@example.org")


@pytest.mark.parametrize(
    ("query", "why"),
    [("die und der", "in fast jeder Meldung"), ("-streik", "was Sie nicht möchten"), ("fähre bis:2026", "lassen Sie bis: und until: weg"),
     ('von:"!!"', "keinen Anbieter")],
)  # fmt: skip
def test_a_search_that_cannot_be_followed_says_why(desk: Desk, query: str, why: str) -> None:
    page = desk.browser.get("/search?" + urlencode({"q": query})).text
    assert "Diese Suche lässt sich nicht abonnieren." in page
    assert why in page
    assert '<form class="follow"' not in page
    answer = desk.browser.post(
        "/follow", {"target": f"search:{query}", "email": "leser@example.org", "from": "/"}
    )
    assert answer.status == 400
    assert why in answer.text


def test_the_same_search_in_other_words_is_followed_once(desk: Desk) -> None:
    for query in ("Fähre Streik", "streik  fähre", "STREIK fähre", "Faehre Streik"):
        assert (
            desk.browser.post(
                "/follow", {"target": f"search:{query}", "email": "leser@example.org", "from": "/"}
            ).status
            == 200
        )
    with desk.paper.room.database.reading() as tx:
        found = tx.subscriptions.by_identity("leser@example.org")
        assert found is not None
        (one,) = tx.subscriptions.of_subscriber(found.key)
    assert one.name == "Fähre Streik"


@pytest.mark.parametrize(
    "target",
    [
        "",
        "x",
        "topic:01",
        "provider:",
        "provider:Niemand",
        "lineage:",
        "lineage:-1",
        "lineage:²",
        "lineage:" + "9" * 40,
        "instrument:",
    ],
)
def test_what_there_is_not_cannot_be_followed(desk: Desk, target: str) -> None:
    answer = desk.browser.post("/follow", {"target": target, "email": "leser@example.org", "from": "/"})
    assert answer.status == 404
    with desk.paper.room.database.reading() as tx:
        assert tx.subscriptions.by_identity("leser@example.org") is None


def test_the_answer_is_the_same_for_everybody(desk: Desk) -> None:
    form = {**FORM, "email": "known@example.org"}
    answers = [desk.browser.post("/follow", form).text for _ in range(9)]
    link = follow(desk, email="known2@example.org")
    desk.browser.post("/follow/confirm", {"token": link.split("token=")[1]})
    answers.append(desk.browser.post("/follow", {**form, "email": "known2@example.org"}).text)
    with desk.paper.room.database.transaction() as tx:
        reader = tx.subscriptions.subscriber("no@example.org", "no@example.org", "de", desk.paper.clock.now())
        tx.subscriptions.suppress(reader.key, "complaint", desk.paper.clock.now())
    addresses = ("no@example.org", "new@example.org")
    answers += [desk.browser.post("/follow", {**form, "email": one}).text for one in addresses]
    assert len({re.sub(r"[a-z0-9]+@example\.org", "", one) for one in answers}) == 1


def test_scanners_open_every_link_and_nothing_happens(desk: Desk) -> None:
    link = follow(desk)
    with desk.paper.room.database.reading() as tx:
        found = tx.subscriptions.by_identity("ida.brook@example.org")
        assert found is not None
        keys = [one.key for one in tx.subscriptions.of_subscriber(found.key)]
    links = desk.paper.room.opt_in._links
    leave, manage = _local(links.leave(found.key, keys)), manage_link(desk)
    for turn in range(2):
        for path in (link, leave, manage):
            for method in ("GET", "HEAD"):
                for headers in (
                    {},
                    {"sec_purpose": "prefetch"},
                    {"purpose": "prefetch", "sec_fetch_site": "cross-site"},
                ):
                    assert desk.browser.ask(method, path, headers=headers).status == 200
        assert active(desk) == turn
        with desk.paper.room.database.reading() as tx:
            assert len(tx.subscriptions.consents(found.key)) == 1 + turn
        desk.browser.post("/follow/confirm", {"token": link.split("token=")[1]})
    for path in (link, leave, manage):
        assert desk.browser.ask("PUT", path).status == 405


def test_confirming_twice_is_fine(desk: Desk) -> None:
    link = follow(desk)
    for _ in range(2):
        assert (
            "Sie folgen Küstenbahn SE."
            in desk.browser.post("/follow/confirm", {"token": link.split("token=")[1]}).text
        )
    assert active(desk) == 1
