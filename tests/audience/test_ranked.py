"""The heaviest of many weights, kept while they grow."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.audience.ranked import TOP, Ranked


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_nothing_outside_the_top_is_heavier_than_its_floor(seed: int) -> None:
    rng = random.Random(seed)
    ranked = Ranked()
    for step in range(1_500):
        ranked.add(int(rng.random() ** 3 * 600), rng.random() * 1.002**step)
        if step in {700, 1_100}:
            ranked.scale(1 / 1.002**step, 1e-3)
    assert ranked.top is not None
    assert TOP <= len(ranked.top) <= 2 * TOP
    assert max(w for story, w in ranked.weights.items() if story not in ranked.top) <= ranked.floor
    assert min(ranked.weights[story] for story in ranked.top) >= ranked.floor


def test_scaling_forgets_what_has_become_too_light() -> None:
    ranked = Ranked()
    ranked.add(1, 8.0)
    ranked.add(2, 1.0)
    ranked.scale(0.25, 1.0)
    assert ranked.weights == {1: 2.0}
    assert ranked.total() == 2.0
