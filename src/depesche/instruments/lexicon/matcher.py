"""Find the names of a dictionary in folded text: whole words, the longest from the left.

The fast matcher scans once for all names; the reference looks up word by word and exists
so that a test can hold the two equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

_GLUE = frozenset(".@&+_")


class Hit(NamedTuple):
    """A pattern found at `text[start:end]`."""

    start: int
    end: int
    pattern: int


class Matcher(Protocol):
    """Finds patterns, given when it was made, by their places in that list."""

    def find(self, text: str) -> list[Hit]:
        """Return the hits in the folded *text*, in order and without overlap."""
        ...


def begins_word(text: str, start: int) -> bool:
    """Tell whether a word may begin at *start*: not inside one, and not glued to one (`a@b`, `S&P`, `www.x`)."""
    if start == 0 or text[start - 1] == " ":
        return True
    before = text[start - 1]
    if before.isalnum():
        return False
    return before not in _GLUE or start == 1 or not text[start - 2].isalnum()


def ends_word(text: str, end: int) -> bool:
    """Tell whether a word may end at *end*; a genitive s may follow (`E.ONs`, `Daimlers`)."""
    if end < len(text) and text[end] == "s" and text[end - 1] not in "sxz":
        end += 1
    if end >= len(text) or text[end] == " ":
        return True
    if text[end].isalnum():
        return False
    return text[end] not in _GLUE or end + 1 >= len(text) or not text[end + 1].isalnum()


class FastMatcher:
    """Scans with an Aho-Corasick automaton: one pass, whatever the number of patterns."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._automaton = AhoCorasick(
            patterns,
            matchkind=MatchKind.Standard,
            store_patterns=False,
            implementation=Implementation.ContiguousNFA,
        )

    def find(self, text: str) -> list[Hit]:
        """Return the hits in the folded *text*, in order and without overlap."""
        found = [
            Hit(start, end, pattern)
            for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True)
            if begins_word(text, start) and ends_word(text, end)
        ]
        found.sort(key=lambda hit: (hit.start, -hit.end))
        kept: list[Hit] = []
        for hit in found:
            if not kept or hit.start >= kept[-1].end:
                kept.append(hit)
        return kept


class ReferenceMatcher:
    """Looks up, at each place where a word may begin, the longest name that stands there; slow and plain."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._by_initial: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, pattern in enumerate(patterns):
            self._by_initial[pattern[0]].append((pattern, number))
        for names in self._by_initial.values():
            names.sort(key=lambda entry: -len(entry[0]))

    def find(self, text: str) -> list[Hit]:
        """Return the hits in the folded *text*, in order and without overlap."""
        kept: list[Hit] = []
        place = 0
        while place < len(text):
            hit = self._longest(text, place) if begins_word(text, place) else None
            if hit:
                kept.append(hit)
            place = hit.end if hit else place + 1
        return kept

    def _longest(self, text: str, start: int) -> Hit | None:
        for pattern, number in self._by_initial.get(text[start], ()):
            end = start + len(pattern)
            if text.startswith(pattern, start) and ends_word(text, end):
                return Hit(start, end, number)
        return None


def has_word(text: str, word: str) -> bool:
    """Tell whether *word* stands in *text* as a whole word, spelt just so."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum()):
            return True
        start = text.find(word, end)
    return False
