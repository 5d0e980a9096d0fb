"""The numbers under which words, phrases, codes and filters of stories and saved searches meet.

A number is made of Python's own hashes of strings: 64 bits, keyed anew in each process, so that nobody can
choose words that collide. They mean nothing outside the process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import tantivy
from numpy.typing import NDArray

from depesche.search.analysis.text import GERMAN, OTHER, TONGUES, analyzers
from depesche.search.document import BODY, HEADLINE, LEAD, NAMED, PARTS

# Where a term counts: in the texts of a tongue, or among the codes.
TONGUE_BITS = {name: 1 << place for place, name in enumerate(TONGUES)}
CODE = 8
ANY = 15

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15  # odd, so that no place in a run loses bits
_GAP = hash("\0gap")  # no word, and in no phrase
_REMEMBERED = 30_000
_LONGEST_NAME = 32

T = TypeVar("T", bound=np.generic)
Keys = NDArray[np.uint64]
Bits = NDArray[np.uint32]


def run(words: Sequence[str]) -> int:
    """Return the number of *words* in this order; of one word, its hash."""
    total, factor = 0, 1
    for word in words:
        total += hash(word) * factor
        factor = factor * _STEP & _MASK
    return total & _MASK


def marked(kind: str, value: str) -> int:
    """Return the number of the filter *kind* with *value*, which no word has."""
    return hash(f"\0{kind}:{value}") & _MASK


@dataclass(frozen=True, slots=True)
class Sight:
    """What a story shows to saved searches: numbers, each with the fields where it was seen."""

    keys: Keys
    bits: Bits


class Eye:
    """Reads the documents of the search index, and keeps the stems of recent words. Not for two threads at once."""

    def __init__(self) -> None:
        self._analyzers = analyzers()
        # Words before anything is done to them, of which each has its place in a phrase, even one left out as too long.
        self._plain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).build()
        self._known: dict[str, dict[str, int]] = {name: {} for name in TONGUES}

    def see(self, made: tantivy.Document, lengths: Collection[int]) -> Sight:
        """Return what there is to see of *made*, with runs of as many words as *lengths* say."""
        fields = made.to_dict()
        keys: list[Keys] = []
        bits: list[int] = []
        for name, bit in TONGUE_BITS.items():
            words = self._words(fields, name)
            if len(words):
                seen = [distinct(one) for one in _runs(words, lengths)]
                keys += seen
                bits += [bit] * len(seen)
        # A part of a compound counts as a word of its tongue, but is in no phrase.
        for field, bit in (("codes", CODE), (PARTS, TONGUE_BITS[GERMAN])):
            whole = [hash(one) for one in fields.get(field, [])]
            keys.append(np.array(whole, np.int64).view(np.uint64))
            bits.append(bit)
        keys.append(np.array([marked(kind, value) for kind, value in self._filters(fields)], np.uint64))
        bits.append(ANY)
        flags = np.repeat(np.array(bits, np.uint32), [len(one) for one in keys])
        return Sight(np.concatenate(keys), flags)

    def _words(self, fields: dict[str, list[object]], name: str) -> Keys:
        """Return the numbers of the words in all fields of a tongue; between fields stands a gap."""
        known = self._known[name]
        found: list[int] = []
        for part in (HEADLINE, LEAD, BODY):
            for text in fields.get(f"{part}_{name}", []):
                words = self._plain.analyze(str(text))
                found += [known[word] if word in known else self._learned(word, name) for word in words]
                found.append(_GAP)
        return np.array(found, np.int64).view(np.uint64)

    def _learned(self, word: str, name: str) -> int:
        known = self._known[name]
        if len(known) >= _REMEMBERED:
            known.clear()
        analysed = self._analyzers[name].analyze(word)
        known[word] = hash(analysed[0]) if analysed else _GAP
        return known[word]

    def _filters(self, fields: dict[str, list[object]]) -> Iterator[tuple[str, str]]:
        for kind in ("isin", "wkn", "language"):
            for value in fields.get(kind, []):
                yield kind, str(value)
        for kind in NAMED:
            for text in fields.get(kind, []):
                words = self._analyzers[OTHER].analyze(str(text))[:_LONGEST_NAME]
                for first in range(len(words)):
                    for after in range(first + 1, len(words) + 1):
                        yield kind, " ".join(words[first:after])


def _runs(words: Keys, lengths: Collection[int]) -> Iterator[Keys]:
    """Yield the numbers of the single words, and of all runs of each of *lengths*."""
    yield words
    total, factor = words, 1
    for length in range(2, max(lengths, default=1) + 1):
        if length > len(words):
            return
        factor = factor * _STEP & _MASK
        total = total[:-1] + words[length - 1 :] * np.uint64(factor)
        if length in lengths:
            yield total


def distinct(values: NDArray[T]) -> NDArray[T]:
    """Return *values* in ascending order, each once; faster than NumPy's own for the few thousand we have."""
    ordered = np.sort(values)
    return ordered[is_first(ordered)]


def is_first(*columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell of each place whether it differs in any of *columns* from the one before."""
    new = np.ones(len(columns[0]), np.bool_)
    if len(new):
        new[1:] = columns[0][1:] != columns[0][:-1]
        for one in columns[1:]:
            new[1:] |= one[1:] != one[:-1]
    return new
