"""The audience's commands, as an operator types them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from depesche.audience.clicks import is_parquet, read_parquet
from depesche.lib.parquet import write_columns
from depesche.model.audience import Visit
from depesche.model.take import Take
from depesche.newsroom import Newsroom
from depesche.ops.commands import audience
from depesche.settings import Settings
from depesche.stories.incoming import Receipt
from fakes import FakeClock

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """A newsroom with three stories: 41 readers of the first went on to the second."""
    clock = FakeClock()
    made = Newsroom(Settings(data_dir=tmp_path / "var", title="Küstenblick", rate_limit=100_000), clock)
    for n in range(1, 4):
        at = clock.move(minutes=1)
        take = Take(
            "test",
            "Nordlicht",
            f"g{n}",
            f"Meldung, die {n}.",
            "",
            version_created=at,
            language="de",
            body_text="Text.",
        )
        with made.database.transaction() as tx:
            made.desk.file(take, (), Receipt("desk", at), tx, at)
    for n in range(41):
        for story in (1, 2):
            made.counter.count(story, Visit(f"198.51.{n}.1", AGENT))
    made.flush_views()
    yield made
    made.close()


def test_explaining_a_list_says_how_many_went_on(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert audience.explain(room, "1", as_json=True) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["other"], one["kind"], one["readers"]) for one in lines] == [
        (2, "read", 41),
        (3, "newest", 0),
    ]
    assert lines[0]["why"] == "41 readers went on to this (weight 41.00)"
    assert audience.explain(room, "/news/meldung-die-1-1", as_json=False) == 0
    assert "41 readers went on to this" in capsys.readouterr().out


@pytest.mark.parametrize("story", ["99", "x", "9" * 30])
def test_explaining_what_is_not_there_fails(
    room: Newsroom, story: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audience.explain(room, story, as_json=True) == 1
    assert "no such public story" in capsys.readouterr().err


def test_spikes_are_listed(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    hour = int(room.clock.now().timestamp() // 3600)
    with room.database.transaction() as tx:
        tx.views.add({(3, hour): 777})
    assert [one.story for one in room.readership.watch()] == [3]
    assert audience.spikes(room, 7, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {
        "story": 3, "hour": f"{room.clock.now():%Y-%m-%dT%H}:00:00Z", "views": 777, "usual": 0.0,
    }  # fmt: skip
    assert audience.spikes(room, 7, as_json=False) == 0
    assert "Meldung, die 3." in capsys.readouterr().out


def test_an_export_has_the_columns_of_counter(
    room: Newsroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audience.export(room, None, None, None, "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == {
        "Date": "2026-03-02", "Item_ID": "1", "Item": "Meldung, die 1.", "Publisher": "Nordlicht", "Platform": "Küstenblick",
        "Data_Type": "News_Item", "Metric_Type": "Total_Item_Requests", "Count": "41",
    }  # fmt: skip
    assert sum(int(row["Count"]) for row in rows) == 82
    assert audience.export(room, date(2026, 3, 3), None, tmp_path / "none.csv", "csv") == 0
    assert (tmp_path / "none.csv").read_text().splitlines() == [",".join(audience.EXPORTED)]


def test_an_export_as_parquet_reads_back(
    room: Newsroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arro3 = pytest.importorskip("arro3.io")
    assert (
        audience.export(room, date(2026, 3, 1), date(2026, 3, 2), tmp_path / "views.parquet", "parquet") == 0
    )
    (batch,) = arro3.read_parquet(str(tmp_path / "views.parquet"))
    assert tuple(batch.schema.names) == audience.EXPORTED
    assert batch.column("Count").to_pylist() == [41, 41]
    assert audience.export(room, date(2027, 3, 1), None, tmp_path / "none.parquet", "parquet") == 0
    assert audience.export(room, None, None, None, "parquet") == 1
    assert "--output" in capsys.readouterr().err


# -- replay --------------------------------------------------------------------------------------

CLICKS = {
    "time_ms": [0, 60_000, 120_000, 180_000],
    "reader": ["anna", "anna", "bert", "bert"],
    "story": [1, 2, 1, 2],
}


def test_parquet_is_replayed_like_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("arro3.io")
    write_columns(tmp_path / "clicks.parquet", CLICKS)
    rows = zip(*CLICKS.values(), strict=True)
    (tmp_path / "clicks.csv").write_text(
        "time_ms,reader,story\n" + "".join(f"{at},{who},{story}\n" for at, who, story in rows)
    )
    write_columns(tmp_path / "named.parquet", {**CLICKS, "story": ["one", "two", "one", "two"]})
    found = []
    for name in ("clicks.parquet", "clicks.csv", "named.parquet"):
        assert audience.replay(tmp_path / name) == 0
        figures = json.loads(capsys.readouterr().out)
        found.append((figures["clicks"], figures["predictions"], figures["HR@1"], figures["MRR@20"]))
    assert found == [(4, 2, 0.5, 0.5)] * 3


def test_a_damaged_log_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("arro3.io")
    whole = tmp_path / "clicks.parquet"
    write_columns(whole, CLICKS)
    (tmp_path / "cut.parquet").write_bytes(whole.read_bytes()[:200])
    (tmp_path / "tiny.parquet").write_bytes(b"PAR1")
    (tmp_path / "odd.parquet").write_bytes(whole.read_bytes()[:-20] + b"\xff" * 12 + whole.read_bytes()[-8:])
    write_columns(tmp_path / "other.parquet", {"time_ms": [1], "story": [2]})
    write_columns(tmp_path / "kind.parquet", {**CLICKS, "time_ms": ["a", "b", "c", "d"]})
    (tmp_path / "noise.csv").write_bytes(b"\xf7\x00\xff")
    for name in ("cut.parquet", "tiny.parquet", "odd.parquet", "other.parquet", "kind.parquet", "noise.csv"):
        assert audience.replay(tmp_path / name) == 1, name
        assert name in capsys.readouterr().err.splitlines()[-1]
    assert is_parquet(whole)
    assert next(iter(read_parquet(whole))) == (0, "anna", 1)


def test_without_the_part_for_parquet_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    (tmp_path / "clicks.parquet").write_bytes(b"PAR1" + b"\0" * 30 + b"PAR1")
    monkeypatch.setitem(sys.modules, "arro3.core", None)
    assert audience.replay(tmp_path / "clicks.parquet") == 1
    assert "install depesche[parquet]" in capsys.readouterr().err
