"""How fast items are read and edited, format by format, beside the bare parser and feedparser on the same bytes."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import msgspec
from lxml import etree

from depesche.model.errors import WireError
from depesche.model.take import Take
from depesche.ops.bench.inputs import generate, writers
from depesche.ops.bench.tools.trial import Bench, Figures, Meter, rate, ratio, shown
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse

_FEED_LENGTH = 25  # entries in a feed
_TURN = 100  # stories read by one before the next has its turn
_ISSUERS = 2_000

_LONG = frozenset({"newsml_g2_16kb"})  # whose stories are longer
_MORE = 11  # paragraphs by which they are

Bare = Callable[[bytes], object]
_BARE: Mapping[bytes, Bare] = {b"{": msgspec.json.decode, b"<": etree.fromstring}


def measure(n: int) -> Figures:
    """Read *n* stories in every format that the benches can write."""
    formats = wire_format.load()
    stories = list(generate.stories(n, generate.register(_ISSUERS)))
    figures: dict[str, Figures] = {}
    for name, (format_name, write) in writers.ITEMS.items():
        told = _lengthened(stories) if name in _LONG else stories
        raws = [write(one) for one in told]
        figures[name] = _trial(name, formats[format_name], raws, 1)
    for name, write_all in writers.FEEDS.items():
        raws = [
            write_all(stories[start : start + _FEED_LENGTH]) for start in range(0, len(stories), _FEED_LENGTH)
        ]
        figures[name] = _trial(name, formats["feed"], raws, _FEED_LENGTH)
    return {"formats": figures}


def _trial(name: str, plugin: wire_format.WireFormat, raws: Sequence[bytes], in_each: int) -> Figures:
    read, edit, floor, rival = Meter(), Meter(), Meter(), Meter()
    others = _feedparser() if plugin.name == "feed" and name != "json_feed" else None
    bare: Bare = _BARE.get(raws[0][:1], _decoded)
    turn = max(1, _TURN // in_each)
    stories = 0
    for start in shown(range(0, len(raws), turn), name):
        batch = raws[start : start + turn]
        with read:
            takes = [
                _good(one) for raw in batch for one in parse.takes(raw, {plugin.name: plugin}, plugin.name)
            ]
        with edit:
            for one in takes:
                copydesk.edit(one)
        with floor:
            for raw in batch:
                bare(raw)
        if others:
            with rival:
                for raw in batch:
                    others(raw)
        stories += len(takes)
    both = read.cpu + edit.cpu
    figures: dict[str, object] = {
        "stories": stories,
        "bytes_per_story": sum(map(len, raws)) // stories,
        "stories_per_cpu_s": rate(stories, both),
        "cpu_us": {"read": read.cpu_us(stories), "edit": edit.cpu_us(stories)},
        "bare_parser_cpu_us": floor.cpu_us(stories),
        "times_bare_parser": ratio(both, floor.cpu),
    }
    if others:
        figures["feedparser_cpu_us"] = rival.cpu_us(stories)
        figures["read_over_feedparser"] = ratio(read.cpu, rival.cpu)
        figures["feedparser_over_both"] = ratio(rival.cpu, both)
    return figures


def _lengthened(stories: Sequence[generate.Story]) -> list[generate.Story]:
    """Return *stories* with paragraphs of the next two behind their own."""
    after = [*stories, *stories, *stories]
    return [
        replace(
            one,
            paragraphs=one.paragraphs + (after[place].paragraphs + after[place + 1].paragraphs)[:_MORE],
        )
        for place, one in enumerate(stories, 1)
    ]


def _decoded(raw: bytes) -> object:
    return raw.decode("cp1252")


def _good(one: Take | WireError) -> Take:
    if isinstance(one, WireError):
        raise one
    return one


def _feedparser() -> Bare | None:
    """Return feedparser's reader where that package is installed."""
    if importlib.util.find_spec("feedparser") is None:
        return None
    found: Bare = importlib.import_module("feedparser").parse
    return found


BENCH = Bench("parse", "stories read and edited a CPU second, format by format", measure, 2_000)
