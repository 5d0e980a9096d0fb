"""Subscribers, subscriptions and the log of consents."""

from __future__ import annotations

from datetime import timedelta

import pytest

from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Instrument
from depesche.store.database import Database, Transaction
from fakes import FakeClock

HALDEN = isin_with_check_digit("ZZ00HALDEN1")
MIRABEL = isin_with_check_digit("ZZ0MIRABEL2")
DAY = timedelta(days=1)


@pytest.fixture
def shares(database: Database) -> dict[str, int]:
    with database.transaction() as tx:
        tx.instruments.put(
            [Instrument(HALDEN, "Halden Werke", source="t"), Instrument(MIRABEL, "Mirabel", source="t")]
        )
        keys = tx.instruments.keys([HALDEN, MIRABEL])
        return {isin: tx.targets.of_instrument(key).key for isin, key in keys.items()}


def _reader(tx: Transaction, clock: FakeClock, name: str = "anna") -> int:
    return tx.subscriptions.subscriber(f"{name}@example.org", f"{name}@example.org", "de", clock.now()).key


def _follow(tx: Transaction, clock: FakeClock, reader: int, share: int) -> int:
    key = tx.subscriptions.request(reader, share, clock.now()).key
    assert tx.subscriptions.confirm(key, clock.now())
    return key


def test_one_identity_is_one_subscriber_as_first_given(database: Database, clock: FakeClock) -> None:
    with database.transaction() as tx:
        first = tx.subscriptions.subscriber("Anna@Example.org", "anna@example.org", "de", clock.now())
        assert tx.subscriptions.subscriber("anna@example.org", "anna@example.org", "en", clock.now()) == first
        assert tx.subscriptions.by_key(first.key) == tx.subscriptions.by_identity("anna@example.org") == first
        assert tx.subscriptions.by_identity("Anna@example.org") is None
        tx.subscriptions.suppress(first.key, "bounced", clock.now())
        found = tx.subscriptions.by_key(first.key)
        assert found is not None
        assert found.suppressed


def test_confirming_and_ending_happen_once(
    database: Database, clock: FakeClock, shares: dict[str, int]
) -> None:
    with database.transaction() as tx:
        key = _follow(tx, clock, _reader(tx, clock), shares[HALDEN])
        assert not tx.subscriptions.confirm(key, clock.now())
        assert tx.subscriptions.end(key, clock.now())
        assert not tx.subscriptions.end(key, clock.now())
        assert not tx.subscriptions.confirm(key, clock.now())


def test_a_confirmed_subscription_is_not_reset_by_asking_again(
    database: Database, clock: FakeClock, shares: dict[str, int]
) -> None:
    with database.transaction() as tx:
        reader = _reader(tx, clock)
        key = _follow(tx, clock, reader, shares[HALDEN])
        confirmed = tx.subscriptions.get(key)
        clock.move(days=1)
        assert tx.subscriptions.request(reader, shares[HALDEN], clock.now()) == confirmed
        tx.subscriptions.end(key, clock.now())
        again = tx.subscriptions.request(reader, shares[HALDEN], clock.now())
        assert (again.key, again.created_at, again.confirmed_at, again.ended_at) == (
            key,
            clock.now(),
            None,
            None,
        )


def test_followers_are_those_confirmed_by_then_and_not_gone(
    database: Database, clock: FakeClock, shares: dict[str, int]
) -> None:
    with database.transaction() as tx:
        anna, bert, carla, dora, emil = (
            _reader(tx, clock, name) for name in ("anna", "bert", "carla", "dora", "emil")
        )
        _follow(tx, clock, anna, shares[MIRABEL])
        _follow(tx, clock, anna, shares[HALDEN])
        tx.subscriptions.request(bert, shares[HALDEN], clock.now())
        tx.subscriptions.end(_follow(tx, clock, carla, shares[HALDEN]), clock.now())
        _follow(tx, clock, dora, shares[HALDEN])
        tx.subscriptions.suppress(dora, "complained", clock.now())
        then = clock.now()
        clock.move(seconds=1)
        _follow(tx, clock, emil, shares[HALDEN])
        both = [shares[HALDEN], shares[MIRABEL]]
        found = tx.dispatches.followers(both, then)
        assert (set(found.plain["email"]), set(found.care)) == ({anna}, {dora})
        assert set(tx.dispatches.followers(both, clock.now()).all()) == {anna, dora, emil}
        assert not tx.dispatches.followers([], clock.now())
        targets = {one.key: one for one in tx.targets.get(both)}
        following = tx.subscriptions.following([anna, bert, carla, emil], targets)
        assert {key: [one.target.value for one in found] for key, found in following.items()} == {
            anna: [MIRABEL, HALDEN],
            emil: [HALDEN],
        }
        assert tx.subscriptions.counts() == (4, 1)


