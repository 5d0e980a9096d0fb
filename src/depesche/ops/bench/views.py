"""What a counted view costs, from the visit to the committed count, beside one commit for each view."""

from __future__ import annotations

from collections import Counter as Tally

from depesche.audience.generate import visits
from depesche.lib.clock import from_epoch
from depesche.model.audience import COUNTED, HOUR, Visit
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import archive, generate
from depesche.ops.bench.tools.recount import recount
from depesche.ops.bench.tools.trial import (
    Bench,
    Figures,
    Meter,
    PlayedClock,
    newsroom,
    rate,
    ratio,
    rounded,
    shown,
)
from depesche.store.database import Transaction

_STORIES = 200
_BATCH = 2_000  # visits between two writings of the counts, which is about a second of them
_LAST_DAY = 10**6
_ONE_BY_ONE = 100  # views committed alone, beside each batch

Request = tuple[float, int, Visit]


def measure(n: int) -> Figures:
    """Count *n* visits, robots and reloads among them, through the counter as the portal does."""
    requests = list(visits(generate.SEED, n, _STORIES, rate=_BATCH))
    clock = PlayedClock(from_epoch(requests[0][0]))
    with newsroom(clock) as room:
        # A million readers share few addresses here; that rule is none of the recount's.
        room.settings = room.settings.model_copy(update={"rate_limit": n + 1})
        archive.fill(room, _STORIES, generate.register(10), mentioning=0.3)
        room.reads  # noqa: B018 - read from the store once, before the clock runs
        return _played(room, clock, requests)


def _played(room: Newsroom, clock: PlayedClock, requests: list[Request]) -> Figures:
    with room.database.reading() as tx:
        before = _stored(tx)
    count, write, single = Meter(), Meter(), Meter()
    counted = 0
    singles: Tally[tuple[int, int]] = Tally()
    for start in shown(range(0, len(requests), _BATCH), "visits counted"):
        batch = requests[start : start + _BATCH]
        with count:
            for at, story, visit in batch:
                clock.time = from_epoch(at)
                counted += room.counter.count(story, visit) == COUNTED
        with write:
            room.flush_views()
        alone = [one for one in batch if one[1] <= _STORIES][:_ONE_BY_ONE]
        with single:
            for at, story, _ in alone:
                with room.database.transaction() as tx:
                    tx.views.add({(story, int(at // HOUR)): 1})
        singles.update((story, int(at // HOUR)) for at, story, _ in alone)
    n = len(requests)
    both = count.cpu + write.cpu
    return {
        "visits": n,
        "counted": counted,
        "visits_per_played_s": rate(n, requests[-1][0] - requests[0][0]),
        "visits_per_cpu_s": rate(n, both),
        "cpu_us_per_visit": rounded(both / n * 1e6),
        "split_cpu_us": {"count": count.cpu_us(n), "write": write.cpu_us(n)},
        "batch": _BATCH,
        "commit_each_cpu_us": single.cpu_us(singles.total()),
        "commit_each_wall_us": rounded(single.wall / max(singles.total(), 1) * 1e6),
        "times_cheaper": ratio(single.cpu / max(singles.total(), 1), both / n),
        "recount_difference": _difference(room, requests, before, singles),
        "budget": {"visits_per_cpu_s": 50_000},
    }


def _stored(tx: Transaction) -> Tally[tuple[int, int]]:
    return Tally(
        {(story, hour): n for story in range(1, _STORIES + 1) for hour, n in tx.views.series(story, 0)}
    )


def _difference(
    room: Newsroom, requests: list[Request], before: Tally[tuple[int, int]], singles: Tally[tuple[int, int]]
) -> int:
    """Return by how much the stored counts, less what was there and what was committed alone, differ from an independent recount; 0 is right."""
    views, rejected = recount(requests, _STORIES)
    with room.database.reading() as tx:
        stored = _stored(tx)
        refused: Tally[str] = Tally()
        for (_, reason), n in tx.views.rejections(0, _LAST_DAY).items():
            refused[reason] += n
    stored.subtract(before)
    stored.subtract(singles)
    stored.subtract(views)
    refused.subtract(rejected)
    return sum(map(abs, stored.values())) + sum(map(abs, refused.values()))


BENCH = Bench("views", "visits counted and written in batches, beside one commit each", measure, 100_000)
