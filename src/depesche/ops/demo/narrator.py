"""Tells the terminal what happens, one short line an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from depesche.lib.clock import Clock
from depesche.model import journal
from depesche.model.journal import Entry
from depesche.model.rights import cut
from depesche.model.story import CORRECTION, REPEAT, UPDATE, Version
from depesche.ops.commands.output import printable
from depesche.ops.demo.letters import Letter
from depesche.store.database import Database, Transaction

_COLOURS = {
    "neu": "green",
    "Korrektur": "yellow",
    "Wiederholung": "yellow",
    "zurückgezogen": "red",
    "Brief": "magenta",
    "bestätigt": "blue",
}


class Narrator:
    """A follower of the journal that writes lines to *console*, times in *zone*; *wires* are named by provider."""

    name = "demo"

    def __init__(
        self, database: Database, clock: Clock, console: Console, zone: ZoneInfo, wires: Mapping[str, str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._console = console
        self._zone = zone
        self._wires = wires

    def handle(self, entries: Sequence[Entry]) -> None:
        """Write a line for each entry that readers or editors would notice."""
        with self._database.reading() as tx:
            for entry in entries:
                self._tell(entry, tx)

    def _tell(self, entry: Entry, tx: Transaction) -> None:
        if entry.kind == journal.KILLED:
            standing = tx.newsstand.standing(entry.story)
            if standing is not None:
                self.say(
                    entry.at, standing.provider, "zurückgezogen", cut(standing.notice or standing.slug, 100)
                )
        elif entry.kind in (journal.FILED, journal.RELEASED):
            version = tx.newsstand.version(entry.story)
            if version is None or version.key != entry.version:
                self._tell_held(entry, tx)
            else:
                label = "Sperrfrist vorbei" if entry.kind == journal.RELEASED else _label(version)
                self.say(entry.at, version.provider, label, version.headline)

    def _tell_held(self, entry: Entry, tx: Transaction) -> None:
        standing = tx.newsstand.standing(entry.story)
        if standing is None or standing.at <= entry.at:
            return
        clock = f"{standing.at.astimezone(self._zone):%H:%M:%S}"
        self.say(
            entry.at, standing.provider, "Sperrfrist", f"bis {clock}; vorher sieht niemand, was darin steht"
        )

    def tell_letter(self, letter: Letter) -> None:
        """Write a line for a letter that has gone out."""
        self.say(letter.at, letter.to, "Brief", letter.subject)

    def say(self, at: datetime, who: str, what: str, words: str) -> None:
        """Write a line: time, who, what happened, and to which story."""
        line = Text(f"{at.astimezone(self._zone):%H:%M:%S}  ", style="bright_black")
        line.append(f"{printable(self._wires.get(who, who)):20.20}  ", style="default")
        line.append(f"{what:17.17}  ", style=_COLOURS.get(what, "cyan"))
        line.append(printable(words), style="default")
        if self._console.is_terminal:
            self._console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            self._console.print(line, soft_wrap=True)

    def now(self, who: str, what: str, words: str) -> None:
        """Write a line about something that happens now."""
        self.say(self._clock.now(), who, what, words)


def _label(version: Version) -> str:
    if version.action in (CORRECTION, REPEAT):
        return "Korrektur" if version.action == CORRECTION else "Wiederholung"
    if version.action == UPDATE:
        return "neue Fassung"
    if version.series is None:
        return "neu"
    number = f" {version.series.number}" if version.series.number else ""
    return f"{version.series.kind}{number}"
