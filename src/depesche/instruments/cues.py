"""Read the words around a name: do they speak of the company, or only mention it as a house, a former employer, a sponsor?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from depesche.instruments import vocabulary, words
from depesche.instruments.dictionary import Found
from depesche.instruments.fold import Folded, fold
from depesche.instruments.names import legal_family
from depesche.instruments.setting import Setting

CERTAIN = 0.95
LIKELY = 0.91
POSSIBLE = 0.7
NONE = 0.0

_WINDOW = 220
_WORD = re.compile(r"[^\W_]+")
_COMPOUND = re.compile(
    r"(?:s|'s|’s)?[-‐‑–](?:Aktie|Aktien\w*|Papiere?|Anteil\w*|Titel|Aktionär\w*|Vorstand\w*|Aufsichtsrat\w*|Konzern\w*|Tochter\w*"
    r"|Anleihe\w*|CEO|CFO|Finanz\w+|Hauptversammlung|Umsatz|Gewinn|Mitarbeiter\w*|Beschäftigte\w*|Großaktionär\w*"
    r"|Betriebsr\w+|Sprecher\w*|Management|Führung|Zahlen|Quartal\w*|Chefs?|Chefin|Prognose|Dividende|Sparte|Mutter"
    r"|Zentrale|Gruppe|Kurs|Manager\w*|Vorzüge|Stämme|Stammaktie\w*|Vorzugsaktie\w*|Werke?s?|Fabrik\w*|Standort\w*|Produktion"
    r"|Filial\w*|Auftr[aä]g\w*|Angebot\w*|Übernahme|Beteiligung|Konkurrent\w*|Rivale\w*|Belegschaft|Geschäft\w*)\b"
    r"|(?:'s|’s)?\s(?:shareholders|CEO|CFO|chief executive|chief financial|board|executives|spokes\w+)\b",
)
_METERS = frozenset(
    [
        "s&p global",
        "moody's",
        "factset",
        "gartner",
        "ipsos",
        "experian",
        "iqvia",
        "verisk",
        "msci",
        "equifax",
        "fico",
    ]
)
_HYPHEN = re.compile(r"[-‐‑–][A-ZÄÖÜ]")
_STOCK = re.compile(
    r"(?:'s|’s)?\s(?:shares|stock)\s(?:were|was|have|has|had|rose|fell|gained|lost|jumped|slid|slipped|climbed|dropped|closed|added|traded"
    r"|fall|falls|rise|rises|gain|gains|lose|loses|slip|drop|drops|jump|jumps|slide|climb|surge|surged|plunge|plunged|hit|up|down|ended|edged|sank|advanced"
    r"|shed|put)\b"
)
_HOLDING = re.compile(r"(?:'s|’s)?\s(?:shares?|stock|investors)\b")
_FORM = re.compile(
    r",?\s(AG|SE|KGaA|Inc|Corp(?:oration)?|plc|PLC|Ltd|Limited|N\.V|NV|S\.A|SA|S\.p\.A|SpA|AB|Oyj|ASA|Company|(?:AG|SE|GmbH) & Co\. KGaA)\b"
)
_COMPANY = tuple(
    """konzern konzerns hersteller herstellers autobauer autobauers maschinenbauer anlagenbauer anlagenbauers unternehmen unternehmens
versicherer versicherers rückversicherer zulieferer zulieferers versorger versorgers händler händlers anbieter anbieters entwickler
entwicklers betreiber betreibers dienstleister dienstleisters vermieter vermieters riese riesen rüstungsfirma techfirma softwarefirma
mutter tochter firma ausrüster ausrüsters verleiher versender maker retailer insurer lender company supplier operator airline brewer
miner conglomerate owner giant group carrier chain automaker carmaker chipmaker drugmaker planemaker""".split()  # noqa: SIM905
)
_PAPER = frozenset(
    """aktie aktien papier papiere papieren anteil anteile anteilsscheine titel vorzugsaktie vorzugsaktien stammaktien kurs
anleger aktionäre shares share stake investors stock shareholders""".split()  # noqa: SIM905
)
_OF = frozenset("von der des bei an of in at".split())  # noqa: SIM905
_ARTICLES = frozenset(
    """die der das den dem des eine einer einen einem eines ein the a an his her its their diese dieser dieses diesen diesem
jede jeder jedes kein keine keinen keiner mein meine sein seine seinen ihr ihre ihren alte alter alten neue neuer neuen junge
jungen my our your this that every each no""".split()  # noqa: SIM905
)
_FORMER = frozenset(
    """ehemalige ehemaliger ehemaligen ehemaligem ehemals früher frühere früherer früheren vormals vormalige einst einstige einstiger
einstigen zuvor zuletzt former formerly previously ex""".split()  # noqa: SIM905
)
_MOVES = frozenset(
    """arbeitete wechselt wechselte wechseln kommt kam arbeitet studium jahre jahren worked join joined joins came spent
years""".split()  # noqa: SIM905
)
_FROM = frozenset("bei von vom für zu zur at for from with".split())  # noqa: SIM905
_HOUSES = frozenset(
    """analysehaus investmentbank us-bank bankhaus privatbank großbank brokerage broker us-investmentbank schweizer sponsor hauptsponsor
