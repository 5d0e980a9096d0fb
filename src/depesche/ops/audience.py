"""The audience's commands: replay a log of clicks, classify user agents."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from rich.progress import Progress, TaskID

from depesche.audience import replay as replaying
from depesche.audience import robots
from depesche.ops import output

Row = tuple[int, str, int]
_STRIDE = 10_000


def replay(clicks: Path) -> int:
    """Print how often the also-read list held the next click, beside plain popularity; returns 1 if the log cannot be read."""
    try:
        with (
            clicks.open(newline="", encoding="utf-8") as file,
            Progress(console=output.errors, disable=not output.errors.is_terminal) as bar,
        ):
            task = bar.add_task("replay", total=clicks.stat().st_size)
            rows = replaying.read_clicks(file)
            figures = replaying.replay(_moving(rows, file, bar, task))
    except ValueError as error:
        output.complain(clicks, error)
        return 1
    output.json_line(figures)
    return 0


def _moving(rows: Iterable[Row], file: TextIO, bar: Progress, task: TaskID) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % _STRIDE == 0:
            bar.update(task, completed=file.buffer.tell())
        yield row


def classify(agents: TextIO) -> int:
    """Print for each user agent on its own line: reader or robot, a tab, and the rule."""
    for line in robots.sort_out(agents):
        sys.stdout.write(f"{line}\n")
    return 0
