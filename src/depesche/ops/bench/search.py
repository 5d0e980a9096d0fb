"""How fast searches are answered: words, several words, phrases, from the index and the database behind it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import archive, generate
from depesche.ops.bench.inputs.generate import Story
from depesche.ops.bench.tools.trial import Bench, Figures, Meter, PlayedClock, Watch, newsroom, rounded, shown

_ISSUERS = 2_000
_QUERIES = 300
_WARM = 20
_TELLING = 8  # letters from which a word tells something: mostly compounds


def measure(n: int) -> Figures:
    """Index *n* stories and ask for words that stand in them, each kind of query in turn."""
    issuers = generate.register(_ISSUERS)
    # An archive whose newest story is old ranks otherwise.
    with newsroom(PlayedClock(generate.moment(n))) as room:
        archive.fill(room, n, issuers, mentioning=1 / 3)
        building = Meter()
        with building:
            indexed = room.index_follower.rebuild()
        room.index_follower.close()
        sample = list(generate.stories(min(n, 1_000), issuers))
        return {
            "stories": indexed,
            "index_cpu_ms_per_story": building.cpu_ms(indexed),
            **_asked(room, sample),
            "budget": {"stories": 1_000_000, "p95_wall_ms": 10},
        }


def _asked(room: Newsroom, sample: Sequence[Story]) -> dict[str, object]:
    rng = random.Random(generate.SEED)  # noqa: S311 - play, not secrets
    watches = {kind: Watch() for kind in _KINDS}
    found = dict.fromkeys(_KINDS, 0)
    for place in shown(range(_QUERIES + _WARM), "queries asked"):
        for kind, query in _KINDS.items():
            text = query(rng, rng.choice(sample))
            with watches[kind]:
                hits = room.searcher.search(text, with_facets=kind == _PAGE)
            found[kind] += hits.total
            if place < _WARM:
                watches[kind], found[kind] = Watch(), 0
    return {
        kind: {**watches[kind].figures(50, 95), "hits": rounded(found[kind] / _QUERIES)} for kind in _KINDS
    }


def _word(rng: random.Random, story: Story) -> str:
    words = _words(rng, story)
    return rng.choice([one for one in words if len(one) >= _TELLING] or words)


def _both(rng: random.Random, story: Story) -> str:
    return f"{_word(rng, story)} {_word(rng, story)}"


def _phrase(rng: random.Random, story: Story) -> str:
    words = _words(rng, story)
    place = rng.randrange(len(words) - 2)
    return f'"{" ".join(words[place : place + 2])}"'


def _words(rng: random.Random, story: Story) -> list[str]:
    sentence = rng.choice(rng.choice(story.paragraphs).split(". "))
    return [one.strip(".,;") for one in sentence.split()]


def _mixed(rng: random.Random, story: Story) -> str:
    """Return what readers rather type: a share's name, alone or with a word, a long word, seldom a phrase."""
    name = rng.choice(story.issuers).name if story.issuers else _rare(rng, story)
    kind = rng.random()
    if kind < 0.4:
        return name
    if kind < 0.6:
        return f"{name} {_word(rng, story)}"
    return _rare(rng, story) if kind < 0.9 else _phrase(rng, story)


def _rare(rng: random.Random, story: Story) -> str:
    return max(_words(rng, story), key=len)


_PAGE = "page"
_KINDS: dict[str, Callable[[random.Random, Story], str]] = {
    "word": _word, "and": _both, "phrase": _phrase, "mixed": _mixed, _PAGE: _mixed,
}  # fmt: skip

BENCH = Bench("search", "words, AND and phrases over generated stories", measure, 20_000)
