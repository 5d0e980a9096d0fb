"""The grammar of headlines: the series label in front, the language mark behind."""

from __future__ import annotations

import re
from typing import NamedTuple

from depesche.lib import text
from depesche.model.take import Series

_TOPIC = r"(?:\s?/\s?(?P<topic>[^:/\s](?:[^:]|:(?=\S)){0,79}?))?"
_COUNT = r"(?: (?P<number>\d{1,2}))?"

# A repeat or a correction wraps the label of what it repeats: WDH/ROUNDUP 2/Thema: ...
_REPEAT = re.compile(
    r"(?P<kind>WDHL?G?|WIEDERHOLUNG|KORREKTUR|KORR|BERICHTIGUNG|CORRECTION|CORRECTED)"
    + _COUNT
    + r"\s?(?:/|:\s)\s*(?=\S)"
)
_LABELS = (
    "ROUNDUP|GESAMT-ROUNDUP|AKTIEN? IM FOKUS|AKTIEN-FLASH|ANALYSE-FLASH|ANALYSE|INDEX-FLASH|INDEX-MONITOR|DAX-FLASH|"
    "EUREX-FLASH|KONJUNKTUR-FLASH|IPO|TAGESVORSCHAU|WOCHENVORSCHAU|TAGESÜBERBLICK|WOCHENÜBERBLICK|WOCHENAUSBLICK|"
    "AUSBLICK|RÜCKBLICK|HINTERGRUND|INTERVIEW|KREISE|STUDIE|UMFRAGE|PORTRÄT|STICHWORT|CHRONOLOGIE|DOKUMENTATION|"
    "PRESSE|MEDIEN|PRESSESTIMME|PRESSESPIEGEL|KALENDER|TERMINE|HINWEIS|THEMA|FOKUS|ÜBERBLICK|VIRUS|OTS|"
    "EILMELDUNG|EIL|BLITZ|URGENT|EXTRA|FLASH|ALERT|BREAKING|REFILE|UPDATE|WRAPUP|BRIEF|RPT|WATCHLIST|"
    "Presse|Medien|Eilmeldung|Blitz|Alerte|dpa-AFX[ -](?:Analyser|Überblick|Börsentag|Tagesüberblick)"
)
_MARKETS = (
    r"(?:AKTIEN|Aktien)(?: [A-ZÄÖÜ][\wÄÖÜäöüß./&-]*){1,4}|(?:DEVISEN|Devisen|(?:DEUTSCHE |Deutsche |US-)?(?:ANLEIHEN|Anleihen))"
    r"(?: [A-ZÄÖÜ][\wÄÖÜäöüß./&-]*){0,3}"
)
_RELEASES = r"(?:EQS|DGAP|EANS|GNW|IRW|OTS|PTA)-[A-Za-zÄÖÜäöü][A-Za-zÄÖÜäöü-]{1,30}|Original-Research|ORIGINAL-RESEARCH"
_LABEL = re.compile(rf"(?P<kind>{_LABELS}|{_MARKETS}|{_RELEASES}){_COUNT}{_TOPIC}:\s+(?=\S)")
# The number of a pta release is its identity, so it takes the topic's place: no two releases are one series.
_PTA = re.compile(r"(?P<kind>pta|PTA)(?P<topic>\d{6,}):\s*(?=\S)")
_REUTERS = re.compile(
    r"(?P<kind>UPDATE|WRAPUP|BRIEF|CORRECTED|REFILE|RPT|EXCLUSIVE|INSIGHT|ANALYSIS|FACTBOX|TIMELINE|POLL|COLUMN|PREVIEW|"
    r"INTERVIEW|BREAKINGVIEWS|PRESS DIGEST|GLOBAL MARKETS|BUZZ|EXPLAINER|DIARY|MEDIA|SCENARIOS|SNAPSHOT)"
    + _COUNT
    + r"\s?-(?P<official>\(OFFICIAL\)\s?-)?\s?(?=[A-ZÄÖÜ0-9\"'“‘«(])"
)
_LEAD = re.compile(r"(?P<number>\d)(?:ST|ND|RD|TH) (?P<kind>LEAD)(?:\s?[:-]\s|\s)\s*(?=\S)")
# Without a colon the next word must not shout as well: URGENT CARE CHAIN FILES FOR IPO is no label.
_BARE = re.compile(
    r"(?P<kind>URGENT|EXTRA|REFILE|EILMELDUNG|BLITZ|Blitz|EIL)(?:\s?-\s|\s)\s*(?=[A-ZÄÖÜ][a-zäöüß])"
)
_AP = re.compile(
    r"(?P<kind>BC-[A-Z]{2,4})--(?P<rest>\S.*?)(?:[ ,]+(?P<number>\d)(?:st|nd|rd|th) ?Ld)?(?:-Writethru)?(?:,\d{1,5})?"
)

_SPELLINGS = {"WDHL": "WDH", "WDHLG": "WDH", "WDHG": "WDH", "WIEDERHOLUNG": "WDH", "KORR": "KORREKTUR"}
_WRAPPERS = (_REPEAT, _REUTERS, _LEAD, _BARE)
_FINAL = (_PTA, _LABEL)
_MAX_LABELS = 4

# Labels shout, but for these; whatever begins otherwise is a headline at once.
_MAY_LEAD = re.compile(
    r"[A-ZÄÖÜ]{2}|\d[A-Z]|Aktie|Devisen|Anleihen|Deutsche|Presse|Medien|Blitz|Eilmeldung|Alerte|Original|dpa|pta"
)
_LANGUAGE = re.compile(r"\s*\((deutsch|englisch|english|german|französisch|french)\)$", re.IGNORECASE)
_TONGUES = {
    "deutsch": "de",
    "german": "de",
    "englisch": "en",
    "english": "en",
    "französisch": "fr",
    "french": "fr",
}


class Parsed(NamedTuple):
    """A headline taken apart; `language` is what its mark says."""

    series: Series | None
    headline: str
    language: str | None = None


def parse(raw: str) -> Parsed:
    """Take *raw* apart into series label, headline and language mark; what would leave no headline stays whole."""
    rest = text.line(raw)
    language = None
    if rest[-1:] == ")" and (mark := _LANGUAGE.search(rest)) and mark.start():
        language = _TONGUES[mark[1].lower()]
        rest = rest[: mark.start()]
    if rest.startswith("BC-") and (slug := _AP.fullmatch(rest)):
        number = int(slug["number"]) if slug["number"] else None
        return Parsed(Series(slug["kind"], number), slug["rest"], language)
    kinds: list[str] = []
    number, topic = None, None
    for _ in range(_MAX_LABELS):
        found = _first(rest, _WRAPPERS + _FINAL)
        if found is None:
            break
        groups = found.groupdict()
        kinds.append(_kind(groups))
        number = (
            int(groups["number"]) if groups.get("number") else None
        )  # ROUNDUP 2 counts, WDH 2/ROUNDUP does not
        rest = rest[found.end() :]
        if found.re in _FINAL:
            topic = groups["topic"].strip() if groups["topic"] else None
            break
    return Parsed(Series("/".join(kinds), number, topic) if kinds else None, rest, language)


def _first(rest: str, patterns: tuple[re.Pattern[str], ...]) -> re.Match[str] | None:
    if not _MAY_LEAD.match(rest):
        return None
    for pattern in patterns:
        if found := pattern.match(rest):
            return found
    return None


def _kind(groups: dict[str, str | None]) -> str:
    kind = (groups["kind"] or "").upper()
    kind = _SPELLINGS.get(kind, kind)
    return f"{kind}-(OFFICIAL)" if groups.get("official") else kind
