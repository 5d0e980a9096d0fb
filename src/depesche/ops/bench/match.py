"""What it costs to tell which of many saved searches a story meets, in time and memory, and whether the answer is right."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import tantivy

from depesche.lib import memory
from depesche.ops.bench.inputs.wishes import Wishes
from depesche.ops.bench.tools.brute import PlainSearch, PlainStory
from depesche.ops.bench.tools.trial import (
    Bench,
    Figures,
    Meter,
    Watch,
    percentile,
    ratio,
    resident_mb,
    rounded,
    shown,
)
from depesche.search.document import document
from depesche.search.percolator.percolate import Percolator

_STORIES = 500
_WARM = 20
_PLAIN_SEARCHES = 2_000
_PLAIN_STORIES = 50
_CHANGES = 200
_PAUSE = 0.05  # seconds between stories while searches are loaded


def measure(n: int) -> Figures:
    """Load *n* searches, match stories meanwhile and afterwards, and compare with one search after another."""
    wishes = Wishes()
    asked = list(wishes.searches(n))
    pages = list(wishes.stories(_STORIES + _WARM))
    making = Meter()
    with making:
        stories = [document(page, lambda _: None) for page in pages]
    percolator = Percolator()
    memory.give_back()
    empty = resident_mb()
    loading = _loaded(percolator, asked, stories)
    full = resident_mb()
    matched = _matched(percolator, stories)
    return {
        "distinct": len(set(asked)),
        "stories": _STORIES,
        "story_characters": sum(len(page.version.body_text) for page in pages) // len(pages),
        "document_cpu_ms": making.cpu_ms(len(stories)),
        **matched,
        "resident_mb": rounded(full - empty),
        **loading,
        **_plain(percolator, asked, stories[-_PLAIN_STORIES:], float(str(matched["mean_cpu_ms"]))),
        "change_cpu_ms": _changed(percolator, n),
        "budget": {"searches": 1_000_000, "p50_cpu_ms": 1.0, "p95_cpu_ms": 3.0, "resident_mb": 100},
    }


def _loaded(percolator: Percolator, asked: Sequence[str], stories: Sequence[tantivy.Document]) -> Figures:
    """Load *asked* in one thread while stories are matched in another."""
    cpu = 0.0
    waits: list[float] = []

    def load() -> None:
        nonlocal cpu
        before = time.thread_time()
        percolator.load(enumerate(asked))
        cpu = time.thread_time() - before

    loader = threading.Thread(target=load)
    before = time.perf_counter()
    loader.start()
    while loader.is_alive():
        begun = time.perf_counter()
        percolator.match(stories[len(waits) % len(stories)])
        waits.append((time.perf_counter() - begun) * 1e3)
        loader.join(_PAUSE)
    return {
        "load_cpu_s": rounded(cpu),
        "load_wall_s": rounded(time.perf_counter() - before),
        "load_cpu_us_per_search": rounded(cpu / len(asked) * 1e6),
        "while_loading": {
            "matches": len(waits),
            "p50_wall_ms": percentile(waits, 50),
            "p95_wall_ms": percentile(waits, 95),
            "max_wall_ms": rounded(max(waits)),
        },
    }


def _matched(percolator: Percolator, stories: Sequence[tantivy.Document]) -> dict[str, object]:
    watch, whole, hits = Watch(), Meter(), 0
    for place, story in enumerate(shown(stories, "stories matched")):
        if place == _WARM:
            watch, whole, hits = Watch(), Meter(), 0
        with whole, watch:
            found = percolator.match(story)
        hits += len(found)
    n = len(stories) - _WARM
    return {"mean_cpu_ms": whole.cpu_ms(n), **watch.figures(50, 95), "hits_per_story": rounded(hits / n)}


def _plain(
    percolator: Percolator, asked: Sequence[str], stories: Sequence[tantivy.Document], ours: float
) -> Figures:
    """Answer some of *asked* one after another, and count the answers that differ."""
    searches = [PlainSearch(one) for one in asked[:_PLAIN_SEARCHES]]
    difference, spent = 0, Meter()
    for story in stories:
        with spent:
            looked_into = PlainStory(story)
            fits = {key for key, search in enumerate(searches) if search.fits(looked_into)}
        difference += len(fits ^ {int(key) for key in percolator.match(story) if key < len(searches)})
    each = spent.cpu / len(stories) / len(searches)
    return {
        "plain_compared": len(stories) * len(searches),
        "plain_difference": difference,
        "plain_cpu_ms": rounded(each * len(asked) * 1e3),
        "times_cheaper": ratio(each * len(asked) * 1e3, ours),
    }


def _changed(percolator: Percolator, n: int) -> float:
    """Return the CPU milliseconds of one search added, and another removed."""
    changing = Meter()
    with changing:
        for place in range(_CHANGES):
            percolator.add(n + place, f"hafen neubau{place}")
            percolator.remove(place)
    return changing.cpu_ms(2 * _CHANGES)


BENCH = Bench("match", "a story against many saved searches", measure, 1_000_000)
