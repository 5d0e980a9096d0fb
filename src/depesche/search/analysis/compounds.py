"""Take German compounds apart by the words of the own archive, so that Hafen finds Hafenstreik.

The vocabulary is the nouns of recent stories: words written large within a sentence much more often than small. A compound is a word
whose pieces are all in it; the stemmer, which knows the endings, knows most of what stands between the pieces too (Zeitungs-, Arbeits-).
A word that is more frequent than each of its pieces (Mittwoch) has become one of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from depesche.search.analysis.text import GERMAN, LONGEST_WORD, analyzers, fold

MOST_NOUNS = 30_000
_SHORTEST_NOUN = 3
_SHORTEST_WITHOUT_E = 5  # Schule is Schul- in compounds, but Rede is not Red-
_LARGER = 4  # times as often must a noun be written large
_MOST_PIECES = 4
_REMEMBERED = 20_000
_AT_ONCE = 1_000

_LARGE = re.compile(r"(?<![^\W\d_])[A-ZÄÖÜ][a-zäöüß]{7,}(?![^\W\d_])")
# A word that follows another in its sentence, so that it is not written large for being the first.
_LARGE_WITHIN = re.compile(r"(?<=[a-zäöüß,] )[A-ZÄÖÜ][a-zäöüß]{2,}(?![^\W\d_])")
_SMALL = re.compile(r"(?<![^\W\d_])[a-zäöüß]{3,}(?![^\W\d_])")


class Compounds:
    """Takes words apart by the vocabulary of that *number*, wherever it is loaded in the same way; *nouns* begin with the most frequent."""

    def __init__(self, number: int = 0, nouns: Iterable[str] = ()) -> None:
        self.number = number
        self._analyzer = analyzers()[GERMAN]
        known = list(nouns)
        stems = self._stems(known)
        self._ranks: dict[str, int] = {}
        self._first: dict[str, str] = {}
        for noun, stem in zip(known, stems, strict=True):
            self._ranks.setdefault(stem, len(self._ranks))
            for joined in _joined(noun):
                self._first.setdefault(joined, stem)
        self._known: dict[str, tuple[str, ...]] = {}

    def parts(self, text: str) -> list[str]:
        """Return the stems of what the compounds in German *text* are made of, in the order of the alphabet."""
        if not self._ranks:
            return []
        long = sorted({one for one in _LARGE.findall(text) if len(one) < LONGEST_WORD})
        found: set[str] = set()
        for word in fold(" ".join(long), GERMAN).split():
            found.update(self._apart(word))
        return sorted(found)

    def _apart(self, word: str) -> tuple[str, ...]:
        parts = self._known.get(word)
        if parts is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._pieces(word, _MOST_PIECES)
            whole = min((self._ranks.get(one, len(self._ranks)) for one in self._stems([word])), default=0)
            is_one = all(self._ranks[one] > whole for one in found)
            parts = self._known[word] = () if is_one else tuple(found)
        return parts

    def _pieces(self, word: str, most: int) -> set[str]:
        """Return the stems of the pieces that *word* consists of, in whichever ways need the fewest; none if there are none."""
        found: set[str] = set()
        cuts = [
            (first, word[place:])
            for place in range(_SHORTEST_NOUN, len(word) - _SHORTEST_NOUN + 1)
            if (first := self._first.get(word[:place]))
        ]
        for first, rest in cuts:
            for stem in self._stems([rest]):
                if stem in self._ranks:
                    found |= {first, stem, *self._pieces(rest, most - 1)}
        if not found and most > 2:
            for first, rest in cuts:
                if more := self._pieces(rest, most - 1):
                    found |= {first, *more}
        return found

    def _stems(self, words: list[str]) -> list[str]:
        """Return the stem of each of *words*, which consist of letters alone."""
        return [
            stem
            for first in range(0, len(words), _AT_ONCE)
            for stem in self._analyzer.analyze(" ".join(words[first : first + _AT_ONCE]))
        ]


NO_COMPOUNDS = Compounds()


def nouns(texts: Iterable[str]) -> list[str]:
    """Return the nouns of German *texts*, folded, the most frequent first."""
    large: Counter[str] = Counter()
    small: Counter[str] = Counter()
    n = 0
    for text in texts:
        n += 1
        large.update({fold(one, GERMAN) for one in _LARGE_WITHIN.findall(text) if len(one) < LONGEST_WORD})
        small.update(set(_SMALL.findall(text)))
    least = 2 if n < _AT_ONCE else 3
    frequent = (one for one, often in large.most_common() if often >= least)
    return list(islice((one for one in frequent if large[one] >= _LARGER * small[one]), MOST_NOUNS))


def _joined(noun: str) -> Iterator[str]:
    """Yield the forms in which *noun* may stand before another: Hafen-, Arbeits-, Schul-."""
    yield noun
    if not noun.endswith("s"):
        yield f"{noun}s"
    if noun.endswith("e") and len(noun) >= _SHORTEST_WITHOUT_E:
        yield noun[:-1]
