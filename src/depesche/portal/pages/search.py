"""Search: shares whose name or code was typed, then stories of every language, and what they have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from depesche.model import paths
from depesche.model.errors import Refused
from depesche.model.instrument import Instrument
from depesche.model.rights import shown
from depesche.model.story import Card
from depesche.portal.ask import Ask, Page
from depesche.portal.i18n import words
from depesche.portal.pages import lines
from depesche.portal.pages.following import saving
from depesche.portal.pages.following.consent import Consent
from depesche.portal.site import Site
from depesche.search.facets import NO_FACETS, Facets
from depesche.search.query import DATE, ISIN, LANGUAGE, MINUS, NOTHING, WKN, Query, parse
from depesche.search.snippet import Highlighter, Piece
from depesche.store.database import Transaction

PER_PAGE = 30
LAST_PAGE = 100
NEWEST = "new"
_LONGEST = 200
_LEAST = 2  # groups with less to choose from are not shown
_TOKENS = {
    "provider": re.compile(r"""(?i)\s*(?<!\S)(?:von|provider):(?:"[^"]*"|\S+)"""),
    "isin": re.compile(r"""(?i)\s*(?<!\S)(?:isin|wkn):(?:"[^"]*"|\S+)"""),
    "topic": re.compile(r"""(?i)\s*(?<!\S)(?:thema|topic):(?:"[^"]*"|\S+)"""),
    "language": re.compile(r"""(?i)\s*(?<!\S)(?:sprache|lang|language):\S+"""),
    "time": re.compile(r"""(?i)\s*(?<!\S)(?:seit|since|bis|until):\S+"""),
}
# What is said of a filter that cannot be read.
_HINTS = {
    DATE: words(
        "“%(text)s” was left out, for it names no day, month or year: write seit:1.3.2026, seit:2026-03 or seit:2026."
    ),
    ISIN: words("“%(text)s” finds nothing, for this is no ISIN: one of its twelve characters may be wrong."),
    WKN: words("“%(text)s” finds nothing, for this is no WKN: that has six letters and digits."),
    LANGUAGE: words(
        "“%(text)s” finds nothing, for we know no such language: write sprache:de or sprache:en."
    ),
    NOTHING: words("“%(text)s” was left out, for nothing stands behind the colon."),
    MINUS: words("“%(text)s” was taken for words, for only words and phrases can be excluded."),
}
_SPANS = {
    "day": words("Today"),
    "week": words("Last 7 days"),
    "month": words("Last 30 days"),
    "year": words("Last 365 days"),
}
_LANGUAGES = {"de": words("German"), "en": words("English"), "fr": words("French")}


