"""Also-read lists against a brute-force recomputation, and what they do at the edges."""

from __future__ import annotations

import random
from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.audience.alsoread import AlsoRead, gather, reads

DAY = 86_400
START = 20_000 * DAY


def _brute_force(
    history: list[tuple[int, list[tuple[int, float]], float]], page: int, n: int, now: float
) -> list[tuple[int, float]]:
    """Add up every read of *history* as of *now*, by the definition and with nothing remembered."""
    together: dict[int, float] = {}
    recent: dict[int, float] = {}
    for story, before, at in history:
        recent[story] = recent.get(story, 0.0) + 0.5 ** ((now - at) / 1_800)
        for other, weight in before:
            faded = weight * 0.5 ** ((now - at) / 7_200)
            if other == page:
                together[story] = together.get(story, 0.0) + faded
            if story == page:
                together[other] = together.get(other, 0.0) + 0.2 * faded
    clicks = sum(recent.values())
    scores = {
        story: together.get(story, 0.0) + 10 * recent.get(story, 0.0) / clicks
        for story in {*together, *recent}
    }
    scores.pop(page, None)
    return sorted(scores.items(), key=lambda item: (-item[1], -item[0]))[:n]


def _history(
    seed: int, clicks: int, stories: int, seconds: float
) -> list[tuple[int, list[tuple[int, float]], float]]:
    rng = random.Random(seed)
    times = sorted(START + rng.random() * seconds for _ in range(clicks))
    history = []
    for at in times:
        story = 1 + int(rng.random() ** 2 * stories)
        pages = {1 + int(rng.random() ** 2 * stories) for _ in range(rng.randrange(3))} - {story}
        history.append((story, [(page, 1 / place) for place, page in enumerate(pages, 1)], at))
    return history


def _agrees(found: list[tuple[int, float]], expected: list[tuple[int, float]]) -> None:
    """Compare scores place by place and story by story; a story left out counts as 0."""
    for (_, score), (_, wanted) in zip_longest(found, expected, fillvalue=(0, 0.0)):
        assert score == pytest.approx(wanted, abs=1e-9, rel=1e-9)
    by_story = dict(found)
    for story, wanted in expected[:-1]:
        if story in by_story:
            assert by_story[story] == pytest.approx(wanted, abs=1e-9, rel=1e-9)
        else:
            assert wanted == pytest.approx(expected[-1][1], abs=1e-9), "only equals may stand for one another"


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    clicks=st.integers(1, 200),
    stories=st.sampled_from([3, 20, 300]),
    days=st.sampled_from([0.02, 0.7, 2.5]),
    n=st.integers(1, 25),
)
def test_lists_are_the_brute_force_lists(seed, clicks, stories, days, n) -> None:
    history = _history(seed, clicks, stories, days * DAY)
    also_read = AlsoRead()
    for story, before, at in history:
        also_read.learn(reads(story, before, at), at)
    now = START + days * DAY + 60
    for page in range(1, min(stories, 8)):
        _agrees(also_read.list(page, n, now), _brute_force(history, page, n, now))


def test_lists_over_more_stories_than_the_top_holds_are_exact() -> None:
    history = _history(7, 6_000, 900, 1.5 * DAY)
    also_read = AlsoRead()
    for story, before, at in history:
        also_read.learn(reads(story, before, at), at)
    now = START + 1.5 * DAY
    for page in (1, 2, 3, 50, 899, 5_000):
        for n in (1, 20, 200):
            _agrees(also_read.list(page, n, now), _brute_force(history, page, n, now))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 100_000), cut=st.integers(0, 150))
def test_rows_may_come_in_any_batches_and_any_order(seed, cut) -> None:
    history = _history(seed, 150, 30, 1.8 * DAY)
    stored: dict[tuple[int, int, int], float] = {}
    for story, before, at in history[cut:] + history[:cut]:
        for row, weight in reads(story, before, at).items():
            stored[row] = stored.get(row, 0.0) + weight
    now = START + 1.8 * DAY
    also_read = AlsoRead()
    also_read.learn(stored, now)
    for page in range(1, 6):
        _agrees(also_read.list(page, 10, now), _brute_force(history, page, 10, now))


def test_what_is_read_next_comes_first_and_the_page_itself_never() -> None:
    also_read = AlsoRead()
    for n in range(5):
        also_read.learn(reads(2, [(1, 1.0)], START + n), START + n)
    also_read.learn(reads(3, [(1, 1.0)], START + 9), START + 9)
    also_read.learn(reads(4, [], START + 9), START + 9)
    assert [story for story, _ in also_read.list(1, 20, START + 10)] == [2, 3, 4]
    assert also_read.together(1, 2, START + 10) == pytest.approx(5, rel=0.01)
    assert also_read.together(2, 1, START + 10) == pytest.approx(1, rel=0.01)
    assert also_read.together(1, 4, START + 10) == 0
    assert also_read.together(9, 1, START + 10) == 0


