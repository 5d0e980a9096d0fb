"""The last pages of readers."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.audience.trail import Trails


def test_the_page_one_came_from_weighs_most() -> None:
    trails: Trails[str] = Trails()
    assert trails.step("anna", 1, 0) == []
    assert trails.step("anna", 2, 60) == [(1, 1.0)]
    assert trails.step("anna", 3, 120) == [(2, 1.0), (1, 0.5)]
    assert trails.step("anna", 4, 180) == [(3, 1.0), (2, 0.5), (1, 1 / 3)]
    assert trails.step("anna", 5, 240) == [(4, 1.0), (3, 0.5), (2, 1 / 3)]


def test_readers_do_not_mix() -> None:
    trails: Trails[str] = Trails()
    trails.step("anna", 1, 0)
    assert trails.step("bert", 2, 1) == []


def test_a_page_is_forgotten_after_half_an_hour() -> None:
    trails: Trails[str] = Trails()
    trails.step("anna", 1, 10)
    assert trails.pages("anna", 1_810) == [1]
    assert trails.pages("anna", 1_811) == []
    assert trails.step("anna", 2, 1_811) == []


def test_opening_the_same_page_again_leads_nowhere() -> None:
    trails: Trails[str] = Trails()
    trails.step("anna", 1, 0)
    trails.step("anna", 2, 60)
    assert trails.step("anna", 2, 120) == []
    assert trails.step("anna", 1, 180) == [(2, 1.0)]


def test_full_memory_learns_no_new_readers_but_keeps_those_it_has() -> None:
    trails: Trails[int] = Trails(capacity=100)
    for reader in range(1_000):
        trails.step(reader, 1, 0)
    assert len(trails) == 100
    assert trails.step(0, 2, 1) == [(1, 1.0)]
    assert trails.step(500, 2, 1) == []


@settings(max_examples=50)
@given(seed=st.integers(0, 10_000))
def test_windows_forget_exactly_what_is_too_old(seed: int) -> None:
    rng = random.Random(seed)
    trails: Trails[int] = Trails(memory=100)
    visited: dict[int, list[tuple[int, int]]] = {0: [], 1: []}
    now = 0
    for _ in range(60):
        now += rng.randrange(90)
        reader, story = rng.randrange(2), rng.randrange(4)
        known = [page for page in visited[reader] if now - page[1] <= 100]
        assert trails.pages(reader, now) == [page for page, _ in known]
        trails.step(reader, story, now)
        visited[reader] = [(story, now), *(page for page in known if page[0] != story)][:3]
