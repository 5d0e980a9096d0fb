"""The audience's commands: what readers go on to and why, counts for other programs, trials on logs."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from rich.progress import MofNCompleteColumn, Progress

from depesche.audience import clicks, robots
from depesche.audience import replay as replaying
from depesche.audience.clicks import Click
from depesche.lib.clock import epoch, from_epoch, rfc3339
from depesche.lib.parquet import NoParquet, write_columns
from depesche.model.audience import CHAIN, HOUR, NEWEST, POPULAR, READ, SHARE, Offer
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.ops.commands.trace import key_of

EXPORTED = ("Date", "Item_ID", "Item", "Publisher", "Platform", "Data_Type", "Metric_Type", "Count")
"""Columns of an export, named as COUNTER names them."""

_STRIDE = 10_000
_FIRST = date(1970, 1, 1)
_BECAUSE = {
    CHAIN: "readers of another part of this running story went on to it",
    POPULAR: "much read at the moment, by whomever",
    SHARE: "about the same share",
    NEWEST: "new",
}


def replay(clicks: Path) -> int:
    """Print how often the also-read list held the next click, beside plain popularity; returns 1 if the log cannot be read."""
    try:
        with _progress() as bar:
            figures = replaying.replay(_read(clicks, bar))
    except (ValueError, NoParquet) as error:
        output.complain(clicks, error)
        return 1
    output.json_line(figures)
    return 0


def _progress() -> Progress:
    return Progress(
        *Progress.get_default_columns(),
        MofNCompleteColumn(),
        console=output.errors,
        disable=not output.errors.is_terminal,
    )


def _read(path: Path, bar: Progress) -> Iterator[Click]:
    """Yield the clicks of a file and draw how far they are read: bytes of CSV, rows of Parquet."""
    if clicks.is_parquet(path):
        task = bar.add_task("clicks", total=None)
        for number, row in enumerate(clicks.read_parquet(path)):
            if number % _STRIDE == 0:
                bar.update(task, completed=number)
            yield row
        return
    task = bar.add_task("bytes", total=path.stat().st_size)
    with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
        for number, row in enumerate(clicks.read_csv(file)):
            if number % _STRIDE == 0:
                bar.update(task, completed=raw.tell())
            yield row


def classify(agents: TextIO) -> int:
    """Print for each user agent on its own line: reader or robot, a tab, and the rule."""
    for line in robots.sort_out(agents):
        sys.stdout.write(f"{line}\n")
    return 0


def explain(room: Newsroom, story: str, *, as_json: bool) -> int:
    """Print the list beside *story*, an id, slug or address, and why each entry is there; returns 1 if there is no such story."""
    key = key_of(story)
    if key is None or not room.readership.is_public(key):
        output.complain(story, "there is no such public story")
        return 1
    offers = room.readership.offers(key)
    with room.database.reading() as tx:
        cards = {card.story: card for card in tx.newsstand.cards([one.story for one in offers])}
    rows = [(one, cards[one.story]) for one in offers if one.story in cards]
    for place, (one, card) in enumerate(rows, 1):
        if as_json:
            output.json_line(
                {"story": key, "place": place, "other": one.story, "headline": card.headline, "kind": one.kind,
                 "readers": one.readers, "weight": one.weight, "why": _why(one)}
            )  # fmt: skip
    if not as_json:
        output.table(
            ("", "story", "headline", "why"),
            [(place, one.story, card.headline, _why(one)) for place, (one, card) in enumerate(rows, 1)],
            right=("", "story"),
        )
    return 0


def _why(one: Offer) -> str:
    if one.kind == READ:
        who = f"{one.readers} readers went on to this" if one.readers > 1 else "one reader went on to this"
        return (
            f"{who} (weight {one.weight:.2f})"
            if one.readers
            else f"readers of this went on to here (weight {one.weight:.2f})"
        )
    return _BECAUSE[one.kind]


def spikes(room: Newsroom, days: int, *, as_json: bool) -> int:
    """Print the hours of the last *days* days in which a story had far more views than usual."""
    hour = int(epoch(room.clock.now()) // HOUR)
    with room.database.reading() as tx:
        found = tx.views.spikes(hour - days * 24)
        headlines = {card.story: card.headline for card in tx.newsstand.cards([one.story for one in found])}
    zone = ZoneInfo(room.settings.zone)
    rows = []
    for one in found:
        at = from_epoch(one.hour * HOUR)
        if as_json:
            output.json_line(
                {"story": one.story, "hour": rfc3339(at), "views": one.views, "usual": one.usual}
            )
        rows.append(
            (
                f"{at.astimezone(zone):%d.%m.%Y %H:%M}",
                one.story,
                one.views,
                f"{one.usual:.1f}",
                headlines.get(one.story, ""),
            )
        )
    if not as_json:
        output.table(("hour", "story", "views", "usual", "headline"), rows, right=("story", "views", "usual"))
    return 0


def export(
    room: Newsroom, first: date | None, last: date | None, target: Path | None, format_name: str
) -> int:
    """Write the daily counts from *first* to *last*, days of UTC, as CSV to standard output or as CSV or Parquet to *target*."""
    today = from_epoch(epoch(room.clock.now())).date()
    with room.database.reading() as tx:
        found = tx.views.days(_number(first or _FIRST), _number(last or today))
        rows = (_row(room, *one) for one in found)
        if format_name == "parquet":
            return _parquet(rows, target)
        if target is None:
            _csv(rows, sys.stdout)
        else:
            with target.open("w", newline="", encoding="utf-8") as file:
                _csv(rows, file)
    return 0


def _csv(rows: Iterable[Sequence[object]], file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(EXPORTED)
    writer.writerows(rows)


def _parquet(rows: Iterable[Sequence[object]], target: Path | None) -> int:
    if target is None:
        output.complain("export", "Parquet needs a file: name it with --output")
        return 1
    columns = dict(zip(EXPORTED, zip(*rows, strict=True), strict=False)) or dict.fromkeys(EXPORTED, ())
    try:
        write_columns(target, columns)
    except NoParquet as error:
        output.complain(target, error)
        return 1
    return 0


def _row(
    room: Newsroom, day: int, story: int, headline: str | None, provider: str, views: int
) -> Sequence[object]:
    at = (_FIRST + timedelta(days=day)).isoformat()
    return at, story, headline or "", provider, room.settings.title, "News_Item", "Total_Item_Requests", views


def _number(day: date) -> int:
    return (day - _FIRST).days
