"""Which stories stand beside a story: what its readers read next, and where little is known what else fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from depesche.audience.alsoread import AlsoRead as Reads
from depesche.model.audience import CHAIN, NEWEST, POPULAR, READ, SHARE
from depesche.model.story import AlsoRead
from depesche.store.stories.newsstand import Beside, Candidate, Newsstand

_CANDIDATES = 4  # scored stories looked at for each that is wanted


def companions(
    stand: Newsstand, reads: Reads, story: int, n: int, now: float, *, with_sponsored: bool = False
) -> list[AlsoRead]:
    """Return up to *n* stories to offer beside *story* as of *now*, the best first; none where it is not public."""
    scored = [one for one, _ in reads.list(story, n * _CANDIDATES, now)]
    read = [one for one in scored if reads.together(story, one, now) > 0]
    around = stand.beside(story, scored, n if len(read) < n else 0)
    if around is None:
        return []
    choice = _Choice(around, n, with_sponsored=with_sponsored)
    choice.take(_in_order(around.asked, read), READ)
    if choice.is_full:
        return choice.chosen
    if len(read) >= n:  # too few of them fit
        around = stand.beside(story, scored, n) or around
    if after := list(_after(reads, around.siblings, n, now)):
        asked = stand.beside(story, after)
        choice.take(_in_order(asked.asked if asked else (), after), CHAIN)
    choice.take(_in_order(around.asked, [one for one in scored if one not in read]), POPULAR)
    choice.take(around.share, SHARE)
    choice.take(around.newest, NEWEST)
    return choice.chosen


class _Choice:
    """Takes candidates as long as there is room: of one lineage, and under one headline, there is one.

    They are of the story's language unless really read after it, and not sponsored unless asked for.
    """

    def __init__(self, around: Beside, n: int, *, with_sponsored: bool) -> None:
        self.chosen: list[AlsoRead] = []
        self._language = around.language
        self._room = n
        self._with_sponsored = with_sponsored
        self._lineages: set[int] = set()
        self._headlines = {around.headline_key}

    @property
    def is_full(self) -> bool:
        return len(self.chosen) >= self._room

    def take(self, candidates: Iterable[Candidate], kind: str) -> None:
        for one in candidates:
            if self.is_full:
                return
            if one.lineage in self._lineages or one.headline_key in self._headlines:
                continue
            if (kind == READ or one.language == self._language) and (
                self._with_sponsored or not one.sponsored
            ):
                self.chosen.append(one.line(kind))
                self._lineages.add(one.lineage)
                self._headlines.add(one.headline_key)


def _after(reads: Reads, siblings: Iterable[int], n: int, now: float) -> Iterator[int]:
    """Yield what readers of the other stories of a lineage really went on to."""
    for sibling in siblings:
        for one, _ in reads.list(sibling, n, now):
            if reads.together(sibling, one, now) > 0:
                yield one


def _in_order(found: Iterable[Candidate], keys: Sequence[int]) -> Iterator[Candidate]:
    by_key = {one.story: one for one in found}
    return (by_key[key] for key in keys if key in by_key)
