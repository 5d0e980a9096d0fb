"""What it costs to decide who hears of a story among millions of subscriptions, and to carry the letters."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

from pydantic import SecretStr

from depesche.lib.clock import epoch
from depesche.model.errors import DeliveryError
from depesche.model.instrument import Evidence, Instrument, Mention
from depesche.model.subscription import INSTRUMENT, Target
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import generate
from depesche.ops.bench.tools.process import Program, free_port, mail_server
from depesche.ops.bench.tools.trial import (
    Bench,
    Figures,
    Meter,
    Watch,
    folder,
    plain_settings,
    rate,
    resident_mb,
    rounded,
    shown,
)
from depesche.stories.incoming import Receipt

_SHARES = 20_000
_SMALL = 200  # stories on shares that few follow
_PART = 10  # the most followed share has this part of all subscriptions
_CARRIED = 20_000
_EACH = 5  # subscriptions of a reader
_AT_ONCE = 500_000


def measure(n: int) -> Figures:
    """Decide stories among *n* share subscriptions, on small shares and on one that a tenth of all follow; carry some letters."""
    with folder() as home, ExitStack() as running:
        # Another process enters them: what that took must not count as what subscriptions take of this one.
        entering = f"from depesche.ops.bench.alerts import enter; enter({str(home)!r}, {n})"
        running.enter_context(Program([sys.executable, "-c", entering], home)).wait()
        issuers = generate.register(_SMALL + 11)
        room = running.enter_context(closing(Newsroom(plain_settings(home))))
        _decide(room, issuers[-1:])  # what every story needs is loaded
        before = resident_mb()
        giant = _decide(room, issuers[:1])  # first, so that its letters are due first
        _decide(room, issuers[1:11])
        small = _decide(room, issuers[11 : _SMALL + 10])
        after = resident_mb()
        port = free_port()
        server = running.enter_context(mail_server(room.settings.data_dir, port, core=1))
        carried = _carry(room, port, min(_CARRIED, n // _PART))
        with room.database.reading() as tx:
            uneven = tx.ledger.uneven(generate.START)
    return {
        "subscriptions": n,
        "small_story": small.figures(50, 95),
        "giant_recipients": n // _PART,
        "giant_story": {"cpu_s": rounded(giant.cpu[0] / 1e3), "wall_s": rounded(giant.wall[0] / 1e3)},
        "resident_mb": {
            "before": before,
            "after_matching": after,
            "for_subscriptions": rounded(after - before),
        },
        "mail_server": "sink.py" if server.is_ours else "smtp-sink",
        **carried,
        "uneven_dispatches": len(uneven),
        "budget": {"small_story_cpu_ms": 1, "giant_story_s": 2, "resident_mb": 100, "cpu_us_per_letter": 70},
    }


def enter(home: str, n: int) -> None:
    """Enter *n* share subscriptions into a new database in the folder *home*."""
    issuers = generate.register(min(_SHARES, max(n // 100, 300)))
    with closing(Newsroom(plain_settings(Path(home)))) as room:
        room.import_instruments(issuers)
        _fill(room, _targets(room, issuers), n)


def _targets(room: Newsroom, issuers: Sequence[Instrument]) -> list[int]:
    with room.database.transaction() as tx:
        keys = tx.instruments.keys([one.isin for one in issuers])
        wanted = [Target(INSTRUMENT, one.isin, instrument=keys[one.isin]) for one in issuers]
        return [tx.targets.enter(one).key for one in wanted]


def _fill(room: Newsroom, targets: Sequence[int], n: int) -> None:
    readers = n // _EACH
    at = epoch(generate.START)
    with room.database.transaction() as tx:
        tx.bulk.subscribers(1, readers, at)
    pairs = _pairs(targets, readers, n)
    for _ in shown(range(0, n, _AT_ONCE), "subscriptions entered"):
        with room.database.transaction() as tx:
            tx.bulk.subscriptions(islice(pairs, _AT_ONCE), at)


def _pairs(targets: Sequence[int], readers: int, n: int) -> Iterator[tuple[int, int]]:
    """Yield subscriptions, target by target: a tenth of all on the first, the rest spread over the others."""
    giant = n // _PART
    yield from ((reader, targets[0]) for reader in range(1, giant + 1))
    dice = random.Random(generate.SEED)  # noqa: S311 - play, not secrets
    each, over = divmod(n - giant, len(targets) - 1)
    for place, target in enumerate(targets[1:]):
        yield from ((one, target) for one in dice.sample(range(1, readers + 1), each + (place < over)))


def _decide(room: Newsroom, issuers: Sequence[Instrument]) -> Watch:
    """File a story about each of *issuers*, and time the matcher on it."""
    watch = Watch()
    evidence = (Evidence("supplied-isin", "identifiers", 0, 1, "ISIN"),)
    for one in issuers:
        number = int(one.isin[2:11])
        story = replace(
            next(generate.stories(1, (), seed=generate.SEED + number)), number=number, series=None
        )
        mentions = [Mention(one.isin, one.name, 1.0, 1.0, True, evidence)]
        now = room.clock.now()
        with room.database.transaction() as tx:
            take = generate.take(story)
            room.desk.file(take, mentions, Receipt("desk", now), tx, now)
            entries = tx.journal.after(tx.cursors.read(room.matcher.name))
        with watch:
            room.matcher.handle(entries)
    return watch


def _carry(room: Newsroom, port: int, n: int) -> Figures:
    """Let one courier claim, judge, write, journal, hand over and settle about *n* letters."""
    sending = room.settings.model_copy(
        update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}"), "mail_connections": 1}
    )
    carrier = Newsroom(sending, room.clock)
    courier = carrier.courier
    meter = Meter()
    with meter:
        done = courier.run_once(at_most=n)
    courier.close()
    carrier.database.close()
    if done.sent < n:
        raise DeliveryError(f"{done.sent} of {n} letters were taken: {done}")
    return {
        "carried": done.sent,
        "cpu_us_per_letter": meter.cpu_us(done.sent),
        "letters_per_s": rate(done.sent, meter.wall),
    }


BENCH = Bench(
    "alerts",
    "who hears of a story among millions of subscriptions, and the letters carried",
    measure,
    10_000_000,
)
