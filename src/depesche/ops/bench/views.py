"""What a counted view costs, from the visit to the committed count, beside one commit for each view."""

from __future__ import annotations

from datetime import datetime

from depesche.audience.generate import visits
from depesche.lib.clock import from_epoch
from depesche.model.audience import COUNTED, HOUR, Visit
from depesche.newsroom import Newsroom
from depesche.ops.bench import archive, generate
from depesche.ops.bench.trial import Bench, Figures, Meter, newsroom, rate, ratio, rounded, shown

_STORIES = 200
_BATCH = 2_000  # visits between two writings of the counts, which is about a second of them
_ONE_BY_ONE = 100  # views committed alone, beside each batch

Request = tuple[float, int, Visit]


class PlayedClock:
    """A clock that shows whatever time it was last set to."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.time


def measure(n: int) -> Figures:
    """Count *n* visits, robots and reloads among them, through the counter as the portal does."""
    requests = list(visits(generate.SEED, n, _STORIES, rate=_BATCH))
    clock = PlayedClock(from_epoch(requests[0][0]))
    with newsroom(clock) as room:
        archive.fill(room, _STORIES, generate.register(10), mentioning=0.3)
        room.reads  # noqa: B018 - read from the store once, before the clock runs
        return _played(room, clock, requests)


def _played(room: Newsroom, clock: PlayedClock, requests: list[Request]) -> Figures:
    count, write, single = Meter(), Meter(), Meter()
    counted = singles = 0
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
        singles += len(alone)
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
        "commit_each_cpu_us": single.cpu_us(singles),
        "commit_each_wall_us": rounded(single.wall / max(singles, 1) * 1e6),
        "times_cheaper": ratio(single.cpu / max(singles, 1), both / n),
        "budget": {"cpu_us_per_visit": 12},
    }


BENCH = Bench("views", "visits counted and written in batches, beside one commit each", measure, 100_000)
