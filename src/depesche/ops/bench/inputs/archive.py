"""Fill a database with filed stories, without spool and parser: what benches of reading begin with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from depesche.lib.clock import epoch
from depesche.model.audience import HOUR
from depesche.model.instrument import Instrument
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import generate
from depesche.ops.bench.tools.trial import Meter, shown
from depesche.stories.incoming import Receipt

_SHEET = 1_000


def fill(room: Newsroom, n: int, issuers: Sequence[Instrument], mentioning: float) -> Meter:
    """File *n* stories through linker and desk, a thousand in a transaction, each with some views; returns the desk's time."""
    room.import_instruments(issuers)
    linker, filing = room.linker, Meter()
    waiting = generate.stories(n, issuers, mentioning=mentioning)
    for _ in shown(range(0, n, _SHEET), "stories filed"):
        ready = [(generate.take(one), one) for one in islice(waiting, _SHEET)]
        linked = [(take, linker.link(take), story) for take, story in ready]
        with filing, room.database.transaction() as tx:
            views: dict[tuple[int, int], int] = {}
            for take, mentions, story in linked:
                filed = room.desk.file(take, mentions, Receipt("bench", story.at), tx, story.at)
                if filed.story is not None:
                    views[filed.story, int(epoch(story.at) // HOUR)] = 1 + story.number % 300
            tx.views.add(views)
    return filing


def keys(room: Newsroom) -> Iterator[int]:
    """Yield the key of every public story, ascending."""
    after = 0
    while True:
        with room.database.reading() as tx:
            found = tx.newsstand.public_ids(after)
        if not found:
            return
        yield from found
        after = found[-1]
