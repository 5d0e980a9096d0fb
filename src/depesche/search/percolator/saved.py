"""Saved searches: which queries can be kept for stories to come, in what normal form, and what they ask for.

A saved search means what the search page means by it when every word must be found: the same words, fields,
codes and filters. Each thing it asks for is a *sign*: a word, a phrase, a code, a provider, a share or a language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from depesche.lib.text import line
from depesche.model.errors import Refused
from depesche.search.analysis.text import OTHER, analyzers, code, fold, fold_all, plain
from depesche.search.compiler import LONGEST_PHRASE, STOPWORDS, telling
from depesche.search.document import NAMED
from depesche.search.percolator.signs import ANY, CODE, TONGUE_BITS, marked, run
from depesche.search.query import Query, Term, parse

LONGEST_SAVED = 300  # characters
MOST_TERMS = 16
MOST_WORDS = 8  # in one phrase

# How well a sign tells the few stories that have it from the others; the best come first.
EXACT, WORD, PROVIDER, LITTLE, LANGUAGE = range(5)

_MASK = (1 << 64) - 1
_REMEMBERED = 20_000


class CannotSave(Refused):
    """A query that cannot be saved; `reason` names why, for those who translate."""

    def __init__(self, reason: str) -> None:
        super().__init__(_REASONS[reason])
        self.reason = reason


_REASONS = {
    "empty": "The search is empty.",
    "too_long": f"The search is too long: at most {LONGEST_SAVED} characters, {MOST_TERMS} words, phrases and filters, "
    f"and {MOST_WORDS} words in a phrase.",
    "until": "A saved search is for stories to come: leave out until: and bis:.",
    "only_negative": "The search only says what is not wanted: name at least one word, share or provider.",
    "too_common": "The search is made of words that stand in nearly every story: name one that tells more.",
    "no_provider": "The search names no provider after von: or provider:.",
    "no_topic": "The search names no topic after thema: or topic:.",
}


class Sign(NamedTuple):  # of tuples, which cost the garbage collector nothing
    """One thing that a story may have: `keys` are numbers of terms, each with the fields where it counts.

    A story has the sign if it has any of its keys. `rank` is one of EXACT to LANGUAGE; `lengths` are those of the
    runs of words among its keys.
    """

    keys: tuple[tuple[int, int], ...]
    rank: int
    lengths: tuple[int, ...] = ()

    @property
    def name(self) -> int:
        """A number that signs have in common if and only if they have the same keys."""
        return hash(self.keys) & _MASK


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search: one sign of each group must be there, and none of `unwanted`."""

    wanted: tuple[tuple[Sign, ...], ...]
    unwanted: tuple[Sign, ...]


