"""Read what a person typed into the search box; any text is a query, none is an error.

lufthansa gewinn        both words; where no story has both, either
"schwarze null"         a phrase
-boeing  -"air berlin"  without these
sap OR siemens          either (also ODER)
isin:  wkn:  von: provider:  thema: topic:  seit: since:  bis: until:  sprache: language:
                        filters; several of one kind are alternatives
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from depesche.lib.text import line
from depesche.model.identifiers import is_isin, is_wkn

LONGEST_QUERY = 1_000
MOST_CLAUSES = 32

_CLAUSE = re.compile(
    r"""(?P<minus>[-−–]?)
        (?:(?P<filter>[A-Za-z]{3,8}):(?=["„“”»]?[^\s"„“”»]))?
        (?:["„“”»](?P<phrase>[^"“”«]*)(?:["“”«]|$)|(?P<word>\S+))""",
    re.VERBOSE,
)
_FILTERS = {
    "isin": "isin", "wkn": "wkn", "von": "provider", "provider": "provider", "thema": "topic", "topic": "topic",
    "sprache": "language", "lang": "language", "language": "language",
    "seit": "since", "since": "since", "bis": "until", "until": "until",
}  # fmt: skip
_LANGUAGES = {
    "deutsch": "de",
    "german": "de",
    "englisch": "en",
    "english": "en",
    "französisch": "fr",
    "french": "fr",
}
_EITHER = {"OR", "ODER", "|"}
_SHORT_LANGUAGE = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z0-9-]+)?")
# A topic's code may have its name behind it, for people: only the code counts.
_TOPIC_CODE = re.compile(r"\s*(\d{8})(?!\S).*", re.DOTALL)
# What is wrong with a filter that cannot be read.
DATE, ISIN, WKN, LANGUAGE, NOTHING, MINUS = "date", "isin", "wkn", "language", "nothing", "minus"
_DATES = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), (1, 2, 3)),
    (re.compile(r"(\d{4})-(\d{1,2})"), (1, 2, 0)),
    (re.compile(r"(\d{4})"), (1, 0, 0)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), (3, 2, 1)),
    (re.compile(r"(\d{1,2})\.(\d{4})"), (2, 1, 0)),
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or the words of a phrase, as typed."""

    text: str
    is_phrase: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A filter as typed, and what is wrong with it: one of DATE, ISIN, WKN, LANGUAGE, NOTHING and MINUS."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked.

    `wanted` holds groups of alternatives, each of which must be met; `unwanted` what must not occur.
    `since` is the first moment and `until` the first one no longer wanted. `unread` tells of filters that mean nothing: those with
    a date that is none, or with nothing, are left out; the others find nothing.
    """

    wanted: tuple[tuple[Term, ...], ...] = ()
    unwanted: tuple[Term, ...] = ()
    isins: tuple[str, ...] = ()
    wkns: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    unread: tuple[Unread, ...] = ()

    @property
    def has_filters(self) -> bool:
        """Tell whether anything but words was asked for."""
        return bool(self.names or self.languages or self.since or self.until)

    @property
    def names(self) -> tuple[str, ...]:
        """The shares, providers and topics that were asked for by a filter."""
        return (*self.isins, *self.wkns, *self.providers, *self.topics)

    @property
    def words(self) -> str:
        """The wanted words without any syntax: what a name in the register is compared with."""
        return " ".join(term.text for group in self.wanted for term in group)


def parse(text: str, zone: tzinfo = UTC) -> Query:
    """Read *text*; dates mean days in *zone*.

    Only the first 1,000 characters and 32 clauses count.
    """
    reading = _Reading(zone)
    for found in _CLAUSE.finditer(line(text[:LONGEST_QUERY])):
        if reading.clauses >= MOST_CLAUSES:
            break
        reading.take(found)
    return reading.query()


