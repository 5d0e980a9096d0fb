"""Take in names of media topics."""

from __future__ import annotations

from pathlib import Path

from depesche.model.errors import WireError
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.stories import topics


def import_topics(room: Newsroom, file: Path) -> int:
    """Keep the names in *file*; returns 1 if it cannot be read."""
    room.fill_register()
    try:
        read = topics.read(file)
    except WireError as error:
        output.complain("topics import", error)
        return 1
    with room.database.transaction() as tx:
        kept = tx.topics.put(read)
        every = tx.topics.count()
    output.console.print(f"{kept} topics read, {every} have a name now")
    return 0
