"""How good links are, and what it costs to link a story against a large register, in time and memory."""

from __future__ import annotations

from collections.abc import Sequence

from depesche.instruments.lexicon.fold import Folded
from depesche.instruments.linking.linker import Linker
from depesche.instruments.register import default_instruments
from depesche.model.instrument import Instrument
from depesche.model.take import Take
from depesche.ops.bench import gold
from depesche.ops.bench.inputs import generate
from depesche.ops.bench.tools.trial import Bench, Figures, Meter, Watch, ratio, resident_mb, rounded, shown

_STORIES = 1_000
_WARM = 20


def measure(n: int) -> Figures:
    """Link the gold stories, and a thousand stories against the register of the first start and *n* names of *n* / 2 shares."""
    empty = resident_mb()
    issuers = generate.register(max(n // 2, 1))
    held = resident_mb()
    building = Meter()
    with building:
        linker = Linker(issuers)
    full = resident_mb()
    takes = [generate.take(one) for one in generate.stories(_STORIES + _WARM, issuers, mentioning=1.0)]
    figures = _linked(linker, takes, "stories linked")
    scanned = Meter()
    folded = [Folded(take.body_text) for take in takes]
    with scanned:
        for one in folded:
            linker.scan(one)
    size = sum(len(one.text.encode()) for one in folded)
    known = list(default_instruments())
    default = Linker(known)
    return {
        "quality": gold.measure(default, known),
        "names": sum(len(one.names) for one in issuers),
        "instruments": len(issuers),
        "stories": _STORIES,
        "story_characters": sum(len(one.body_text) for one in takes) // len(takes),
        **figures,
        "scan_mb_per_cpu_s": ratio(size / 1e6, scanned.cpu),
        "build_cpu_s": rounded(building.cpu),
        "linker_mb": rounded(full - held),
        "register_mb": rounded(held - empty),
        "default_register": _default(default, known),
        "budget": {
            "cpu_ms": 1.0,
            "scan_mb_per_cpu_s": 20,
            "linker_mb": 150,
            "right_issuer": 0.98,
            "aboutness": 0.9,
        },
    }


def _linked(linker: Linker, takes: Sequence[Take], title: str) -> dict[str, object]:
    linked, watch, mentions, published = Meter(), Watch(), 0, 0
    for place, take in enumerate(shown(takes, title)):
        if place == _WARM:
            linked, watch, mentions, published = Meter(), Watch(), 0, 0
        with linked, watch:
            found = linker.link(take)
        mentions += len(found)
        published += sum(one.published for one in found)
    return {
        "cpu_ms": linked.cpu_ms(len(takes) - _WARM),
        **watch.figures(50, 95),
        "mentions_per_story": rounded(mentions / (len(takes) - _WARM)),
        "published_per_story": rounded(published / (len(takes) - _WARM)),
    }


def _default(linker: Linker, known: Sequence[Instrument]) -> Figures:
    """Link stories of about 3,000 characters about real shares; their sentences are invented like the others'."""
    takes = [generate.take(one) for one in generate.stories(_STORIES + _WARM, known, mentioning=1.0)]
    return {"instruments": len(known), **_linked(linker, takes, "against the register of the first start")}


BENCH = Bench("link", "how good links are, and a story linked against many names", measure, 200_000)
