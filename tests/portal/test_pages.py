"""Every page says what it should, in both languages, and no more than a wire's rights allow."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from asking import Desk
from paper import BAHN, NOTICE, SECRET, WERFT

from depesche.portal.site import amends

PAGES = [
    "/",
    "/search",
    "/search?q=falkenwerft",
    f"/shares/{WERFT}",
    "/providers/nordlicht-nachrichten",
    "/imprint",
    "/privacy",
    "/transparency",
]


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_both_languages(shown: Desk, path: str, prefix: str) -> None:
    answer = shown.browser.get(prefix + path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{"en" if prefix else "de"}">' in answer.text
    assert ("Impressum" in answer.text) is (not prefix)


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/follow/confirm?token=x", "/static/none.css"])
def test_every_answer_is_locked_down_and_sets_no_cookie(shown: Desk, path: str) -> None:
    answer = shown.browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.cookies == []
    assert "strict-transport-security" not in answer.headers


def test_a_page_has_nothing_inline_but_what_its_policy_names_and_nothing_from_elsewhere(shown: Desk) -> None:
    for path in ["/", shown.path("main"), f"/shares/{WERFT}", "/search?q=x"]:
        answer = shown.browser.get(path)
        text, policy = answer.text, answer.headers["content-security-policy"]
        assert " style=" not in text
        inline = re.findall(r"<(style|script)([^>]*)>(.*?)</", text, re.DOTALL)
        inline = [(tag, said) for tag, attributes, said in inline if said and "ld+json" not in attributes]
        early = ["script"] if path == shown.path("main") else []
        assert [tag for tag, _ in inline] == ["style", "script", *early]
        for tag, said in inline:
            digest = base64.b64encode(hashlib.sha256(said.encode()).digest()).decode()
            assert re.search(rf"{tag}-src 'self'[^;]* 'sha256-{re.escape(digest)}'", policy)
        loaded = re.findall(r'(?:src|srcset|action|<link[^>]* href)="([^"]*)"', text)
        assert all(one.startswith(("/", "http://portal.example/")) for one in loaded), loaded


def test_the_story_page_has_every_element(shown: Desk) -> None:
    text = shown.browser.get(shown.path("main")).text
    for part in (
        '<time datetime="2026-03-02T11:48:00Z">Montag, 02.03.2026 12:48</time>', 'href="/providers/nordlicht-nachrichten"', "1.284\N{NO-BREAK SPACE}Aufrufe",
        "ROUNDUP 2 · Fähren", "Falkenwerft gewinnt größten Auftrag ihrer Geschichte</h1>", 'alt="Ein Schiff im Dock der Falkenwerft in Musterhaven."',
        "Zeichnung: Nordlicht", 'width="1200" height="800"', 'srcset="/pictures/', '<span class="dateline">MUSTERHAVEN (Nordlicht Nachrichten)</span>',
        "Von Jonna Kolk", "Mehr Nachrichten zu Falkenwerft AG", "Kostenlos abonnieren", "Mit dem Abonnieren willigen Sie ein",
        "Warum diese Aktie?", "„Falkenwerft“ steht in der Überschrift.", "Wie es weiterging", "Falkenwerft verhandelt über Großauftrag",
        "Was andere danach lasen", "© Nordlicht Nachrichten 2026", "Minute Lesezeit",
    ):  # fmt: skip
        assert part.replace("MUSTERHAVEN", "MUSTERHAVEN") in text, part
    assert "gleiche Aktie" in shown.browser.get(shown.path("corrected")).text


def test_the_story_in_the_other_language_keeps_its_own(shown: Desk) -> None:
    text = shown.browser.get("/en" + shown.path("main")).text
    assert "More news on Falkenwerft AG" in text
    assert '<div class="copy" lang="de">' in text
    assert "Monday, 2 March 2026 12:48" in text
    assert f'hreflang="de" href="http://portal.example{shown.path("main")}"' in text


def test_an_earlier_story_points_to_how_it_went_on(shown: Desk) -> None:
    text = shown.browser.get(shown.path("first")).text
    assert "Diese Meldung wurde fortgeschrieben:" in text
    assert shown.path("main") in text


def test_a_correction_says_what_was_wrong_and_shows_what_changed(shown: Desk) -> None:
    path = shown.path("corrected")
    text = shown.browser.get(path).text
    assert "Es sind 21 Millionen, nicht 12 Millionen." in text
    assert "2\N{NO-BREAK SPACE}Fassungen" in text
    listed = shown.browser.get(f"{path}/versions").text
    assert "<del>12</del><ins>21</ins>" in listed
    assert "<ins>, wie der Betreiber mitteilte</ins>" in listed
    older = shown.browser.get(f"{path}/versions/1").text
    assert "Dies ist eine ältere Fassung." in older
    assert "12 Millionen Fahrgäste</h1>" in older
    assert shown.browser.get(f"{path}/versions/2").headers["location"] == path
    for number in ("3", "9" * 18, "9" * 5_000):
        assert shown.browser.get(f"{path}/versions/{number}").status == 404
    assert shown.browser.get(f"/view/{'9' * 5_000}.gif").status == 404


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Korrektur: die Zahl war verdreht.", "Die Zahl war verdreht."),
        ("CORRECTION – the figure was wrong.", "The figure was wrong."),
        ("Korrektur:", "Korrektur:"),
        ("Korrekturen am Kurs waren falsch.", "Korrekturen am Kurs waren falsch."),
    ],
)
def test_a_correction_is_not_called_one_twice(said: str, shown: str) -> None:
    assert amends(said) == shown


def test_a_sponsored_story_is_labelled_everywhere(shown: Desk) -> None:
    for path in ("/", shown.path("advert"), "/search?q=sparbrief"):
        assert '<span class="mark advert">Anzeige</span>' in shown.browser.get(path).text


def test_a_teaser_ends_where_the_licence_does(shown: Desk) -> None:
    text = shown.browser.get(shown.path("teaser")).text
    assert "Die Küstenbahn erwägt nach Angaben aus Kreisen" in text
    assert 'href="https://hansekontor.example/artikel/17"' in text
    assert "Vollständigen Artikel bei Hansekontor lesen" in text
    assert NOTICE in text


def test_nothing_of_a_paid_text_leaks_anywhere(shown: Desk) -> None:
    secret = SECRET[:20]
    paths = [
        "/",
        "/?lang=en",
        f"/shares/{BAHN}",
        f"/shares/{WERFT}",
        "/feed.atom",
        "/feed.json",
        f"/shares/{BAHN}/feed.atom",
        f"/shares/{BAHN}/feed.json",
    ]
    paths += [
        "/providers/hansekontor",
        "/providers/tickerline",
        "/search?q=bezahlten",
        "/search?q=boersengang",
        "/search?q=index",
        "/sitemap.xml",
    ]
    for name in ("teaser", "headline", "main"):
        paths += [shown.path(name), shown.path(name) + "/versions", shown.path(name) + "/versions/1"]
    for path in paths:
        for prefix in ("", "/en"):
            assert secret not in shown.browser.get(prefix + path).text, prefix + path
    assert "yard led the market" not in shown.browser.get(shown.path("headline")).text


def test_codes_and_old_addresses_lead_to_the_one_address(shown: Desk) -> None:
    for code in (BAHN.lower(), "ZZB001", "zzb001", "KBN", "kbn"):
        answer = shown.browser.get(f"/shares/{code}")
        assert (answer.status, answer.headers["location"]) == (301, f"/shares/{BAHN}")
    assert shown.browser.get("/en/shares/KBN").headers["location"] == f"/en/shares/{BAHN}"
    key = shown.keys["main"]
    for wrong in (f"/news/{key}", f"/news/another-slug-{key}", f"/news/x-{key}?lang=de"):
        answer = shown.browser.get(wrong)
        assert (answer.status, answer.headers["location"]) == (301, shown.path("main"))
    assert shown.browser.get(f"/news/x-{key}/versions").status == 301
    assert shown.browser.get("/en").headers["location"] == "/en/"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/shares/ZZ0000000000",
        "/providers/nobody",
        "/news/x-99999",
        "/news/x",
        "/news/",
        "/en/nothing",
        "/news/1/versions/999999999999999999999",
        "*",
    ],
)
def test_what_is_not_there_says_so_and_offers_the_search(shown: Desk, path: str) -> None:
    answer = shown.browser.get(path)
    assert answer.status == 404
    assert 'role="search"' in answer.text
    assert (
        "There is nothing" if path.startswith("/en") else "Unter dieser Adresse gibt es nichts"
    ) in answer.text


def test_a_killed_story_leaves_a_notice_without_its_headline(shown: Desk) -> None:
    answer = shown.browser.get(f"/news/falkenwerft-angeblich-vor-uebernahme-{shown.keys['killed']}")
    assert answer.status == 410
    assert "zurückgezogen" in answer.text
    assert "Die Meldung beruhte auf einer gefälschten Mitteilung." in answer.text
    assert "Übernahme" not in answer.text


def test_search_finds_shares_first_and_never_what_was_killed(shown: Desk) -> None:
    text = re.sub("</?mark>", "", shown.browser.get("/search?q=Falkenwerft").text)
    assert text.index(f'/shares/{WERFT}"') < text.index("Falkenwerft gewinnt")
    assert "Übernahme" not in text
    assert "Falkenwerft wins ferry order" in text
    assert "Keine Meldung enthält diese Wörter." in shown.browser.get("/search?q=xyzzyq").text


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "%22" * 50,
        "q=%00",
        "q=a&page=-1",
        "q=a&page=99999999999",
        "q=" + "a" * 5000,
        "q=AND+OR+%28",
        "page=x",
        "q=%F0%9F%92%A9",
    ],
)
def test_no_search_is_an_error(shown: Desk, query: str) -> None:
    assert shown.browser.get(f"/search?{query}").status == 200


@pytest.mark.parametrize(
    "before", ["x", "1_", "_1", "nan_1", "inf_1", "1e400_5", "1_99999999999999999999", "-1_1", "%00"]
)
def test_no_place_in_a_list_is_an_error(shown: Desk, before: str) -> None:
    assert shown.browser.get(f"/?before={before}").status == 200


def test_one_may_page_through_everything(desk: Desk) -> None:
    for n in range(110):
        desk.paper.file(f"n{n}", f"Meldung Nummer {n} aus dem Hafen", "Text.", minutes_ago=n)
    seen: list[str] = []
    path: str | None = "/"
    while path:
        text = desk.browser.get(path).text
        seen += re.findall(r"Meldung Nummer (\d+) aus", text.split('class="rail"')[0])
        found = re.search(r'<a href="([^"]*)" rel="next"', text)
        path = found[1].replace("&amp;", "&") if found else None
    assert sorted(map(int, seen)) == list(range(110))


def test_an_empty_portal_says_what_to_do(bare: Desk) -> None:
    text = bare.browser.get("/").text
    assert "Noch keine Meldungen" in text
    assert "depesche.toml" in text
    assert "depesche demo" in text
    assert bare.browser.get("/search?q=x").status == 200
    assert "hat noch kein Impressum hinterlegt" in bare.browser.get("/imprint").text
    assert bare.browser.get("/feed.atom").status == 200


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> {{ 7*7 }} </title> & \u202e'


def test_hostile_copy_stays_text(desk: Desk) -> None:
    key = desk.paper.file(
        "evil", HOSTILE, "Text.", label=("ROUNDUP", 1, HOSTILE), byline=HOSTILE, credit=HOSTILE, copyright=HOSTILE, place=HOSTILE,
        teaser=HOSTILE, canonical_url="javascript:alert(3)", correction=HOSTILE,
    )  # fmt: skip
    desk.index()
    for path in (
        "/",
        desk.paper.path(key),
        desk.paper.path(key) + "/versions",
        "/search?q=alert",
        f"/search?q={'%3Cscript%3E'}",
        "/feed.atom",
        "/providers/nordlicht-nachrichten",
    ):
        text = desk.browser.get(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "javascript:" not in text, path


def test_reading_changes_nothing(desk: Desk) -> None:
    with desk.paper.room.database.reading() as tx:
        before = tx.journal.last(), tx.subscriptions.counts()
    for path in (
        *PAGES,
        desk.path("main"),
        "/follow/confirm?token=x",
        "/follow/leave?token=x",
        "/follow/manage?token=x",
    ):
        desk.browser.get(path)
    with desk.paper.room.database.reading() as tx:
        assert (tx.journal.last(), tx.subscriptions.counts()) == before


def test_a_failure_of_ours_is_said_in_plain_words_and_raised(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from depesche.portal.pages import search

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(search.lines, "line", fail)
    messages = []

    async def send(message: object) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/search",
        "query_string": b"q=falkenwerft",
        "headers": [],
        "client": None,
        "server": None,
        "scheme": "http",
        "root_path": "",
    }
    desk.index()
    with pytest.raises(RuntimeError, match="disk"):
        desk.browser.loop.run_until_complete(_run(desk, scope, send))
    assert messages[0]["status"] == 500
    assert "Ein Fehler bei uns" in messages[1]["body"].decode()
    assert "disk" not in messages[1]["body"].decode()


async def _run(desk: Desk, scope: dict[str, object], send: object) -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    try:
        await desk.app(scope, receive, send)  # type: ignore[arg-type]
    except Exception as error:
        raise (error.__cause__ or error) from None
