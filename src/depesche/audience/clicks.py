"""Logs of clicks, as CSV or Parquet, row by row: they may be larger than memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from depesche.lib.parquet import MAGIC, read_rows

Click = tuple[int, str, int]
"""Time in ms since 1970, reader, story."""

COLUMNS = ("time_ms", "reader", "story")


def is_parquet(path: Path) -> bool:
    """Tell whether the file begins as Parquet does."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_csv(file: TextIO) -> Iterator[Click]:
    """Yield the clicks of CSV whose first line names time_ms, reader and story.

    Raises:
        ValueError: a column is missing, a time is no whole number, or a story is not named; the message says which line.
    """
    lines = csv.reader(file)
    names = next(lines, [])
    missing = set(COLUMNS).difference(names)
    if missing:
        raise ValueError(f"the first line does not name {', '.join(sorted(missing))}")
    at, reader, story = (names.index(name) for name in COLUMNS)
    found = ((line[at], line[reader], line[story]) for line in lines if line)
    yield from _clicks(found, lambda: f"line {lines.line_num}")


def read_parquet(path: Path) -> Iterator[Click]:
    """Yield the clicks of a Parquet file with the columns time_ms, reader and story.

    Raises:
        NoParquet: the part that reads Parquet is not installed.
        ValueError: the file is damaged, or a column is missing or of another kind; the message says which row.
    """
    row = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal row
        for one in read_rows(path, COLUMNS):
            row += 1
            yield one

    yield from _clicks(rows(), lambda: f"row {row}")


def _clicks(rows: Iterable[tuple[Any, ...]], where: Any) -> Iterator[Click]:
    """Yield *rows* as clicks; stories that are called by other than whole numbers get numbers below zero."""
    named: dict[str, int] = {}
    try:
        for at, reader, story in rows:
            try:
                number = int(story)
            except ValueError:
                if not story:
                    raise
                number = named.setdefault(story, -1 - len(named))
            yield int(at), str(reader), number
    except (TypeError, ValueError, IndexError) as error:
        said = "a column is missing" if isinstance(error, IndexError) else error
        raise ValueError(f"{where()}: {said}") from error
