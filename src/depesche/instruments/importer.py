"""What an importer is: a named way of reading instruments from one kind of source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from depesche.lib import plugins
from depesche.model.errors import WireError
from depesche.model.instrument import Instrument
from depesche.model.register import Supplement

Row = Instrument | Supplement | WireError


class Untrustworthy(WireError):
    """A row that does not hold what its columns promise; a person has to look at it, so it goes into quarantine."""

    def __init__(self, where: str, reason: str, row: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason
        self.row = row


@dataclass(frozen=True, slots=True)
class Importer:
    """A plug-in that reads instruments.

    `read` takes the file to read, or None for sources that need none, and yields an
    instrument, or what the source adds to instruments of others, or, for a row that is refused,
    the error that says where and why.
    """

    name: str
    read: Callable[[Path | None], Iterable[Row]]
    help: str


def importers() -> dict[str, Importer]:
    """Return every importer by name."""
    return plugins.load("depesche.instruments.importers", "IMPORTER", Importer)
