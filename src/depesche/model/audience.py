"""Visits, the counts made of them, and how co-reads age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

COUNTED = "counted"
PREFETCH = "prefetch"  # the browser fetched ahead; nobody has seen the page
RATE = "rate"  # more visits from one address than people make
ROBOT = "robot"
UNKNOWN = "unknown"  # no such story, or none that readers may see
REPEAT = "repeat"  # the same reader and story within 30 seconds
REJECTIONS = (PREFETCH, RATE, ROBOT, UNKNOWN, REPEAT)

HOUR = 3_600
DAY = 86_400

COREAD_HALF_LIFE = 2 * HOUR
RECENT_HALF_LIFE = HOUR // 2
REVERSE_WEIGHT = 0.2

READ = "read"
POPULAR = "popular"  # read much at the moment, by whomever
CHAIN = "chain"  # read after another part of the same running story
SHARE = "share"
NEWEST = "newest"

CHARTED = 50
"""Views from which on a chart says something."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request says of its sender; it is used once and never kept.

    `address` is the IP address, `agent` the User-Agent, `purpose` what the headers Sec-Purpose,
    Purpose, X-Purpose and X-Moz say, joined, or None when none of them was sent.
    """

    address: str
    agent: str
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What was counted since the last batch, as differences to add; nothing in it says who read.

    `views` maps (story, hour since 1970) to a number, negative where a view moved on to the next hour
    with the last click of its chain. `coreads` maps (day since 1970, i, j) to the weight of "j was read
    after i"; where i = j it is the weight of "j was read". Weights are grown from the day's midnight
    UTC (see `growth`), so that adding up is all a store has to do. `steps` maps the same keys to how many readers
    went on from i to j. `rejected` maps (day, reason) to a number.
    """

    views: Mapping[tuple[int, int], int] = field(default_factory=dict)
    coreads: Mapping[tuple[int, int, int], float] = field(default_factory=dict)
    rejected: Mapping[tuple[int, str], int] = field(default_factory=dict)
    steps: Mapping[tuple[int, int, int], int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.views or self.coreads or self.rejected)


@dataclass(frozen=True, slots=True)
class Spike:
    """An hour in which a story had far more views than usual; hours are counted since 1970."""

    story: int
    hour: int
    views: int
    usual: float


def is_spike(views: int, usual: float) -> bool:
    """Tell whether *views* of an hour are more than three times the usual and a hundred on top."""
    return views > 3 * usual + 100


@dataclass(frozen=True, slots=True)
class Offer:
    """A story offered beside another: why it is there, its weight, and how many readers went on to it of late."""

    story: int
    kind: str
    weight: float = 0.0
    readers: int = 0


def growth(seconds: float, half_life: float) -> float:
    """Return by how much a read *seconds* after the landmark outweighs one at the landmark.

    This is forward decay: instead of shrinking all the old weights, new ones are grown, and whoever
    looks divides by the growth until now. Sums then need no order and no touching of old rows.
    """
    return float(2.0 ** (seconds / half_life))