hauptförderer trikotsponsor namenssponsor laut sponsors""".split()  # noqa: SIM905
)
_EXPERTS = ("analyst", "experte", "rohstoffexperte", "ökonom", "volkswirt", "chefvolkswirt", "stratege", "fachleute", "händler",
            "economist", "strategist", "branchenkenner", "trader")  # fmt: skip
_GIVERS = re.compile(
    r"\b(?:according to|stamm(?:t|en|ten) (?:von|vom)|geliefert von|gesponsert von|gefördert von|gestiftet von|unterstützt von|gespendet von"
    r"|(?:Umfrage|Studie|Daten|Erhebung|Schätzung|Schätzungen|Analyse|survey|study|poll|data|research|figures) (?:von|der|des|durch|by|from|of)"
    r"|(?:sponsored|supplied|donated|funded|made|built|backed) by)(?: der| dem| the)? $",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?]\s|\n")
_GRADES = (
    r"(?:buy|hold|sell|neutral|overweight|underweight|outperform|underperform|equal|sector|market perform|kaufen|halten|verkaufen|add|reduce"
    r"|[ABC][a-z]{0,2}\d|[ABC]{1,3}[+-])"
)
_RATES = re.compile(
    r"(?:\s(?:Research|Capital|Securities|Markets|Equity Research|Global|Ratings))?\s(?:(?:upgrades|downgrades|initiates|stuft|affirms|affirmed|rates)\s"
    r"|(?:hebt|senkt|belässt|nimmt|startet|bestätigt|erhöht|reduziert|raises|cuts|keeps|reiterates|lifts|lowers|starts|trims|resumes|assigns)\s"
    rf"[^\n]{{0,80}}?(?:Ziel\b|Kursziel\b|fairen Wert\b|fair value\b|['\"„“‘’][A-Z][a-z]+|target\b|rating\b|coverage\b|\b(?:auf|to|at|on|with|mit)\s['\"„“‘’]?{_GRADES}\b))",
)
_SAYS = re.compile(
    r"(?:,\s(?:says|say|said|warns|sagt|warnt|meint|so|laut)|\b[Ll]aut|[Aa]ccording to)\s(?:die |der |the )?$"
)
_RATED = re.compile(
    r"\b(?:hebt|senkt|belässt|nimmt|startet|stuft|bestätigt|erhöht|reduziert|raises|cuts|keeps|reiterates|upgrades|downgrades|initiates|lifts"
    r"|lowers|starts|affirms|rates|trims|resumes)\s(?:(?:das |den |the |its )?(?:(?:Kurs)?[Zz]iel|fairen Wert|fair value|price target|target|rating|coverage)\s(?:für|on|for|of|von)\s)?$"
)
_GRADED = re.compile(
    rf"\s(?:to|at|on|auf|from|von|mit|with)\s['\"„“‘’]?(?:{_GRADES}\b|[A-Z][a-z]+['\"”“’])", re.IGNORECASE
)
_EXPERT_AFTER = re.compile(
    r"\szufolge\b|-(?:Umfrage|Studie|Index|Barometer|Preis|Cup)\b|-(?:Analyst|Experte|Ökonom|Volkswirt|Stratege|Händler)\w*\b|(?:'s|’s)?\s(?:chief )?(?:analyst|Analyst|economist|strategist|trader)\w*\b"
)
_DATELINE = re.compile(
    r"\s*[^()\n]{1,80}\((?:dpa|afx|reuters|afp|ots|euro adhoc|ap|globe|business wire|apa)[^()\n]{0,30}\)\s*[-–—]+\s?",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"\s(?:will|said|says|plans|expects|reported|reports|posted|agreed|announced|launches|launched|unveils|unveiled|raises|raised|cuts|cut|opens"
    r"|opened|buys|bought|sells|sold|hires|adds|trims|wins|signs|signed|delivers|builds|makes|has (?:agreed|signed|won|sold|bought|placed|opened|raised|cut)"
    r"|to (?:build|buy|sell|cut|open|invest|close|launch|acquire|hire|shut|spend|offer|pay)"
    r"|is (?:building|buying|selling|cutting|closing|planning|opening|investing|recalling|testing)"
    r"|will (?:\w+)|kündigt|plant|verkauft|übernimmt|baut|erwartet|meldet|hebt|senkt|steigert|investiert|liefert|eröffnet|streicht|holt|legt|zahlt|besetzt)\b"
)


@dataclass(frozen=True)
class Scene:
    """A field of a story, seen as the surroundings of names; *lead* is where a headline's meaning continues."""

    name: str
    folded: Folded
    setting: Setting
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
    def shouts(self) -> bool:
        """Whether it is written in capitals, so that they tell nothing."""
        return self.name == "headline" and self.text.isupper()

    @cached_property
    def _finance(self) -> list[tuple[int, str]]:
        """Return the places of words of finance."""
        terms = self.setting.terms
        return (
            [(m.start(), m.group()) for m in _WORD.finditer(self.folded.text) if m.group() in terms]
            if terms
            else []
        )

    @cached_property
    def _lead_terms(self) -> frozenset[str]:
        return self.setting.terms.intersection(_WORD.findall(self.lead))

    def finance_terms(self, found: Found) -> int:
        """Count the different words of finance close to *found*."""
        near = {word for place, word in self._finance if abs(place - found.start) <= _WINDOW}
        return len(near | self._lead_terms)

    def is_aside(self, found: Found) -> bool:
        """Tell whether the name is a former employer, a source, a sponsor or the house of an analyst: named, but not the subject."""
        before = self._before(found)
        if not _FORMER.isdisjoint(before[-6:]):
            return True
        if not _MOVES.isdisjoint(before[-5:]) and not _FROM.isdisjoint(before[-2:]):
            return True
        if before and (before[-1] in _HOUSES or before[-1].endswith("ex-")):
            return True
        if any(word.startswith(_EXPERTS) for word in before[-6:]) and not _OF.isdisjoint(before[-2:]):
            return True
        if _GIVERS.search(self.text[max(0, found.start - 40) : found.start]):
            return True
        return self.is_house(found) or self._is_meter(found)

    def _is_meter(self, found: Found) -> bool:
        """Tell whether a house is named for what it measures, shows or makes, not for what it does."""
        after = self.text[found.end : found.end + 40]
        if not (found.folded in _METERS or (found.folded in vocabulary.CONSUMED and self.setting.is_advice)):
            return False
        return not _ACTS.match(after) and not self._is_cued(found, after)

    def is_house(self, found: Found) -> bool:
        """Tell whether the name is that of a house that rates another."""
        after = self.text[found.end : found.end + 120]
        opens = self.name == "headline" and (found.start < 3 or self.text[: found.start].endswith(": "))
        if self.name == "headline" and _SAYS.search(self.text[: found.start]):
            return True
        return bool(_EXPERT_AFTER.match(after) or (opens and _RATES.match(after)))

    def is_rated(self, found: Found) -> bool:
        """Tell whether a headline says that somebody rates the name."""
        if self.name != "headline" or not _RATED.search(self.text[: found.start]):
            return False
        return (
            " für " in self.text[: found.start]
            or bool(_GRADED.match(self.text, found.end))
            or bool(re.search(r"\b(?:target|rating|coverage)\b", self.text))
        )

    def is_oblique(self, found: Found) -> bool:
        """Tell whether it is named only beside the subject of its sentence, behind a preposition or an article (`Tor 3 der ...`), or as
        part of a word for something else (`-Maschine`).
        """
        after = self.text[found.end : found.end + 40]
        if _HYPHEN.match(after) and not _COMPOUND.match(after):
            return True
        before = self._before(found)
        if not before or before[-1] not in _BESIDE:
            return False
        if len(before) < 2:
            return self.name != "headline" and before[-1] not in _ARTICLES
        return not _is_corporate(before[-2]) and not self.is_rated(found)

    def _before(self, found: Found) -> list[str]:
        """Return the words before *found* in its sentence, lower case, the nearest last; at most eight."""
        window = self.text[max(0, found.start - 80) : found.start]
        return _SENTENCE_END.split(window)[-1].lower().split()[-8:]

    def certainty(self, found: Found, families: frozenset[str], doubt: int = 0) -> float:
        """Return how surely an ambiguous name means its issuer, whose legal forms are of *families*.

        *doubt* is what other places of the story say against it.
        """
        after = self.text[found.end : found.end + 40]
        if form := _FORM.match(after):
            family = legal_family("X " + form[1])
            return CERTAIN if not families or family in families else NONE
        if self._is_cued(found, after, doubt):
            return CERTAIN
        if found.odd:
            return NONE
        points = self._points(found, after) - doubt
        needed = 2 + self._doubts(found)
        if found.folded in words.ORDINARY and not (self.setting.has_epithet or _ACTS.match(after)):
            # The vocabulary alone never makes a word a company.
            points = min(points, needed - 0.5)
        return LIKELY if points >= needed else POSSIBLE if points >= needed - 1 else NONE

    def _is_cued(self, found: Found, after: str, doubt: int = 0) -> bool:
        stock = _STOCK if found.folded in words.ORDINARY else _HOLDING
        return bool(
            _COMPOUND.match(after)
            or stock.match(after)
            or self.is_rated(found)
            or (not doubt and self._is_announced(found))
        )

    def _points(self, found: Found, after: str) -> float:
        setting = self.setting
        points: float = self.finance_terms(found)
        if found.trusted and found.folded not in words.CLUBS:
            points += min(1.5, 0.25 * setting.business) + setting.has_epithet + 1.5 * bool(_ACTS.match(after))
            speaking = setting.business + (0 if found.folded in words.ORDINARY else setting.finance)
            points -= max(0.0, 0.5 * (setting.everyday - speaking))
        return points

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


def _is_corporate(word: str) -> bool:
    folded = fold(word)
    return folded in words.FINANCE or folded in vocabulary.BUSINESS


_BESIDE = frozenset(
    """der des dem den vom von bei beim zum zur am an im in mit für über neben gegen aus of at from with near in for
by to""".split()  # noqa: SIM905
)
