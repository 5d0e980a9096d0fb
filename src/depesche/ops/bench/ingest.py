"""How much memory `depesche ingest` needs, however many items there are: a folder of small files and of large feeds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from depesche.model.errors import StoreError
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import generate, writers
from depesche.ops.bench.inputs.generate import Story
from depesche.ops.bench.tools.process import Program, depesche, free_port
from depesche.ops.bench.tools.trial import Bench, Figures, folder, plain_settings, resident_of, rounded

_ISSUERS = 2_000
_TOGETHER = 1_000  # files in a folder, entries in a feed
_LOOKS = 20  # how often memory is written down, evenly over the run as far as it is known
_GLANCE = 0.5


def measure(n: int) -> Figures:
    """Write *n* items, half of them one a file and half in feeds of 1,000, and ingest all of it in one process."""
    with folder() as home:
        issuers = generate.register(_ISSUERS)
        room = Newsroom(plain_settings(home / "data"))
        room.database.migrate()
        room.fill_register()
        room.import_instruments(issuers)
        room.close()
        files = _write(generate.stories(n, issuers), home / "items")
        with depesche("ingest", home / "data", free_port(), "--json", str(home / "items")) as program:
            figures = _watched(program, home / "data")
            program.wait()
        room = Newsroom(plain_settings(home / "data"))
        with room.database.reading() as tx:
            filed, spooled = tx.journal.last(), tx.spool.counts()
        room.close()
    if filed != n:
        raise StoreError(f"{filed} of {n} items were filed")
    return {"files": files, "spooled": spooled, **figures, "budget": {"peak_mb": 300.0}}


def _write(stories: Iterator[Story], into: Path) -> int:
    """Write *stories* below *into*, by turns a folder of small files and one feed; returns how many files."""
    written = 0
    for number, part in enumerate(iter(lambda: list(islice(stories, _TOGETHER)), [])):
        home = into / f"{number:06d}"
        home.mkdir(parents=True)
        named = (
            {"feed.xml": writers.rss(part)}
            if number % 2
            else {f"{one.number}.json": writers.ninjs(one) for one in part}
        )
        for name, raw in named.items():
            (home / name).write_bytes(raw)
        written += len(named)
    return written


def _watched(program: Program, data_dir: Path) -> Figures:
    """Look at *program* until it ends; returns its CPU seconds, its largest memory and how that grew."""
    began, cpu, peak = time.perf_counter(), 0.0, 0.0
    looks: list[tuple[float, float, float]] = []
    while program.is_running():
        seen = resident_of(program.pid, "VmHWM")
        if seen:  # a process that has just ended has no memory any more
            cpu, peak = program.cpu(), seen
            looks.append((rounded(time.perf_counter() - began), peak, resident_of(program.pid)))
        time.sleep(_GLANCE)
    step = max(len(looks) // _LOOKS, 1)
    return {
        "wall_s": rounded(time.perf_counter() - began),
        "cpu_s": rounded(cpu),
        "peak_mb": peak,
        "over_time": [
            {"s": at, "peak_mb": most, "resident_mb": now} for at, most, now in (*looks[::step], *looks[-1:])
        ],
        "database_mb": rounded(sum(one.stat().st_size for one in data_dir.glob("depesche.*")) / 1e6),
    }


BENCH = Bench("ingest", "memory of `depesche ingest`, small files and large feeds", measure, 20_000)
