"""Find the words that were asked for in a text, and the part of it to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import tantivy

from depesche.search.analysis.text import GERMAN, TONGUES, analyzers, code, fold, tongue
from depesche.search.compiler import STOPWORDS
from depesche.search.query import Query

LENGTH = 260
_LONGEST_TEXT = 60_000
_MOST_HITS = 200
_SHORTEST_PART, _LONGEST_PART = 3, 40  # of a compound, in letters
_STEM = 4  # letters of a stem that a word must begin with to be looked at
# How the letters of a stem may be written in a text.
_WRITTEN = {"a": "(?:ae|[aäàáâãå])", "o": "(?:oe|[oöòóôõø])", "u": "(?:ue|[uüùúû])", "e": "[eèéêë]", "s": "(?:ss|[sß])",
            "i": "[iìíîï]", "c": "[cç]", "n": "[nñ]"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `is_hit` where it is what was asked for."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    word: str


class Highlighter:
    """Finds the wanted words of one query in texts of any language, as the index finds them."""

    def __init__(self, asked: Query) -> None:
        words = [
            word
            for group in asked.wanted
            for term in group
            for word in (term.text.split() if term.is_phrase else [term.text])
        ]
        self._words = [one for one in words if code(one) not in STOPWORDS] or words

    def mark(self, text: str, language: str) -> tuple[Piece, ...]:
        """Return all of *text* in pieces."""
        return tuple(_pieces(text, 0, len(text), self._hits(text, language)))

    def cut(self, text: str, language: str, length: int = LENGTH) -> tuple[Piece, ...]:
        """Return about *length* characters of *text*, where most of the words are, in pieces."""
        text = " ".join(text[:_LONGEST_TEXT].split())
        hits = self._hits(text, language)
        start, end = _window(text, hits, length)
        return (
            *([Piece("… ")] if start else []),
            *_pieces(text, start, end, hits),
            *([Piece(" …")] if end < len(text) else []),
        )

    def _hits(self, text: str, language: str) -> list[_Hit]:
        own = tongue(language)
        stems = {stem for word in self._words for stem in _stems(word, own)}
        exact = [re.escape(one) for one in self._words if not one.isalpha()]
        begins = {"".join(_WRITTEN.get(char, re.escape(char)) for char in stem[:_STEM]) for stem in stems}
        # A compound may have letters before the word that was asked for; what follows it is no part of the word anyway.
        before = rf"\w{{{_SHORTEST_PART},{_LONGEST_PART}}}" if own == GERMAN else ""
        wanted = [*sorted(exact, key=len, reverse=True), *(rf"{one}\w*" for one in sorted(begins))]
        wanted += [rf"{before}{one}\w*" for one in sorted(begins) if before]
        if not wanted:
            return []
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(wanted)})(?!\w)", re.IGNORECASE)
        codes = {code(one) for one in self._words}
        found = []
        for match in pattern.finditer(text):
            folded = code(match[0])
            said = (
                folded
                if folded in codes
                else next((one for one in _stems(match[0], own) if one in stems), None)
            )
            if said is None and own == GERMAN and match[0][:1].isupper():
                said = self._part_of(match[0])
            if said is not None:
                found.append(_Hit(match.start(), match.end(), said))
                if len(found) >= _MOST_HITS:
                    break
        return found

    def _part_of(self, compound: str) -> str | None:
        """Return the stem of a wanted word with which the German *compound* seems to begin or end, for it is shown and not decided."""
        whole, stem = fold(compound, GERMAN), "".join(_stems(compound, GERMAN))
        for word in self._words:
            begin, end = fold(word, GERMAN), "".join(_stems(word, GERMAN))
            rest = len(whole) - len(begin)
            if len(begin) >= _SHORTEST_PART <= rest and (
                whole.startswith(begin) or (end and stem.endswith(end))
            ):
                return end or begin
        return None


def _stems(word: str, own: str) -> list[str]:
    return list(_analyzer(own).analyze(fold(word, own)))


@cache
def _analyzer(own: str) -> tantivy.TextAnalyzer:
    made = analyzers()
    assert set(made) == set(TONGUES)
    return made[own]


def _window(text: str, hits: list[_Hit], length: int) -> tuple[int, int]:
    """Return where the part of *text* begins and ends that has the most different words, the first of several."""
    if len(text) <= length:
        return 0, len(text)
    best, most = 0, 0
    for place, hit in enumerate(hits):
        within = {one.word for one in hits[place:] if one.end - hit.start <= length * 3 // 4}
        if len(within) > most:
            best, most = hit.start, len(within)
    start = max(0, best - length // 5)
    if start:
        start = text.find(" ", start) + 1
    end = min(len(text), start + length)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + 1)
    return start, end


def _pieces(text: str, start: int, end: int, hits: Iterable[_Hit]) -> Iterator[Piece]:
    place = start
    for hit in hits:
        if hit.start < place or hit.end > end:
            continue
        if hit.start > place:
            yield Piece(text[place : hit.start])
        yield Piece(text[hit.start : hit.end], True)
        place = hit.end
    if place < end:
        yield Piece(text[place:end])