@dataclass(frozen=True, slots=True)
class Result:
    """A story found: its line, its headline and a part of its text with the words that were asked for."""

    line: lines.Line
    headline: tuple[Piece, ...]
    snippet: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value by which results may be narrowed, with its number and the address that does it."""

    name: str
    n: int
    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """Choices of one kind; `clear` is the address without those of the kind that are in force."""

    title: str
    choices: tuple[Choice, ...]
    clear: str | None


def show(site: Site, ask: Ask) -> Page:
    """Return what the query found; results pass the newsstand before they are shown."""
    query, number = asked(ask)
    by_time = ask.query.get("sort") == NEWEST
    total, has_more = 0, False
    found: list[Result] = []
    shares: tuple[Instrument, ...] = ()
    groups: list[Group] = []
    hints: list[str] = []
    if query:
        hits = site.newsroom.searcher.search(
            query, limit=PER_PAGE, offset=(number - 1) * PER_PAGE, by_time=by_time, with_facets=True
        )
        total, has_more, shares = hits.total, hits.has_more, hits.shares
        read = parse(query)
        say = site.speech[ask.language].say
        hints = [say(_HINTS[one.reason], text=one.text) for one in read.unread]
        with site.newsroom.database.reading() as tx:
            found = _results(site, tx, tx.newsstand.cards(hits.stories), read)
            groups = list(_groups(site, ask.language, tx, query, read, hits.facets, by_time))
    consent, why_not = _followable(site, ask.language, query)
    following = number * PER_PAGE < total and number < LAST_PAGE
    what = {
        "query": query,
        "total": total,
        "has_more": has_more,
        "results": found,
        "shares": shares if number == 1 else (),
        "groups": groups,
        "is_narrowed": any(one.clear for one in groups),
        "by_time": by_time,
        "hints": hints,
        "consent": consent,
        "why_not": why_not,
        "best": address(query),
        "newest": address(query, by_time=True),
        "previous": address(query, number - 1, by_time=by_time) if number > 1 else None,
        "next": address(query, number + 1, by_time=by_time) if following else None,
        "page_number": number,
        "feeds": [(name, address(query, stem=f"/search.{kind}")) for kind, name in (("atom", "Atom"), ("rss", "RSS"), ("json", "JSON Feed"))],
    }  # fmt: skip
    path = address(query)
    return Page(site.print("search.html", ask.language, what, path=path))


def _followable(site: Site, language: str, query: str) -> tuple[Consent | None, str]:
    """Return the box that follows a search, or why it cannot be followed."""
    if not query:
        return None, ""
    try:
        return Consent.of(site, language, saving.target_of(site, language, query)), ""
    except Refused as error:
        return None, str(error)


def asked(ask: Ask) -> tuple[str, int]:
    """Return the query of a request, and which page of results it wants."""
    said = ask.query.get("page", "")
    is_number = said.isascii() and said.isdigit() and 0 < len(said) < 6 and int(said)
    return " ".join(ask.query.get("q", "").split())[:_LONGEST], min(int(said), LAST_PAGE) if is_number else 1


def address(query: str, number: int = 1, *, stem: str = paths.SEARCH, by_time: bool = False) -> str:
    """Return the address of a search: of its page, or with *stem* of its feed."""
    said = ({"q": query} if query else {}) | ({"sort": NEWEST} if by_time else {})
    said |= {"page": str(number)} if number > 1 else {}
    return f"{stem}?{urlencode(said)}" if said else stem


def _results(site: Site, tx: Transaction, cards: Sequence[Card], read: Query) -> list[Result]:
    marker = Highlighter(read)
    found = []
    for card in cards:
        version = tx.newsstand.version(card.story)
        if version is None:
            continue
        seen = shown(version, site.newsroom.rights(card.wire))
        text = seen.body_text if seen.is_whole else seen.teaser or ""
        line = lines.line(site, card)
        found.append(
            Result(
                line,
                marker.mark(card.headline, card.language),
                marker.cut(text, card.language) if text else (),
            )
        )
    return found


def _groups(
    site: Site, language: str, tx: Transaction, query: str, read: Query, facets: Facets, by_time: bool
) -> Iterable[Group]:
    """Yield the ways to narrow a search, and those in force to take back."""
    if facets is NO_FACETS and not read.has_filters:
        return
    say = site.speech[language].say

    def group(kind: str, title: str, choices: list[tuple[str, str, int]], is_set: bool) -> Group:
        offered = tuple(
            Choice(name, n, address(f"{query} {token}", by_time=by_time)) for name, token, n in choices
        )
        clear = address(_TOKENS[kind].sub("", query).strip(), by_time=by_time) if is_set else None
        return Group(title, () if is_set else offered, clear)

    names = {isin: found.name for isin, _ in facets.isins if (found := tx.instruments.by_isin(isin))}
    made = (
        group("provider", say("Provider"), [(one, f'von:"{_unquoted(one)}"', n) for one, n in facets.providers], bool(read.providers)),
        group("isin", say("Share"), [(names.get(one, one), f"isin:{one}", n) for one, n in facets.isins], bool(read.isins or read.wkns)),
        group("topic", say("Topic"), [], bool(read.topics)),
        group("language", say("Language"), [(say(_LANGUAGES.get(one, one)), f"sprache:{one}", n) for one, n in facets.languages], bool(read.languages)),
        group("time", say("Time"), _times(say, facets), bool(read.since or read.until)),
    )  # fmt: skip
    for one in made:
        if one.clear or len(one.choices) >= _LEAST:
            yield one


def _times(say: Callable[[str], str], facets: Facets) -> list[tuple[str, str, int]]:
    """Return the spans of time that leave something out and something over."""
    found: list[tuple[str, str, int]] = []
    for name, since, n in facets.spans:
        if n and (not found or found[-1][2] != n):
            found.append((say(_SPANS[name]), f"seit:{since.isoformat()}", n))
    return found


def _unquoted(name: str) -> str:
    return name.replace('"', " ")