class _Reading:
    """A query on its way from left to right."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.clauses = 0
        self.wanted: list[list[Term]] = []
        self.unwanted: list[Term] = []
        self.filters: dict[str, list[str]] = {
            kind: [] for kind in ("isin", "wkn", "provider", "topic", "language")
        }
        self.bounds: dict[str, datetime] = {}
        self.unread: list[Unread] = []
        self.joins = False

    def take(self, found: re.Match[str]) -> None:
        """Add one clause."""
        minus, name, phrase, word = found.group("minus", "filter", "phrase", "word")
        if word in _EITHER and not minus and not name:
            self.joins = bool(self.wanted)
            return
        value = (word if phrase is None else phrase).strip().strip('"„“”»«')
        kind = _FILTERS.get((name or "").lower())
        if kind and not minus:
            self._filter(kind, value, found[0].strip())
            self.clauses += 1
            return
        if kind:
            self.unread.append(Unread(found[0].strip(), MINUS))
        elif phrase is None and value.endswith(":") and value[:-1].lower() in _FILTERS:
            self.unread.append(Unread(value, NOTHING))
            return
        self._term(Term(f"{name}:{value}" if name else value, phrase is not None), unwanted=bool(minus))

    def _term(self, term: Term, *, unwanted: bool) -> None:
        if not any(char.isalnum() for char in term.text):
            return
        self.clauses += 1
        if unwanted:
            self.unwanted.append(term)
        elif self.joins:
            self.wanted[-1].append(term)
        else:
            self.wanted.append([term])
        self.joins = False

    def _filter(self, kind: str, value: str, typed: str) -> None:
        wrong = NOTHING if not value else None
        if kind in {"since", "until"}:
            span = _days(value, self.zone)
            if span is not None:
                self.bounds[kind] = span[0] if kind == "since" else span[1]
            elif not wrong:
                wrong = DATE
        elif value:
            self.filters[kind].append(_value(kind, value))
            wrong = _wrong(kind, value)
        if wrong:
            self.unread.append(Unread(typed, wrong))

    def query(self) -> Query:
        """Return what was read."""
        return Query(
            wanted=tuple(tuple(group) for group in self.wanted),
            unwanted=tuple(self.unwanted),
            isins=tuple(self.filters["isin"]),
            wkns=tuple(self.filters["wkn"]),
            providers=tuple(self.filters["provider"]),
            topics=tuple(self.filters["topic"]),
            languages=tuple(self.filters["language"]),
            since=self.bounds.get("since"),
            until=self.bounds.get("until"),
            unread=tuple(self.unread),
        )


def _value(kind: str, value: str) -> str:
    """Return what the index knows the *value* of a filter by."""
    if kind == "language":
        return _LANGUAGES.get(value.casefold(), value[:2].lower())
    if kind == "topic":
        return _TOPIC_CODE.sub(r"\1", value)
    return value if kind == "provider" else value.upper()


def _wrong(kind: str, value: str) -> str | None:
    """Return why nothing can have the *value* of a filter, None if something may."""
    if kind == "isin":
        return None if is_isin(value.upper()) else ISIN
    if kind == "wkn":
        return None if is_wkn(value.upper()) else WKN
    is_language = kind != "language" or value.casefold() in _LANGUAGES or _SHORT_LANGUAGE.fullmatch(value)
    return None if is_language else LANGUAGE


def _days(text: str, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Return the beginning of the day, month or year that *text* names, and the beginning of the next."""
    for pattern, (year_at, month_at, day_at) in _DATES:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        year = int(found[year_at])
        month = int(found[month_at]) if month_at else 1
        day = int(found[day_at]) if day_at else 1
        try:
            first = datetime(year, month, day, tzinfo=zone)
            if day_at:
                after = first + timedelta(days=1)
            elif month_at:
                after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
            else:
                after = datetime(year + 1, 1, 1, tzinfo=zone)
            return first.astimezone(UTC), after.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    return None
