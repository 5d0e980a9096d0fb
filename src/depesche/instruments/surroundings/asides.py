"""Names that are only asides: the house of an analyst, a source, an adviser, a former employer, a sponsor, a thing beside the subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from depesche.instruments.lexicon import vocabulary, words
from depesche.instruments.lexicon.dictionary import Found
from depesche.instruments.lexicon.fold import fold
from depesche.instruments.surroundings.setting import Setting

METERS = frozenset(
    """s&p global|moody's|factset|gartner|ipsos|experian|iqvia|verisk|msci|equifax|fico""".split("|")  # noqa: SIM905
)
"""Houses that are named for what they measure."""

_SENTENCE_END = re.compile(r"[.!?]\s|\n")
_FORMER = frozenset(
    """ehemalige ehemaliger ehemaligen ehemaligem ehemals früher frühere früherer früheren vormals vormalige einst einstige einstiger
einstigen zuvor zuletzt former formerly previously ex""".split()  # noqa: SIM905
)
_MOVES = frozenset(
    """arbeitete wechselt wechselte wechseln kommt kam arbeitet studium jahre jahren worked join joined joins came spent
years""".split()  # noqa: SIM905
)
_FROM = frozenset("bei von vom für zu zur at for from with".split())  # noqa: SIM905
_GIVERS_BEFORE = frozenset(
    """analysehaus investmentbank us-bank bankhaus privatbank großbank brokerage broker us-investmentbank schweizer sponsor hauptsponsor
hauptförderer trikotsponsor namenssponsor laut sponsors""".split()  # noqa: SIM905
)
_ARTICLES = frozenset("die der das den dem des the a an ein eine einen einem einer eines".split())  # noqa: SIM905
_BESIDE = frozenset(
    """der des dem den vom von bei beim zum zur am an im in mit für über neben gegen aus of at from with near in for
by to""".split()  # noqa: SIM905
)
_EXPERT = r"(?:[Aa]nalyst|[Öö]konom|[Vv]olkswirt|[Cc]hefvolkswirt|[Ss]trateg|[Ee]conomist|[Ff]achleute|[Bb]ranchenkenner|[Rr]ohstoffexpert|[Ee]xpert|[Tt]rader|[Hh]ändler)\w*"
_EXPERT_AT_ALL = re.compile(rf"\b{_EXPERT}")
_TITLED = r"(?:(?:der|des|dem|the|US-Bank|US-Investmentbank|Investmentbank|Großbank|Schweizer|britischen|französischen|deutschen|amerikanischen|bank|broker|brokerage)\s)*"
_EXPERT_OF = re.compile(
    rf"\b{_EXPERT}(?:\s[A-ZÄÖÜ][\w.’'-]+){{0,3}}\s(?:der|des|von|vom|bei|beim|at|of|with|from)\s{_TITLED}$"
)
_OR_OTHER = re.compile(r"^(?:[^.!?\n]{0,60}?\s)?(?:und|and|sowie|oder|or)\s(?:der\s|von\s|the\s)?$")
_GIVERS = re.compile(
    r"\b(?:according to|stamm(?:t|en|ten) (?:von|vom)|geliefert von|gesponsert von|gefördert von|gestiftet von|unterstützt von|gespendet von"
    r"|(?:Umfrage|Studie|Daten|Erhebung|Schätzung|Schätzungen|Analyse|survey|study|poll|data|research|figures) (?:von|der|des|durch|by|from|of)"
    r"|(?:sponsored|supplied|donated|funded|made|built|backed) by)(?: der| dem| the)? $",
    re.IGNORECASE,
)
_ADVISED = re.compile(
    r"\b(?:[Bb]erater (?:waren?|sind|ist)|[Bb]eraten (?:wurden?|werden|wird|von)|[Kk]onsortialbank(?:en)?|[Kk]onsortialführer|[Bb]egleitet (?:von|durch)"
    r"|[Aa]dvised by|[Aa]dvisers? (?:is|are|was|were)|[Aa]dvisors? (?:is|are|was|were)|[Bb]ookrunners?|[Uu]nderwriters?|[Ll]ed by banks)\b[^.!?\n]{0,90}$"
)
_ADVISES = re.compile(
    r"\s(?:and [A-Z]\S+ |und [A-Z]\S+ )?(?:advised|advises|is advising|are advising|acted|arranged|provided the (?:debt|loan|financing)|berät|beriet|berieten|beraten|begleitet|begleitete[n]?)\b"
)
_GRADES = (
    r"(?:buy|hold|sell|neutral|overweight|underweight|outperform|underperform|equal|sector|market perform|kaufen|halten|verkaufen|add|reduce"
    r"|[ABC][a-z]{0,2}\d|[ABC]{1,3}[+-])"
)
_UNIT = r"(?:\s(?:Research|Capital|Securities|Markets|Equity Research|Global|Ratings))?"
_RATES = re.compile(
    rf"{_UNIT}\s(?:(?:upgrades|downgrades|initiates|stuft|affirms|affirmed|rates)\s"
    r"|(?:hebt|senkt|belässt|nimmt|startet|bestätigt|erhöht|reduziert|raises|cuts|keeps|reiterates|lifts|lowers|starts|trims|resumes|assigns)\s"
    rf"[^\n]{{0,80}}?(?:Ziel\b|Kursziel\b|fairen Wert\b|fair value\b|['\"„“‘’][A-Z][a-z]+|target\b|rating\b|coverage\b|\b(?:auf|to|at|on|with|mit)\s['\"„“‘’]?{_GRADES}\b))",
)
_OPINES = re.compile(
    rf"{_UNIT}\s(?:hat|haben|has|have|had|hob|hebt|senkt|senkte|belässt|beließ|stuft|stufte|bestätigt|bestätigte|sieht|sah|rechnet|rechnete|empfiehlt|empfahl"
    r"|nennt|nannte|erhöht|erhöhte|traut|schreibt|schrieb|erwartet|bleibt|blieb|lobt|lobte|rät|riet|zweifelt|begründet|argumentiert|raised|raises|upgraded|upgrades|downgraded|rates"
    r"|rated|sees|saw|expects|initiated|reiterated|lifted|lifts|cut|cuts|kept|keeps|said|says|writes|wrote|recommends|argues|thinks|believes|trimmed|lowered|set|sets|put|analysts?|likes)\b"
)
_RATING = re.compile(
    r"\b(?:kursziel\w*|einstufung|kaufempfehlung|verkaufsempfehlung|hochgestuft|abgestuft|herabgestuft|hochstufung|abstufung|overweight|underweight|outperform|underperform|"
    r"price target|target price|upgraded?|downgraded?|analyst (?:rating|note)|(?:auf|to|at|mit|its|the|bei|from|von|on) [\"„“'‘’](?:buy|hold|sell|neutral|kaufen|halten|verkaufen)|buy recommendation|[\"“](?:buy|sell|hold)[\"”] (?:rating|recommendation))",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"(?:,\s(?:says|say|said|warns|sagt|warnt|meint|so|laut)|\b[Ll]aut|[Aa]ccording to)\s(?:die |der |the )?$"
)
_RATED = re.compile(
    r"\b(?:hebt|senkt|belässt|nimmt|startet|stuft|bestätigt|erhöht|reduziert|raises|raised|cuts|keeps|reiterates|upgrades|upgraded|downgrades|downgraded|initiates|lifts"
    r"|lowers|starts|affirms|rates|trims|resumes)\s(?:(?:das |den |the |its )?(?:(?:Kurs)?[Zz]iel|fairen Wert|fair value|price target|target|rating|coverage)\s(?:für|on|for|of|von)\s)?$"
)
_GRADED = re.compile(
    rf"\s(?:to|at|on|auf|from|von|mit|with)\s['\"„“‘’]?(?:{_GRADES}\b|[A-Z][a-z]+['\"”“’])", re.IGNORECASE
)
_EXPERT_AFTER = re.compile(
    r"\szufolge\b|-(?:Umfrage|Studie|Index|Barometer|Preis|Cup)\b|-(?:Analyst|Experte|Ökonom|Volkswirt|Chefvolkswirt|Stratege|Händler)\w*\b"
    r"|(?:'s|’s)?\s(?:chief )?(?:analyst|Analyst|economist|strategist|trader)\w*\b"
)
_RIVAL = re.compile(
    r"[-‐‑–](?:Rival|Konkurrent|Wettbewerber|Zulieferer|Partner|Kunde|Investor|Großaktionär|Jäger|Herausforderer)\w*\b"
    r"|(?:'s|’s)?\s(?:rivals?|competitors?|suppliers?|partners?|customers?|challengers?|franchisees?)\b"
)
_GRADES_DEBT = re.compile(
    r"\s\w+\s(?:\w+\s){0,3}?(?:outlook|ratings?|Ausblick|Bonität\w*|Kreditwürdigkeit|Rating)\b"
)
_OWNS = re.compile(r"(?:['’]s?|s|[-‐‑–]Tochter)\s(?:[\w-]+\s){0,2}")
_HYPHEN = re.compile(r"[-‐‑–][A-ZÄÖÜ]")


