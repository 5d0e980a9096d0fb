"""The setting of a story: whether its words are those of business or of everyday life."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from depesche.instruments.lexicon import vocabulary, words
from depesche.instruments.lexicon.fold import Folded
from depesche.instruments.surroundings import bynames
from depesche.instruments.surroundings.lands import lands

_WORD = re.compile(r"[^\W_]+")
_MANY = 3
_SOME = 3
_SPORTY = 4
_CIVIC = 2


def _is_named(text: str, end: int) -> bool:
    """Tell whether a name follows at *end*: `der Möbelhändler Kunze` is nobody else."""
    return text[end : end + 1] == " " and text[end + 1 : end + 2].isupper()


class Setting:
    """The words of a whole story, and what they tell of its world."""

    def __init__(self, fields: Iterable[Folded], language: str | None) -> None:
        self._fields = tuple(fields)
        self._language = (language or "")[:2].lower()

    @cached_property
    def words(self) -> Counter[str]:
        """How often each word stands in the story."""
        counted: Counter[str] = Counter()
        for field in self._fields:
            counted.update(_WORD.findall(field.text))
        return counted

    @cached_property
    def is_english(self) -> bool:
        """Whether it is in English, as said or by its commonest words."""
        if self._language:
            return self._language == "en"
        return sum(map(self.words.__getitem__, ("the", "and", "of", "to"))) > sum(
            map(self.words.__getitem__, ("der", "die", "und", "das"))
        )

    @cached_property
    def terms(self) -> frozenset[str]:
        """The words of finance it uses."""
        return words.FINANCE & self.words.keys()

    @cached_property
    def finance(self) -> int:
        """How many different words of finance it uses."""
        return len(self.terms)

    @cached_property
    def business(self) -> int:
        """How many different words of business it uses, finance left out."""
        return len((vocabulary.BUSINESS & self.words.keys()) - words.FINANCE)

    @cached_property
    def everyday(self) -> int:
        """How many different words of everyday life, culture, sport and nature it uses."""
        return len(vocabulary.EVERYDAY & self.words.keys())

    @cached_property
    def is_sport(self) -> bool:
        """Whether it is about sport and not the business of sport, so that companies stand for teams, yachts and arenas."""
        return self.sport >= _SPORTY > 2 * self.finance

    @cached_property
    def sport(self) -> int:
        """How many different words of sport it uses."""
        return len(vocabulary.SPORT & self.words.keys())

    @cached_property
    def has_epithet(self) -> bool:
        """Whether it calls somebody "the carrier", "der Autobauer" and the like, without saying at once whom."""
        said = bynames.may_be(self.words)
        return any(
            not _is_named(field.original, field.span(end - 1, end)[1])
            for field in self._fields
            for end in bynames.ends(field.text, said)
        )

    @cached_property
    def is_civic(self) -> bool:
        """Whether it is about a town, which builds, plans and spends like a company."""
        return self.civic >= _CIVIC and not self.has_epithet

    @cached_property
    def civic(self) -> int:
        """How many different words of towns it uses."""
        return len(vocabulary.CIVIC & self.words.keys())

    @cached_property
    def lands(self) -> Counter[str]:
        """How often it speaks of each country, by two letters."""
        return lands(self.words, [field.original for field in self._fields])

    @cached_property
    def is_advice(self) -> bool:
        """Whether it is a programme guide or help with a device, where makers and channels are named for their wares."""
        return len(vocabulary.ADVICE & self.words.keys()) >= _SOME

    @property
    def is_business(self) -> bool:
        """Whether it speaks of business at all."""
        needed = _SOME if self.everyday > 1 or self.civic or self.sport > 1 else _SOME - 1
        return 2 * self.finance + self.business + self.has_epithet >= needed

    @property
    def strangeness(self) -> int:
        """By how many words everyday life outweighs business; 0 unless it does so clearly."""
        if self.everyday < _MANY or self.everyday <= 2 * self.finance + self.business:
            return 0
        return self.everyday - 2 * self.finance - self.business
