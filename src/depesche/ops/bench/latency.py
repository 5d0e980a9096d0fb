"""How long after a story is filed its first letter is in the mail server's hands, while stories keep coming."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from depesche.lib.clock import epoch
from depesche.model.errors import DeliveryError
from depesche.model.instrument import Instrument
from depesche.model.subscription import INSTRUMENT, Target
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import generate, writers
from depesche.ops.bench.tools.process import Program, depesche, free_port, script
from depesche.ops.bench.tools.trial import Bench, Figures, folder, percentile, plain_settings, rounded, shown

_RATE = 50.0  # stories a second
_ISSUERS = 500
_FOLLOWERS = 10  # readers of a share
_WARM = 100  # stories before those that count
_CONNECTIONS = 2
_QUIET = 3.0  # seconds without a letter: then no more come
_PATIENCE = 120.0
_GLANCE = 0.1


def measure(n: int) -> Figures:
    """Hand *n* stories to `depesche worker`, 50 a second, and read from the mail server when each one's first letter came."""
    with folder() as home:
        room = Newsroom(plain_settings(home))
        room.database.migrate()
        room.fill_register()
        issuers = generate.register(_ISSUERS)
        room.import_instruments(issuers)
        _subscribe(room, issuers)
        port, log = free_port(), home / "taken"
        mail = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "MAIL_CONNECTIONS": str(_CONNECTIONS)}
        with (
            script("sink.py", home, str(port), "--log", str(log), core=1),
            depesche("worker", home, free_port(), settings=mail) as worker,
        ):
            late = _feed(room, issuers, n, log, worker)
            cpu, load = worker.cpu(), os.getloadavg()[0]
        letters, first = _letters(log)
        with room.database.reading() as tx:
            entries = tx.journal.after(0, n + _WARM + 100)
            uneven = tx.ledger.uneven(generate.START)
        room.close()
    waits = [
        (first[one.story] - epoch(one.at)) * 1e3
        for one in entries
        if one.story in first and one.story > _WARM
    ]
    if not waits:
        raise DeliveryError("no letter came")
    return {
        "stories_per_s": _RATE,
        "told": len(waits),
        "letters": letters,
        "p50_ms": percentile(waits, 50),
        "p95_ms": percentile(waits, 95),
        "p99_ms": percentile(waits, 99),
        "max_ms": rounded(max(waits)),
        "fed_late_ms": rounded(late * 1e3),
        "worker_cpu_s": rounded(cpu),
        "load": rounded(load),
        "uneven_dispatches": len(uneven),
        "budget": {"p99_ms": 300},
    }


def _subscribe(room: Newsroom, issuers: Sequence[Instrument]) -> None:
    """Let some readers follow each share, each reader one."""
    at = epoch(generate.START)
    with room.database.transaction() as tx:
        keys = tx.instruments.keys([one.isin for one in issuers])
        targets = [
            tx.targets.enter(Target(INSTRUMENT, one.isin, instrument=keys[one.isin])).key for one in issuers
        ]
        tx.bulk.subscribers(1, len(targets) * _FOLLOWERS, at)
        tx.bulk.subscriptions(
            ((place + 1, targets[place // _FOLLOWERS]) for place in range(len(targets) * _FOLLOWERS)), at
        )


def _feed(room: Newsroom, issuers: Sequence[Instrument], n: int, log: Path, worker: Program) -> float:
    """Spool the stories at their rate, once the worker has sent a first letter; returns how late the latest was spooled."""
    stories = [
        replace(one, series=None, at=room.clock.now())
        for one in generate.stories(_WARM + n, issuers, mentioning=1.0)
    ]
    items = [writers.ninjs_2(one) for one in stories]
    room.spool(items[0], name="0", format_name="ninjs")
    _wait(log, worker, 1)
    began, late = time.monotonic(), 0.0
    for number, item in enumerate(shown(items[1:], "stories sent"), 1):
        due = began + number / _RATE
        if (early := due - time.monotonic()) > 0:
            time.sleep(early)
        room.spool(item, name=str(number), format_name="ninjs")
        late = max(late, time.monotonic() - due)
    known, since = -1, time.monotonic()
    while time.monotonic() - since < _QUIET:
        if (size := log.stat().st_size) != known:
            known, since = size, time.monotonic()
        time.sleep(_GLANCE)
    return late


def _wait(log: Path, worker: Program, letters: int) -> None:
    until = time.monotonic() + _PATIENCE
    while not log.exists() or log.read_bytes().count(b"\n") < letters:
        if time.monotonic() > until or not worker.is_running():
            raise DeliveryError(f"the worker sends nothing: {worker.said()}")
        time.sleep(_GLANCE)


def _letters(log: Path) -> tuple[int, Mapping[int, float]]:
    """Return how many letters came, and when the first came on each story, in seconds since 1970."""
    first: dict[int, float] = {}
    lines = log.read_text().splitlines()
    for line in lines:
        _, _, about, at = line.split()
        first.setdefault(int(about.partition(":")[0]), float(at))
    return len(lines), first


BENCH = Bench(
    "latency",
    "from a story filed to its first letter with the mail server, 50 stories a second",
    measure,
    1_000,
)