def before(text: str, found: Found) -> list[str]:
    """Return the words before *found* in its sentence, lower case, the nearest last; at most eight."""
    window = text[max(0, found.start - 80) : found.start]
    return _SENTENCE_END.split(window)[-1].lower().split()[-8:]


def owners(text: str, names: Sequence[Found]) -> set[Found]:
    """Return the names in *text*, in order, that only say whose the next one is: `Nordlichts Tochter Quellbräu`, `Nordlicht's Quell`."""
    return {
        name
        for name, other in pairwise(names)
        if name.issuers != other.issuers and _OWNS.fullmatch(text, name.end, other.start)
    }


def is_aside(text: str, found: Found) -> bool:
    """Tell whether the name is a former employer, a source, a sponsor, an adviser or the house of an analyst: named, but not the subject."""
    words_before = before(text, found)
    if not _FORMER.isdisjoint(words_before[-6:]):
        return True
    if not _MOVES.isdisjoint(words_before[-5:]) and not _FROM.isdisjoint(words_before[-2:]):
        return True
    if words_before and (words_before[-1] in _GIVERS_BEFORE or words_before[-1].endswith("ex-")):
        return True
    if _GIVERS.search(text[max(0, found.start - 40) : found.start]) or _RIVAL.match(text, found.end):
        return True
    if found.folded in METERS and _GRADES_DEBT.match(text, found.end):
        return True
    return is_house(text, found) or _is_adviser(text, found)


