"""Short forms: a headline may shorten a name that the body gives in full, and a name may only repeat the beginning of another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from depesche.instruments.lexicon import words
from depesche.instruments.lexicon.dictionary import Found
from depesche.instruments.lexicon.fold import fold
from depesche.instruments.surroundings.cues import Scene

_TELLING = 5


def short_form(headline: Scene, known: list[tuple[Found, str]], taken: list[tuple[int, int]]) -> list[Found]:
    """Return the first words of full names in the body that stand alone in the headline.

    A headline may shorten a name that the body gives in full; a word with which names
    of two issuers begin, or that is an ordinary one, shortens none,
    nor does one that is part of a name at the places *taken*.
    """
    beginnings: dict[str, set[str]] = defaultdict(set)
    for name, issuer in known:
        first, _, rest = name.text.partition(" ")
        if rest and name.field != headline.name:
            beginnings[first].add(issuer)
    in_headline = {issuer for name, issuer in known if name.field == headline.name}
    short = []
    for word, issuers in beginnings.items():
        folded = fold(word)
        telling = (
            word in headline.text
            and len(word) >= _TELLING
            and folded not in words.ORDINARY
            and folded not in words.GENERIC
        )
        found = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w.@&])", headline.text) if telling else None
        if found is None or any(start < found.end() and found.start() < end for start, end in taken):
            continue
        if len(issuers) == 1 and not issuers & in_headline:
            where = (headline.name, found.start(), found.end(), found.group(), folded)
            short.append(Found(*where, tuple(issuers), strong=False, trusted=True))
    return short


def shadowed_names(known: list[tuple[Found, str]]) -> set[tuple[str, str]]:
    """Return the names that only repeat the beginning of another issuer's, which came first: `Siemens` behind `Siemens Energy`."""
    first: dict[str, tuple[str, str]] = {}
    for name, issuer in known:  # the headline's come first, then the body's in order
        folded = name.folded
        first.setdefault(folded.partition(" ")[0], (folded, issuer))
    return {
        (name.folded, issuer)
        for name, issuer in known
        if " " not in name.folded and first[name.folded][0] != name.folded and first[name.folded][1] != issuer
    }


def longer_meant(known: list[tuple[Found, str]], headline: str) -> dict[Found, str | None]:
    """Return the names in the headline that may shorten another issuer's, which the copy names first: `Fresenius` above a text that
    begins with `Fresenius Medical Care`. They mean that issuer if the copy goes on about it; else nobody can say, and it is None.
    """
    first: dict[str, tuple[str, str]] = {}
    for name, issuer in sorted(known, key=lambda pair: pair[0].start):
        if name.field != headline:
            first.setdefault(name.folded.partition(" ")[0], (name.folded, issuer))
    told = Counter(issuer for name, issuer in known if name.field != headline)
    in_headline = {issuer for name, issuer in known if name.field == headline}
    meant: dict[Found, str | None] = {}
    for name, issuer in known:
        if name.field != headline or " " in name.folded:
            continue
        folded, other = first.get(name.folded, ("", issuer))
        if other != issuer and folded != name.folded and other not in in_headline:
            meant[name] = other if told[other] > 1 else None
    return meant
