"""What the edge keeps in memory: bounded in bytes, forgotten by age, by disuse, or by what it was made from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    size: int
    until: float
    tags: frozenset[str]


class Memory(Generic[T]):
    """Values by key; the one used longest ago goes first. Safe to use from several threads.

    Times are seconds on any clock that runs evenly. `generation` counts drops: what was begun in an
    earlier generation may have been made from what was dropped since, and is not kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Kept[T]] = OrderedDict()
        self._tagged: dict[str, set[str]] = {}
        self._lock = threading.Lock()
        self.size = 0
        self.generation = 0

    def get(self, key: str, now: float) -> T | None:
        """Return the value kept under *key*, unless it is too old."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if kept.until <= now:
                self._forget(key)
                return None
            self._kept.move_to_end(key)
            return kept.value

    def put(
        self,
        key: str,
        value: T,
        *,
        size: int,
        until: float,
        tags: Iterable[str] = (),
        generation: int | None = None,
    ) -> None:
        """Keep *value* until *until*, unless something was dropped since *generation*."""
        with self._lock:
            if size > self._most // 4 or (generation is not None and generation != self.generation):
                return
            self._forget(key)
            kept = self._kept[key] = _Kept(value, size, until, frozenset(tags))
            self.size += size
            for tag in kept.tags:
                self._tagged.setdefault(tag, set()).add(key)
            while self.size > self._most:
                self._forget(next(iter(self._kept)))

    def drop(self, tags: Iterable[str]) -> None:
        """Forget everything that carries one of *tags*."""
        with self._lock:
            self.generation += 1
            for tag in tags:
                for key in list(self._tagged.get(tag, ())):
                    self._forget(key)

    def tags(self) -> set[str]:
        """Return every tag in use."""
        with self._lock:
            return set(self._tagged)

    def __len__(self) -> int:
        return len(self._kept)

    def _forget(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self.size -= kept.size
        for tag in kept.tags:
            keys = self._tagged[tag]
            keys.discard(key)
            if not keys:
                del self._tagged[tag]
