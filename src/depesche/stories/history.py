"""What became of an item of the spool when it was read before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from depesche.model.take import Take
from depesche.store.wires.takes import Read
from depesche.stories.incoming import Receipt, order_of

UNCHANGED = "nothing that readers see has changed"


@dataclass(frozen=True, slots=True)
class Past:
    """What became of a take when its item was read before.

    `keys` are those of its takes, of every reading. `said_the_same` tells that one came after the version on
    show and changed nothing in it. `is_followed` tells that the item itself holds a later one under the guid.
    """

    story: int | None
    keys: frozenset[int]
    said_the_same: bool
    is_followed: bool

    @classmethod
    def of(cls, take: Take, place: int, count: int, before: Sequence[Read], last: Mapping[str, int]) -> Past:
        """Find it by guid, else by its place; all that an item of one take ever was is that take."""
        mine = [one for one in before if one.guid == take.guid]
        if not mine and len(before) == count:
            mine = [before[place]]
        made = [one for one in mine if one.story is not None]
        story = max(made, key=lambda one: (one.number or 0, -one.key)).story if made else None
        keys = frozenset(one.key for one in (before if count == 1 else mine))
        return cls(story, keys, any(one.reason == UNCHANGED for one in mine), last[take.guid] != place)


def last_of_each(takes: Sequence[Take], receipt: Receipt) -> dict[str, int]:
    """Return by guid the place of the newest take, the last of several alike."""
    ordered = sorted(range(len(takes)), key=lambda place: (order_of(takes[place], receipt, None), place))
    return {takes[place].guid: place for place in ordered}
