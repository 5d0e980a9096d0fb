"""Join and part lineages, and show one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from depesche.lib.clock import from_epoch
from depesche.model.errors import NotFound, Refused
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.stories import kinship


def join(room: Newsroom, one: int, other: int) -> int:
    """Join the lineages of two stories; returns 1 if that is refused."""
    try:
        with room.database.transaction() as tx:
            lineage = kinship.join(tx, one, other, room.clock.now())
    except (Refused, NotFound) as error:
        output.complain("lineage join", error)
        return 1
    room.bell.ring()
    return show(room, lineage)


def split(room: Newsroom, story: int) -> int:
    """Give a story a lineage of its own; returns 1 if that is refused."""
    try:
        with room.database.transaction() as tx:
            lineage = kinship.split(tx, story, room.clock.now())
    except (Refused, NotFound) as error:
        output.complain("lineage split", error)
        return 1
    room.bell.ring()
    return show(room, lineage)


def show_of(room: Newsroom, story: int, *, as_json: bool) -> int:
    """Print the lineage of a story; returns 1 if there is no such story."""
    with room.database.reading() as tx:
        found = tx.stories.get(story)
    if found is None:
        output.complain("lineage show", f"there is no story {story}")
        return 1
    return show(room, found.lineage, as_json=as_json)


def show(room: Newsroom, lineage: int, *, as_json: bool = False) -> int:
    """Print what stands in a lineage and what duplicates what; returns 0."""
    zone = ZoneInfo(room.settings.zone)
    with room.database.reading() as tx:
        copies = {one.story: one for one in tx.kin.copies(tx.kin.stories_of(lineage))}
        members = {one.story: one for one in tx.kin.cluster(copies)}
    rows = []
    for key, one in sorted(copies.items(), key=lambda each: members[each[0]].at):
        first = members[key].duplicate_of
        if as_json:
            output.json_line(
                {
                    "lineage": lineage,
                    "story": key,
                    "provider": one.provider,
                    "headline": one.headline,
                    "duplicate_of": first,
                }
            )
        series = " ".join(filter(None, (one.series_kind, one.series_topic)))
        at = f"{from_epoch(members[key].at).astimezone(zone):%d.%m.%Y %H:%M}"
        rows.append((key, at, one.provider, series, one.headline, f"same text as {first}" if first else ""))
    if not as_json:
        output.console.print(f"Lineage {lineage}")
        output.table(("story", "time", "provider", "series", "headline", ""), rows, right=("story",))
    return 0
