"""What it costs to link a story against a large register, in time and memory."""

from __future__ import annotations

from depesche.instruments.linker import Linker
from depesche.ops.bench import generate
from depesche.ops.bench.trial import Bench, Figures, Meter, Watch, resident_mb, rounded, shown

_STORIES = 1_000
_WARM = 20


def measure(n: int) -> Figures:
    """Link a thousand stories against *n* names, two for each of *n* / 2 shares."""
    empty = resident_mb()
    issuers = generate.register(max(n // 2, 1))
    held = resident_mb()
    building = Meter()
    with building:
        linker = Linker(issuers)
    full = resident_mb()
    takes = [generate.take(one) for one in generate.stories(_STORIES + _WARM, issuers, mentioning=1.0)]
    linked, watch, mentions, published = Meter(), Watch(), 0, 0
    for place, take in enumerate(shown(takes, "stories linked")):
        if place == _WARM:
            linked, watch, mentions, published = Meter(), Watch(), 0, 0
        with linked, watch:
            found = linker.link(take)
        mentions += len(found)
        published += sum(one.published for one in found)
    return {
        "names": sum(len(one.names) for one in issuers),
        "instruments": len(issuers),
        "stories": _STORIES,
        "story_characters": sum(len(one.body_text) for one in takes) // len(takes),
        "cpu_ms": linked.cpu_ms(_STORIES),
        **watch.figures(50, 95),
        "mentions_per_story": rounded(mentions / _STORIES),
        "published_per_story": rounded(published / _STORIES),
        "build_cpu_s": rounded(building.cpu),
        "linker_mb": rounded(full - held),
        "register_mb": rounded(held - empty),
        "budget": {"cpu_ms": 1.0},
    }


BENCH = Bench("link", "a story linked against many names", measure, 200_000)
