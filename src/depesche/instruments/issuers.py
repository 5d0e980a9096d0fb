"""Issuers and their instruments: which name is whose, which share a name leads to, and what decides between namesakes."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources

from depesche.instruments import names, words
from depesche.instruments.fold import fold
from depesche.instruments.register import primary_rank
from depesche.instruments.setting import Setting
from depesche.model.instrument import Instrument


@lru_cache(maxsize=1)
def _homes() -> dict[str, frozenset[str]]:
    """Return the words that decide for an ISIN where its name is shared: its town, what it is called elsewhere."""
    file = resources.files("depesche.instruments") / "homes.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row["isin"]: frozenset(fold(row["words"]).split("|")) for row in rows}


class Issuers:
    """The instruments of the register by their issuers."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._of: dict[str, list[Instrument]] = defaultdict(list)
        for one in instruments:
            self._of[one.issuer or one.isin].append(one)
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
        homes = _homes()
        counted = [
            (sum(setting.words[word] for one in self._of[issuer] for word in homes.get(one.isin, ())), issuer)
            for issuer in candidates
        ]
        counted.sort(reverse=True)
        return counted[0][1] if counted[0][0] > counted[1][0] else None

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
