"""Read the words around a name: do they speak of the company, of something else, or of a former employer?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from depesche.instruments import words
from depesche.instruments.dictionary import Found
from depesche.instruments.fold import Folded
from depesche.instruments.names import legal_family

CERTAIN = 0.95
LIKELY = 0.91
POSSIBLE = 0.7
NONE = 0.0

_WINDOW = 220
_WORD = re.compile(r"[^\W_]+")
_COMPOUND = re.compile(
    r"(?:s|'s|’s)?[-‐‑–](?:Aktie|Aktien\w*|Papiere?|Anteil\w*|Titel|Aktionär\w*|Vorstand\w*|Aufsichtsrat\w*|Konzern\w*|Tochter\w*"
    r"|Anleihe\w*|CEO|CFO|Finanz\w+|Hauptversammlung|Umsatz|Gewinn|Mitarbeiter\w*|Beschäftigte\w*|Großaktionär\w*"
    r"|Betriebsr\w+|Sprecher\w*|Management|Führung|Zahlen|Quartal\w*|Chefs?|Chefin|Prognose|Dividende|Sparte"
    r"|Zentrale|Gruppe|Kurs|Manager\w*|Vorzüge|Stämme|Stammaktie\w*|Vorzugsaktie\w*)\b"
    r"|(?:'s|’s)?\s(?:shares?|stock|shareholders|investors|CEO|CFO|chief executive|chief financial|board|executives)\b",
)
_FORM = re.compile(
    r",?\s(AG|SE|KGaA|Inc|Corp(?:oration)?|plc|PLC|Ltd|Limited|N\.V|NV|S\.A|SA|S\.p\.A|SpA|AB|Oyj|ASA|Company|(?:AG|SE|GmbH) & Co\. KGaA)\b"
)
_COMPANY = tuple(
    """konzern konzerns hersteller herstellers autobauer autobauers maschinenbauer unternehmen unternehmens versicherer
versicherers zulieferer zulieferers versorger versorgers händler händlers anbieter anbieters entwickler entwicklers
betreiber betreibers dienstleister dienstleisters vermieter vermieters riese riesen rüstungsfirma techfirma softwarefirma
mutter tochter firma maker retailer insurer lender company supplier operator airline brewer miner conglomerate""".split()  # noqa: SIM905
)
_PAPER = frozenset(
    """aktie aktien papier papiere papieren anteil anteile anteilsscheine titel vorzugsaktie vorzugsaktien stammaktien kurs
anleger aktionäre shares share stake investors stock shareholders""".split()  # noqa: SIM905
)
_OF = frozenset("von der des bei an of in".split())  # noqa: SIM905
_ARTICLES = frozenset(
    """die der das den dem des eine einer einen einem eines ein the a an his her its their diese dieser dieses diesen diesem
jede jeder jedes kein keine keinen keiner mein meine sein seine seinen ihr ihre ihren alte alter alten neue neuer neuen junge
jungen""".split()  # noqa: SIM905
)
_FORMER = frozenset(
    """ehemalige ehemaliger ehemaligen ehemaligem ehemals früher frühere früherer früheren vormals vormalige einst einstige einstiger
