"""A part of the percolator: saved searches as arrays that are never changed.

A search is a row of literals, group by group: one literal of each group must be true, and none of the negated
ones. Each row is *anchored*, listed under the literals of its one group that is met most seldom, and looked at
only for stories that have one of these. Beside the anchor stands a second sign that the row needs, so that most
rows are dismissed without looking at their literals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from depesche.search.percolator.signs import Bits, Keys, Sight, distinct, is_first

# What stands above the place of a sign in a literal.
NEGATED = 1 << 31
BEGINS = 1 << 30  # a group
FIELDS = 28  # how far a posting's fields are moved up

_NEGATED = np.uint32(NEGATED)
_BEGINS = np.uint32(BEGINS)
_SIGN = np.uint32((1 << 30) - 1)
_MORE = np.uint32(1 << 31)  # of a check: the literals must be looked at too
_PLACE = np.uint32((1 << FIELDS) - 1)

_BYTE, _BITS = np.uint64(3), np.uint64(7)
_SPARSE = 8  # beginnings for each term, at least

U32 = NDArray[np.uint32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Loose:
    """Searches and their signs before they are put in order; what segments are made of.

    `literals` of the searches follow each other, `sizes` say how many each has; a literal names a sign by its
    place. `names` are numbers of signs, alike in all segments. `terms` and `postings` are pairs of a term's number and a
    sign with the fields where the term counts for it.
    """

    keys: U32
    sizes: Ints
    literals: U32
    names: Keys
    ranks: NDArray[np.uint8]
    terms: Keys
    postings: U32
    lengths: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Saved searches, row by row; one thread at a time may ask it for matches."""

    keys: U32
    by_key: U32  # rows in ascending order of their keys
    alive: Flags
    bounds: U32  # row -> its literals
    literals: U32
    names: Keys
    ranks: NDArray[np.uint8]
    terms: Keys  # in ascending order
    beginnings: NDArray[np.uint8]  # a bit for each beginning of a term: whether there is one
    shift: np.uint64  # how many bits of a term follow these
    term_bounds: U32  # term -> its postings
    postings: U32
    anchor_bounds: U32  # sign -> rows anchored on it
    anchored: U32
    checks: U32
    lengths: frozenset[int]
    present: NDArray[np.uint8]  # scratch: which signs the story has; the last, which stands for none, always

    @classmethod
    def of(cls, parts: Sequence[Loose]) -> Self:
        """Return the segment of all searches of *parts*, at least one; signs and terms may come up several times."""
        literals, names, ranks, terms, postings = _united(parts)
        keys = np.concatenate([one.keys for one in parts])
        sizes = np.concatenate([one.sizes for one in parts])
        anchor_bounds, anchored, checks = _anchors(literals, sizes, ranks)
        # Rows in the order of their anchors: what a story meets lies together.
        order = np.argsort(np.unique(anchored, return_index=True)[1])
        places = np.empty(len(order), np.uint32)
        places[order] = np.arange(len(order))
        starts = np.cumsum(sizes) - sizes
        keys = keys[order]
        first = np.flatnonzero(is_first(terms))
        beginnings, shift = _beginnings(terms[first])
        present = np.zeros(len(names) + 1, np.uint8)
        present[-1] = 1
        return cls(
            keys=keys,
            by_key=np.argsort(keys).astype(np.uint32),
            alive=np.ones(len(keys), np.bool_),
            bounds=_bounds(sizes[order]),
            literals=literals[_spread(starts[order], sizes[order])],
            names=names,
            ranks=ranks,
            terms=terms[first],
            beginnings=beginnings,
            shift=shift,
            term_bounds=np.append(first, len(terms)).astype(np.uint32),
            postings=postings,
            anchor_bounds=anchor_bounds,
            anchored=places[anchored],
            checks=checks,
            lengths=frozenset().union(*(one.lengths for one in parts)),
            present=present,
        )

    def __len__(self) -> int:
        return len(self.keys)

    def has(self, key: int) -> bool:
        """Tell whether the search *key* is here and was not removed."""
        return len(self._living(np.array([key], np.uint32))) > 0

    def without(self, keys: U32) -> Self:
        """Return this segment without the searches *keys*: itself if there are none of them here."""
        rows = self._living(keys)
        if not len(rows):
            return self
        alive = self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive)

    def _living(self, keys: U32) -> U32:
        places = np.searchsorted(self.keys, keys, sorter=self.by_key)
        rows: U32 = self.by_key[np.minimum(places, len(self.keys) - 1)]
        rows = rows[self.keys[rows] == keys]
        return rows[self.alive[rows]]

    def loose(self) -> Loose:
        """Return the searches that were not removed, to make a new segment of."""
        sizes = _sizes(self.bounds)
        counts = _sizes(self.term_bounds)
        return Loose(
            keys=self.keys[self.alive],
            sizes=sizes[self.alive],
            literals=self.literals[np.repeat(self.alive, sizes)],
            names=self.names,
            ranks=self.ranks,
            terms=np.repeat(self.terms, counts),
            postings=self.postings,
            lengths=self.lengths,
        )

    def match(self, sight: Sight) -> U32:
        """Return the keys of the searches that *sight* meets, in no order and perhaps twice."""
        signs = self._signs(sight)
        self.present[signs] = 1
        try:
            rows = self._rows(signs)
        finally:
            self.present[signs] = 0
        return self.keys[rows[self.alive[rows]]]

    def _signs(self, sight: Sight) -> U32:
        places, bits = self._places(sight)
        starts = self.term_bounds[places].astype(np.int64)
        sizes = self.term_bounds[places + 1] - starts
        found = self.postings[_spread(starts, sizes)]
        counts = (found >> np.uint32(FIELDS)) & np.repeat(bits, sizes) != 0
        return distinct(found[counts] & _PLACE)

    def _places(self, sight: Sight) -> tuple[Ints, Bits]:
        """Return the places of those terms of *sight* that are known here, and their fields."""
        # Most terms of a story are in no search: of those, few share their first bits with one that is.
        begin = sight.keys >> self.shift
        likely = (self.beginnings[begin >> _BYTE] >> (begin & _BITS).astype(np.uint8)) & 1 != 0
        keys, bits = sight.keys[likely], sight.bits[likely]
        places: Ints = np.searchsorted(self.terms, keys)
        places[places == len(self.terms)] = 0
        hit = self.terms[places] == keys
        return places[hit], bits[hit]

    def _rows(self, signs: U32) -> U32:
        starts = self.anchor_bounds[signs].astype(np.int64)
        listed = _spread(starts, self.anchor_bounds[signs + np.uint32(1)] - starts)
        checks = self.checks[listed]
        passed = self.present[checks & _SIGN] != 0
        rows = self.anchored[listed[passed]]
        more = checks[passed] >= _MORE
        doubtful = rows[more]
        return np.concatenate([rows[~more], doubtful[self._holds(doubtful)]])

    def _holds(self, rows: U32) -> Flags:
        """Tell of each of *rows* whether all that it says is true."""
        if not len(rows):
            return np.zeros(0, np.bool_)
        starts = self.bounds[rows].astype(np.int64)
        sizes = self.bounds[rows + np.uint32(1)] - starts
        literals = self.literals[_spread(starts, sizes)]
        truth = self.present[literals & _SIGN] ^ (literals >= _NEGATED)
        begins = np.flatnonzero(literals & _BEGINS)
        groups = np.maximum.reduceat(truth, begins)
        first = np.searchsorted(begins, np.cumsum(sizes) - sizes)
        return np.asarray(np.minimum.reduceat(groups, first) != 0)


