"""Invented saved searches, and stories to match them: words as rare and as frequent as in real languages, seeded."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Mention
from depesche.model.story import NEW, StoryPage, Version
from depesche.ops.bench.inputs import phrases
from depesche.search.compiler import STOPWORDS

SEED = 4_194_301
_START = datetime(2025, 3, 3, 6, 0, tzinfo=UTC)
_VOCABULARY = 200_000
_TELLING = 1_000  # so many of the most frequent words are worth no search
_LENGTH = 3_000  # characters of copy
_SENTENCE = 14  # words
_POOL = 20_000  # sentences that phrases are quoted from
_ENDINGS = ("", "", "", "e", "en", "er", "s", "ung", "ungen", "keit")
_PROVIDERS = ("Kontor Elbmark", "Funk Ostsee", "dpa-Watt", "Blatt am Deich")
_ISINS = tuple(isin_with_check_digit(f"ZZ{number:09d}") for number in range(5_000))
_KINDS = {"word": 40, "and": 25, "phrase": 15, "or": 10, "not": 5, "filter": 5}


class Wishes:
    """Searches and stories over one vocabulary, the n-th word of which is n times rarer than the first."""

    def __init__(self, seed: int = SEED, words: int = _VOCABULARY) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - play, not secrets
        known = dict.fromkeys(sorted(STOPWORDS))
        while len(known) < words:
            known[self._invented()] = None
        self._words = list(known)
        self._weights = list(accumulate(1 / place for place in range(1, words + 1)))
        self._pool = [self._drawn(_SENTENCE) for _ in range(_POOL)]

    def searches(self, n: int) -> Iterator[str]:
        """Yield *n* searches: words, several words, phrases (half of them quoted), either, not, and filters."""
        kinds = self._rng.choices(list(_KINDS), list(_KINDS.values()), k=n)
        for kind in kinds:
            yield self._search(kind)

    def stories(self, n: int) -> Iterator[StoryPage]:
        """Yield *n* stories of about 3,000 characters; three of four are German, half are about one to three shares."""
        for number in range(1, n + 1):
            yield self._story(number)

    def _search(self, kind: str) -> str:
        rng = self._rng
        if kind == "and":
            return " ".join(self._word() for _ in range(rng.choice((2, 2, 3))))
        if kind == "phrase":
            return f'"{self._phrase()}"'
        if kind == "or":
            return " OR ".join(self._word() for _ in range(rng.choice((2, 2, 3))))
        if kind == "not":
            return f"{self._word()} -{self._word()}"
        if kind == "filter":
            isin = rng.choice(_ISINS)
            provider = rng.choice(_PROVIDERS)
            return rng.choice(
                (f"isin:{isin}", f"isin:{isin} {self._word()}", f'von:"{provider}" {self._word()}')
            )
        return self._word()

    def _phrase(self) -> str:
        rng = self._rng
        length = rng.choice((2, 2, 2, 3))
        if rng.random() < 0.5:
            return " ".join(self._word() for _ in range(length))
        sentence = rng.choice(self._pool)
        for _ in sentence:
            start = rng.randrange(len(sentence) - length)
            if not STOPWORDS.issuperset(sentence[start : start + length]):
                break
        else:
            return self._word()
        return " ".join(sentence[start : start + length])

    def _story(self, number: int) -> StoryPage:
        rng = self._rng
        sentences: list[str] = []
        size = 0
        while size < _LENGTH:
            words = rng.choice(self._pool) if rng.random() < 0.1 else self._drawn(_SENTENCE)
            sentence = " ".join([words[0].capitalize(), *words[1:]]) + "."
            sentences.append(sentence)
            size += len(sentence) + 1
        headline = " ".join(self._drawn(8)).capitalize()
        isins = rng.sample(_ISINS, rng.choice((0, 0, 0, 1, 2, 3)))
        mentions = tuple(
            Mention(isin, f"{self._word().capitalize()} AG", 1.0, 1.0, True, ()) for isin in isins
        )
        language = "en" if rng.random() < 0.25 else "de"
        return page(number, rng.choice(_PROVIDERS), language, headline, " ".join(sentences), mentions)

    def _invented(self) -> str:
        stem = "".join(self._rng.choices(phrases.SYLLABLES, k=self._rng.choice((1, 2, 2, 3, 3, 4, 5))))
        return stem + self._rng.choice(_ENDINGS)

    def _drawn(self, n: int) -> list[str]:
        return self._rng.choices(self._words, cum_weights=self._weights, k=n)

    def _word(self) -> str:
        return self._words[
            bisect(self._weights, self._rng.uniform(self._weights[_TELLING], self._weights[-1] - 1e-9))
        ]


def page(
    number: int, provider: str, language: str, headline: str, text: str, mentions: tuple[Mention, ...] = ()
) -> StoryPage:
    """Return a story of nothing but words."""
    at = _START + number * timedelta(seconds=20)
    version = Version(
        story=number, lineage=number, number=1, key=number, wire="bench", provider=provider, slug="slug", action=NEW,
        status="usable", at=at, filed_at=at, first_created=at, embargoed=None, urgency=5, language=language, series=None,
        headline=headline, dateline=None, byline=None, teaser=None, body_html="", body_text=text, credit=None,
        copyright=None, usage_terms=None, correction=None, genre=None, subjects=(), links=(), canonical_url=None,
    )  # fmt: skip
    return StoryPage(version, mentions, (), (), (), 0, sponsored=False)
