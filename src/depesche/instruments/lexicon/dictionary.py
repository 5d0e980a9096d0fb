"""The dictionary of names: from the register's names to patterns, and from a place in a text to issuers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from depesche.instruments.lexicon import words
from depesche.instruments.lexicon.fold import Folded, fold
from depesche.instruments.lexicon.matcher import FastMatcher, Matcher
from depesche.instruments.lexicon.names import REVIEWED, TRUSTED
from depesche.model.instrument import BLOCKED, STRONG, Instrument

_ADJECTIVE = re.compile(r"^(\S+(?:sche|igte))(?= \S)")
_EDGE = " .,;:-'/!?()\""
_ACRONYM = 3


class Entry(NamedTuple):
    """A name of an issuer, with its tier, whether its source lists well-known issuers, and whether a person
    judged it or it is all that its issuer is called.
    """

    issuer: str
    text: str
    tier: str
    trusted: bool
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A name at a place of a field, in the field's own characters, with the issuers it may mean.

    `text` is what stands there; `strong` tells that the name is strong for its one issuer, `trusted` that it is a well-known one's,
    `odd` that it is an acronym written like a word, or a word without its accents, `family` that names of other well-known issuers
    begin with it and nobody said whose it is alone (`Mitsubishi`).
    """

    field: str
    start: int
    end: int
    text: str
    folded: str
    issuers: tuple[str, ...]
    strong: bool
    trusted: bool
    odd: bool = False
    family: bool = False


class Dictionary:
    """All names that may link, in one matcher."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        entries: dict[str, dict[tuple[str, str], Entry]] = defaultdict(dict)
        heads: dict[str, set[str]] = defaultdict(set)
        for instrument in instruments:
            for name in instrument.names:
                owner = instrument.issuer or instrument.isin
                trusted = name.source in TRUSTED
                own = name.source in REVIEWED or (trusted and name.text == instrument.name)
                entry = Entry(owner, name.text, name.tier, trusted, own)
                if trusted and " " in name.text:
                    heads[fold(name.text).partition(" ")[0]].add(owner)
                for pattern in _patterns(name.text):
                    held = entries[pattern].get((entry.issuer, entry.text))
                    if held is None or (entry.tier == STRONG, entry.trusted) > (
                        held.tier == STRONG,
                        held.trusted,
                    ):
                        entries[pattern][entry.issuer, entry.text] = entry
        for blocked in words.BLOCKED:
            # A blocked name must win its place, or a shorter name inside it would.
            entries.setdefault(blocked, {})
        self._families = frozenset(word for word, owners in heads.items() if len(owners) > 1)
        self._entries = [tuple(names.values()) for names in entries.values()]
        self._matcher: Matcher = FastMatcher(list(entries))

    def count(self, text: str) -> int:
        """Return how many names the matcher finds in folded *text*, whatever their capitals."""
        return len(self._matcher.find(text))

    def find(self, field: str, text: Folded) -> Iterator[Found]:
        """Yield the names in *text* whose capitals fit, in order."""
        for hit in self._matcher.find(text.text):
            entries = self._entries[hit.pattern]
            if not entries:
                continue
            start, end = text.span(hit.start, hit.end)
            seen = text.original[start:end]
            allowed = [entry for entry in entries if entry.tier != BLOCKED]
            fitting = [entry for entry in allowed if _capitals_fit(entry.text, seen)]
            odd = False
            if not fitting and len(seen) == _ACRONYM and seen.istitle():
                odd, fitting = True, [entry for entry in allowed if entry.trusted and entry.text.isupper()]
            elif seen.isascii() and text.text[hit.start : hit.end] in words.ORDINARY:
                odd = bool(fitting) and not any(entry.text.isascii() for entry in fitting)
            if fitting:
                # A name strong for one issuer is his, though others may carry it too.
                best = [entry for entry in fitting if entry.tier == STRONG] or fitting
                issuers = tuple(dict.fromkeys(entry.issuer for entry in best))
                strong = len(issuers) == 1 and best[0].tier == STRONG and not odd
                folded = text.text[hit.start : hit.end]
                trusted = any(entry.trusted for entry in best)
                family = folded in self._families and not any(entry.reviewed for entry in best)
                yield Found(field, start, end, seen, folded, issuers, strong, trusted, odd, family)


def _patterns(name: str) -> Iterator[str]:
    folded = fold(name).strip(_EDGE)
    if len(folded) < 2 or not (folded[0].isalnum() and folded[-1].isalnum()):
        return
    yield folded
    if adjective := _ADJECTIVE.match(folded):
        for ending in "nr":
            yield f"{adjective[1]}{ending}{folded[adjective.end() :]}"


def _capitals_fit(name: str, seen: str) -> bool:
    """Tell whether *seen* has the capitals of a name: `Ball` never matches `ball`, nor `GAP` (an acronym) `Gap`."""
    if seen == name:
        return True
    first = next((char for char in seen if char.isalpha()), "")
    if not first.isupper():
        return False
    letters = [char for char in name if char.isalpha()]
    if len(letters) <= _ACRONYM and all(char.isupper() for char in letters) and " " not in name:
        return seen.upper() == seen
    return all(
        not wanted[:1].isupper() or not given[:1].islower()
        for wanted, given in zip(re.split(r"[\s-]+", name), re.split(r"[\s-]+", seen), strict=False)
    )
