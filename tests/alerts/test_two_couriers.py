"""Several couriers at once: nobody is written to twice, and what a lost one had is not lost."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from newsdesk import HALDEN, Newsroom
from tests.lib.servers import SmtpSink

from depesche.alerts.channel import make_channel
from depesche.alerts.sending.courier import Courier
from depesche.model.errors import StoreError
from depesche.model.subscription import UNCERTAIN

READERS = 600


@pytest.fixture
def crowd(newsroom: Newsroom) -> Newsroom:
    """Six hundred readers with a letter each, in chunks of 500 and 100."""
    now = newsroom.clock.now()
    with newsroom.database.transaction() as tx:
        share = tx.targets.of_instrument(tx.instruments.keys([HALDEN])[HALDEN]).key
        for number in range(READERS):
            address = f"reader{number}@example.org"
            key = tx.subscriptions.subscriber(address, address, "de", now).key
            tx.subscriptions.confirm(tx.subscriptions.request(key, share, now).key, now)
    for number in range(4):
        newsroom.file(
            f"halden-{number}",
            headline=f"Halden meldet Zahl {number}",
            body_html=str(number),
            body_text=str(number),
        )
    newsroom.follow_journal()
    return newsroom


def _courier(room: Newsroom, folder: Path, url: str) -> Courier:
    folder.mkdir(exist_ok=True)
    options = {"smtp_url": url, "mail_folder": "", "mail_from": "bounce@news.example"}
    composer = Newsroom(room.database, room.clock).composer
    return Courier(
        room.database,
        room.clock,
        make_channel("email", options, room.clock),
        composer,
        journal=folder / f"{folder.name}.journal",
    )


def test_couriers_at_once_share_the_work_and_double_nothing(crowd: Newsroom, tmp_path: Path) -> None:
    with SmtpSink() as sink:
        couriers = [_courier(crowd, tmp_path / name, sink.url) for name in ("one", "two", "three")]
        threads = [threading.Thread(target=one.run_once) for one in couriers]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for one in couriers:
            assert one.run_once().sent == 0
            one.close()
    assert len(sink.messages) == 4 * READERS
    assert len({(one.recipients[0], _message_id(one.data)) for one in sink.messages}) == 4 * READERS
    balances = [crowd.balance(story) for story in range(1, 5)]
    assert [(one.sent, one.is_even) for one in balances] == [(READERS, True)] * 4


def test_another_courier_leaves_alone_what_is_leased(crowd: Newsroom, tmp_path: Path) -> None:
    now = crowd.clock.now()
    with crowd.database.transaction() as tx:
        lost = tx.chunks.claim("email", "lost.journal", now, now + timedelta(hours=1))
    assert lost is not None
    with SmtpSink() as sink:
        courier = _courier(crowd, tmp_path / "one", sink.url)
        courier.run_once()
        courier.close()
        assert len(sink.messages) == 4 * READERS - len(lost.recipients)
        crowd.clock.move(hours=2)
        courier = _courier(crowd, tmp_path / "one", sink.url)
        found = Counter(one.state for one in crowd.letters("alert"))
        assert found[UNCERTAIN] == len(lost.recipients), "nobody knows what the lost one has sent"
        courier.run_once()
        courier.close()
    assert len(sink.messages) == 4 * READERS
    assert all(crowd.balance(story).is_even for story in range(1, 5))


def test_a_courier_at_work_takes_on_what_a_lost_one_had(crowd: Newsroom, tmp_path: Path) -> None:
    """A machine is gone for good: nobody need be started anew for the letters that it had claimed."""
    with SmtpSink() as sink:
        courier = _courier(crowd, tmp_path / "one", sink.url)
        now = crowd.clock.now()
        with crowd.database.transaction() as tx:
            lost = tx.chunks.claim("email", "lost.journal", now, now + timedelta(minutes=15))
        assert lost is not None
        courier.run_once()
        assert len(sink.messages) == 4 * READERS - len(lost.recipients)
        crowd.clock.move(minutes=14)
        courier.run_once()
        assert len(sink.messages) == 4 * READERS - len(lost.recipients)
        crowd.clock.move(minutes=1)
        courier.run_once()
        courier.close()
    assert len(sink.messages) == len({_message_id(one.data) for one in sink.messages}) == 4 * READERS
    assert all(crowd.balance(story).is_even for story in range(1, 5))


def test_an_erased_reader_is_not_written_back_by_a_courier_under_way(crowd: Newsroom, tmp_path: Path) -> None:
    erased: list[int] = []

    def decide(verb: str, rest: str, count: int) -> None:
        if verb == "RCPT" and not erased:
            with crowd.database.transaction() as tx:
                found = tx.subscriptions.by_identity("reader7@example.org")
                assert found is not None
                erased.append(found.key)
                tx.subscriptions.erase(found.key)

    with SmtpSink(decide=decide) as sink:
        courier = _courier(crowd, tmp_path / "one", sink.url)
        courier.run_once()
        courier.close()
    with crowd.database.reading() as tx:
        assert tx.ledger.of_subscriber(erased[0]) == []
        assert tx.chunks.of_subscriber(erased[0]) == []
        assert tx.ledger.uneven(crowd.clock.now() - timedelta(days=1)) == []


def test_stories_killed_while_couriers_carry_them_are_recalled_from_all_who_had_them(
    crowd: Newsroom, tmp_path: Path
) -> None:
    stop = threading.Event()
    troubles: list[BaseException] = []

    def carry(courier: Courier) -> None:
        while not stop.is_set():
            try:
                courier.run_once()
            except (
                StoreError
            ) as error:  # two that wait for each other: the database lets one go on, the other tries again
                troubles.append(error)

    with SmtpSink() as sink:
        couriers = [_courier(crowd, tmp_path / name, sink.url) for name in ("one", "two")]
        threads = [threading.Thread(target=carry, args=(one,)) for one in couriers]
        for one in threads:
            one.start()
        for number in range(4):
            while len(sink.messages) < 100 * number:
                stop.wait(0.01)
            crowd.kill(f"halden-{number}")
            crowd.follow_journal()
        stop.set()
        for one in threads:
            one.join()
        crowd.clock.move(minutes=2)
        for courier in couriers:
            courier.run_once()
            courier.close()
    assert len(troubles) <= 4
    had: dict[str, list[tuple[str, str]]] = {}
    for letter in crowd.letters():
        if letter.state == "sent":
            told = (str(letter.decision.story), letter.subscriber.address)
            had.setdefault(letter.decision.kind, []).append(told)
    assert sorted(had["kill"]) == sorted(had["alert"])
    assert len(sink.messages) == 2 * len(had["alert"])
    assert all(crowd.balance(story).is_even for story in range(1, 5))


def _message_id(data: bytes) -> bytes:
    return next(line for line in data.split(b"\r\n") if line.startswith(b"Message-ID:"))