class SavedReader:
    """Reads queries as saved searches, and keeps what it found of recent words; safe to share between threads."""

    def __init__(self) -> None:
        self._analyzers = analyzers()
        self._known: dict[Term, Sign | None] = {}

    def read(self, query: str) -> Saved:
        """Return what *query* asks of a story; a date in `seit:` is left out.

        Raises:
            CannotSave: it is empty, too long or complex, bounded by `bis:`, or would fit nearly every story.
        """
        asked = _asked(query)
        groups = [self._signs(group) for group in telling(asked.wanted)]
        wanted = [group for group in groups if group]
        if asked.wanted and not wanted:
            raise CannotSave("empty")
        for kind, values in (("isin", asked.isins), ("wkn", asked.wkns)):
            if values:
                wanted.append(tuple(_marks(kind, values, EXACT)))
        for kind, names in zip(NAMED, (asked.providers, asked.topics), strict=True):
            if names:
                named = tuple(_marks(kind, filter(None, map(self._name, names)), PROVIDER))
                if not named:
                    raise CannotSave(f"no_{kind}")
                wanted.append(named)
        unwanted = self._signs(asked.unwanted)
        if not wanted:
            raise CannotSave("only_negative" if unwanted else "too_common" if asked.languages else "empty")
        if all(any(sign.rank >= LITTLE for sign in group) for group in wanted):
            raise CannotSave("too_common")
        if asked.languages:
            wanted.append(tuple(_marks("language", asked.languages, LANGUAGE)))
        return Saved(tuple(wanted), unwanted)

    def normal_form(self, query: str) -> str:
        """Return the one spelling of *query* and of others that mean the same; it is read as the same search.

        Raises:
            CannotSave: as for `read`.
        """
        meant = _meaning(self.read(query))
        asked = _asked(query)
        groups = {
            " OR ".join(sorted({self._spelt(term) for term in group})) for group in telling(asked.wanted)
        }
        parts = [
            *sorted(groups),
            *sorted({f"-{self._spelt(term)}" for term in asked.unwanted}),
            *(f"isin:{one}" for one in sorted(set(asked.isins))),
            *(f"wkn:{one}" for one in sorted(set(asked.wkns))),
            *(f'von:"{one}"' for one in sorted(set(filter(None, map(self._name, asked.providers))))),
            *(f'thema:"{one}"' for one in sorted(set(filter(None, map(self._name, asked.topics))))),
            *(f"sprache:{one}" for one in sorted(set(asked.languages))),
        ]
        spelt = " ".join(parts)
        try:
            same = _meaning(self.read(spelt)) == meant
        except CannotSave:  # writing it out made it too long
            same = False
        return spelt if same else line(query)

    def forget(self) -> None:
        """Give the memory of recent words free."""
        self._known = {}

    def _signs(self, terms: Iterable[Term]) -> tuple[Sign, ...]:
        found = (self._sign(term) for term in terms)
        return tuple(sign for sign in found if sign is not None)

    def _sign(self, term: Term) -> Sign | None:
        signs = self._known.get(term)
        if signs is None:
            if len(self._known) >= _REMEMBERED:
                self.forget()
            signs = self._known[term] = self._looked_up(term)
        return signs

    def _looked_up(self, term: Term) -> Sign | None:
        """Return the sign of a word or phrase: its words in the fields of each tongue, or all of it among the codes."""
        keys: dict[int, int] = {}
        lengths: set[int] = set()
        folded = fold_all(term.text)
        for name, text in folded.items():
            words = self._analyzers[name].analyze(text)[:LONGEST_PHRASE]
            if len(words) > MOST_WORDS:
                raise CannotSave("too_long")
            if words:
                lengths.add(len(words))
                key = run(words)
                keys[key] = keys.get(key, 0) | TONGUE_BITS[name]
        exact = " ".join(folded[OTHER].split())  # what `code` returns
        if exact:
            key = run([exact])
            keys[key] = keys.get(key, 0) | CODE
        if not keys:
            return None
        is_little = all(word in STOPWORDS for word in exact.split())
        rank = LITTLE if is_little else EXACT if max(lengths, default=1) > 1 else WORD
        return Sign(tuple(sorted(keys.items())), rank, tuple(lengths))

    def _name(self, name: str) -> str:
        return " ".join(self._analyzers[OTHER].analyze(fold(name, OTHER))[:LONGEST_PHRASE])

    def _spelt(self, term: Term) -> str:
        """Return the plainest spelling of *term* that means the same, with quotation marks where they are needed."""
        sign = self._sign(term)
        for text in (code(term.text), " ".join(plain(term.text).split())):
            if plain(text) == text and self._sign(Term(text)) == sign:
                break
        else:
            text = term.text
        is_bare = not (term.is_phrase and code(text) in STOPWORDS)
        if is_bare and parse(text) == Query(wanted=((Term(text),),)):
            return text
        return f'"{text}"'


@cache
def _shared() -> SavedReader:
    return SavedReader()


def normal_form(query: str) -> str:
    """Return the one spelling of *query* and of others that mean the same; it is read as the same search.

    Raises:
        CannotSave: as for `SavedReader.read`.
    """
    return _shared().normal_form(query)


def _asked(query: str) -> Query:
    if len(query.strip()) > LONGEST_SAVED:
        raise CannotSave("too_long")
    asked = parse(query)
    filters = (*asked.isins, *asked.wkns, *asked.providers, *asked.topics, *asked.languages)
    if sum(map(len, asked.wanted)) + len(asked.unwanted) + len(filters) > MOST_TERMS:
        raise CannotSave("too_long")
    if asked.until is not None:
        raise CannotSave("until")
    return asked


def _marks(kind: str, values: Iterable[str], rank: int) -> Iterator[Sign]:
    for value in dict.fromkeys(values):
        yield Sign(((marked(kind, value), ANY),), rank)


def _meaning(saved: Saved) -> object:
    return frozenset(map(frozenset, saved.wanted)), frozenset(saved.unwanted)
