"""Commands about what comes back, and the worker's doors, as an operator uses them."""

from __future__ import annotations

import json
import shutil
import smtplib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))

from imap_server import ImapBox

import bounce_letters as letters
from depesche.lib.mailing.maildir import deliver_to_maildir
from depesche.model.bounce import letter_number
from depesche.model.errors import SettingsError
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Instrument
from depesche.model.subscription import SENT, UNCERTAIN, Outgoing, Target
from depesche.newsroom import Newsroom
from depesche.ops.commands import readers, returns
from depesche.ops.worker import Worker
from depesche.settings import Settings
from depesche.store.letters.outbox import Fate
from fakes import FakeClock

ISIN = isin_with_check_digit("ZZ00HALDEN1")
READER = letters.READER


@pytest.fixture
def given(tmp_path: Path, migrated_sqlite: Path) -> dict[str, object]:
    shutil.copy(migrated_sqlite, tmp_path / "depesche.sqlite")
    return {
        "data_dir": tmp_path, "bounce_address": "bounce@news.example", "mail_from": "depesche@news.example", "requests_per_day": 100,
        "bounce_maildir": tmp_path / "bounces", "bounce_lmtp": f"unix:{tmp_path}/lmtp",
    }  # fmt: skip


@pytest.fixture
def room(given: dict[str, object], clock: FakeClock) -> Iterator[Newsroom]:
    opened = Newsroom(Settings(**given), clock)  # type: ignore[arg-type]
    with opened.database.transaction() as tx:
        tx.instruments.put([Instrument(ISIN, "Halden Werke", source="test")])
    yield opened
    opened.close()


def sent(room: Newsroom, state: str = SENT, address: str = READER) -> Outgoing:
    """Return a letter to the reader that has left."""
    room.opt_in.request(address, Target.share(ISIN), "de", "192.0.2.7", "Ja.", "/")
    with room.database.transaction() as tx:
        reader = tx.subscriptions.by_identity(address)
        assert reader is not None
        letter = tx.outbox.of_subscriber(reader.key)[-1]
        tx.outbox.settle([Fate(letter.key, state, tried=True)], room.clock.now())
    return letter


