"""How fast items become stories: spool, parse, edit, link, file, through the newsroom as it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from depesche.model.errors import SettingsError, StoreError, WireError
from depesche.model.instrument import Instrument
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import generate, writers
from depesche.ops.bench.tools.trial import Bench, Figures, Meter, Watch, newsroom, rate, ratio, rounded, shown

POSTGRES = "DEPESCHE_BENCH_POSTGRES"
_BATCH = 50
_SAMPLED = 10  # every tenth batch is parsed and linked once more, to know what each step costs
_ALONE = 500
_ISSUERS = 2_000


def measure(n: int) -> Figures:
    """Take in *n* ninjs items in batches, then some alone; on PostgreSQL too where the environment names an empty one."""
    issuers = generate.register(_ISSUERS)
    alone = min(_ALONE, n)
    raws = [writers.ninjs(one) for one in generate.stories(n + alone, issuers)]
    figures: dict[str, object] = {
        "item_bytes": sum(map(len, raws)) // len(raws),
        "issuers": len(issuers),
        "sqlite": _on(raws[:n], raws[n:], issuers, ""),
    }
    if url := os.environ.get(POSTGRES):
        figures["postgres"] = _on(raws[:n], raws[n:], issuers, url)
    figures["budget"] = {"cpu_ms_per_item": 1.0, "alone.p99_cpu_ms": 5.0}
    return figures


def _on(raws: Sequence[bytes], alone: Sequence[bytes], issuers: Sequence[Instrument], url: str) -> Figures:
    with newsroom(database_url=url) as room:
        with room.database.reading() as tx:
            if tx.journal.last():
                raise SettingsError(f"{POSTGRES}: that database is not empty")
        room.import_instruments(issuers)
        room.linker  # noqa: B018 - built once, before the clock runs
        return {**_batches(room, raws), "alone": _alone(room, alone)}


def _batches(room: Newsroom, raws: Sequence[bytes]) -> Figures:
    spool, desk, parse, link, floor = Meter(), Meter(), Meter(), Meter(), Meter()
    mentions = sampled = filed = 0
    starts = range(0, len(raws), _BATCH)
    for start in shown(starts, "items filed, in batches"):
        batch = raws[start : start + _BATCH]
        with spool:
            for place, raw in enumerate(batch):
                room.spool(raw, name=f"item-{start + place}.json", format_name="ninjs")
        with desk:
            filed += len(room.file_waiting(_BATCH))
        if start // _BATCH % _SAMPLED == 0:
            sampled += len(batch)
            mentions += _steps(room, batch, parse, link)
        with floor:
            for raw in batch:
                json.loads(raw)
    if filed != len(raws):
        raise StoreError(f"{filed} of {len(raws)} items were filed")
    n, both = len(raws), spool.cpu + desk.cpu
    parse_ms, link_ms = parse.cpu_ms(sampled), link.cpu_ms(sampled)
    return {
        "items_per_s": rate(n, spool.wall + desk.wall),
        "items_per_cpu_s": rate(n, both),
        "cpu_ms_per_item": rounded(both / n * 1e3),
        "split_cpu_ms": {
            "spool": spool.cpu_ms(n),
            "parse_and_edit": parse_ms,
            "link": link_ms,
            "file": rounded(max(desk.cpu_ms(n) - parse_ms - link_ms, 0.0)),
        },
        "wall_ms_per_item": {
            "spool": rounded(spool.wall / n * 1e3),
            "batch": rounded(desk.wall / n * 1e3),
        },
        "mentions_per_item": rounded(mentions / sampled),
        "json_loads_cpu_ms": floor.cpu_ms(n),
        "times_json_loads": ratio(both, floor.cpu),
    }


def _steps(room: Newsroom, batch: Sequence[bytes], parse: Meter, link: Meter) -> int:
    """Parse and link *batch* without filing it; returns how many mentions there were."""
    with parse:
        takes = [one for raw in batch for one in room.read(raw, "ninjs") if not isinstance(one, WireError)]
    linker = room.linker
    with link:
        return sum(len(linker.link(one)) for one in takes)


def _alone(room: Newsroom, raws: Sequence[bytes]) -> Figures:
    """File items one by one, each spooled before and committed for itself."""
    spool, desk = Watch(), Watch()
    for place, raw in enumerate(raws):
        with spool:
            room.spool(raw, name=f"alone-{place}.json", format_name="ninjs")
        with desk:
            filed = room.file_waiting(1)
        if len(filed) != 1:
            raise StoreError("an item was not filed")
    return {"n": len(raws), **desk.figures(50, 99), "spool": spool.figures(50, 99)}


BENCH = Bench("intake", "items through spool, parser, linker and desk into the database", measure, 10_000)
