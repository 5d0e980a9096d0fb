"""Read the words around a name: do they speak of the company, or only mention it as a house, a former employer, a sponsor?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from depesche.instruments.lexicon import vocabulary, words
from depesche.instruments.lexicon.dictionary import Found
from depesche.instruments.lexicon.fold import Folded, fold
from depesche.instruments.lexicon.matcher import has_word
from depesche.instruments.lexicon.names import legal_family
from depesche.instruments.surroundings import asides
from depesche.instruments.surroundings.lands import land_of
from depesche.instruments.surroundings.setting import Setting

CERTAIN = 0.95
LIKELY = 0.91
POSSIBLE = 0.7
NONE = 0.0

_WINDOW = 220
_BUSY = 1
_WORD = re.compile(r"[^\W_]+")
_COMPOUND = re.compile(
    r"(?:s|'s|’s)?[-‐‑–](?:Aktie|Aktien\w*|Papiere?|Anteil\w*|Titel|Aktionär\w*|Vorstand\w*|Aufsichtsrat\w*|Konzern\w*|Tochter\w*"
    r"|Anleihe\w*|CEO|CFO|Finanz\w+|Hauptversammlung|Umsatz|Gewinn|Mitarbeiter\w*|Beschäftigte\w*|Großaktionär\w*"
    r"|Betriebsr\w+|Sprecher\w*|Management|Führung|Zahlen|Quartal\w*|Chefs?|Chefin|Prognose|Dividende|Sparte|Mutter"
    r"|Zentrale|Gruppe|Kurs|Manager\w*|Vorzüge|Stämme|Stammaktie\w*|Vorzugsaktie\w*|Werke?s?|Fabrik\w*|Standort\w*|Produktion"
    r"|Pilot\w*|Warnstreik\w*|Streik\w*|Bilanz\w*|Ergebnis\w*|Ausblick|Stellenabbau|Sparprogramm\w*|Rückruf\w*|Strategie|Aktionäre|Filial\w*|Auftr[aä]g\w*|Angebot\w*|Übernahme|Beteiligung|Konkurrent\w*|Rivale\w*|Belegschaft|Geschäft\w*)\b"
    r"|(?:'s|’s)?\s(?:shareholders|CEO|CFO|chief executive|chief financial|board|executives|spokes\w+)\b|(?:'s|’s)\s(?:chief|boss|profits?|sales|revenues?|earnings|margins?|dividend|turnover)\b",
)
_STOCK = re.compile(
    r"(?:'s|’s)?\s(?:shares|stock)\s(?:were|was|have|has|had|rose|fell|gained|lost|jumped|slid|slipped|climbed|dropped|closed|added|traded"
    r"|fall|falls|rise|rises|gain|gains|lose|loses|slip|drop|drops|jump|jumps|slide|climb|surge|surged|plunge|plunged|hit|up|down|ended|edged|sank|advanced"
    r"|shed|put)\b"
)
_EARNS = re.compile(
    r"\s(?:quarterly |annual |full-year )?(?:profits?|sales|revenues?|earnings|margins?|results)\s"
    r"(?:beats?|tops?|miss\w*|rises?|rose|falls?|fell|jumps?|jumped|slips?|slipped|drops?|dropped|slump\w*|surge[sd]?|soar\w*|up|down|hit|disappoint)\b"
)
_SHARE = re.compile(
    r"(?:s|'s|’s)?[-‐‑–](?:Aktie|Papiere?|Anteil|Titel|Aktionär|Großaktionär|Vorzüge|Stämme|Stammaktie|Vorzugsaktie)\w*"
)
_HOLDING = re.compile(r"(?:'s|’s)?\s(?:shares?|stock|investors)\b")
_ORDERED = re.compile(
    r"\s(?:gewinnt|erhält|bekommt|ergattert|verbucht|wins|lands|secures|books|gets)\s(?:[\w.-]+\s){0,2}?(?:\w*[Aa]uftr[aä]ge?|orders?|contracts?)\b"
)
_LEADS = re.compile(r"(?:[\w&+.-]+(?: [A-ZÄÖÜ][\w&+.-]*)*(?:, | und | and | sowie ))*(?:\S+ )?")
_BEGINS = re.compile(r"(?:[.!?]|[-–—]|\n)\s?(?:(?:Der|Die|Das|The)\s)?$")
_OPENS = re.compile(r"(?:(?:Der|Die|Das|The)\s)?")
_PREFIX = re.compile(r":\s|\s[-–]\s")
_FORM = re.compile(
    r",?\s(AG|SE|KGaA|Inc|Corp(?:oration)?|plc|PLC|Ltd|Limited|N\.V|NV|S\.A|SA|S\.p\.A|SpA|AB|Oyj|ASA|Company|(?:AG|SE|GmbH) & Co\. KGaA)\b"
)
_PAPER = frozenset(
    """aktie aktien papier papiere papieren anteil anteile anteilsscheine titel vorzugsaktie vorzugsaktien stammaktien kurs
