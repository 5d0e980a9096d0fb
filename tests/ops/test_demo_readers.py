"""The simulated readers read as readers do, and always the same."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from depesche.model.story import Card, ShareRef
from depesche.ops.demo.readers import Click, Crowd
from fakes import NOON, FakeClock

ELK, LVH = ShareRef("ZZ000ELB9017", "Elbkai"), ShareRef("ZZ000LVH4508", "Luvhaven")


def card(key: int, *shares: ShareRef, language: str = "de", hours: float = 1) -> Card:
    at = NOON - timedelta(hours=hours)
    return Card(
        story=key, lineage=key, slug=f"s-{key}", wire="nwd", provider="nwd", at=at, headline=f"Meldung {key}", series=None, teaser=None,
        language=language, urgency=5, action="new", versions=1, views=0, sponsored=False, shares=shares,
    )  # fmt: skip


CARDS = [card(1, ELK), card(2, ELK), card(3, LVH), card(4, language="en"), card(5, hours=40)]


def clicks(cards: list[Card], seed: int = 1, seconds: int = 1200) -> list[Click]:
    clock, crowd, made = FakeClock(), Crowd(seed, arrivals=2.0, pause=10), []
    for _ in range(seconds):
        made += crowd.clicks(clock.now(), cards)
        clock.move(seconds=1)
    return made


def test_the_same_seed_reads_the_same() -> None:
    assert clicks(CARDS, 4, 200) == clicks(CARDS, 4, 200)
    assert clicks(CARDS, 4, 200) != clicks(CARDS, 5, 200)


def test_nobody_reads_where_nothing_is() -> None:
    assert clicks([]) == []


def test_one_story_alone_can_be_read() -> None:
    assert {story for story, _ in clicks([card(7)], seconds=100)} <= {7, 1007}


def test_addresses_are_nobody_s() -> None:
    assert all(visit.address.startswith("2001:db8:") for _, visit in clicks(CARDS, seconds=200))


def test_fresh_stories_draw_more_than_old_ones() -> None:
    read = Counter(story for story, _ in clicks([card(31), card(62, hours=40), card(93), card(124)]))
    assert read[31] > 3 * read[62]


def test_readers_stay_with_a_share() -> None:
    trails: dict[str, list[int]] = {}
    for story, visit in clicks(CARDS):
        trails.setdefault(visit.address, []).append(story)
    steps = Counter(pair for trail in trails.values() for pair in pairwise(trail) if pair[0] != pair[1])
    assert steps[1, 2] > steps[1, 3]
    assert steps[2, 1] > steps[2, 3]


def test_there_are_robots_and_prefetches_among_them() -> None:
    made = clicks(CARDS)
    assert any("bot" in visit.agent or "curl" in visit.agent for _, visit in made)
    assert any(visit.purpose == "prefetch" for _, visit in made)
    assert any(story > 1000 for story, _ in made)