def test_who_needs_care_is_told_from_the_rest(
    database: Database, clock: FakeClock, shares: dict[str, int]
) -> None:
    with database.transaction() as tx:
        plain, digest, mixed, quiet = (_reader(tx, clock, name) for name in ("p", "d", "m", "q"))
        keys = {one: _follow(tx, clock, one, shares[HALDEN]) for one in (plain, digest, mixed, quiet)}
        _follow(tx, clock, mixed, shares[MIRABEL])
        for one in (digest, mixed):
            tx.subscriptions.set_manner(keys[one], cadence="digest", updates=True)
        tx.subscriptions.set_hours(quiet, digest_hours=[18, 7, 7], quiet=(1320, 420), zone="Europe/Berlin")
        both = list(shares.values())
        found = tx.dispatches.followers(both, clock.now())
        assert (set(found.plain["email"]), set(found.care)) == ({plain}, {digest, mixed, quiet})
        cared = {one.subscriber.key: one for one in tx.dispatches.cared(found.care, both)}
        assert {key: one.by_digest for key, one in cared.items()} == {
            digest: True,
            mixed: False,
            quiet: False,
        }
        reader = cared[quiet].subscriber
        assert (reader.digest_hours, reader.quiet_from, reader.quiet_to, reader.zone) == (
            (7, 18),
            1320,
            420,
            "Europe/Berlin",
        )
        assert set(tx.dispatches.followers(both, clock.now(), updates=True).all()) == {digest, mixed}
        tx.subscriptions.set_hours(quiet, digest_hours=[8], quiet=None, zone=None)
        tx.subscriptions.pause(plain, clock.now() + DAY)
        found = tx.dispatches.followers(both, clock.now())
        assert (set(found.plain["email"]), set(found.care)) == ({quiet}, {plain, digest, mixed})
        tx.subscriptions.pause(plain, None)
        assert plain not in tx.dispatches.followers(both, clock.now()).care


def test_unconfirmed_requests_are_forgotten(
    database: Database, clock: FakeClock, shares: dict[str, int]
) -> None:
    with database.transaction() as tx:
        reader = _reader(tx, clock)
        old = tx.subscriptions.request(reader, shares[HALDEN], clock.now()).key
        kept = _follow(tx, clock, reader, shares[MIRABEL])
        assert tx.subscriptions.forget_unconfirmed(clock.now() - DAY, clock.now()) == 0
        clock.move(days=2)
        assert tx.subscriptions.forget_unconfirmed(clock.now() - DAY, clock.now()) == 1
        assert [one.key for one in tx.subscriptions.of_subscriber(reader)] == [kept]
        ended = tx.subscriptions.get(old)
        assert ended is not None
        assert ended.ended_at == clock.now()


def test_the_log_keeps_every_act_in_order(
    database: Database, clock: FakeClock, shares: dict[str, int]
) -> None:
    with database.transaction() as tx:
        reader = _reader(tx, clock)
        key = tx.subscriptions.request(reader, shares[HALDEN], clock.now()).key
        for number, event in enumerate(("requested", "requested", "confirmed", "left")):
            clock.move(hours=10)
            tx.subscriptions.consent(
                reader,
                key,
                event,
                clock.now(),
                ip=f"192.0.2.{number}",
                form_text="Ja",
                privacy_version="7",
                source="/x",
            )
        log = tx.subscriptions.consents(reader)
        assert [one.event for one in log] == ["requested", "requested", "confirmed", "left"]
        assert {(one.isin, one.form_text, one.privacy_version, one.source) for one in log} == {
            (HALDEN, "Ja", "7", "/x")
        }
        assert tx.subscriptions.last_request(key) == log[1]
        assert tx.subscriptions.requests_since(reader, clock.now() - timedelta(hours=20)) == 1
        assert tx.subscriptions.last_request(key + 1) is None


def test_erasing_a_reader_leaves_nothing(
    database: Database, clock: FakeClock, shares: dict[str, int]
) -> None:
    with database.transaction() as tx:
        reader = _reader(tx, clock)
        key = _follow(tx, clock, reader, shares[HALDEN])
        tx.subscriptions.consent(reader, key, "confirmed", clock.now())
        tx.subscriptions.erase(reader)
        assert tx.subscriptions.by_key(reader) is None
        assert tx.subscriptions.get(key) is None
        assert tx.subscriptions.consents(reader) == []
