"""Empties the boxes in which reports wait into the bounce desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import structlog

from depesche.alerts.returns.bounces import BounceDesk
from depesche.lib.mailback.inbox import Inbox, InboxError

_log = structlog.get_logger("postbox")


class Postbox:
    """The boxes, by the name of their door; used by one thread.

    A letter leaves its box once the desk has entered it; a process that dies between the two finds it again,
    and the desk counts it once.
    """

    def __init__(self, desk: BounceDesk, boxes: Mapping[str, Inbox]) -> None:
        self._desk = desk
        self._boxes = dict(boxes)
        self._troubles: dict[str, str] = {}

    @property
    def doors(self) -> tuple[str, ...]:
        """Return the names of the doors."""
        return tuple(self._boxes)

    @property
    def troubles(self) -> dict[str, str]:
        """Return why boxes could not be read at the last round, by door."""
        return dict(self._troubles)

    def troubles_now(self) -> dict[str, str]:
        """Open every box without taking anything, and return by door why it cannot be read, empty where it can."""
        found: dict[str, str] = {}
        for door, box in self._boxes.items():
            try:
                next(iter(box.letters()), None)
                found[door] = ""
            except InboxError as error:
                found[door] = str(error)
            finally:
                box.close()
        return found

    def run_once(self) -> Counter[str]:
        """Take what waits in every box and return how many letters had each meaning; a box in trouble is passed over."""
        counts: Counter[str] = Counter()
        for door, box in self._boxes.items():
            try:
                for letter in box.letters():
                    taken = self._desk.take(letter.raw, door)
                    box.settle(letter)
                    counts[taken.meaning] += 1
                self._troubles.pop(door, None)
            except InboxError as error:
                self._say_once(door, str(error))
            finally:
                box.close()
        return counts

    def _say_once(self, door: str, trouble: str) -> None:
        if self._troubles.get(door) != trouble:
            _log.warning("a box of reports cannot be read", door=door, reason=trouble)
        self._troubles[door] = trouble