anleger aktionäre shares share stake investors stock shareholders""".split()  # noqa: SIM905
)
_LABOUR = frozenset(
    """streik streiks warnstreik warnstreiks stellenabbau kurzarbeit betriebsrat aufsichtsrat belegschaft tarifkonflikt sparprogramm tarifstreit
machtkampf führungswechsel chefwechsel vorstandswechsel umbau sanierung strike strikes layoffs shake-up walkout""".split()  # noqa: SIM905
)
_WITHIN = frozenset("bei von at of".split())  # noqa: SIM905
_OF = frozenset("von der des bei an of in at".split())  # noqa: SIM905
_ARTICLES = frozenset(
    """die der das den dem des eine einer einen einem eines ein the a an his her its their diese dieser dieses diesen diesem
jede jeder jedes kein keine keinen keiner mein meine sein seine seinen ihr ihre ihren alte alter alten neue neuer neuen junge
jungen my our your this that every each no""".split()  # noqa: SIM905
)
_DATELINE = re.compile(
    r"\s*[^()\n]{1,80}\((?:dpa|afx|reuters|afp|ots|euro adhoc|ap|globe|business wire|apa)[^()\n]{0,30}\)\s*[-–—]+\s?",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"\s(?:will|said|says|plans|expects|reported|reports|posted|agreed|announced|launches|launched|unveils|unveiled|raises|raised|cuts|cut|opens"
    r"|opened|buys|bought|sells|sold|hires|adds|trims|wins|signs|signed|delivers|builds|makes|has (?:agreed|signed|won|sold|bought|placed|opened|raised|cut)"
    r"|to (?:build|buy|sell|cut|open|invest|close|launch|acquire|hire|shut|spend|offer|pay|make|supply|deliver|idle|raise|lift|spin|produce|recall|merge|split|expand|test|restart|double)"
    r"|is (?:building|buying|selling|cutting|closing|planning|opening|investing|recalling|testing)"
    r"|will (?:\w+)|darf|kündigt|plant|verkauft|übernimmt|baut|erwartet|meldet|hebt|senkt|steigert|investiert|liefert|eröffnet|streicht|holt|legt|zahlt|besetzt"
    r"|erhöht|verlangt|kürzt|schließt|verlagert|stoppt|verdient|verliert|entlässt|einigt|kauft|beteiligt|stellt|bestellt|verteuert|rechnet|trennt|gründet|expandiert|beschäftigt|produziert|fertigt|ruft|klagt"
    r"|sues|recalls|shuts|closes|faces|settles|pays|orders|ordered|hikes|processed|acquires|acquired|appoints|appointed|names|named|invests|invested|beats|misses|misst|warns|warned|swings|offered|offers|leads|bids|agrees|wächst|schrumpft|verdient|halts|pauses|delays|scraps|ends|lifts|lowers|slashes|stops|doubles|halves|expands|mulls|restarts|tests|fined|is setting|(?:have|has) \w+(?:ed|n|t)|(?:is|are) \w+ing|is to \w+|wants?|wanted|welcomed|declined|cancelled|canceled|drops|shut|evacuated|lets|senkte|verkaufte|lässt|läuft|öffnet|drosselt|fährt|pausiert|verschiebt|halbiert|verdoppelt|reagiert|rüstet|verdiente|meldete|spürt|braucht|fertigt|verzichtet|bezahlt|trifft|and [A-Z]\w+ (?:agree|agreed|settle|will|plan|have|are))\b"
)


_DOES = re.compile(r"\s(?:to )?[a-zäöü]{3,}\b")
_BEHIND = re.compile(r"\s([A-Z][a-z]+)\b(?!-)")
_BRANCHES = frozenset({"IN", "NG", "MY", "ID", "KE", "PH", "ZA"})
_NATIONAL = re.compile(r".*(?:isch(?:e|er|en|em|es)|sche[nrs]?|ian|ish|can|ese|ch)$|schweizer|polish|greek")


def _nationality(word: str) -> str | None:
    """Return the country of an adjective."""
    folded = fold(word)
    return land_of(folded) if _NATIONAL.match(folded) else None


def _is_word(found: Found) -> bool:
    """Tell whether the name is also a word, a town's or a family's."""
    return found.folded in words.ORDINARY or found.folded in words.NAMESAKES


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
        """Tell whether the name stands here only as an aside."""
        if asides.is_aside(self.text, found):
            return True
        after = self.text[found.end : found.end + 40]
        return asides.is_meter(found, self.setting) and not (
            _ACTS.match(after) or self._is_cued(found, after)
        )

    def is_oblique(self, found: Found) -> bool:
        """Tell whether it is named only beside the subject of its sentence."""
        compound = bool(_COMPOUND.match(self.text, found.end))
        return asides.is_oblique(self.text, found, compound=compound)

    def is_front(self, found: Found) -> bool:
        """Tell whether a headline, or what follows its prefix, begins with the name, with one word before it, or with names in a row;
        in the copy, whether a sentence begins with it.
        """
        if self.name == "headline":
            return bool(_LEADS.fullmatch(_PREFIX.split(self.text[: found.start])[-1]))
        return (
            _OPENS.fullmatch(self.text, self.dateline, found.start) is not None
            or _BEGINS.search(self.text, max(0, found.start - 7), found.start) is not None
        )

    def is_traded(self, found: Found) -> bool:
        """Tell whether its share, its head or its figures stand beside the name, so that it is spoken of as a company."""
        after = self.text[found.end : found.end + 40]
        return bool(_COMPOUND.match(after) or _HOLDING.match(after)) or self._is_announced(found)

    def lands_before(self, found: Found) -> set[str]:
        """Return the country that an adjective before the name says it is of: `die australische Kette ...`."""
        if not self.text[found.start - 1 : found.start].isspace():
            return set()
        return {land for word in asides.before(self.text, found)[-2:] if (land := _nationality(word))}

    def branch_behind(self, found: Found) -> set[str]:
        """Return the country behind the name, if companies have listed daughters of their name there: `... India`."""
        after = _BEHIND.match(self.text, found.end)
        land = land_of(fold(after[1])) if after else None
        return {land} if land in _BRANCHES else set()

    def certainty(
        self, found: Found, families: frozenset[str], doubt: int = 0, at_home: bool = False
    ) -> float:
        """Return how surely an ambiguous name means its issuer, whose legal forms are of *families*.

        *doubt* is what other places of the story say against it; *at_home* that the story has a word of his town or trade.
        """
        after = self.text[found.end : found.end + 40]
        if form := _FORM.match(after):
            family = legal_family("X " + form[1])
            return CERTAIN if not families or family in families else NONE
        if self._is_cued(found, after, doubt):
            return POSSIBLE if found.family else CERTAIN
        points = self._points(found, after, doubt) - doubt + at_home
        needed = 2 + self._doubts(found) + (1 if found.odd else -1 if found.folded in words.NAMESAKES else 0)
        spoken_of = (
            self.setting.has_epithet
            or at_home
            or self._acts(found, after)
            or (found.folded in words.NAMESAKES and (self.setting.finance or self.setting.is_business))
        )
        if _is_word(found) and (self.setting.is_civic or not spoken_of):
            # The vocabulary alone never makes a word a company, nor towns and families.
            points = min(points, needed - 0.5)
        if found.odd and points < needed:
            return NONE
        return LIKELY if points >= needed and not found.family else POSSIBLE if points >= needed - 1 else NONE

    def _is_cued(self, found: Found, after: str, doubt: int = 0) -> bool:
        if not found.trusted and " " not in found.folded:
            # Few firms of such a name are listed: only what is said of its share tells which.
            return bool(_SHARE.match(after) or _STOCK.match(after))
        stock = _STOCK if found.folded in words.ORDINARY else _HOLDING
        return bool(
            _COMPOUND.match(after)
            or stock.match(after)
            or _ORDERED.match(after)
            or _EARNS.match(after)
            or asides.is_rated(self.text, found)
            or (not doubt and self._is_announced(found))
        )

    def _points(self, found: Found, after: str, doubt: int) -> float:
        setting = self.setting
        points: float = self.finance_terms(found)
        # Who is a person or a firm elsewhere in the story does business too; only the share's own words speak for the company then.
        playing = found.folded in words.CLUBS and setting.sport
        if found.trusted and not doubt and not playing:
            acting = 1.5 if self._acts(found, after) else self._leads(found, after)
            points += min(1.5, 0.25 * setting.business) + setting.has_epithet + acting
            speaking = setting.business + (0 if found.folded in words.ORDINARY else setting.finance)
            points -= max(0.0, 0.5 * (setting.everyday - speaking))
        return points

    def _acts(self, found: Found, after: str) -> bool:
        """Tell whether the name does what companies do; words and families do so too, unless business is all around."""
        if not _ACTS.match(after):
            return False
        setting = self.setting
        return not _is_word(found) or setting.has_epithet or setting.business + setting.finance > _BUSY

    def _leads(self, found: Found, after: str) -> float:
        """Return what it counts that a headline or a sentence begins with the name and says that it does something, in a story of business."""
        if _is_word(found) or not self.setting.is_business:
            return 0.0
        return 1.0 if _DOES.match(after) and self.is_front(found) else 0.0

    def _is_announced(self, found: Found) -> bool:
        """Tell whether the words before call what follows a company, or speak of its shares."""
        before = asides.before(self.text, found)
        if not before or self.text[found.start - 1] != " ":
            return False
        return before[-1].endswith(vocabulary.COMPANY) or (
            len(before) > 1
            and (
                (before[-1] in _OF and before[-2] in _PAPER)
                or (before[-1] in _WITHIN and before[-2] in _LABOUR)
            )
        )

    def _doubts(self, found: Found) -> int:
        obscure = not found.trusted and " " not in found.folded
        if found.folded not in words.ORDINARY:
            return int(obscure)
        article = not _ARTICLES.isdisjoint(asides.before(self.text, found)[-1:])
        return obscure + article + has_word(self.text, found.text.lower())
