"""The demo's files are what they claim: readable, invented, rightly numbered, with nothing private in the open."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from depesche.model.errors import WireError
from depesche.model.identifiers import is_isin, is_wkn
from depesche.model.take import CANCELED, Take
from depesche.ops.demo import draw, script, templates
from depesche.ops.demo.script import Scene
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SCENES = script.archive() + script.live()
FORMATS = wire_format.load()
STANDARDS = ("iptc.org", "w3.org", "jsonfeed.org", "mic")
REAL = re.compile(
    r"\bdpa\b|Reuters|AFP|Bloomberg|AFX|\bEQS|DGAP|GlobeNewswire|\bDAX\b|\bDax\b|MDAX|Xetra-Dax|Nasdaq|Dow Jones|Siemens|Hapag|HHLA|"
    r"Volkswagen|BASF|\bBayer\b|Allianz|Lufthansa|Infineon|ver\.di|\bVerdi\b|\bEZB\b|Fed\b|Nato|NATO|Putin|Trump|Merkel|Scholz|\bMerz\b"
)


def takes(scene: Scene) -> list[Take]:
    raw = templates.fill(scene.path.read_text(encoding="utf-8"), NOW, BERLIN).encode()
    found = list(wire_format.recognise(raw, FORMATS).read(raw, ""))
    assert not [one for one in found if isinstance(one, WireError)]
    return [copydesk.edit(one) for one in found if isinstance(one, Take)]


def take(name: str) -> Take:
    return takes(next(scene for scene in SCENES if scene.path.name == name))[0]


def public_words(one: Take) -> str:
    shown = (one.headline, one.teaser, one.body_html, one.body_text, one.byline, one.credit, one.copyright, one.usage_terms,
             one.sign_off, one.dateline, one.pictures, one.subjects, one.genre, one.identifiers, one.links)  # fmt: skip
    return repr(shown) + "".join(note.text for note in one.notes if note.public)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.path.name)
def test_each_file_is_read_and_edited(scene: Scene) -> None:
    found = takes(scene)
    assert found
    for one in found:
        assert one.guid
        assert one.headline
        assert one.version_created
        assert NOW - timedelta(days=2) <= one.version_created <= NOW
        if one.status != CANCELED:
            assert len(one.body_text) > 40
            assert "{{" not in one.body_text + one.headline
        if one.format in {"ninjs", "newsml_g2"} and scene.wire == "nwd" and one.status != CANCELED:
            assert one.dateline
            assert one.dateline.agency == "nwd"
            assert re.fullmatch(r"/\w\w/NWD/\w\w", one.sign_off or "")
            assert not one.body_text.startswith(one.dateline.places[0])


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.path.name)
def test_nothing_private_is_in_the_open(scene: Scene) -> None:
    words = scene.path.read_text(encoding="utf-8")
    telephones = re.findall(r"\b0\d{2,4} (?:\d{4} \d{3}|\d{3} \d{4})\b", words)
    for one in takes(scene):
        shown = public_words(one)
        assert not [number for number in telephones if number in shown]
        assert "nordlicht.example," not in shown
        for note in one.notes:
            if not note.public:
                assert note.text[:60] not in shown


def test_some_items_do_carry_private_notes() -> None:
    private = [note for scene in SCENES for one in takes(scene) for note in one.notes if not note.public]
    assert len([note for note in private if re.search(r"0\d{2,4} ", note.text)]) >= 5


def test_every_format_and_every_wire_is_played() -> None:
    formats = {one.format for scene in SCENES for one in takes(scene)}
    assert formats >= {"ninjs", "newsml_g2", "feed"}
    assert {scene.path.suffix for scene in SCENES} == {".xml", ".json", ".rss", ".atom"}
    text = "".join(scene.path.read_text(encoding="utf-8") for scene in SCENES)
    assert all(
        mark in text
        for mark in ('"body_html"', '"versioncreated"', '"versionCreated"', '"ninjs"', "newsMessage")
    )
    assert {scene.wire for scene in SCENES} == {
        "nwd",
        "harbour",
        "kps",
        "marktnotizen",
        "pflichtblatt",
        "anlegerwelt",
    }


@pytest.mark.parametrize(("place", "number"), [(1, None), (2, 2), (3, 3)])
def test_the_strike_runs_as_a_series(place: int, number: int | None) -> None:
    scene = next(one for one in SCENES if one.path.name.endswith(f"hafenstreik-{place}.json"))
    series = takes(scene)[0].series
    assert series
    assert (series.kind, series.number, series.topic) == ("ROUNDUP", number, "Hafenstreik")


def test_a_wrong_number_is_corrected_in_words() -> None:
    wrong, right = take("06-nwd-voltrund-auftrag.json"), take("11-nwd-voltrund-auftrag-korrektur.json")
    assert wrong.guid == right.guid
    assert "480" in wrong.headline
    assert "180" in right.headline
    told = [note.text for note in right.notes if note.public]
    assert len(told) == 1
    assert "180 Gelenkbusse, nicht 480" in told[0]
    assert "480" not in right.body_text


def test_a_repeat_carries_the_headline_it_repeats() -> None:
    first, again = take("10-nwd-kranichzug.json"), take("18-nwd-kranichzug-wdh.json")
    assert again.series
    assert again.series.kind == "WDH"
    assert first.headline == again.headline
    assert first.guid != again.guid


def test_the_kill_tells_readers_why_and_editors_more() -> None:
    killed = take("12-nwd-pellandis-kill.xml")
    assert killed.status == CANCELED
    assert killed.guid == take("05-nwd-pellandis-bieter.xml").guid
    assert [note.role for note in killed.notes if note.public] == ["correction_consumerready"]
    assert any("intern" in note.text for note in killed.notes if not note.public)


def test_the_embargo_lifts_within_the_showing() -> None:
    held = take("04-nwd-luvhaven-zahlen.xml")
    assert held.embargoed == NOW + timedelta(seconds=75)


def test_the_register_is_invented_and_rightly_numbered() -> None:
    issuers = list(script.instruments())
    assert len(issuers) == 16
    assert all(is_isin(one.isin) and one.isin.startswith("ZZ") for one in issuers)
    assert all(one.wkn and is_wkn(one.wkn) and one.isin[5:11] == one.wkn for one in issuers)
    assert len({one.isin for one in issuers}) == len({one.listings[0].ticker for one in issuers}) == 16
    assert {one.listings[0].mic for one in issuers} == {"XETR", "XLON", "XNAS", "XNYS"}


def test_every_code_in_the_news_is_in_the_register() -> None:
    text = "".join(scene.path.read_text(encoding="utf-8") for scene in SCENES)
    assert set(re.findall(r"\bZZ[A-Z0-9]{9}\d\b", text)) <= {one.isin for one in script.instruments()}
    assert {isin for one in script.FOLLOWERS for isin in one.isins} <= {
        one.isin for one in script.instruments()
    }


def test_nobody_in_it_is_real() -> None:
    text = "".join(scene.path.read_text(encoding="utf-8") for scene in SCENES)
    bare = text.replace("iptc.org/std/NewsML-G2", "")
    assert not REAL.findall(bare)
    hosts = set(re.findall(r"(?:https?://|www\.|@)([a-z0-9.-]+\.[a-z]+)", bare))
    assert hosts
    assert not [host for host in hosts if not host.endswith((".example", *STANDARDS))]


def test_pictures_are_small_used_and_drawn_by_the_program(tmp_path: Path) -> None:
    named = {ref.href for scene in SCENES for one in takes(scene) for ref in one.pictures}
    assert named == {f"pictures/{path.name}" for path in script.PICTURES.iterdir()}
    drawn = draw.write(tmp_path)
    assert {path.name for path in drawn} == {path.name for path in script.PICTURES.iterdir()}
    for path in script.PICTURES.iterdir():
        assert path.stat().st_size < 60_000
        with Image.open(path) as kept, Image.open(tmp_path / path.name) as fresh:
            assert kept.size == (1200, 675)
            small = kept.convert("L").resize((16, 9)), fresh.convert("L").resize((16, 9))
            assert max(abs(a - b) for a, b in zip(small[0].tobytes(), small[1].tobytes(), strict=True)) < 8


def test_every_picture_has_words_and_a_name_under_it() -> None:
    pictures = [ref for scene in SCENES for one in takes(scene) for ref in one.pictures]
    assert len(pictures) > 20
    assert all(ref.caption for ref in pictures)


@pytest.mark.parametrize(
    ("blank", "filled"),
    [
        ("{{now}}", "2026-03-02T13:00:00+01:00"),
        ("{{now-35m}}", "2026-03-02T12:25:00+01:00"),
        ("{{now+60s}}", "2026-03-02T13:00:15+01:00"),
        ("{{mail-2d}}", "Sat, 28 Feb 2026 13:00:00 +0100"),
        ("{{weekday.de-24h}}", "Sonntag"),
        ("{{weekday.en}}", "Monday"),
        ("{{date.de}}", "2. März 2026"),
        ("no blank {at all}", "no blank {at all}"),
    ],
)
def test_times_are_filled_in(blank: str, filled: str) -> None:
    assert templates.fill(blank, NOW, BERLIN, speed=4) == filled


@pytest.mark.parametrize("blank", ["{{}}", "{{now-35}}", "{{yesterday}}", "{{weekday.fr}}", "{{isin:ELK}}"])
def test_a_blank_nobody_knows_is_an_error(blank: str) -> None:
    with pytest.raises(ValueError, match="time"):
        templates.fill(f"am {blank} im", NOW, BERLIN)