def _is_adviser(text: str, found: Found) -> bool:
    """Tell whether the name advises or finances a deal of others."""
    window = _SENTENCE_END.split(text[max(0, found.start - 120) : found.start])[-1]
    return bool(_ADVISED.search(window) or _ADVISES.match(text, found.end))


def is_meter(found: Found, setting: Setting) -> bool:
    """Tell whether a house is named that measures, or in advice a maker of devices and programmes."""
    return found.folded in METERS or (found.folded in vocabulary.CONSUMED and setting.is_advice)


def is_expert(text: str, found: Found) -> bool:
    """Tell whether the name is that of a house whose analyst, economist or trader speaks."""
    window = _SENTENCE_END.split(text[max(0, found.start - 120) : found.start])[-1]
    if _EXPERT_AFTER.match(text, found.end):
        return True
    if not _EXPERT_AT_ALL.search(window):
        return False
    if _EXPERT_OF.search(window):
        return True
    # "Analysten der A und der B"
    expert = re.search(rf"\b{_EXPERT}\s(?:der|des|von|bei|at|from)\s", window)
    return bool(expert and _OR_OTHER.search(window[expert.end() :]))


def is_house(text: str, found: Found) -> bool:
    """Tell whether the name is that of a house that rates another, or that speaks in a headline."""
    if found.field == "headline":
        opens = found.start < 3 or text[: found.start].endswith(": ")
        if _SAYS.search(text[: found.start]) or (opens and _RATES.match(text, found.end)):
            return True
    return is_expert(text, found)


def opines(text: str, found: Found) -> bool:
    """Tell whether the name stands as who judges: `UBS has repeated ...`, `Jefferies hob ...`."""
    return bool(_OPINES.match(text, found.end))


def speaks_of_ratings(text: str) -> bool:
    """Tell whether *text* speaks of what analysts recommend."""
    return _RATING.search(text) is not None


def is_rated(text: str, found: Found) -> bool:
    """Tell whether a headline says that somebody rates the name."""
    if found.field != "headline" or not _RATED.search(text[: found.start]):
        return False
    return (
        " für " in text[: found.start]
        or bool(_GRADED.match(text, found.end))
        or bool(re.search(r"\b(?:target|rating|coverage)\b", text))
    )


def is_oblique(text: str, found: Found, *, compound: bool) -> bool:
    """Tell whether it is named only beside the subject of its sentence, behind a preposition or an article (`Tor 3 der ...`), or as
    part of a word for something else (`-Maschine`); *compound* says that what follows is a word for the company.
    """
    if _HYPHEN.match(text, found.end) and not compound:
        return True
    words_before = before(text, found)
    if not words_before or words_before[-1] not in _BESIDE:
        return False
    if len(words_before) < 2:
        return found.field != "headline" and words_before[-1] not in _ARTICLES
    return not _is_corporate(words_before[-2]) and not is_rated(text, found)


def _is_corporate(word: str) -> bool:
    folded = fold(word)
    return folded in words.FINANCE or folded in vocabulary.BUSINESS


def houses(sights: Iterable[tuple[str, Found, str | None, bool]]) -> set[str]:
    """Return the issuers that a story names only as houses of analysts.

    *sights* are the text, the name, its issuer, and whether its share or what it does as a company stands beside it.
    A bank that judges is a house only where there is somebody else to judge.
    """
    seen = [(text, found, issuer, is_cued) for text, found, issuer, is_cued in sights if issuer]
    raters = any(found.folded in words.RATERS for _, found, *_ in seen)
    rating = raters and any(speaks_of_ratings(text) for text in {text for text, *_ in seen})
    judging: set[str] = set()
    speaking: set[str] = set()
    subjects: set[str] = set()
    for text, found, issuer, is_cued in seen:
        if is_rated(text, found) or (is_cued and not is_expert(text, found)):
            subjects.add(issuer)
        elif is_house(text, found):
            judging.add(issuer)
        elif rating and found.folded in words.RATERS and opines(text, found):
            speaking.add(issuer)
    found_houses = judging - subjects
    others = {issuer for *_, issuer, _ in seen} - found_houses - speaking
    return found_houses | (speaking - subjects if others else set())
