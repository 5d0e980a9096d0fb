"""By-names: what a story calls a company once its name is known (`the carrier`, `der Wolfsburger Autobauer`, `the food group`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from depesche.instruments.lexicon import vocabulary
from depesche.instruments.lexicon.fold import fold

_ENDINGS = tuple(
    sorted(
        {fold(word) for word in vocabulary.COMPANY}
        - {"mutter", "tochter", "group", "parent", "kette", "owner"}
    )
)
_LEAST = 3
_NO_CHAINS = frozenset(
    """halskette perlenkette lichterkette menschenkette bergkette gebirgskette fahrradkette kuehlkette lieferkette nahrungskette
infektionskette schneekette beweiskette""".split()  # noqa: SIM905
)
_SHE = frozenset(
    """fluggesellschaft airline fluglinie reederei grossbank handelsgruppe versicherungsgruppe werft aktiengesellschaft
beteiligungsgesellschaft immobiliengesellschaft leasinggesellschaft fondsgesellschaft mineraloelgesellschaft bergbaugesellschaft""".split()  # noqa: SIM905
)
_TRADES = frozenset(
    """oil energy mining retail tech technology media food drinks defence defense chemical chemicals telecom telecoms luxury engineering
industrial payment payments insurance banking software pharma pharmaceutical pharmaceuticals steel goods fashion travel shipping testing""".split()  # noqa: SIM905
)
_FIRMS = frozenset({"group", "firm", "giant", "major"})
_ARTICLES = frozenset("the das des dem der den die".split())  # noqa: SIM905
_PART = re.compile(r"[\w.'-]*[\w'-]")
_MOST = 4
_REACH = 70


@lru_cache(maxsize=1 << 14)
def _kind(word: str) -> str | None:
    """Return what the folded *word* calls a company as: he (`Autobauer`), she (`Fluggesellschaft`, which `die` may precede), or None."""
    if word.endswith("kette"):
        return "she" if len(word) >= len("kette") + _LEAST and word not in _NO_CHAINS else None
    if word in _SHE or word.endswith("holding"):
        return "she"
    if word in vocabulary.EPITHETS:
        return "he"
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) >= len(end) + _LEAST), None)
    return "he" if ending else None


def may_be(words: Iterable[str]) -> list[str]:
    """Return those of the folded *words* that can call a company something."""
    return [word for word in words if word in _FIRMS or _kind(word)]


def ends(text: str, said: Iterable[str]) -> Iterator[int]:
    """Yield where the words *said* end in folded *text*, where each is a by-name: within four words of its article."""
    for word in said:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not text[end : end + 1].isalnum() and _is_byname(text, start, word):
                yield end
            start = text.find(word, end)


def _is_byname(text: str, start: int, word: str) -> bool:
    before = text[max(0, start - _REACH) : start].split(" ")[-_MOST - 1 :]
    if before.pop() or not before:
        return False
    previous = before[-1]
    for other in reversed(before):
        if other in _ARTICLES:
            kind = _kind(word)
            if other == "die":
                return kind == "she"
            return bool(kind) or previous in _TRADES
        if not _PART.fullmatch(other):
            return False
    return False
