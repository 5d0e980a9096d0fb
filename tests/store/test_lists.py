"""Lists of the newsstand: whatever the length of a page, turning pages shows every story once, the newest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from depesche.instruments.linking.linker import Linker
from depesche.model.story import Card
from depesche.ops.bench.inputs import generate
from depesche.store.database import Database
from depesche.store.stories.newsstand import Newsstand, Place, place_of
from depesche.stories.desk import Desk
from depesche.stories.incoming import Receipt

WEEK = timedelta(days=7)
List = Callable[[Newsstand, int, Place | None], list[Card]]

LISTS: dict[str, List] = {
    "home": lambda stand, limit, before: stand.home(limit, before),
    "instrument": lambda stand, limit, before: stand.of_instrument(1, limit, before),
    "provider": lambda stand, limit, before: stand.of_provider(generate.PROVIDER, limit, before),
    "span": lambda stand, limit, before: stand.of_span(
        generate.START - WEEK, generate.START + WEEK, limit, before
    ),
}


@pytest.fixture
def filed(database: Database) -> dict[int, float]:
    """File a dozen stories about one share, some at the same moment; returns the time of each."""
    issuers = generate.register(1)
    linker, desk, at = Linker(issuers), Desk(), {}
    with database.transaction() as tx:
        tx.instruments.put(issuers)
        for story in generate.stories(12, issuers, mentioning=1.0):
            moment = generate.START + timedelta(hours=story.number * 5 % 7)
            take = generate.take(story)
            filing = desk.file(take, linker.link(take), Receipt("desk", moment), tx, moment)
            assert filing.story is not None
            at[filing.story] = min(story.at, moment).timestamp()
    return at


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_turning_pages_shows_every_story_once(
    database: Database, filed: dict[int, float], name: str, limit: int
) -> None:
    seen: list[int] = []
    before: Place | None = None
    with database.reading() as tx:
        while page := LISTS[name](tx.newsstand, limit, before):
            assert len(page) <= limit
            seen += [card.story for card in page]
            before = place_of(page[-1])
    assert seen == sorted(filed, key=lambda story: (-filed[story], -story))


def test_a_span_has_what_is_in_it_and_names_what_is_beside_it(
    database: Database, filed: dict[int, float]
) -> None:
    times = sorted(set(filed.values()))
    since, until = (datetime.fromtimestamp(times[place], UTC) for place in (1, -1))
    with database.reading() as tx:
        inside = [card.story for card in tx.newsstand.of_span(since, until)]
        assert set(inside) == {story for story, at in filed.items() if times[1] <= at < times[-1]}
        assert tx.archive.count(since, until) == len(inside)
        before, after = tx.archive.beside(since, until)
        assert (before, after) == tuple(datetime.fromtimestamp(times[place], UTC) for place in (0, -1))
        assert tx.archive.beside(until - WEEK * 9, until + WEEK) == (None, None)


def test_topics_of_stories_come_by_how_many_are_about_them(
    database: Database, filed: dict[int, float]
) -> None:
    first, second = sorted(filed)[:2]
    with database.transaction() as tx:
        for story, codes in ((first, ["20000303"]), (second, ["20000303", "04000000"])):
            version = tx.newsstand.version(story)
            assert version is not None
            tx.topics.file(version.key, version.at, codes)
        assert tx.topics.of([first, second]) == ["20000303", "04000000"]
        assert tx.topics.of([first]) == ["20000303"]
        assert tx.topics.of([]) == []


def test_every_public_story_is_walked_by_key(database: Database, filed: dict[int, float]) -> None:
    with database.reading() as tx:
        first = tx.newsstand.public_ids(limit=5)
        assert first == sorted(filed)[:5]
        assert tx.newsstand.public_ids(first[-1]) == sorted(filed)[5:]


@pytest.mark.parametrize("limit", [1, 4, 50])
def test_beside_a_story_stand_the_newest_about_its_shares(database: Database, limit: int) -> None:
    issuers = generate.register(4)
    linker, desk = Linker(issuers), Desk()
    about: dict[int, set[str]] = {}
    with database.transaction() as tx:
        tx.instruments.put(issuers)
        for story in generate.stories(15, issuers, mentioning=1.0):
            mentions = linker.link(generate.take(story))
            filing = desk.file(generate.take(story), mentions, Receipt("desk", story.at), tx, story.at)
            assert filing.story is not None
            about[filing.story] = {one.isin for one in mentions if one.published}
    with database.reading() as tx:
        for key, isins in about.items():
            others = [one for one in sorted(about, reverse=True) if one != key and about[one] & isins]
            around = tx.newsstand.beside(key, limit=limit)
            assert around is not None
            assert [one.story for one in around.share] == others[:limit]
