"""Remembers what was worked out of short words, which come again all day; long ones would fill the memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

LONGEST = 200  # characters

T = TypeVar("T")
W = TypeVar("W", str, str | None)


def of_words(maxsize: int) -> Callable[[Callable[[W], T]], Callable[[W], T]]:
    """Let a function of a word remember its answers for the last *maxsize* words that are not long."""

    def decorate(work_out: Callable[[W], T]) -> Callable[[W], T]:
        remembered = lru_cache(maxsize)(work_out)

        @wraps(work_out)
        def answer(word: W) -> T:
            return remembered(word) if word is None or len(word) <= LONGEST else work_out(word)

        return answer

    return decorate