def _spread(starts: NDArray[Any], sizes: NDArray[Any]) -> Ints:
    """Return the whole numbers of all ranges that begin at *starts* and are *sizes* long, one range after another."""
    before = np.cumsum(sizes, dtype=np.int64) - sizes
    total = int(sizes.sum())
    return np.repeat(starts - before, sizes) + np.arange(total)


def _bounds(sizes: NDArray[Any]) -> U32:
    made = np.zeros(len(sizes) + 1, np.uint32)
    np.cumsum(sizes, out=made[1:])
    return made


def _sizes(bounds: U32) -> Ints:
    return (bounds[1:] - bounds[:-1]).astype(np.int64)


def _beginnings(terms: Keys) -> tuple[NDArray[np.uint8], np.uint64]:
    """Return a bit for each possible beginning of a term, and how many bits of a term follow it."""
    length = (len(terms) * _SPARSE).bit_length()
    shift = np.uint64(64 - length)
    has = np.zeros(1 << length, np.bool_)
    has[terms >> shift] = True
    return np.packbits(has, bitorder="little"), shift


def _united(parts: Sequence[Loose]) -> tuple[U32, Keys, NDArray[np.uint8], Keys, U32]:
    """Return literals, names, ranks, terms and postings of *parts* over one list of the signs that are in use."""
    all_names = np.concatenate([one.names for one in parts])
    names, first, places = np.unique(all_names, return_index=True, return_inverse=True)
    ranks = np.concatenate([one.ranks for one in parts])[first]
    moved = np.split(places.astype(np.uint32), np.cumsum([len(one.names) for one in parts])[:-1])
    literals = np.concatenate(
        [now[one.literals & _SIGN] | (one.literals & ~_SIGN) for one, now in zip(parts, moved, strict=True)]
    )
    postings = np.concatenate(
        [now[one.postings & _PLACE] | (one.postings & ~_PLACE) for one, now in zip(parts, moved, strict=True)]
    )
    terms = np.concatenate([one.terms for one in parts])
    used = np.zeros(len(names), np.bool_)
    used[literals & _SIGN] = True
    place = (np.cumsum(used) - 1).astype(np.uint32)
    literals = place[literals & _SIGN] | (literals & ~_SIGN)
    needed = used[postings & _PLACE]
    terms, postings = terms[needed], postings[needed]
    postings = place[postings & _PLACE] | (postings & ~_PLACE)
    order = np.lexsort((postings, terms))
    terms, postings = terms[order], postings[order]
    new = is_first(terms, postings)
    return literals, names[used], ranks[used], terms[new], postings[new]


