"""Read what a person typed into the search box; any text is a query, none is an error.

lufthansa gewinn        both words; where no story has both, either
"schwarze null"         a phrase
-boeing  -"air berlin"  without these
sap OR siemens          either (also ODER)
isin:  wkn:  von: provider:  seit: since:  bis: until:  sprache: language:   filters; several of one kind are alternatives
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from depesche.lib.text import line

LONGEST_QUERY = 1_000
MOST_CLAUSES = 32

_CLAUSE = re.compile(
    r"""(?P<minus>[-−–]?)
        (?:(?P<filter>[A-Za-z]{3,8}):(?=["„“”»]?[^\s"„“”»]))?
        (?:["„“”»](?P<phrase>[^"“”«]*)(?:["“”«]|$)|(?P<word>\S+))""",
    re.VERBOSE,
)
_FILTERS = {
    "isin": "isin", "wkn": "wkn", "von": "provider", "provider": "provider",
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
class Query:
    """What was asked.

    `wanted` holds groups of alternatives, each of which must be met; `unwanted` what must not occur.
    `since` is the first moment and `until` the first one no longer wanted.
    """

    wanted: tuple[tuple[Term, ...], ...] = ()
    unwanted: tuple[Term, ...] = ()
    isins: tuple[str, ...] = ()
    wkns: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def has_filters(self) -> bool:
        """Tell whether anything but words was asked for."""
        return bool(self.isins or self.wkns or self.providers or self.languages or self.since or self.until)

    @property
    def words(self) -> str:
        """The wanted words without any syntax: what a name in the register is compared with."""
        return " ".join(term.text for group in self.wanted for term in group)


def parse(text: str, zone: tzinfo = UTC) -> Query:
    """Read *text*; dates mean days in *zone*.

    Only the first 1,000 characters and 32 clauses count. A filter whose date cannot be read is taken for a word.
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
        self.filters: dict[str, list[str]] = {"isin": [], "wkn": [], "provider": [], "language": []}
        self.bounds: dict[str, datetime] = {}
        self.joins = False

    def take(self, found: re.Match[str]) -> None:
        """Add one clause."""
        minus, name, phrase, word = found.group("minus", "filter", "phrase", "word")
        if word in _EITHER and not minus and not name:
            self.joins = bool(self.wanted)
            return
        value = (word if phrase is None else phrase).strip().strip('"„“”»«')
        if name and not minus and self._filter(_FILTERS.get(name.lower()), value):
            self.clauses += 1
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

    def _filter(self, kind: str | None, value: str) -> bool:
        if kind in {"since", "until"}:
            span = _days(value, self.zone)
            if span is not None:
                self.bounds[kind] = span[0] if kind == "since" else span[1]
            return span is not None
        if kind is None or not value:
            return False
        if kind == "language":
            value = _LANGUAGES.get(value.casefold(), value[:2].lower())
        self.filters[kind].append(value if kind in {"provider", "language"} else value.upper())
        return True

    def query(self) -> Query:
        """Return what was read."""
        return Query(
            wanted=tuple(tuple(group) for group in self.wanted),
            unwanted=tuple(self.unwanted),
            isins=tuple(self.filters["isin"]),
            wkns=tuple(self.filters["wkn"]),
            providers=tuple(self.filters["provider"]),
            languages=tuple(self.filters["language"]),
            since=self.bounds.get("since"),
            until=self.bounds.get("until"),
        )


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
