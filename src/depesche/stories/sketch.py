"""Compare texts: shingles, what share of them two texts have in common, and the sketches by which likely ones are found.

A shingle is three words on end. Of all shingles a text is found by its MinHash bands (the same
text, whenever it came) and by every sixteenth shingle (a text that contains another, of late).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from rensa import RMinHash

LEAST = 24  # shingles without which a text is too short to be told from others
_WORD = re.compile(r"\w+")
_PERMUTATIONS = 64
_ROWS = 4
_SEED = 20
_SAMPLED = 16
_MOST_SAMPLED = 24
_LONGEST = 60_000  # characters: the rest of a longer text tells nothing new

# From here on a release says only what every release of its service says.
_TAIL = re.compile(
    r"^(?:Ende der (?:\S+[- ])?Mitteilung|End of (?:\S+ )?(?:Announcement|News|Message)|Die EQS Distributionsservices|The EQS Distribution Services"
    r"|Kontakt:|Contact:|Sprache:|Language:)",
    re.MULTILINE,
)
_MONTHS = "jan|feb|mär|maer|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec"
_DATES = re.compile(
    rf"\d{{4}}-\d\d-\d\dT?[\d:.Z+-]*|\d{{1,2}}\.\s?\d{{1,2}}\.(?:\d{{2,4}})?|\d{{1,2}}\.?\s(?:{_MONTHS})[a-zä]*\.?(?:\s\d{{4}})?"
    rf"|\b(?:{_MONTHS})[a-zä]*\.?\s\d{{1,2}}(?:,\s?\d{{4}})?|\b\d{{1,2}}[:.]\d\d(?:\s?Uhr|\s?(?:a|p)\.?m\.?|:\d\d)?\b(?=\s?(?:Uhr|CES?T|GMT|UTC|h\b|am\b|pm\b)|:)"
    r"|\b\d{1,2}:\d\d\b|\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Sketch:
    """A text, ready to be compared."""

    text: str

    @cached_property
    def core(self) -> str:
        """The text without what every release of its service ends in."""
        cut = _TAIL.search(self.text)
        kept = self.text[: cut.start()] if cut and cut.start() > len(self.text) // 4 else self.text
        return kept[:_LONGEST]

    @cached_property
    def shingles(self) -> frozenset[tuple[str, str, str]]:
        """The text's shingles."""
        words = _WORD.findall(self.core.casefold())
        return frozenset(zip(words, words[1:], words[2:], strict=False))

    @cached_property
    def _written(self) -> list[str]:
        return [" ".join(three) for three in self.shingles]

    @property
    def is_telling(self) -> bool:
        """Tell whether the text is long enough to be told from others."""
        return len(self.shingles) >= LEAST

    @cached_property
    def bands(self) -> tuple[int, ...]:
        """Pieces of the text's MinHash signature: texts half alike share one with a probability of two thirds, of
        0.7 alike with 0.98.
        """
        made = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        made.update(self._written)
        values = made.digest()
        return tuple(_band(place, values[place : place + _ROWS]) for place in range(0, _PERMUTATIONS, _ROWS))

    @cached_property
    def sample(self) -> tuple[int, ...]:
        """Every sixteenth shingle, of a long text the lowest: the same ones in every text."""
        [hashes] = RMinHash.hash_token_sets([self._written])
        return tuple(sorted(one >> 1 for one in hashes if one % _SAMPLED == 0)[:_MOST_SAMPLED])

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The figures of the text, dates and times left out."""
        return frozenset(_NUMBER.findall(_DATES.sub(" ", self.core)))


def _band(place: int, values: list[int]) -> int:
    said = place.to_bytes(2, "big") + b"".join(value.to_bytes(4, "big") for value in values)
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True)
class Likeness:
    """How far two texts are alike, from 0 to 1.

    `jaccard` is the share of all their shingles that both have, `contained` the share of the shorter one's.
    """

    shorter: Sketch
    longer: Sketch
    jaccard: float
    contained: float

    @cached_property
    def figures(self) -> float:
        """The share of the shorter one's figures that the longer one has."""
        wanted = self.shorter.numbers
        return len(wanted & self.longer.numbers) / len(wanted) if wanted else 1.0


def likeness(one: Sketch, other: Sketch) -> Likeness:
    """Compare two texts."""
    less, more = sorted((one, other), key=lambda text: len(text.shingles))
    both, every = len(less.shingles & more.shingles), len(less.shingles) + len(more.shingles)
    return Likeness(
        less, more, jaccard=both / max(every - both, 1), contained=both / max(len(less.shingles), 1)
    )