def _anchors(literals: U32, sizes: Ints, ranks: NDArray[np.uint8]) -> tuple[U32, U32, U32]:
    """Choose for each row the group to list it under, and a second sign to check.

    That is the group that is likely to be met most seldom: of the best rank and, since people search as
    others write, with the signs that the fewest searches name.
    """
    signs = (literals & _SIGN).astype(np.int64)
    often = np.bincount(signs, minlength=len(ranks))
    begins = np.flatnonzero(literals & _BEGINS)
    group_sizes = np.diff(np.append(begins, len(literals)))
    group_rows = np.repeat(np.arange(len(sizes)), sizes)[begins]
    group_count = np.bincount(group_rows, minlength=len(sizes))
    wanted = np.flatnonzero(literals[begins] < _NEGATED)
    rank = np.maximum.reduceat(ranks[signs], begins)[wanted]
    weight = np.add.reduceat(often[signs], begins)[wanted]
    ordered = wanted[np.lexsort((weight, rank, group_rows[wanted]))]
    best = is_first(group_rows[ordered])
    anchors = ordered[best]

    rest = ordered[~best]
    rest = rest[group_sizes[rest] == 1]
    checks = np.full(len(sizes), len(ranks), np.uint32)
    checks[group_rows[rest[::-1]]] = signs[begins[rest[::-1]]]  # the best is written last
    checked = 1 + (checks != len(ranks))
    checks[group_count != checked] |= _MORE

    places = _spread(begins[anchors], group_sizes[anchors])
    rows = np.repeat(group_rows[anchors], group_sizes[anchors])
    order = np.argsort(signs[places], kind="stable")
    bounds = _bounds(np.bincount(signs[places], minlength=len(ranks)))
    rows = rows[order]
    return bounds, rows.astype(np.uint32), checks[rows]
