"""Letters say why they came, show what rights allow, lead out, and cannot be broken by what they carry."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from newsdesk import ADDRESS, FORM, HALDEN, MIRABEL, TORVIK, Newsroom, mails, part

from depesche.alerts.letters.letter import excerpt, wrap
from depesche.model.take import Series
from depesche.model.wire import HEADLINE, TEASER, Rights

ANNA = "anna@example.org"


def _only(newsroom: Newsroom, folder: Path) -> EmailMessage:
    """Let the courier run, and return the one letter that it delivers."""
    known = len(mails(folder))
    courier = newsroom.courier(folder)
    courier.run_once()
    courier.close()
    (mail,) = mails(folder)[known:]
    return mail


def _alert(newsroom: Newsroom, folder: Path, language: str = "de", **more: object) -> EmailMessage:
    newsroom.follow(ANNA, language=language)
    newsroom.file(**more)  # type: ignore[arg-type]
    newsroom.follow_journal()
    return _only(newsroom, folder)


def test_the_confirmation_says_who_asked_for_what_and_when(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.ask(ANNA)
    mail = _only(newsroom, tmp_path)
    link = newsroom.links.confirm(newsroom.subscription(ANNA).key)
    assert mail["Subject"] == "Bitte bestätigen: Nachrichten zu Halden Werke"
    for subtype in ("plain", "html"):
        said = " ".join(part(mail, subtype).split())
        for fact in (HALDEN, "2. März 2026, 13:00 Uhr", "192.0.2.7", FORM, link, "Das waren nicht Sie?"):
            assert fact in said
    assert part(mail, "plain").rstrip().splitlines()[-1].startswith("keine Nachrichten")


def test_the_confirmation_speaks_english_to_those_who_do(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.ask(ANNA, language="en")
    mail = _only(newsroom, tmp_path)
    assert mail["Subject"] == "Please confirm: news on Halden Werke"
    assert mail["Content-Language"] == "en"
    assert f"{ADDRESS}/en/follow/confirm?token=" in part(mail, "html")
    assert "2 March 2026, 13:00 CET" in " ".join(part(mail, "plain").split())


def test_who_follows_already_is_led_to_the_page_with_everything(newsroom: Newsroom, tmp_path: Path) -> None:
    followed = newsroom.follow(ANNA)
    newsroom.ask(ANNA)
    mail = _only(newsroom, tmp_path)
    assert mail["Subject"] == "Sie folgen Halden Werke schon"
    assert newsroom.links.manage(followed.subscriber) in part(mail, "plain")
    assert "/follow/confirm" not in part(mail, "html")


def test_an_alert_begins_with_its_reason_and_ends_with_the_way_out(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    followed = [newsroom.follow(ANNA, one) for one in (HALDEN, MIRABEL, TORVIK)]
    filed = newsroom.file(shares=(HALDEN, TORVIK), series=Series("ROUNDUP", 2, "Seilbahnen"))
    newsroom.follow_journal()
    mail = _only(newsroom, tmp_path)
    text = part(mail, "plain")
    leave = newsroom.links.leave(followed[0].subscriber, [followed[0].key, followed[2].key])
    assert text.splitlines()[0] == "Sie folgen der Aktie Halden Werke und der Aktie Torvik Shipping."
    assert text.rstrip().splitlines()[-1] == leave
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "<alerts.news.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Feedback-ID"] == f"{filed.story}:alert:1:depesche"
    assert mail["To"] == ANNA
    assert mail["Subject"] == "ROUNDUP 2 · Seilbahnen: Halden Werke liefern erste Seilbahn aus"
    for said in (text, part(mail, "html")):
        for fact in (
            "Nordlicht",
            "Die erste Kabine fährt im Herbst.",
            f"{ADDRESS}/news/",
            f"{ADDRESS}/shares/{TORVIK}",
            leave,
        ):
            assert fact in said


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_text_is_readable_at_72_columns(newsroom: Newsroom, tmp_path: Path, language: str) -> None:
    long = "Wir haben lange darüber gestritten, wie leise eine Stütze sein darf. " * 9
    mail = _alert(newsroom, tmp_path, language, body_text=long, headline="Sehr lange Überschrift " * 8)
    for line in part(mail, "plain").splitlines():
        assert len(line) <= 72 or line.startswith("https://")


def test_nothing_is_loaded_and_nothing_redirects(newsroom: Newsroom, tmp_path: Path) -> None:
    html = part(_alert(newsroom, tmp_path), "html")
    assert not re.search(r"<(img|link|script|iframe|object)\b|url\(|@import|src=", html)
    assert all(one.startswith(ADDRESS) for one in re.findall(r'href="([^"]+)"', html))


def test_a_teaser_licence_shows_the_teaser_and_leads_to_the_provider(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    newsroom.rights["nordlicht"] = Rights(TEASER, 60, notice="Ohne Gewähr & Haftung.")
    mail = _alert(newsroom, tmp_path, canonical_url="https://provider.example/1?a=b&c=d")
    assert "Mehr folgt" not in part(mail, "plain") + part(mail, "html")
    assert "Die erste Kabine" in part(mail, "plain")
    assert "https://provider.example/1?a=b&c=d" in part(mail, "plain")
    assert "Ohne Gewähr &amp; Haftung." in part(mail, "html")


def test_a_headline_licence_shows_the_headline_only(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.rights["nordlicht"] = Rights(HEADLINE)
    mail = _alert(newsroom, tmp_path, canonical_url="javascript:alert(1)")
    for subtype in ("plain", "html"):
        assert "Die erste Kabine" not in part(mail, subtype)
        assert "Halden Werke liefern erste Seilbahn aus" in part(mail, subtype)
        assert "javascript" not in part(mail, subtype)


def test_rights_are_those_of_the_moment_of_sending(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.follow(ANNA)
    newsroom.follow("bert@example.org")
    newsroom.file()
    newsroom.follow_journal()
    newsroom.rights["nordlicht"] = Rights(HEADLINE)
    courier = newsroom.courier(tmp_path)
    courier.run_once()
    courier.close()
    assert [("Kabine" in part(mail, "plain")) for mail in mails(tmp_path)] == [False, False]


def test_foreign_text_stays_text(newsroom: Newsroom, tmp_path: Path) -> None:
    evil = 'Halden <b>"&amp;"</b> {{ 7*7 }} =?utf-8?q?x?='
    mail = _alert(
        newsroom, tmp_path, headline=evil, body_text="<script>alert(1)</script>\n.\nEnde", copyright="<i>"
    )
    assert mail["Subject"] == evil
    assert "<script>" not in part(mail, "html")
    assert "&lt;b&gt;" in part(mail, "html")
    assert evil in " ".join(part(mail, "plain").split())


def test_a_headline_cannot_add_headers(newsroom: Newsroom, tmp_path: Path) -> None:
    mail = _alert(newsroom, tmp_path, headline="Gut\r\nBcc: victim@example.org\r\n\r\nbody")
    assert mail["Bcc"] is None
    assert mail["To"] == ANNA
    assert mail["Subject"].startswith("Gut Bcc:")


def test_correction_and_kill_follow_up_on_the_alert(newsroom: Newsroom, tmp_path: Path) -> None:
    alert = _alert(newsroom, tmp_path)
    newsroom.clock.move(hours=1)
    newsroom.correct()
    newsroom.follow_journal()
    correction = _only(newsroom, tmp_path)
    newsroom.kill()
    newsroom.follow_journal()
    kill = _only(newsroom, tmp_path)
    assert correction["In-Reply-To"] == kill["In-Reply-To"] == kill["References"] == alert["Message-ID"]
    assert len({alert["Message-ID"], correction["Message-ID"], kill["Message-ID"]}) == 3
    assert correction["Subject"].startswith("Korrektur: Halden Werke")
    assert "Fassung 2" in part(correction, "plain")
    for subtype in ("plain", "html"):
        said = " ".join(part(kill, subtype).split())
        assert "Nordlicht hat die Meldung vom 2. März 2026" in said
        assert "Unser Brief dazu ging am 2. März 2026, 13:00 Uhr an Sie." in said
        assert "Seilbahn aus" not in said


def test_readers_of_both_languages_get_their_own(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.follow(ANNA)
    newsroom.follow("bert@example.org", language="en")
    newsroom.file()
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 2
    courier.close()
    firsts = {mail["To"]: part(mail, "plain").splitlines()[0] for mail in mails(tmp_path)}
    assert firsts == {
        ANNA: "Sie folgen der Aktie Halden Werke.",
        "bert@example.org": "You follow Halden Werke.",
    }


def test_an_international_address_is_mailed_as_given(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.ask("jürgen@bücher.example")
    courier = newsroom.courier(tmp_path)
    courier.run_once()
    courier.close()
    (file,) = (tmp_path / "mail" / "new").iterdir()
    assert "To: jürgen@xn--bcher-kva.example\n" in file.read_text()


def test_excerpts_end_at_paragraphs() -> None:
    assert excerpt("a\n\n  b  c \n\nd") == ["a", "b c", "d"]
    assert excerpt("eins zwei drei\nvier", 15) == ["eins zwei drei"]
    assert excerpt("eins zwei drei vier", 10) == ["eins zwei…"]
    assert excerpt(" \n ") == []


def test_wrapping_keeps_addresses_whole() -> None:
    address = "https://news.example/" + "x" * 90
    assert address in wrap(f"Wort {address} Wort").splitlines()
