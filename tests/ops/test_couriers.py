"""The couriers of an installation: as many as connections are set, and what fewer of them find left over."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.lib.servers import SmtpSink

from depesche.alerts.sending.handover import HandoverJournal
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Evidence, Instrument, Mention
from depesche.model.subscription import INSTRUMENT, Outgoing, Target
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import generate
from depesche.ops.bench.tools.trial import plain_settings
from depesche.stories.incoming import Receipt
from fakes import FakeClock

HALDEN = isin_with_check_digit("ZZ00HALDEN1")
READERS = 1200


def _room(folder: Path, clock: FakeClock, url: str, connections: int) -> Newsroom:
    more = {"smtp_url": SecretStr(url), "mail_connections": connections}
    return Newsroom(plain_settings(folder).model_copy(update=more), clock)


@pytest.fixture
def folder(tmp_path: Path, clock: FakeClock) -> Path:
    """An installation with three chunks of letters that wait."""
    room = _room(tmp_path, clock, "smtp://127.0.0.1:1", 1)
    room.import_instruments([Instrument(HALDEN, "Halden Werke", source="t")])
    with room.database.transaction() as tx:
        key = tx.instruments.keys([HALDEN])[HALDEN]
        share = tx.targets.enter(Target(INSTRUMENT, HALDEN, instrument=key))
        tx.bulk.subscribers(1, READERS, 1.0)
        tx.bulk.subscriptions(((reader, share.key) for reader in range(1, READERS + 1)), 1.0)
    mention = Mention(
        HALDEN, "Halden Werke", 1.0, 1.0, True, (Evidence("supplied-isin", "identifiers", 0, 1, "ISIN"),)
    )
    take = generate.take(next(generate.stories(1, ())))
    with room.database.transaction() as tx:
        room.desk.file(take, [mention], Receipt("desk", clock.now()), tx, clock.now())
    with room.database.reading() as tx:
        entries = tx.journal.after(0)
    room.matcher.handle(entries)
    room.database.close()
    return tmp_path


def test_couriers_have_up_to_five_connections_and_a_journal_each(folder: Path, clock: FakeClock) -> None:
    with SmtpSink() as sink:
        room = _room(folder, clock, sink.url, 11)
        assert sorted(one.name for one in folder.glob("handover*")) == []
        threads = [threading.Thread(target=one.run_once) for one in room.couriers]
        assert sorted(one.name for one in folder.glob("handover*")) == [
            "handover-2.journal", "handover-3.journal", "handover.journal",
        ]  # fmt: skip
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for courier in room.couriers:
            courier.close()
        with room.database.reading() as tx:
            assert tx.ledger.balance(1).states() == {"sent": READERS}
        room.database.close()
    assert len({one.recipients[0] for one in sink.messages}) == len(sink.messages) == READERS
    assert 3 <= sink.commands.count("CONNECT") <= 11


def test_fewer_couriers_read_the_journals_left_over(folder: Path, clock: FakeClock) -> None:
    left = folder / "handover-7.journal"
    journal = HandoverJournal(left)
    room = _room(folder, clock, "smtp://127.0.0.1:1", 1)
    with room.database.transaction() as tx:
        chunk = tx.chunks.claim("email", left.name, clock.now(), clock.now())
    assert chunk is not None
    first, second, *_ = (Outgoing.of_chunk(chunk.key, one) for one in chunk.recipients)
    for key in (first, second):
        journal.intend(key)
    journal.accept(first, clock.now())
    journal.close()
    for courier in room.couriers:
        courier.close()
    with room.database.reading() as tx:
        assert tx.ledger.balance(1).states() == {"pending": READERS - 2, "uncertain": 1, "sent": 1}
        assert tx.ledger.uneven(clock.now()) == []
    room.database.close()
