"""Replays whose outcome can be worked out by hand, and one of generated readers."""

from __future__ import annotations

import io
from itertools import islice

import pytest

from depesche.audience.clicks import read_csv
from depesche.audience.generate import clicks
from depesche.audience.replay import replay

MINUTE = 60_000
KEYS = {"HR@1", "HR@5", "HR@10", "HR@20", "MRR@20", "NDCG@10", "update_us", "list_us"}


def test_each_click_is_predicted_before_it_is_learned() -> None:
    figures = replay([(0, "anna", 1), (MINUTE, "anna", 2), (2 * MINUTE, "bert", 1), (3 * MINUTE, "bert", 2)])
    assert figures["clicks"] == 4
    assert figures["predictions"] == 2
    assert figures["HR@20"] == figures["HR@1"] == figures["MRR@20"] == figures["NDCG@10"] == 0.5


def test_the_baseline_ranks_by_clicks_of_a_quarter_of_an_hour() -> None:
    rows = [(n, f"r{n}", 9) for n in range(3)] + [(n, f"r{n}", 8) for n in range(3, 5)]
    rows += [(MINUTE, "anna", 7), (2 * MINUTE, "anna", 8)]
    baseline = replay(rows)["baseline"]
    assert baseline["HR@1"] == 0
    assert baseline["HR@5"] == 1
    assert baseline["MRR@20"] == pytest.approx(1 / 2)
    assert baseline["NDCG@10"] == pytest.approx(0.63093, abs=1e-5)
    rows[-2:] = [(16 * MINUTE, "anna", 7), (17 * MINUTE, "anna", 8)]
    assert replay(rows)["baseline"]["HR@20"] == 0


def test_staying_on_a_page_or_coming_back_later_is_not_predicted() -> None:
    figures = replay([(0, "anna", 1), (1, "anna", 1), (31 * MINUTE, "anna", 2)])
    assert figures["predictions"] == 0
    assert figures["HR@20"] == 0


def test_an_empty_log_has_figures_too() -> None:
    figures = replay([])
    assert figures.keys() >= KEYS
    assert figures["baseline"].keys() == KEYS


def test_generated_readers_are_predicted_better_than_by_popularity() -> None:
    figures = replay(clicks(3, 1, 12_000))
    assert figures["HR@20"] > 1.08 * figures["baseline"]["HR@20"]
    assert figures["MRR@20"] > 1.04 * figures["baseline"]["MRR@20"]
    assert figures["HR@1"] <= figures["HR@5"] <= figures["HR@10"] <= figures["HR@20"]


def test_generated_clicks_are_the_same_each_time_and_in_order() -> None:
    first, again, other = (list(islice(clicks(seed, 1, 6_000), 1_000)) for seed in (5, 5, 6))
    assert first == again
    assert first != other
    assert [at for at, _, _ in first] == sorted(at for at, _, _ in first)
    assert len({reader for _, reader, _ in first}) < 600, "readers go on to further stories"


def test_reading_csv_takes_columns_in_any_order() -> None:
    assert list(read_csv(io.StringIO("story,time_ms,reader\n7,1000,anna\n"))) == [(1000, "anna", 7)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time_ms,story\n1,2\n", "does not name reader"),
        ("", "does not name reader, story, time_ms"),
        ("time_ms,reader,story\n1,a,2\nx,a,2\n", "line 3"),
        ("time_ms,reader,story\n1,a,\n", "line 2"),
        ("time_ms,reader,story\n1,a\n", "line 2"),
    ],
)
def test_a_bad_log_is_refused_with_the_line(text, said) -> None:
    with pytest.raises(ValueError, match=said):
        list(read_csv(io.StringIO(text)))
