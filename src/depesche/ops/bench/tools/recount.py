"""Views counted once more by another way: with every request at hand, sorted into chains, and nothing shared with the counter."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from functools import cache
from ipaddress import ip_address

import counter_robots
from is_bot import Bots

from depesche.model.audience import PREFETCH, REPEAT, ROBOT, UNKNOWN, Visit

Request = tuple[float, int, Visit]

_WITHIN = 30_000_000
_bots = Bots()


def recount(requests: Sequence[Request], stories: int) -> tuple[Tally[tuple[int, int]], Tally[str]]:
    """Return views by (story, hour) and refusals by reason; times become whole microseconds, stories up to *stories* exist."""
    rejected: Tally[str] = Tally()
    clicks: dict[tuple[int, int, tuple[int, int], str], list[int]] = {}
    for at, story, visit in requests:
        if visit.purpose and ("prefetch" in visit.purpose or "preview" in visit.purpose):
            rejected[PREFETCH] += 1
        elif _is_robot(visit.agent):
            rejected[ROBOT] += 1
        elif not 1 <= story <= stories:
            rejected[UNKNOWN] += 1
        else:
            moment = round(at * 1e6)
            reader = moment // 86_400_000_000, story, _network(visit.address), visit.agent
            clicks.setdefault(reader, []).append(moment)
    views: Tally[tuple[int, int]] = Tally()
    for (_, story, *_), times in clicks.items():
        for at, following in zip(times, [*times[1:], None], strict=True):
            if following is not None and following - at <= _WITHIN:
                rejected[REPEAT] += 1
            else:
                views[story, at // 3_600_000_000] += 1
    return views, rejected


@cache
def _is_robot(agent: str) -> bool:
    return not agent.strip() or bool(_bots.is_bot(agent) or counter_robots.is_robot_or_machine(agent))


@cache
def _network(address: str) -> tuple[int, int]:
    known = ip_address(address)
    return known.version, int(known) >> (8 if known.version == 4 else 80)
