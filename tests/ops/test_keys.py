"""Keys are made, shown once, listed without themselves and revoked, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from depesche.newsroom import Newsroom
from depesche.ops.commands import keys
from depesche.portal.api.gate import KEY, digest
from depesche.settings import Settings
from fakes import FakeClock


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[Newsroom]:
    made = Newsroom(Settings(data_dir=tmp_path, database_url=database_url), FakeClock())  # type: ignore[arg-type]
    yield made
    made.close()


def test_a_key_is_shown_once_and_kept_as_a_hash(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert keys.add(room, " Kontor  Presse ", 900, as_json=True) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["name"], made["per_minute"]) == ("Kontor Presse", 900)
    assert KEY.fullmatch(made["key"])
    with room.database.reading() as tx:
        kept = tx.api_keys.by_hash(digest(made["key"]))
        rows = tx.connection.exec_driver_sql("SELECT * FROM api_keys").fetchall()
    assert kept is not None
    assert made["key"] not in str(rows)
    keys.list_keys(room, as_json=True)
    keys.list_keys(room, as_json=False)
    told = capsys.readouterr().out
    assert "Kontor Presse" in told
    assert made["key"] not in told
    assert digest(made["key"]) not in told
    assert json.loads(told.splitlines()[0])["revoked_at"] is None


def test_a_person_gets_the_key_alone_on_standard_output(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keys.add(room, "Kontor", 600, as_json=False) == 0
    said = capsys.readouterr()
    assert KEY.fullmatch(said.out.strip())
    assert said.out.strip() not in said.err


def test_two_keys_differ_and_names_are_used_once(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("A", "B"):
        keys.add(room, name, 600, as_json=False)
    assert len(set(capsys.readouterr().out.split())) == 2
    assert keys.add(room, "A", 600, as_json=False) == 1
    assert "used once" in capsys.readouterr().err
    assert [keys.add(room, name, 600, as_json=False) for name in ("", "x" * 101, "a\x1bb")] == [1, 1, 1]


def test_revoking_ends_a_key(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    keys.list_keys(room, as_json=False)
    assert "no keys" in capsys.readouterr().out
    keys.add(room, "Kontor", 600, as_json=False)
    key = capsys.readouterr().out.strip()
    assert keys.revoke(room, "Kontor") == 0
    assert keys.revoke(room, "Kontor") == 1
    assert "in force" in capsys.readouterr().err
    with room.database.reading() as tx:
        assert tx.api_keys.by_hash(digest(key)) is None
    keys.list_keys(room, as_json=True)
    assert json.loads(capsys.readouterr().out)["revoked_at"] is not None
