"""Tell robots from readers by what they call themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import counter_robots
from is_bot import Bots

from depesche.audience.patterns import Patterns

EMPTY = "empty"
NO_RULE = "-"

# Real agents stay below 500 characters; what is longer must not fill the memory.
_LONGEST = 512
_REMEMBERED = 8_192

_bots = Bots()
_is_bot = Patterns(_bots.patterns, any_case=True)
_counter = Patterns(
    line
    for name in ("robot.txt", "machine.txt")
    for line in counter_robots._get_resource_content(name).splitlines()
)


def classify(agent: str) -> tuple[bool, str]:
    """Return whether *agent* is a robot, and the rule that says so; `-` where none does.

    Rules are `empty`, `is-bot` with the pattern that matched (of several, the alphabetically first), and
    `counter-robots` with the list that matched: robot or machine, as the COUNTER Code of Practice has them.
    """
    return _classify(agent.strip()[:_LONGEST])


def is_robot(agent: str) -> bool:
    """Tell whether *agent* is a robot; faster than `classify`, for it need not find out by which rule."""
    return _is_robot(agent if len(agent) <= _LONGEST else agent.strip()[:_LONGEST])


def sort_out(agents: Iterable[str]) -> Iterator[str]:
    """Yield for each line of *agents* `reader` or `robot`, a tab, and the rule."""
    for agent in agents:
        robot, rule = classify(agent)
        yield f"{'robot' if robot else 'reader'}\t{rule}"


@lru_cache(maxsize=_REMEMBERED)
def _is_robot(agent: str) -> bool:
    agent = agent.strip()
    if not agent:
        return True
    if agent.isascii():
        return _is_bot.found_in(agent) or _counter.found_in(agent)
    return bool(_bots.is_bot(agent) or counter_robots.is_robot_or_machine(agent))


@lru_cache(maxsize=_REMEMBERED)
def _classify(agent: str) -> tuple[bool, str]:
    if not _is_robot(agent):
        return False, NO_RULE
    if not agent:
        return True, EMPTY
    if patterns := _bots.matches(agent):
        return True, f"is-bot {min(patterns)}"
    return True, f"counter-robots {'robot' if counter_robots.is_robot(agent) else 'machine'}"
