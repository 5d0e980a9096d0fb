"""Issuers and their instruments: which name is whose, which share a name leads to, and what decides between namesakes."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from depesche.instruments.lexicon import names, words
from depesche.instruments.lexicon.fold import fold
from depesche.instruments.register import primary_rank
from depesche.instruments.surroundings.setting import Setting
from depesche.model.instrument import Instrument

_HAVENS = frozenset("IE NL LR BM JE GG KY PA AN CW LU CY CH MH VG".split())  # noqa: SIM905
"""Where companies are registered whose home is elsewhere; their market tells."""
_AT_HOME = {"XNYS": "US", "XNAS": "US", "XETR": "DE", "XLON": "GB", "XPAR": "FR", "XAMS": "NL", "XSWX": "CH"}
_CLEARLY = 3


class Home(NamedTuple):
    """What speaks for an issuer: words for its town and its trade, and the countries where it is at home beside its ISIN's."""

    words: frozenset[str]
    lands: frozenset[str]


@lru_cache(maxsize=1)
def _homes() -> dict[str, Home]:
    """Return the homes of those issuers whose names need them, by ISIN."""
    file = resources.files("depesche.instruments") / "homes.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row["isin"]: Home(_split(fold(row["words"])), _split(row["lands"])) for row in rows}


def _split(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split("|")))


class Issuers:
    """The instruments of the register by their issuers."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._of: dict[str, list[Instrument]] = defaultdict(list)
        for one in instruments:
            self._of[one.issuer or one.isin].append(one)
        self._home_words_of: dict[str, frozenset[str]] = {}
        # An issuer's name leads to one instrument: the one the register calls primary, else the one it would choose.
        self.primary = {
            issuer: family[0].isin if len(family) == 1 else max(family, key=primary_rank).isin
            for issuer, family in self._of.items()
        }

    def families(self, issuer: str) -> frozenset[str]:
        """Return the families of legal forms that the names of *issuer* have."""
        return frozenset(family for text in self._texts(issuer) if (family := names.legal_family(text)))

    def goes_by(self, instrument: Instrument, name: str) -> bool:
        """Tell whether the issuer of *instrument* can be called *name*; a name that goes on differently is another's."""
        issuer = instrument.issuer or instrument.isin
        form, forms = names.legal_family(name), self.families(issuer)
        strange = bool(form and forms and form not in forms)
        return any(
            names.agree(name, text) and not _diverges(name, text) and not (strange and _own(name, text))
            for text in self._texts(issuer)
        )

    def may_be_called(self, candidates: Iterable[str], name: str) -> bool:
        """Tell whether a name of one of *candidates* has a telling word of *name*; initials do not count."""
        said = names.tokens(name)
        return any(said & names.tokens(text) for issuer in candidates for text in self._texts(issuer))

    def is_near(self, instrument: Instrument, before: str) -> bool:
        """Tell whether one of the last words of *before* is of the issuer's name."""
        near = " ".join(before.split()[-4:])
        return any(names.agree(near, text) for text in self._texts(instrument.issuer or instrument.isin))

    def at_home(self, candidates: Sequence[str], setting: Setting) -> str | None:
        """Return the one of *candidates* for which a town or a by-name in the story decides most often, or None."""
        counted = [
            (sum(setting.words[word] for word in self._home_words(issuer)), issuer) for issuer in candidates
        ]
        counted.sort(reverse=True)
        return counted[0][1] if counted[0][0] > counted[1][0] else None

    def is_at_home(self, issuer: str, setting: Setting) -> bool:
        """Tell whether the story has a word for the town or the trade of *issuer*."""
        return not self._home_words(issuer).isdisjoint(setting.words)

    def is_abroad(self, issuer: str, setting: Setting) -> bool:
        """Tell whether the story plays in other countries than those where *issuer* is at home."""
        told = setting.lands
        if not told or self.is_at_home(issuer, setting):
            return False
        home = sum(told[land] for land in self.lands(issuer))
        return not home or max(told.values()) > _CLEARLY * home

    def lands(self, issuer: str) -> frozenset[str]:
        """Return the countries where *issuer* is at home, by two letters."""
        found: set[str] = set()
        for one in self._of[issuer]:
            found.add(one.isin[:2])
            if home := _homes().get(one.isin):
                found |= home.lands
            if one.isin[:2] in _HAVENS:
                found |= {land for listing in one.listings if (land := _AT_HOME.get(listing.mic))}
        return frozenset(found)

    def telling_words(self, issuer: str) -> set[str]:
        """Return the words of the names of *issuer* that tell it apart."""
        return {word for text in self._texts(issuer) for word in names.tokens(text)}

    def _home_words(self, issuer: str) -> frozenset[str]:
        known = self._home_words_of.get(issuer)
        if known is None:
            homes = _homes()
            known = frozenset(
                word for one in self._of[issuer] if one.isin in homes for word in homes[one.isin].words
            )
            self._home_words_of[issuer] = known
        return known

    def _texts(self, issuer: str) -> set[str]:
        return {text for one in self._of[issuer] for text in (one.name, *(name.text for name in one.names))}


def _diverges(left: str, right: str) -> bool:
    """Tell whether two names share a word, yet each or the longer of an ordinary word has telling words of its own."""
    ours, theirs = names.tokens(left), names.tokens(right)
    own = _own(left, right)
    if not own or own == ours:
        return False
    others = {word for word in theirs if not any(_alike(word, other) for other in ours)}
    return bool(others) or (ours - own <= words.ORDINARY and len(own) > 1)


def _own(left: str, right: str) -> set[str]:
    """Return the telling words that *left* does not share with *right*."""
    theirs = names.tokens(right)
    return {word for word in names.tokens(left) if not any(_alike(word, other) for other in theirs)}


def _alike(left: str, right: str) -> bool:
    return left == right or names.abbreviates(left, right)
