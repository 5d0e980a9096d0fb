"""Tell which of a million saved searches a story meets, in about a millisecond."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from itertools import islice

import numpy as np
import tantivy

from depesche.lib import memory
from depesche.search.percolator.saved import CannotSave, Saved, SavedReader, Sign, normal_form
from depesche.search.percolator.segment import BEGINS, FIELDS, NEGATED, U32, Loose, Segment
from depesche.search.percolator.signs import Eye, distinct

__all__ = ["CannotSave", "Percolator", "normal_form"]

_SLICE = 10_000
_SMALL = 1_000  # searches, of which there is one segment at most
# A segment is united with the one before it unless that is so many times as large.
_STEADY = 8
_LOADING = 2
_LOADED = 64
_LARGEST_KEY = (1 << 32) - 1


class Percolator:
    """Saved searches by key, to be met by stories.

    Holds segments, the largest and oldest first; each change makes a small new one, and unites segments
    of like size, so that all stay few. One thread may change searches while another matches stories: a match sees
    every change that returned before it began.
    """

    def __init__(self) -> None:
        self._reader = SavedReader()
        self._eye = Eye()
        self._segments: tuple[Segment, ...] = ()
        self._changing = threading.Lock()
        self._matching = threading.Lock()

    def __len__(self) -> int:
        return sum(int(np.count_nonzero(one.alive)) for one in self._segments)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int) and any(one.has(key) for one in self._segments)

    def add(self, key: int, query: str) -> None:
        """Keep *query* under *key*, in the place of what was there; a key is a whole number below 2^32.

        Raises:
            CannotSave: the query is empty, too long or too common; see `SavedReader.read`.
        """
        with self._changing:
            self._put({_checked(key): self._reader.read(query)}, _STEADY)

    def load(self, searches: Iterable[tuple[int, str]]) -> dict[int, CannotSave]:
        """Keep many searches, and return those that cannot be, by key.

        They are taken in slices of 10,000, each of which is met as soon as it is in.
        """
        refused: dict[int, CannotSave] = {}
        searches = iter(searches)
        with self._changing:
            while part := list(islice(searches, _SLICE)):
                read: dict[int, Saved] = {}
                for key, query in part:
                    try:
                        read[_checked(key)] = self._reader.read(query)
                    except CannotSave as error:
                        refused[key] = error
                self._put(read, _LOADING)
            self._unite(_LOADED)
            self._reader.forget()
        memory.give_back()
        return refused

    def remove(self, key: int) -> bool:
        """Forget the search under *key*; tells whether there was one."""
        with self._changing:
            former = self._segments
            self._segments = _cleared(one.without(_array([_checked(key)])) for one in former)
        return self._segments != former

    def discard(self, keys: Iterable[int]) -> None:
        """Forget the searches under *keys*, those of them that there are."""
        with self._changing:
            gone = _array([_checked(key) for key in keys])
            self._segments = _cleared(one.without(gone) for one in self._segments)

    def compact(self) -> None:
        """Make one segment of all: less memory and time for a match, at the price of a second for a million."""
        with self._changing:
            self._segments = tuple(_merged(self._segments))
        memory.give_back()

    def match(self, made: tantivy.Document) -> U32:
        """Return the keys of the searches that a story meets, in ascending order; *made* is what the index holds of it."""
        segments = self._segments
        if not segments:
            return np.zeros(0, np.uint32)
        lengths = frozenset[int]().union(*(one.lengths for one in segments))
        with self._matching:
            sight = self._eye.see(made, lengths)
            found = [one.match(sight) for one in segments]
        return distinct(np.concatenate(found))

    def _put(self, searches: Mapping[int, Saved], ratio: int) -> None:
        if not searches:
            return
        keys = _array(searches)
        kept = _cleared(one.without(keys) for one in self._segments)
        self._segments = (*kept, Segment.of([_loose(searches)]))
        self._unite(ratio)

    def _unite(self, ratio: int) -> None:
        """Unite segments at the end until each is much larger than the next."""
        segments = list(self._segments)
        first = len(segments)
        size = 0
        for place in reversed(range(len(segments))):
            here = len(segments[place])
            if size and here > max(ratio * size, _SMALL):
                break
            first, size = place, size + here
        if len(segments) - first > 1:
            self._segments = (*segments[:first], *_merged(segments[first:]))


def _checked(key: int) -> int:
    if not 0 <= key <= _LARGEST_KEY:
        raise ValueError(f"a saved search's key is a whole number below 2^32, not {key}")
    return key


def _merged(segments: Iterable[Segment]) -> list[Segment]:
    """Return one segment of what is left in *segments*, or none."""
    parts = [one.loose() for one in segments if one.alive.any()]
    return [Segment.of(parts)] if parts else []


def _cleared(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return *segments*, those made anew of which less than half is left."""
    made: list[Segment] = []
    for one in segments:
        made += [one] if 2 * int(np.count_nonzero(one.alive)) >= len(one) else _merged([one])
    return tuple(made)


def _array(keys: Collection[int]) -> U32:
    return np.fromiter(keys, np.uint32, len(keys))


def _loose(searches: Mapping[int, Saved]) -> Loose:
    """Write *searches* out as literals, over the signs among them."""
    places: dict[Sign, int] = {}
    literals: list[int] = []
    sizes: list[int] = []
    for saved in searches.values():
        before = len(literals)
        for group in saved.wanted:
            begins = BEGINS
            for sign in group:
                literals.append(places.setdefault(sign, len(places)) | begins)
                begins = 0
        literals += [places.setdefault(sign, len(places)) | BEGINS | NEGATED for sign in saved.unwanted]
        sizes.append(len(literals) - before)
    pairs = [(key, place | bits << FIELDS) for sign, place in places.items() for key, bits in sign.keys]
    return Loose(
        keys=_array(searches),
        sizes=np.array(sizes, np.int64),
        literals=np.array(literals, np.uint32),
        names=np.fromiter((sign.name for sign in places), np.uint64, len(places)),
        ranks=np.fromiter((sign.rank for sign in places), np.uint8, len(places)),
        terms=np.fromiter((key for key, _ in pairs), np.uint64, len(pairs)),
        postings=np.fromiter((posting for _, posting in pairs), np.uint32, len(pairs)),
        lengths=frozenset[int]().union(*(sign.lengths for sign in places)),
    )
