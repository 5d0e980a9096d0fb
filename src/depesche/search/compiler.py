"""Turn a query that was read into one the engine runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import tantivy
from tantivy import FieldType, Occur

from depesche.search.analysis.text import GERMAN, OTHER, TONGUES, analyzers, code, fold
from depesche.search.document import BODY, HEADLINE, LEAD, NAMED, PARTS
from depesche.search.query import Query, Term

# A word counts most in the headline; a code or name of a linked share nearly as much.
_BOOSTS = {HEADLINE: 3.0, LEAD: 1.5, BODY: 1.0}
_CODE_BOOST = 2.0
_PART_BOOST = 0.5  # a part of a compound is often about something else
_TIE = 0.2
LONGEST_PHRASE = 32

# Words that say nothing by themselves; beside others they are left out, in phrases they stay.
_STOPWORDS = (
    "aber als am an auch auf aus bei beim bis da das dass dem den der des die durch ein eine einem einen "
    "einer eines er es fuer gegen hat ich ihr im in ins ist kann mit nach nicht nur ob oder ohne sein "
    "sich sie sind so ueber um und unter von vom vor war was wegen wer wie wird wir zu zum zur a about "
    "after and are as at be but by can did do for from had has have he her his how if into is it its more "
    "no not of on or our out over she than that the their them then there they this to was were what when "
    "which who why will with would you your "
)
STOPWORDS = frozenset(_STOPWORDS.split())


@dataclass(frozen=True, slots=True)
class Span:
    """Stories of `oldest` to `newest`, both included, in seconds since 1970; None is no bound."""

    oldest: int | None = None
    newest: int | None = None


EVER = Span()


class Compiler:
    """Builds the engine's queries over one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema
        self._analyzers = analyzers()

    def compile(
        self, asked: Query, language: str | None, *, every: bool, span: Span = EVER
    ) -> tantivy.Query | None:
        """Return the engine's query: all wanted words if *every*, else any; None if nothing was asked for."""
        groups = [self._either([self._term(term, span) for term in group]) for group in telling(asked.wanted)]
        wanted = [one for one in groups if one is not None]
        filters = list(self._filters(asked, language))
        unwanted = [one for one in (self._term(term, span) for term in asked.unwanted) if one is not None]
        if not wanted and (asked.wanted or not (asked.has_filters or unwanted)):
            return None
        if span != EVER:
            filters.append(self._range(span))
        parts = [(Occur.Must, tantivy.Query.const_score_query(one, 0.0)) for one in filters]
        parts += [(Occur.MustNot, one) for one in unwanted]
        if every:
            parts += [(Occur.Must, one) for one in wanted]
        elif wanted:
            parts.append((Occur.Must, tantivy.Query.boolean_query([(Occur.Should, one) for one in wanted])))
        if not wanted:
            parts.append((Occur.Must, tantivy.Query.all_query()))
        return tantivy.Query.boolean_query(parts)

    def at_most(self, searcher: tantivy.Searcher, asked: Query, *, every: bool) -> int:
        """Return how many stories can meet *asked* at most, by how often its words and shares occur."""
        often = [sum(self._often(searcher, term) for term in group) for group in telling(asked.wanted)]
        shares = [
            sum(searcher.doc_freq(field, one) for one in values)
            for field, values in (("isin", asked.isins), ("wkn", asked.wkns))
            if values
        ]
        words = [] if not often else often if every else [sum(often)]
        return min([*words, *shares], default=searcher.num_docs)

    def _often(self, searcher: tantivy.Searcher, term: Term) -> int:
        """Return how many stories can have *term* at most."""
        texts = sum(
            min(searcher.doc_freq(field, word) for word in words) for field, words, _ in self._texts(term)
        )
        return texts + sum(searcher.doc_freq(field, said) for field, said, _ in self._exact(term))

    def _range(self, span: Span) -> tantivy.Query:
        within = tantivy.Query.range_query(self._schema, "at", FieldType.Integer, span.oldest, span.newest)
        return tantivy.Query.const_score_query(within, 0.0)

    def _term(self, term: Term, span: Span) -> tantivy.Query | None:
        """Return the query of a word or phrase in every analysed field and among the codes, of a word in compounds too."""
        found = [
            tantivy.Query.boost_query(self._words(field, words, span), boost)
            for field, words, boost in self._texts(term)
        ]
        for field, said, boost in self._exact(term):
            one = tantivy.Query.term_query(self._schema, field, said, "basic")
            found.append(tantivy.Query.boost_query(one, boost))
        return tantivy.Query.disjunction_max_query(found, _TIE) if found else None

    def _texts(self, term: Term) -> Iterable[tuple[str, list[str], float]]:
        """Yield the analysed fields where *term* may stand, its words there and what they weigh."""
        for name in TONGUES:
            if words := self._analyzers[name].analyze(fold(term.text, name))[:LONGEST_PHRASE]:
                for part, boost in _BOOSTS.items():
                    yield f"{part}_{name}", words, boost

    def _exact(self, term: Term) -> Iterable[tuple[str, str, float]]:
        """Yield the fields of whole terms where *term* may stand, as what, and what that weighs."""
        if said := code(term.text):
            yield "codes", said, _CODE_BOOST
        stems = self._analyzers[GERMAN].analyze(fold(term.text, GERMAN))
        if len(stems) == 1:
            yield PARTS, stems[0], _PART_BOOST

    def _words(self, field: str, words: list[str], span: Span = EVER) -> tantivy.Query:
        if len(words) == 1:
            return tantivy.Query.term_query(self._schema, field, words[0], "freq")
        phrase = tantivy.Query.phrase_query(self._schema, field, list(words))
        if span == EVER:
            return phrase
        # Alternatives are looked for thousands of stories ahead: without the span a phrase would be compared in each of them.
        return tantivy.Query.boolean_query([(Occur.Must, phrase), (Occur.Must, self._range(span))])

    def _filters(self, asked: Query, language: str | None) -> Iterable[tantivy.Query]:
        for field, values in (("isin", asked.isins), ("wkn", asked.wkns)):
            if values:
                yield tantivy.Query.term_set_query(self._schema, field, list(values))
        analyze = self._analyzers[OTHER].analyze
        for field, names in zip(NAMED, (asked.providers, asked.topics), strict=True):
            if names:
                said = [analyze(fold(one, OTHER))[:LONGEST_PHRASE] for one in names]
                named = [self._words(field, words) for words in said if words]
                yield self._either(named) or tantivy.Query.empty_query()
        if asked.languages:
            yield tantivy.Query.term_set_query(self._schema, "language", list(asked.languages))
        if language:
            yield tantivy.Query.term_query(self._schema, "language", language[:2].lower(), "basic")
        if asked.since or asked.until:
            since = int(asked.since.timestamp()) if asked.since else None
            until = int(asked.until.timestamp()) - 1 if asked.until else None
            yield self._range(Span(since, until))

    @staticmethod
    def _either(queries: Iterable[tantivy.Query | None]) -> tantivy.Query | None:
        some = [one for one in queries if one is not None]
        if len(some) < 2:
            return some[0] if some else None
        return tantivy.Query.boolean_query([(Occur.Should, one) for one in some])


def telling(groups: tuple[tuple[Term, ...], ...]) -> list[tuple[Term, ...]]:
    """Leave out groups of nothing but stopwords, unless there are no others."""
    kept = [
        group
        for group in groups
        if not all(not term.is_phrase and code(term.text) in STOPWORDS for term in group)
    ]
    return kept or list(groups)
