"""Tables in Parquet, where the part that reads and writes it is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

MAGIC = b"PAR1"
"""How a file begins and ends."""


class NoParquet(Exception):
    """The part that reads and writes Parquet is not installed."""


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the values of *columns*, row by row; a batch at a time is in memory.

    Raises:
        NoParquet: the part that reads Parquet is not installed.
        ValueError: the file is no Parquet, or lacks a column.
    """
    _, io = _parts()
    if not _is_whole(path):
        raise ValueError("is no Parquet, or its end is missing")
    try:
        batches = io.read_parquet(str(path))
        missing = set(columns).difference(batches.schema.names)
        if missing:
            raise ValueError(f"there is no column {', '.join(sorted(missing))}")
        for batch in batches:
            yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)
    except ValueError:
        raise
    except BaseException as error:
        # What the reader did not foresee in a damaged file comes as a panic, which is no Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise ValueError(f"cannot be read as Parquet: {error}") from error
        raise


def _is_whole(path: Path) -> bool:
    """Tell whether the file begins and ends as Parquet does, and its footer lies within it."""
    size = path.stat().st_size
    if size < 3 * len(MAGIC):
        return False
    with path.open("rb") as file:
        begins = file.read(len(MAGIC)) == MAGIC
        file.seek(-2 * len(MAGIC), os.SEEK_END)
        footer, ends = int.from_bytes(file.read(len(MAGIC)), "little"), file.read() == MAGIC
    return begins and ends and footer < size


def write_columns(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write *columns*, each of whole numbers or of texts.

    Raises:
        NoParquet: the part that writes Parquet is not installed.
    """
    core, io = _parts()
    whole, text = core.DataType.int64(), core.DataType.string()
    table = {
        name: core.Array(list(values), whole if values and isinstance(values[0], int) else text)
        for name, values in columns.items()
    }
    io.write_parquet(core.Table.from_pydict(table), str(path))


def _parts() -> tuple[Any, Any]:
    try:
        import arro3.core
        import arro3.io
    except ImportError as error:
        raise NoParquet("Parquet needs another part: install depesche[parquet]") from error
    return arro3.core, arro3.io
