"""Editors see the letters that a story makes; a browser finds no fault with them, however narrow or dark."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from depesche.alerts.letters.words import LANGUAGES
from depesche.model.errors import SettingsError
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Evidence, Instrument, Mention
from depesche.model.take import Series, Take
from depesche.newsroom import Newsroom
from depesche.ops.commands import letters
from depesche.settings import Settings
from depesche.stories.incoming import Receipt
from fakes import FakeClock

HALDEN = isin_with_check_digit("ZZ00HALDEN1")
LONG_WORD = "Seilbahnkabinenbetriebsgenehmigungsverfahrensordnung"
BODY = "Die Halden Werke liefern ihre erste Kabine aus.\n\nSie fährt im Herbst. „Wir freuen uns“, sagte Ragna Holm."
FOLLOWED = "Halden Werke"
PAGES_ONLY = {
    "region": {"enabled": False},
    "landmark-one-main": {"enabled": False},
}  # a letter is part of another page


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Newsroom]:
    """A newsroom with a story about a share, one without, and one that is an advertisement."""
    folder = tmp_path_factory.mktemp("letters")
    shutil.copy(migrated_sqlite, folder / "depesche.sqlite")
    clock = FakeClock()
    room = Newsroom(
        Settings(
            data_dir=folder,
            base_url="https://news.example",
            secret="a secret of this test, long enough",
            operator="Seilbahn Verlag",
        ),
        clock,
    )  # type: ignore[arg-type]
    room.import_instruments([Instrument(HALDEN, FOLLOWED, source="test")])
    _file(
        room,
        "a",
        f"{LONG_WORD} geändert: Halden Werke liefern aus",
        (HALDEN,),
        Series("ROUNDUP", 2, "Seilbahnen"),
    )
    _file(room, "b", "Torvik Shipping doubles its orders", ())
    yield room
    room.close()


def _file(
    room: Newsroom, guid: str, headline: str, shares: tuple[str, ...], series: Series | None = None
) -> None:
    now = room.clock.now() - timedelta(minutes=30)
    take = Take(
        format="ninjs", provider="Nordlicht", guid=guid, headline=headline, headline_raw=headline, version_created=now,
        teaser=BODY.splitlines()[0], body_text=BODY, body_html=f"<p>{BODY}</p>", language="de", series=series, copyright="© Nordlicht",
    )  # fmt: skip
    evidence = (Evidence("supplied-isin", "identifiers", 0, 1, "ISIN"),)
    mentions = [Mention(isin, FOLLOWED, 1.0, 1.0, True, evidence) for isin in shares]
    with room.database.transaction() as tx:
        room.desk.file(take, mentions, Receipt("nordlicht", now), tx, now)


@pytest.fixture(scope="module")
def written(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "of-a-story"
    assert letters.preview(room, "1", (), (), folder, as_json=False) == 0
    return folder


def test_every_kind_is_written_in_every_language_three_ways(written: Path) -> None:
    names = {f"{kind}.{language}" for kind in letters.KINDS for language in LANGUAGES}
    assert {one.name for one in written.iterdir()} == {
        "index.html",
        *(f"{name}.{ending}" for name in names for ending in ("html", "txt", "eml")),
    }
    page = (written / "index.html").read_text()
    assert all(f'src="{name}.html"' in page for name in names)


@pytest.mark.parametrize("kind", letters.KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_strictly_well_formed(written: Path, kind: str, language: str) -> None:
    raw = (written / f"{kind}.{language}.eml").read_bytes()
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    mail = message_from_bytes(raw, policy=policy.SMTP + policy.strict)
    assert isinstance(mail, EmailMessage)
    every = [mail, *mail.walk()]
    assert [defect for one in every for defect in one.defects] == []
    assert [defect for one in every for head in one.values() for defect in getattr(head, "defects", ())] == []
    assert str(mail["List-Id"]).startswith("<alerts.")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(mail["List-Unsubscribe"]).startswith("<https://news.example/")
    assert len(str(mail["Feedback-ID"]).split(":")) == 4
    assert mail["Content-Language"] == language
    assert mail["Date"].datetime is not None
    assert mail["Message-ID"]


@pytest.mark.parametrize("kind", letters.KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_is_readable_at_72_columns(written: Path, kind: str, language: str) -> None:
    lines = (written / f"{kind}.{language}.txt").read_text().splitlines()
    assert [one for one in lines if len(one) > 72 and not one.startswith("https://")] == []
    assert lines[0], "the first line says why the letter came"
    assert ("ebhook" if kind == "webhook" else FOLLOWED) in " ".join(lines[:2])
    assert lines[-1].startswith("https://news.example/") or kind == "confirmation"


@pytest.mark.parametrize("kind", letters.KINDS)
def test_html_loads_nothing_and_tables_are_only_layout(written: Path, kind: str) -> None:
    html = (written / f"{kind}.de.html").read_text()
    assert all(word not in html for word in ("<img", "url(", "@import", "<script", "<link", "src="))
    assert html.count("<table") == html.count('<table role="presentation"')
    assert '<html lang="de">' in html


def test_a_story_without_a_share_is_told_to_followers_of_its_provider(room: Newsroom, tmp_path: Path) -> None:
    assert letters.preview(room, "x-2", ["alert"], ["en"], tmp_path, as_json=False) == 0
    assert (tmp_path / "alert.en.txt").read_text().startswith("You follow the source Nordlicht.")


def test_what_is_written_is_told(room: Newsroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert letters.preview(room, "1", ["kill"], ["en"], tmp_path, as_json=True) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said[0]["letter"] == "kill.en"
    assert said[0]["subject"] == "Withdrawn: a story by Nordlicht"
    assert said[1] == {"page": str(tmp_path / "index.html")}


def test_no_story_no_letters(room: Newsroom, tmp_path: Path) -> None:
    assert letters.preview(room, "99", (), (), tmp_path / "none", as_json=False) == 1
    assert not (tmp_path / "none").exists()
    with pytest.raises(SettingsError, match="there is no kind 'joke'"):
        letters.preview(room, "1", ["joke"], (), tmp_path, as_json=False)
    with pytest.raises(SettingsError, match="there is no language 'fr'"):
        letters.preview(room, "1", (), ["fr"], tmp_path, as_json=False)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_fit_a_phone_and_axe_finds_nothing(written: Path, chromium: Browser, scheme: str) -> None:
    page = chromium.new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    for file in sorted(written.glob("*.de.html")):
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, file.name
        found = Axe().run(page, options={"rules": PAGES_ONLY})
        assert found.violations_count == 0, f"{file.name}: {found.generate_report()}"
    page.context.close()
