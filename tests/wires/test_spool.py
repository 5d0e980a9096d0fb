"""What is refused stays as it came, is listed with its reason, and can be brought in again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from depesche.newsroom import Newsroom
from depesche.ops.commands import spool
from depesche.settings import Settings
from depesche.wires import parse
from fakes import FakeClock


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[Newsroom]:
    made = Newsroom(Settings(data_dir=tmp_path, database_url=database_url), FakeClock())  # type: ignore[arg-type]
    yield made
    made.close()


def test_a_story_without_end_stays_in_the_spool(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    body = "<" * (parse.MAX_BODY + 1)
    raw = json.dumps({"uri": "x:1", "headline": "Boje", "body_html": body}).encode()
    key, _ = room.spool(raw, wire="kai", name="boje.json")
    (done,) = room.file_waiting()
    reason = f"body: {len(body)} characters are more than {parse.MAX_BODY}"
    assert (done.filings, done.refusals) == ([], [reason])
    assert spool.list_items(room, "refused", as_json=True) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["spool"], listed["bytes"], listed["reason"]) == (key, len(raw), reason)
    with room.database.reading() as tx:
        kept = tx.spool.get(key)
    assert kept is not None
    assert kept.raw == raw
    assert spool.retry(room, [key], as_json=True) == 1, "the reason holds"
