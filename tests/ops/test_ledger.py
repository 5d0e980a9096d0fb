"""The ledger on the command line: by story, by reader, and the alarm when it is not even."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap

from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Evidence, Instrument, Mention
from depesche.model.subscription import Target
from depesche.newsroom import Newsroom
from depesche.ops import health, retention
from depesche.ops.bench.inputs import generate
from depesche.ops.bench.tools.trial import plain_settings
from depesche.ops.commands import ledger, readers
from depesche.stories.incoming import Receipt
from fakes import FakeClock

HALDEN = isin_with_check_digit("ZZ00HALDEN1")
ANNA = "anna@example.org"


@pytest.fixture
def room(tmp_path: Path, clock: FakeClock) -> Iterator[Newsroom]:
    """A newsroom where Anna and another got a letter in the maildir."""
    made = Newsroom(plain_settings(tmp_path), clock)
    made.import_instruments([Instrument(HALDEN, "Halden Werke", source="t")])
    with made.database.transaction() as tx:
        share = tx.targets.enter(
            Target("instrument", HALDEN, instrument=tx.instruments.keys([HALDEN])[HALDEN])
        )
        for address in (ANNA, "bert@example.org"):
            reader = tx.subscriptions.subscriber(address, address, "de", clock.now())
            tx.subscriptions.confirm(
                tx.subscriptions.request(reader.key, share.key, clock.now()).key, clock.now()
            )
    clock.move(seconds=1)
    mention = Mention(
        HALDEN, "Halden Werke", 1.0, 1.0, True, (Evidence("supplied-isin", "identifiers", 0, 1, "ISIN"),)
    )
    take = generate.take(next(generate.stories(1, ())))
    with made.database.transaction() as tx:
        made.desk.file(take, [mention], Receipt("desk", clock.now()), tx, clock.now())
    with made.database.reading() as tx:
        entries = tx.journal.after(0)
    made.matcher.handle(entries)
    assert made.courier.run_once().sent == 2
    made.courier.close()
    yield made
    made.database.close()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_story_is_accounted_for(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert ledger.ledger(room, "1", "", as_json=True) == 0
    [line] = _lines(capsys)
    assert (line["story"], line["kind"], line["even"]) == (1, "alert", True)
    balance = line["balance"]
    assert isinstance(balance, dict)
    assert (balance["matched"], balance["sent"]) == (2, 2)
    assert ledger.ledger(room, "", "", as_json=False) == 0
    assert "even" in capsys.readouterr().out
    assert ledger.uneven(room) == []


def test_what_is_missing_is_an_alarm(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    with room.database.transaction() as tx:
        [chunk] = tx.chunks.between([1], 1, 2)
        tx.chunks.take_out(chunk.key, BitMap([1]))
    assert ledger.ledger(room, "1", "", as_json=False) == 1
    assert "NOT EVEN" in capsys.readouterr().out
    health.check(room, as_json=True)
    [found] = [line for line in _lines(capsys) if line["check"] == "ledger"]
    assert not found["ok"]
    assert ledger.uneven(room) == [1]


def test_one_reader_can_be_asked_for(
    room: Newsroom, capsys: pytest.CaptureFixture[str], clock: FakeClock
) -> None:
    assert ledger.ledger(room, "", ANNA, as_json=True) == 0
    [line] = _lines(capsys)
    assert (line["story"], line["state"]) == (1, "sent")
    assert line["sent_at"] == clock.now().isoformat().replace("+00:00", "Z")
    assert ledger.ledger(room, "7", ANNA, as_json=True) == 0
    assert _lines(capsys) == []
    assert ledger.ledger(room, "no number", "", as_json=True) == 1
    assert ledger.ledger(room, "", "nobody@example.org", as_json=True) == 1


def test_an_erased_reader_leaves_an_even_ledger(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert readers.export(room, ANNA) == 0
    assert '"state":"sent"' in capsys.readouterr().out
    assert readers.erase(room, ANNA) == 0
    capsys.readouterr()
    assert ledger.ledger(room, "1", "", as_json=True) == 0
    line = _lines(capsys)[-1]
    assert isinstance(line["balance"], dict)
    assert line["balance"]["matched"] == line["balance"]["sent"] == 1


def test_the_ledger_forgets_after_its_days(room: Newsroom, clock: FakeClock) -> None:
    retention.tidy(room)
    with room.database.reading() as tx:
        assert tx.ledger.newest(5) == [1]
    clock.move(days=room.settings.ledger_days, seconds=1)
    retention.tidy(room)
    with room.database.reading() as tx:
        assert tx.ledger.newest(5) == []
        assert not tx.dispatches.told([1])