einstigen zuvor zuletzt former formerly previously ex""".split()  # noqa: SIM905
)
_MOVES = frozenset(
    "arbeitete wechselt wechselte wechseln kommt kam arbeitet worked join joined joins came".split()  # noqa: SIM905
)
_FROM = frozenset("bei von vom für zu zur at for from".split())  # noqa: SIM905
_HOUSES = frozenset(
    "analysehaus investmentbank us-bank bankhaus privatbank großbank brokerage broker us-investmentbank".split()  # noqa: SIM905
)
_SENTENCE_END = re.compile(r"[.!?]\s|\n")
_RATES = re.compile(
    r"\s(?:hebt|senkt|belässt|nimmt|startet|stuft|bestätigt|erhöht|reduziert|raises|cuts|keeps|reiterates|upgrades|downgrades|initiates|lifts"
    r"|lowers|starts)\s[^\n]{0,80}(?:Ziel|Kursziel|'[A-Z][a-z]+|\"[A-Z][a-z]+|„[A-Z][a-z]+|target|rating|auf|to|at)\b",
)
_ANALYST_AFTER = re.compile(r"-Analyst\w*\b|\s(?:analysts?|Analysten?)\b")
_DATELINE = re.compile(
    r"\s*[^()\n]{1,80}\((?:dpa|afx|reuters|afp|ots|euro adhoc|ap|globe|business wire|apa)[^()\n]{0,30}\)\s*[-–—]+\s?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Scene:
    """A field of a story, seen as the surroundings of names; *lead* is where a headline's meaning continues."""

    name: str
    folded: Folded
    lead: str = ""

    @property
    def text(self) -> str:
        """Return the field as it came."""
        return self.folded.original

    @cached_property
    def dateline(self) -> int:
        """Return where the copy begins, behind a dateline that was left in the text."""
        found = _DATELINE.match(self.text, 0, 160)
        return found.end() if found and self.name == "body_text" else 0

    @cached_property
    def _finance(self) -> list[tuple[int, str]]:
        return [
            (m.start(), m.group()) for m in _WORD.finditer(self.folded.text) if m.group() in words.FINANCE
        ]

    @cached_property
    def _lead_terms(self) -> set[str]:
        return {word for word in _WORD.findall(self.lead) if word in words.FINANCE}

    def finance_terms(self, found: Found) -> int:
        """Count the different words of finance close to *found*."""
        near = {word for place, word in self._finance if abs(place - found.start) <= _WINDOW}
        return len(near | self._lead_terms)

    def is_something_else(self, found: Found) -> bool:
        """Tell whether the next word makes the name an arena, a foundation, a tree, a person or a web address."""
        after = _WORD.match(self.text[found.end : found.end + 40].lstrip(" -"))
        if after and (after.group().casefold() in words.SPOILERS) and self.text[found.end] in " -":
            return True
        before = self.text[max(0, found.start - 12) : found.start]
        return before.endswith((" von ", " van ", "Werner von ", "St. ")) and _person(self.text, found)

    def is_aside(self, found: Found) -> bool:
        """Tell whether the name is a former employer or the house of an analyst: named, but not the subject."""
        before = self._before(found)
        if not _FORMER.isdisjoint(before[-6:]):
            return True
        if not _MOVES.isdisjoint(before[-4:]) and not _FROM.isdisjoint(before[-3:]):
            return True
        if before and (before[-1] in _HOUSES or before[-1].endswith("ex-")):
            return True
        if any(word.startswith("analyst") for word in before[-6:]) and not _OF.isdisjoint(before[-2:]):
            return True
        after = self.text[found.end : found.end + 120]
        opens = self.name == "headline" and (found.start < 3 or self.text[: found.start].endswith(": "))
        return bool(_ANALYST_AFTER.match(after) or (opens and _RATES.match(after)))

    def _before(self, found: Found) -> list[str]:
        """Return the words before *found* in its sentence, lower case, the nearest last; at most eight."""
        window = self.text[max(0, found.start - 80) : found.start]
        return _SENTENCE_END.split(window)[-1].lower().split()[-8:]

    def certainty(self, found: Found, families: frozenset[str]) -> float:
        """Return how surely an ambiguous name means its issuer, whose legal forms are of *families*."""
        after = self.text[found.end : found.end + 40]
        if form := _FORM.match(after):
            family = legal_family("X " + form[1])
            return CERTAIN if not families or family in families else NONE
        if _COMPOUND.match(after) or self._is_announced(found):
            return CERTAIN
        terms = self.finance_terms(found)
        needed = 2 + self._doubts(found)
        return LIKELY if terms >= needed else POSSIBLE if terms >= needed - 1 else NONE

    def _is_announced(self, found: Found) -> bool:
        """Tell whether the words before call what follows a company, or speak of its shares."""
        before = self._before(found)
        if not before or self.text[found.start - 1] != " ":
            return False
        return before[-1].endswith(_COMPANY) or (
            len(before) > 1 and before[-1] in _OF and before[-2] in _PAPER
        )

    def _doubts(self, found: Found) -> int:
        obscure = not found.trusted and " " not in found.folded
        if found.folded not in words.ORDINARY:
            return int(obscure)
        article = not _ARTICLES.isdisjoint(self._before(found)[-1:])
        return obscure + article + self._is_common(found.text.lower())

    def _is_common(self, word: str) -> bool:
        """Tell whether the field uses *word* without a capital, as a word among others."""
        return word in self.text and re.search(rf"\b{re.escape(word)}\b", self.text) is not None


def _person(text: str, found: Found) -> bool:
    """Tell whether a name behind `von` belongs to a person: a given name stands before it."""
    return (
        re.search(
            r"\b[A-ZÄÖÜ][a-zäöüß]{2,}\s(?:von|van|St\.)\s$", text[max(0, found.start - 30) : found.start]
        )
        is not None
    )
