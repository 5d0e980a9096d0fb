"""Saved searches the plain way, one after another: what the percolator is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tantivy

from depesche.search.analysis.text import GERMAN, OTHER, TONGUES, analyzers, code, fold
from depesche.search.compiler import telling
from depesche.search.document import BODY, HEADLINE, LEAD, NAMED, PARTS
from depesche.search.query import Query, Term, parse

_ANALYZERS = analyzers()


@dataclass(frozen=True, slots=True)
class PlainTerm:
    """A word or phrase: the words it has in each tongue, with blanks around and between them, and its code."""

    words: tuple[tuple[str, str], ...]
    code: str


class PlainStory:
    """What the index holds of a story, as strings that are looked into."""

    def __init__(self, made: tantivy.Document) -> None:
        fields = made.to_dict()
        self.texts = {
            name: [
                _spaced(_ANALYZERS[name].analyze(str(text)))
                for part in (HEADLINE, LEAD, BODY)
                for text in fields.get(f"{part}_{name}", [])
            ]
            for name in TONGUES
        }
        self.words = {
            name: {word for text in texts for word in text.split()} for name, texts in self.texts.items()
        }
        self.words[GERMAN].update(map(str, fields.get(PARTS, [])))
        self.codes = frozenset(map(str, fields.get("codes", [])))
        self.isins = frozenset(map(str, fields.get("isin", [])))
        self.wkns = frozenset(map(str, fields.get("wkn", [])))
        self.language = str(fields["language"][0])
        self.names = {
            kind: [_spaced(_ANALYZERS[OTHER].analyze(str(text))) for text in fields.get(kind, [])]
            for kind in NAMED
        }

    def has(self, term: PlainTerm) -> bool:
        """Tell whether *term* stands in a text, or is a code of the story."""
        if term.code in self.codes:
            return True
        for name, words in term.words:
            if " " in words.strip():
                if any(words in text for text in self.texts[name]):
                    return True
            elif words.strip() in self.words[name]:
                return True
        return False


class PlainSearch:
    """One saved search."""

    def __init__(self, query: str) -> None:
        self._asked: Query = parse(query)
        self._wanted = [_terms(group) for group in telling(self._asked.wanted)]
        self._unwanted = _terms(self._asked.unwanted)
        self._names = {
            kind: [_spaced(_ANALYZERS[OTHER].analyze(fold(one, OTHER))) for one in names]
            for kind, names in zip(NAMED, (self._asked.providers, self._asked.topics), strict=True)
            if names
        }

    def fits(self, story: PlainStory) -> bool:
        """Tell whether *story* meets the search."""
        asked = self._asked
        return (
            all(any(map(story.has, group)) for group in self._wanted)
            and not any(map(story.has, self._unwanted))
            and (not asked.isins or not story.isins.isdisjoint(asked.isins))
            and (not asked.wkns or not story.wkns.isdisjoint(asked.wkns))
            and (not asked.languages or story.language in asked.languages)
            and all(
                any(name in text for name in names for text in story.names[kind])
                for kind, names in self._names.items()
            )
        )


def _terms(terms: Sequence[Term]) -> list[PlainTerm]:
    return [
        PlainTerm(
            tuple((name, _spaced(_ANALYZERS[name].analyze(fold(term.text, name)))) for name in TONGUES),
            code(term.text),
        )
        for term in terms
    ]


def _spaced(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
