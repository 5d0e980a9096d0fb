"""What commands print: aligned tables for people, JSON lines for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

_COLOURS = {
    "new": "green", "update": "cyan", "correction": "yellow", "repeat": "yellow", "kill": "red", "ignored": "bright_black",
    "refused": "red", "filed": "green", "waiting": "yellow", "sent": "green", "pending": "yellow", "dead": "red", "silent": "red", "failing": "yellow", "gone": "red", "ok": "green", "failed": "red",
}  # fmt: skip


def json_line(value: object) -> None:
    """Print *value* as one JSON object on one line."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[str] = ()) -> None:
    """Print *rows* aligned under *columns*; columns named in *right* hold numbers and end flush.

    Piped into another program every row stays on one line.
    """
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        drawn.add_column(
            name,
            justify="right" if name in set(right) else "left",
            overflow="fold",
            no_wrap=not console.is_terminal,
        )
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    if console.is_terminal:
        console.print(drawn)
    else:
        Console(highlight=False, width=1000).print(drawn)


def progress(*, hide: bool = False) -> Progress:
    """Return a progress bar on standard error; where that is no terminal, or *hide* is asked, there is none."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=errors, transient=True, disable=hide or not errors.is_terminal)


def complain(subject: str | Path, reason: object) -> None:
    """Print one line on standard error: what it is about, and the reason."""
    sys.stderr.write(f"{subject}: {printable(str(reason))}\n")


def record(json: bool, value: Mapping[str, object], line: str) -> None:
    """Print *value* as JSON, or *line* for a person."""
    if json:
        json_line(value)
    elif console.is_terminal:
        console.print(Text(printable(line)))
    else:
        sys.stdout.write(f"{printable(line)}\n")


def printable(text: str) -> str:
    """Return *text* without characters that could move a terminal's cursor."""
    return "".join(char if char.isprintable() else " " for char in text)


def _cell(value: object) -> Text:
    said = "" if value is None else printable(str(value))
    return Text(said, style=_COLOURS.get(said, ""))
