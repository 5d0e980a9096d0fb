"""Operators' view of the wires: how they stand, history read again, ingest in small bites."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from depesche.model.take import Take
from depesche.newsroom import Newsroom
from depesche.ops import health, retention
from depesche.ops.commands import ingest, wires
from depesche.settings import Settings
from depesche.store.wires.polls import Poll
from depesche.wires.format import WireFormat
from fakes import NOON, FakeClock

Out = pytest.CaptureFixture[str]


class Reader:
    """A format whose parser gets better: at first it overlooks everything after the headline."""

    def __init__(self) -> None:
        self.is_fixed = False
        self.read_at_all = 0

    def read(self, raw: bytes, provider: str) -> Iterator[Take]:
        self.read_at_all += 1
        headline, body = raw.decode().split("|")
        yield Take(
            "lines", provider or "Kontor", f"line:{headline}", headline, headline, version_created=NOON,
            body_html=f"<p>{body}</p>" if self.is_fixed else "",
        )  # fmt: skip


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def room(tmp_path: Path, database_url: str, reader: Reader) -> Iterator[Newsroom]:
    given = [
        {"name": "coast", "provider": "Küstenfunk", "token": "t"},
        {"name": "feed", "provider": "Küstenfunk", "kind": "poll", "url": "https://feed.example/"},
    ]
    made = Newsroom(Settings(data_dir=tmp_path, database_url=database_url, wires=given), FakeClock())  # type: ignore[arg-type]
    made.formats["lines"] = WireFormat("lines", lambda head: b"|" in head, reader.read)
    yield made
    made.close()


def bring(room: Newsroom, *items: str, wire: str = "coast") -> None:
    for one in items:
        room.spool(one.encode(), wire=wire, name=one, format_name="lines")
    while room.file_waiting():
        pass


def bodies(room: Newsroom) -> list[str]:
    with room.database.reading() as tx:
        found = [tx.newsstand.version(story) for story in tx.newsstand.public_ids()]
    return [one.body_text for one in found if one]


def lines(out: Out) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.readouterr().out.splitlines()]


def again(room: Newsroom, out: Out, wire: str | None = None, **more: object) -> list[dict[str, object]]:
    options = {"since": None, "dry": False} | more
    assert wires.reparse(room, wire, as_json=True, **options) == 0  # type: ignore[arg-type]
    return lines(out)


def test_a_fixed_parser_reads_history_again(room: Newsroom, reader: Reader, capsys: Out) -> None:
    bring(room, "Boje gehoben|Am Montag.", "Fähre getauft|Am Dienstag.")
    assert bodies(room) == ["", ""]
    (said,) = again(room, capsys)
    assert (said["ignored"], "update" in said) == (2, False), "the same parser finds nothing new"
    reader.is_fixed = True
    *made, said = again(room, capsys)
    assert [(one["action"], one["version"], one["headline"]) for one in made] == [
        ("update", 2, "Boje gehoben"),
        ("update", 2, "Fähre getauft"),
    ]
    assert said == {"items": 2, "update": 2, "dry_run": False}
    assert bodies(room) == ["Am Montag.", "Am Dienstag."]
    assert again(room, capsys)[-1]["ignored"] == 2
    reader.is_fixed = False
    assert again(room, capsys)[-1]["update"] == 2, "the fix was none and is taken back"
    assert bodies(room) == ["", ""]


def test_a_dry_run_says_the_same_and_keeps_nothing(room: Newsroom, reader: Reader, capsys: Out) -> None:
    bring(room, "Boje gehoben|Am Montag.")
    reader.is_fixed = True
    first, said = again(room, capsys, dry=True)
    assert (first["action"], said["update"], said["dry_run"]) == ("update", 1, True)
    assert bodies(room) == [""]
    with room.database.reading() as tx:
        assert [one.kind for one in tx.journal.after(0)] == ["filed"]
    assert again(room, capsys)[-1]["update"] == 1


def test_only_the_wire_and_time_asked_for_are_read(room: Newsroom, reader: Reader, capsys: Out) -> None:
    bring(room, "Alt|Text.")
    room.clock.move(days=2)  # type: ignore[attr-defined]
    bring(room, "Neu|Text.")
    bring(room, "Fremd|Text.", wire="feed")
    reader.is_fixed = True
    made = again(room, capsys, "coast", since=NOON + timedelta(days=1))
    assert [one["headline"] for one in made[:-1]] == ["Neu"]
    assert made[-1]["items"] == 1


def test_a_run_that_was_stopped_goes_on_where_it_was(
    room: Newsroom, reader: Reader, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(room, *[f"Meldung {n}|Text {n}." for n in range(120)])
    reader.is_fixed = True
    whole = room.reread

    def stopped(items: object, **more: object) -> object:
        if reader.read_at_all >= 120 + 100:
            raise KeyboardInterrupt
        return whole(items, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "reread", stopped)
    with pytest.raises(KeyboardInterrupt):
        wires.reparse(room, None, None, dry=False, as_json=True)
    capsys.readouterr()
    monkeypatch.undo()
    reader.read_at_all = 0
    assert again(room, capsys)[-1] == {"items": 20, "update": 20, "dry_run": False}
    assert reader.read_at_all == 20
    assert again(room, capsys)[-1]["items"] == 120, "a finished run begins anew"


def test_what_cannot_be_read_any_more_is_said_and_changes_nothing(
    room: Newsroom, reader: Reader, capsys: Out
) -> None:
    bring(room, "Boje gehoben|Am Montag.")
    del room.formats["lines"]
    assert wires.reparse(room, None, None, dry=False, as_json=True) == 1
    assert "'lines' is not one of" in capsys.readouterr().err
    assert bodies(room) == [""]


def test_the_table_shows_each_wire(room: Newsroom, capsys: Out) -> None:
    bring(room, "Boje gehoben|Am Montag.")
    with room.database.transaction() as tx:
        tx.polls.put(Poll("feed", NOON, failures=4, last_error="status 500"))
    assert wires.show(room, as_json=True) == 1
    coast, feed = lines(capsys)
    assert (coast["state"], coast["items"], coast["last_at"], coast["lag"]) == (
        "ok",
        1,
        "2026-03-02T12:00:00Z",
        0.0,
    )
    assert (feed["state"], feed["alarm"]) == ("failing", "failed 4 times: status 500")
    assert wires.show(room, as_json=False) == 1
    shown = capsys.readouterr().out
    assert "failed 4 times: status 500" in shown
    assert "2026-03-02 12:00Z" in shown
    health.check(room, as_json=True)
    checks = {one["check"]: one["ok"] for one in lines(capsys)}
    assert (checks["wire coast"], checks["wire feed"]) == (True, False)


def test_an_alarm_is_told_once_and_its_end_once(room: Newsroom) -> None:
    assert room.watch_wires() == []
    room.clock.move(days=4)  # type: ignore[attr-defined]
    assert {one.wire for one in room.watch_wires()} == {"coast", "feed"}
    assert room.watch_wires() == []
    bring(room, "Boje gehoben|Am Montag.")
    assert [(one.wire, one.alarm) for one in room.watch_wires()] == [("coast", None)]
    assert room.watch_wires() == []


def test_a_wire_can_be_asked_at_once(room: Newsroom, capsys: Out) -> None:
    assert wires.ask_now(room, "feed") == 1
    with room.database.transaction() as tx:
        tx.polls.put(Poll("feed", NOON + timedelta(days=1), gone=True, failures=1))
    assert wires.ask_now(room, "feed") == 0
    assert room.poller.next_due() is not None
    assert "has not been asked" in capsys.readouterr().err


def test_retention_has_nothing_to_do_where_no_licence_ends(room: Newsroom) -> None:
    bring(room, "Boje gehoben|Am Montag.")
    room.clock.move(days=9999)  # type: ignore[attr-defined]
    assert retention.tidy(room) is False
    assert len(bodies(room)) == 1


# -- ingest ----------------------------------------------------------------------------------------


def test_folders_are_walked_in_order_and_links_in_circles_are_not(
    room: Newsroom, tmp_path: Path, capsys: Out
) -> None:
    home = tmp_path / "items"
    for name in ("b.txt", "a/2.txt", "a/1.txt", "c/deep/x.txt", ".hidden/no.txt", ".no.txt"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(f"{name}|Text.")
    (home / "a" / "round").symlink_to(home)
    os.mkfifo(home / "pipe")
    (home / "link.txt").symlink_to(home / "b.txt")
    assert ingest.ingest(room, [home], "coast", "lines", "", as_json=True) == 0
    found = [(Path(str(one["file"])).relative_to(home).as_posix(), one["action"]) for one in lines(capsys)]
    new = [("a/1.txt", "new"), ("a/2.txt", "new"), ("b.txt", "new"), ("c/deep/x.txt", "new")]
    assert found == [*new, ("link.txt", "ignored")]


def test_many_files_are_many_small_batches(room: Newsroom, tmp_path: Path, capsys: Out) -> None:
    home = tmp_path / "items"
    home.mkdir()
    for n in range(130):
        (home / f"{n:03}.txt").write_text(f"Meldung {n}|Text.")
    (home / "050.txt").write_text("Meldung 49|Text.")  # the same bytes twice, in one batch or two
    (home / "060.txt").chmod(0)
    unreadable = os.geteuid() != 0
    assert ingest.ingest(room, [home], "coast", "lines", "", as_json=True) == int(unreadable)
    actions = [one["action"] for one in lines(capsys)]
    assert (actions.count("new"), actions.count("ignored")) == (129 - unreadable, 1)
    with room.database.reading() as tx:
        assert tx.spool.counts() == {"filed": 129 - unreadable}


def test_a_file_that_is_missing_stops_no_other(room: Newsroom, tmp_path: Path, capsys: Out) -> None:
    good = tmp_path / "good.txt"
    good.write_text("Boje gehoben|Text.")
    assert ingest.ingest(room, [tmp_path / "missing.txt", good], "coast", "lines", "", as_json=True) == 1
    printed = capsys.readouterr()
    assert "missing.txt: No such file" in printed.err
    assert '"new"' in printed.out


def test_a_feed_with_a_title_like_a_sentence_is_filed(room: Newsroom) -> None:
    title = "Nachrichten von der Küste und aus dem Hafen " * 20
    feed = f"<rss><channel><title>{title}</title><language>{'de-' * 90}</language><item><guid>1</guid><title>Boje</title></item></channel></rss>"
    room.spool(feed.encode(), name="x")
    (done,) = room.file_waiting()
    assert (done.refusals, [one.action for one in done.filings]) == ([], ["new"])