def test_a_co_read_of_now_outweighs_two_of_five_hours_ago() -> None:
    also_read = AlsoRead()
    at = START + 40_000
    for _ in range(2):
        also_read.learn(reads(2, [(1, 1.0)], at), at)
    at += 5 * 3_600
    also_read.learn(reads(3, [(1, 1.0)], at), at)
    assert [story for story, _ in also_read.list(1, 2, at)] == [3, 2]


def test_excluded_stories_make_room_for_the_next() -> None:
    also_read = AlsoRead()
    for story in range(2, 40):
        also_read.learn(reads(story, [(1, 1.0)], START + story), START + story)
    listed = [story for story, _ in also_read.list(1, 5, START + 60, lambda story: story % 2 == 1)]
    assert listed == [38, 36, 34, 32, 30]
    everybody_out = also_read.list(1, 5, START + 60, lambda story: True)
    assert everybody_out == []


def test_an_unread_portal_has_empty_lists() -> None:
    assert AlsoRead().list(1, 5, START) == []


def test_the_first_reader_of_all_already_makes_a_list() -> None:
    also_read = AlsoRead()
    also_read.learn(reads(2, [(1, 1.0)], START), START)
    assert [story for story, _ in also_read.list(1, 5, START)] == [2]
    assert [story for story, _ in also_read.list(7, 5, START)] == [2], (
        "what is popular, where nothing else is known"
    )


def test_faded_rows_leave_the_memory() -> None:
    also_read = AlsoRead()
    for story in range(2, 500):
        also_read.learn(reads(story, [(1, 1.0)], START), START)
    assert len(also_read) > 400
    later = START + 5 * DAY
    also_read.learn(reads(1_000, [(999, 1.0)], later), later)
    assert len(also_read) == 2
    assert also_read.list(999, 1, later)[0][0] == 1_000


def test_rows_of_wrong_clocks_are_left_out_and_a_clock_set_right_starts_anew() -> None:
    also_read = AlsoRead()
    also_read.learn(reads(2, [(1, 1.0)], START + 300 * DAY), START)
    assert also_read.list(1, 5, START) == []
    ahead = START + 300 * DAY
    also_read.learn(reads(3, [(1, 1.0)], ahead), ahead)
    assert [story for story, _ in also_read.list(1, 5, ahead)] == [3]
    also_read.learn(reads(4, [(1, 1.0)], START), START)
    assert [story for story, _ in also_read.list(1, 5, START)] == [4]


def test_a_clock_back_over_midnight_loses_nothing() -> None:
    also_read = AlsoRead()
    also_read.learn(reads(2, [(1, 1.0)], START + 1), START + 1)
    also_read.learn(reads(3, [(1, 1.0)], START - 1), START - 1)
    assert {story for story, _ in also_read.list(1, 5, START - 1)} == {2, 3}


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.lists(st.tuples(st.integers(5, 8), st.sampled_from([1.0, 0.5])), max_size=3, unique_by=lambda page: page[0]),
            st.floats(-2 * DAY, 2 * DAY).map(lambda gap: START + gap),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_many_clicks_add_up_to_the_rows_of_each(clicks) -> None:
    weights: dict[tuple[int, int, int], float] = {}
    steps: dict[tuple[int, int, int], int] = {}
    gather(clicks[:10], weights, steps)
    gather(clicks[10:], weights, steps)
    expected: dict[tuple[int, int, int], float] = {}
    for story, before, at in clicks:
        for row, weight in reads(story, before, at).items():
            expected[row] = expected.get(row, 0.0) + weight
    assert weights == pytest.approx(expected, rel=1e-12)
    assert sum(steps.values()) == sum(len(before) for _, before, _ in clicks)
    assert {(page, story) for _, page, story in steps} == {
        (page, story) for story, before, _ in clicks for page, _ in before
    }


def test_reading_without_end_fills_no_memory_and_keeps_what_weighs_most() -> None:
    also_read = AlsoRead(pairs=1_000)
    for n in range(50):
        also_read.learn(reads(2, [(1, 1.0)], START + n), START + n)
    for n in range(20_000):
        also_read.learn(reads(n, [(100_000 + n, 1.0)], START + 60 + n / 100), START + 60 + n / 100)
    assert sum(len(row.weights) for row in also_read._rows.values()) <= 1_000
    assert len(also_read) <= 1_000
    assert also_read.together(1, 2, START + 300) == pytest.approx(
        sum(0.5 ** ((300 - n) / 7_200) for n in range(50))
    )
    assert also_read.list(119_999, 1, START + 300)[0][0] == 19_999, "the newest are not forgotten"