def back(room: Newsroom, letter: Outgoing) -> bytes:
    return letters.dsn(to=room.envelope_sender(letter.subscriber.key, letter_number(letter.key, None)))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_reports_from_files(room: Newsroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, other = tmp_path / "one.eml", tmp_path / "two.eml"
    file.write_bytes(back(room, sent(room)))
    other.write_bytes(b"From: x\n\nhello\n")
    assert returns.read(room, [file, file, other], as_json=True) == 0
    taken = lines(capsys)
    assert [(one["meaning"], one["new"], one["suppressed"]) for one in taken] == [
        ("gone", True, True), ("gone", False, False), ("unread", True, False),
    ]  # fmt: skip
    assert returns.read(room, [tmp_path / "none.eml"], as_json=True) == 1
    assert returns.list_reports(room, None, as_json=True) == 0
    first, second = lines(capsys)
    assert (first["meaning"], second["meaning"], second["status"]) == ("unread", "gone", "5.1.1")
    assert returns.show_report(room, int(str(first["key"]))) == 0
    assert "hello" in capsys.readouterr().out
    assert returns.show_report(room, int(str(second["key"]))) == 1
    assert returns.show_report(room, 999) == 1
    assert returns.list_reports(room, "nonsense", as_json=True) == 1


def test_the_list_is_kept_by_hand(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    sent(room)
    assert returns.add(room, READER.upper(), "asked by telephone") == 0
    assert returns.add(room, "never@seen.example", "a relative of the editor") == 0
    assert returns.add(room, "no address", "") == 1
    capsys.readouterr()
    assert returns.list_suppressed(room, as_json=True) == 0
    one, two = lines(capsys)
    assert (one["address"], one["reason"], one["detail"]) == (READER, "by hand", "asked by telephone")
    assert two["address"] is None
    assert returns.show(room, READER, as_json=True) == 0
    assert [line["event"] for line in lines(capsys)] == ["suppressed"]
    assert returns.lift(room, READER, "changed her mind") == 0
    assert returns.lift(room, READER, "again") == 1
    assert returns.show(room, "unknown@seen.example", as_json=True) == 1
    capsys.readouterr()
    assert returns.list_suppressed(room, as_json=False) == 0
    assert READER not in capsys.readouterr().out


def test_a_suppressed_address_gets_no_letter_and_nobody_can_tell(room: Newsroom) -> None:
    assert returns.add(room, "never@seen.example", "by letter") == 0
    room.opt_in.request("Never@Seen.example", Target.share(ISIN), "de", "192.0.2.7", "Ja.", "/")
    with room.database.reading() as tx:
        reader = tx.subscriptions.by_identity("never@seen.example")
        assert reader is not None
        assert tx.outbox.of_subscriber(reader.key) == []


def test_erasure_keeps_the_promise_not_to_write(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    letter = sent(room)
    with room.database.transaction() as tx:
        tx.subscriptions.suppress(letter.subscriber.key, "by an older release", room.clock.now())
    assert readers.export(room, READER) == 0
    assert json.loads(capsys.readouterr().out)["suppressions"] == []
    assert readers.erase(room, READER) == 0
    room.opt_in.request(READER, Target.share(ISIN), "de", "192.0.2.7", "Ja.", "/")
    with room.database.reading() as tx:
        reader = tx.subscriptions.by_identity(READER)
        assert reader is not None
        assert reader.suppressed
        assert tx.outbox.of_subscriber(reader.key) == []


def test_letters_in_doubt_are_settled_by_a_log(
    room: Newsroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = sent(room, UNCERTAIN)
    log = tmp_path / "mail.log"
    log.write_text(
        f"Mar  2 09:30:01 relay postfix/cleanup[1]: 4A1: message-id={letter.decision.message_id}\n"
        "Mar  2 09:30:02 relay postfix/smtp[2]: 4A1: to=<x@y>, relay=mx, dsn=2.0.0, status=sent (250 ok)\n"
    )
    assert returns.reconcile(room, log, rotated=True, dry=True, as_json=True) == 0
    assert returns.reconcile(room, log, rotated=False, dry=False, as_json=True) == 0
    assert lines(capsys) == [{"uncertain": 1, "sent": 1, "bounced": 0, "absent": 0}] * 2
    assert returns.reconcile(room, tmp_path / "mail.log.gz", rotated=False, dry=False, as_json=True) == 1


def test_the_doors_of_the_worker(room: Newsroom, tmp_path: Path) -> None:
    deliver_to_maildir(tmp_path / "bounces", back(room, sent(room, address="a@post.example")), room.clock)
    letter = sent(room, address="b@post.example")
    door = room.open_lmtp()
    assert door is not None
    try:
        assert room.postbox.doors == ("maildir",)
        assert room.postbox.run_once() == {"gone": 1}
        with smtplib.LMTP(f"{tmp_path}/lmtp") as client:
            recipient = room.envelope_sender(letter.subscriber.key, letter_number(letter.key, None))
            client.sendmail(
                "",
                [recipient],
                letters.dsn(message_id="<unknown@elsewhere.example>", to="nobody@news.example"),
            )
    finally:
        door.close()
    with room.database.reading() as tx:
        assert sorted(one.source for one in tx.bounces.newest()) == ["lmtp", "maildir"]
        assert tx.suppressions.counts() == {"gone": 2}


def test_reports_over_imap(given: dict[str, object], clock: FakeClock, room: Newsroom) -> None:
    letter = sent(room)
    with ImapBox([back(room, letter), letters.auto_reply()]) as box:
        url = SecretStr(f"imap://desk:geheim@127.0.0.1:{box.port}")
        other = Newsroom(Settings(**{**given, "bounce_maildir": None, "bounce_imap": url}), clock)  # type: ignore[arg-type]
        assert other.postbox.run_once() == {"gone": 1, "ignored": 1}
        assert box.letters == {}
        assert other.postbox.run_once() == {}
        other.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [("bounce_address", "bounce"), ("bounce_imap", SecretStr("pop3://x")), ("bounce_lmtp", "nowhere")],
)
def test_a_setting_that_cannot_be_says_so_at_the_start(
    given: dict[str, object], clock: FakeClock, name: str, value: object
) -> None:
    room = Newsroom(Settings(**{**given, name: value}), clock)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=name):
        _ = (room.postbox, room.open_lmtp())
    room.close()


def test_a_worker_whose_door_cannot_be_opened_does_not_begin(
    given: dict[str, object], clock: FakeClock
) -> None:
    room = Newsroom(Settings(**{**given, "bounce_lmtp": "unix:/nowhere/at/all"}), clock)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="bounce_lmtp"):
        Worker(room).start()
    place = room.database.place()
    assert place.take(), "nobody is the worker"
    place.leave()
    room.close()
