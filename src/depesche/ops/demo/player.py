"""Plays the demo: the back-story at once, then the live wire, with readers and followers beside it."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from rich.console import Console

from depesche.bus import follow
from depesche.model import paths
from depesche.model.subscription import Target
from depesche.newsroom import Newsroom
from depesche.ops.demo import readers, script
from depesche.ops.demo.letters import Letter, Letterbox
from depesche.ops.demo.narrator import Narrator
from depesche.ops.demo.script import Scene
from depesche.ops.demo.templates import fill

STEP = 0.5  # seconds between two looks at what is due
_ARRIVALS = 1.4
_LATER_ARRIVALS = 0.4
_PATIENCE = timedelta(seconds=20)
_ADDRESS = "2001:db8:f00::1"  # of the followers; a documentation prefix
_CONSENT = "Ja, ich möchte Nachrichten zu dieser Aktie per E-Mail erhalten. (Vorführung)"


class Demo:
    """One showing. Everything that comes in goes through the newsroom's own doors; *speed* shortens all waits."""

    def __init__(self, newsroom: Newsroom, *, speed: float = 1.0, console: Console | None = None) -> None:
        self._room = newsroom
        self._speed = speed
        self._zone = ZoneInfo(newsroom.settings.zone)
        self.letterbox = Letterbox(newsroom.settings.mail_folder)
        wires = {wire.provider: name for name, wire in newsroom.wires.items()}
        told = console or Console(highlight=False)
        self._narrator = Narrator(newsroom.database, newsroom.clock, told, self._zone, wires)
        self._crowd = readers.Crowd(7, _ARRIVALS * speed, 12 / speed)
        self._scenes = deque(script.live())
        self._unconfirmed = {(one.address, isin) for one in script.FOLLOWERS for isin in one.isins}
        self._opened: set[str] = set()
        self._asked_at: datetime | None = None
        self._begun_at: datetime | None = None
        self._ended = False

    # -- before the doors open -------------------------------------------------------------------

    def prepare(self) -> None:
        """Fill the register, file the stories of the past two days and let them be read."""
        room = self._room
        room.import_instruments(script.instruments())
        for scene in script.archive():
            self.deliver(scene)
            self._take_in()
        now = room.clock.now()
        counted = readers.read_back(room.database, now)
        with room.database.transaction() as tx:
            stories = len(tx.newsstand.public_ids())
            tx.cursors.move(self._narrator.name, tx.journal.last(), now)
        self._narrator.now(
            "Archiv", "bereit", f"{stories} Meldungen aus zwei Tagen, {counted['counted']} Aufrufe"
        )

    def _take_in(self) -> None:
        """Scan the folders until nothing new is there, and file it: the worker's steps, before it runs."""
        room = self._room
        for watch in room.folders.values():
            watch.scan()  # a file counts as complete when it looks the same twice
            watch.scan()
        while room.file_waiting():
            pass

    # -- the live wire ---------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Tell whether every scene was played."""
        return self._ended

    def play(self, stop: threading.Event) -> None:
        """Play until *stop* is set; after the last scene the readers stay."""
        self.begin()
        while not stop.wait(STEP):
            self.step()

    def begin(self) -> None:
        """Let the followers ask for letters; the live wire waits until they have confirmed."""
        self._asked_at = self._room.clock.now()
        for one in script.FOLLOWERS:
            for isin in one.isins:
                self._room.opt_in.request(
                    one.address, Target.share(isin), one.language, _ADDRESS, _CONSENT, paths.share(isin)
                )
        self._room.bell.ring()

    def step(self) -> None:
        """Do what is due: tell what happened, open letters, deliver scenes, let people read."""
        now = self._room.clock.now()
        follow.advance(self._room.database, self._narrator, self._room.clock)
        self._open_letters()
        if self._begun_at is None and self._may_begin(now):
            self._begun_at = now
        self._deliver_due(now)
        self._read(now)

    def deliver(self, scene: Scene) -> None:
        """Bring the file of *scene* in, its times filled in: into the watched folder of its wire, or through the push door."""
        room, name = self._room, scene.path.name
        text = fill(scene.path.read_text(encoding="utf-8"), room.clock.now(), self._zone, self._speed)
        wire = room.wires[scene.wire]
        if wire.path is None:
            room.intake.receive(wire.name, wire.token, text.encode(), name)
            room.bell.ring()
            return
        # Written under a name that the watch passes over, then renamed: it never sees half a file.
        draft = Path(wire.path) / f"{name}.part"
        draft.write_text(text, encoding="utf-8")
        draft.rename(Path(wire.path) / name)

    def _may_begin(self, now: datetime) -> bool:
        return not self._unconfirmed or (self._asked_at is not None and now > self._asked_at + _PATIENCE)

    def _deliver_due(self, now: datetime) -> None:
        if self._begun_at is None or self._ended:
            return
        passed = (now - self._begun_at).total_seconds() * self._speed
        while self._scenes and self._scenes[0].at <= passed:
            self.deliver(self._scenes.popleft())
        if not self._scenes and passed > script.END:
            self._ended = True
            self._crowd.arrivals = _LATER_ARRIVALS
            self._narrator.now(
                "Vorführung", "Ende", "Die Drähte ruhen, die Leser lesen weiter. Strg-C beendet."
            )

    def _open_letters(self) -> None:
        """Tell of each new letter, and answer those that ask a follower of ours for confirmation."""
        for letter in reversed(self.letterbox.letters()):
            if letter.key not in self._opened:
                self._opened.add(letter.key)
                self._narrator.tell_letter(letter)
                self._confirm(letter)

    def _confirm(self, letter: Letter) -> None:
        link = letter.link(paths.CONFIRM)
        address = next((one.address for one in script.FOLLOWERS if one.address in letter.to), None)
        if link is None or address is None:
            return
        token = parse_qs(urlsplit(link).query)["token"][0]
        wanted = self._room.opt_in.peek(token)
        if (address, wanted.isin) in self._unconfirmed:
            self._unconfirmed.remove((address, wanted.isin))
            self._room.opt_in.confirm(token, _ADDRESS)
            self._narrator.now(address, "bestätigt", f"Nachrichten zu {wanted.name}")

    def _read(self, now: datetime) -> None:
        with self._room.database.reading() as tx:
            cards = tx.newsstand.home(80)
        readers.read_now(self._room.counter, self._crowd, now, cards)
