"""The proof of consent: exact words, both times, every target, as text, JSON and a page to print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Instrument
from depesche.model.subscription import Target
from depesche.newsroom import Newsroom
from depesche.ops.commands import readers
from depesche.settings import Settings
from fakes import FakeClock

READER = "Ida.Brook@example.org"
ISIN = isin_with_check_digit("ZZ0PROOF001")
WORDS = "Ja, ich will <b>Nachrichten</b> zu Mühle & Söhne.\n☑ Gesammelt"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """A newsroom in which one reader followed a share and left it again."""
    made = Newsroom(
        Settings(data_dir=tmp_path, secret="s" * 40, operator="Verlag Musterhaven", privacy_version="2026-03"), FakeClock()
    )  # fmt: skip
    made.import_instruments([Instrument(ISIN, "Mühle & Söhne", source="test")])
    made.opt_in.request(READER, Target.share(ISIN), "de", "192.0.2.7", WORDS, f"/shares/{ISIN}")
    made.opt_in.request(READER, Target("search", "kelp", "Kelp"), "de", "192.0.2.7", WORDS, "/search?q=Kelp")
    made.clock.move(hours=1)  # type: ignore[attr-defined]
    with made.database.reading() as tx:
        reader = tx.subscriptions.by_identity(READER.lower())
        assert reader is not None
        first = tx.subscriptions.of_subscriber(reader.key)[0]
    token = made.opt_in._links.confirm(first.key).split("token=")[1]
    made.opt_in.confirm(token, "192.0.2.9")
    made.opt_in.leave(made.opt_in.manage_link(reader.key).split("token=")[1], "192.0.2.9", first.key)
    yield made
    made.close()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.cells.append(data)


def test_json_has_one_line_for_each_act(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert readers.consent(room, " ida.brook@EXAMPLE.org ", as_json=True, as_html=False) == 0
    acts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in acts] == ["requested", "requested", "confirmed", "left"]
    first = acts[0]
    assert first["words"] == WORDS
    assert (first["kind"], first["value"], first["name"]) == ("instrument", ISIN, "Mühle & Söhne")
    assert (first["address"], first["ip"], first["page"], first["privacy_version"]) == (
        READER, "192.0.2.7", f"/shares/{ISIN}", "2026-03",
    )  # fmt: skip
    assert first["utc"] == "2026-03-02T12:00:00Z"
    assert first["local"] == "2026-03-02 13:00:00 CET (Europe/Berlin)"
    assert (acts[1]["kind"], acts[1]["value"], acts[1]["name"]) == ("search", "kelp", "Kelp")
    assert acts[2]["ip"] == "192.0.2.9"


def test_text_says_it_for_people(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert readers.consent(room, READER, as_json=False, as_html=False) == 0
    said = capsys.readouterr().out
    for part in ("Verlag Musterhaven", READER, READER.lower(), f"instrument: Mühle & Söhne ({ISIN})", "search: Kelp (kelp)", "2026-03-02T12:00:00Z",
                 "13:00:00 CET", "192.0.2.7", "☑ Gesammelt", "confirmed", "left"):  # fmt: skip
        assert part in said


def test_the_page_to_print_holds_the_same_and_runs_nothing(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    assert readers.consent(room, READER, as_json=False, as_html=True) == 0
    page = _Text()
    page.feed(capsys.readouterr().out)
    assert WORDS in page.cells
    assert [one for one in page.cells if one[:1].isdigit() and ". " in one[:3]] == [
        "1. requested", "2. requested", "3. confirmed", "4. left",
    ]  # fmt: skip
    assert set(page.tags) <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "table",
        "tr",
        "th",
        "td",
        "section",
    }


def test_nobody_known_has_no_proof(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert readers.consent(room, "nobody@example.org", as_json=False, as_html=False) == 1
    assert "nothing is stored" in capsys.readouterr().err
    assert readers.consent(room, "no address", as_json=False, as_html=True) == 1
    assert capsys.readouterr().out == ""


def test_export_holds_what_ended_too(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert readers.export(room, READER) == 0
    value = json.loads(capsys.readouterr().out)
    assert [bool(one["ended_at"]) for one in value["subscriptions"]] == [True, False]
    assert len(value["consents"]) == 4
    assert readers.erase(room, READER) == 0
    assert readers.consent(room, READER, as_json=True, as_html=False) == 1
