"""Run the newsroom's steps in threads: desk, followers, courier, doors, and the web side's press and counts."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import structlog

from depesche.alerts.sending.courier import Courier
from depesche.bus import follow
from depesche.lib import memory
from depesche.lib.mailback.lmtp import LmtpDoor
from depesche.model.errors import SettingsError, StoreError
from depesche.model.journal import Follower
from depesche.newsroom import Newsroom
from depesche.ops import retention
from depesche.ops.commands import ledger
from depesche.portal.out.hub import open_hub
from depesche.portal.out.purge import open_purge

_log = structlog.get_logger("worker")
_LONGEST_PAUSE = 30.0
_STORE_PAUSE = 5.0  # a database that is away comes back, and then everything waits for us
_SEARCHES_PAUSE = 60.0
_REPORTS_PAUSE = 30.0
_HEARING = 0.2
_INDEXED_TOGETHER = 0.1  # seconds: a commit of the index costs as much for one story as for ten
_RELINKED_AT_ONCE = 25  # stories: the desk and the readers' requests of this process come in between


class Crew:
    """Threads that repeat a step until they are told to stop; a step that fails is logged and tried again, ever more slowly."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._stop = threading.Event()
        self._bells = {newsroom.bell}
        self._threads: list[threading.Thread] = []

    def repeat(
        self, name: str, step: Callable[[], object], pause: float, *, on_bell: bool | follow.Bell = False
    ) -> None:
        """Run *step* again and again: at once while it returns something true, else after *pause* seconds or the bell.

        The bell is the newsroom's unless another is given.
        """
        bell = on_bell if isinstance(on_bell, follow.Bell) else self._newsroom.bell if on_bell else None
        if bell is not None:
            self._bells.add(bell)

        def loop() -> None:
            wait, heard = pause, 0
            while not self._stop.is_set():
                try:
                    busy = bool(step())
                    wait = pause
                except StoreError as error:
                    busy, wait = False, min(max(wait, 0.5) * 2, _STORE_PAUSE)
                    _log.warning("step waits for the database", step=name, reason=str(error), again_in=wait)
                except Exception:
                    _log.exception("step failed", step=name, again_in=wait)
                    busy, wait = False, min(max(wait, 0.5) * 2, _LONGEST_PAUSE)
                if busy:
                    continue
                if bell is not None:
                    heard = bell.wait(heard, wait)
                else:
                    self._stop.wait(wait)

        self._start(name, loop)

    def follow(
        self,
        follower: Follower,
        first: Callable[[], object] | None = None,
        then: Callable[[], None] | None = None,
        gather: float = 0.0,
    ) -> None:
        """Let *follower* read the journal, after it has done *first*; the rest is as in `bus.follow.run`."""
        room = self._newsroom

        def read() -> None:
            if first and not self._done(follower.name, first):
                return
            follow.run(room.database, follower, room.clock, room.bell, self._stop, then, gather)

        self._start(follower.name, read)

    def hear_others(self) -> None:
        """Ring the bell when another process has brought items or filed some."""
        changes, bell = self._newsroom.database.changes(), self._newsroom.bell

        def step() -> None:
            if changes.wait(_HEARING):
                bell.ring()

        self.repeat("changes", step, 0.0)

    def _done(self, name: str, first: Callable[[], object]) -> bool:
        """Do *first*, again and again while the database is away; tells whether it was done before the end."""
        while not self._stop.is_set():
            try:
                first()
            except StoreError as error:
                _log.warning(
                    "step waits for the database", step=name, reason=str(error), again_in=_STORE_PAUSE
                )
                self._stop.wait(_STORE_PAUSE)
            else:
                return True
        return False

    def stop(self, seconds: float = 10.0) -> None:
        """Ask every thread to end and wait for it."""
        self._stop.set()
        for bell in self._bells:
            bell.ring()
        for thread in self._threads:
            thread.join(seconds)
            if thread.is_alive():
                _log.warning("thread still busy", thread=thread.name)

    def _start(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()


class Worker:
    """What has to run once an installation: desk, search index, alerts, courier and doors."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._crew = Crew(newsroom)
        self._place = newsroom.database.place()
        self._lmtp: LmtpDoor | None = None

    def start(self) -> None:
        """Start every thread.

        Raises:
            StoreError: another process is the worker of this database already.
            SettingsError: a door for what comes back cannot be opened.
        """
        room = self._newsroom
        if not self._place.take():
            raise StoreError("another process is the worker of this database already")
        try:
            self._lmtp = room.open_lmtp()
            doors = room.postbox.doors
        except SettingsError:
            self.stop()
            raise
        room.fill_register()
        crew = self._crew
        crew.repeat("desk", self._desk_step, 0.25, on_bell=True)
        crew.follow(room.index_follower, first=room.index_follower.ensure, gather=_INDEXED_TOGETHER)
        post = follow.Bell()  # couriers need not wake for what is not decided yet
        room.meeting.put_off()  # before the matcher looks: a million searches take a minute to load
        crew.follow(room.matcher, then=post.ring)
        crew.repeat("searches", self._searching(post), _SEARCHES_PAUSE)
        hub = open_hub(room, room.client)
        if hub:
            crew.follow(hub)
        purge = open_purge(room, room.private_client)
        if purge:
            crew.follow(purge)
        for number, courier in enumerate(room.couriers, 1):
            crew.repeat(f"courier {number}", self._carrying(courier), 0.25, on_bell=post)
        for courier, name in zip(room.post_couriers, ("pushes", "webhooks"), strict=True):
            crew.repeat(name, self._carrying(courier), 0.25, on_bell=post)
        crew.repeat("digests", room.digester.run_once, 5.0)
        crew.repeat("ledger", self._watch_ledger, 60.0)
        if doors:
            crew.repeat("reports", room.postbox.run_once, _REPORTS_PAUSE)
        crew.repeat("relink", self._relink, 5.0)
        crew.repeat("pictures", self._fetch_pictures, 0.5)
        self._open_doors()
        crew.repeat("retention", lambda: retention.tidy(room), 600.0)
        crew.repeat("spikes", self._watch_views, 60.0)
        crew.repeat("housekeeping", self._housekeep, 600.0)
        crew.repeat("place", self._keep_place, 2.0)

    def _open_doors(self) -> None:
        """Start what brings items in, and what watches that they come."""
        room, crew = self._newsroom, self._crew
        for name, watch in room.folders.items():
            crew.repeat(f"folder {name}", self._ringing(watch.scan), 0.5)
        if any(wire.kind == "poll" for wire in room.wires.values()):
            crew.repeat("polls", self._ringing(room.poller.run_due), 1.0)
            crew.repeat("hubs", self._ringing(room.hubs.run_due), 5.0)
        if any(wire.kind == "queue" for wire in room.wires.values()):
            crew.repeat("queues", self._ringing(room.queues.run_due), 1.0)
        crew.repeat("wires", self._watch_wires, 60.0)

    def stop(self) -> None:
        """Stop every thread and give up the worker's place."""
        if self._lmtp is not None:
            self._lmtp.close()
        self._crew.stop()
        self._place.leave()

    def _keep_place(self) -> None:
        """End where somebody else has become the worker, after the database was away: two would do everything twice."""
        if not self._place.keep():
            _log.error("another process has become the worker of this database; this one ends")
            os.kill(os.getpid(), signal.SIGTERM)

    def _desk_step(self) -> bool:
        released = self._newsroom.release_embargoes()
        filed = self._newsroom.file_waiting()
        for one in filed:
            for reason in one.refusals:
                _log.warning("refused", item=one.name, spool=one.spool, reason=reason)
        return bool(released or filed)

    def _relink(self) -> bool:
        """Link a few stories of the archive anew if the register has changed; tells whether there are more."""
        done = self._newsroom.relinker.step(_RELINKED_AT_ONCE)
        if done is not None and done.changed:
            self._newsroom.bell.ring()
        return done is not None and done.left > 0

    def _searching(self, post: follow.Bell) -> Callable[[], bool]:
        """Load the saved searches, catch up with the stories that came meanwhile, and then forget what nobody follows."""
        room = self._newsroom

        def step() -> bool:
            if room.meeting.load(room.database):
                return True
            is_behind = room.matcher.catch_up()
            post.ring()
            if not is_behind:
                room.meeting.tidy(room.database)
            return is_behind

        return step

    def _carrying(self, courier: Courier) -> Callable[[], None]:
        """Let one courier hand over what is due, and say once why letters wait."""
        said: list[str | None] = [None]

        def step() -> None:
            done = courier.run_once()
            if done.trouble and done.trouble != said[0]:
                _log.warning("letters wait", reason=done.trouble)
            said[0] = done.trouble

        return step

    def _watch_ledger(self) -> None:
        """Say so when letters of the last day are not accounted for."""
        for one in ledger.uneven(self._newsroom):
            _log.error("letters are not accounted for", dispatch=one)

    def _fetch_pictures(self) -> int:
        settled = self._newsroom.picture_desk.run_once()
        if settled:
            memory.give_back()  # decoded pictures are large
        return settled

    def _ringing(self, door: Callable[[], int]) -> Callable[[], int]:
        """Wake the desk when a door took something in."""

        def step() -> int:
            taken = door()
            if taken:
                self._newsroom.bell.ring()
            return 0

        return step

    def _watch_wires(self) -> None:
        """Say once when something goes wrong with a wire, and once when it is right again."""
        for one in self._newsroom.watch_wires():
            if one.alarm:
                _log.warning("wire", wire=one.wire, state=one.state, reason=one.alarm)
            else:
                _log.info("wire is well again", wire=one.wire)

    def _watch_views(self) -> None:
        for one in self._newsroom.readership.watch():
            _log.warning(
                "far more views than usual", story=one.story, views=one.views, usual=round(one.usual, 1)
            )

    def _housekeep(self) -> None:
        self._newsroom.forget_shingles()
        self._newsroom.readership.forget()
        self._newsroom.bounce_desk.tidy()
        expired = self._newsroom.opt_in.expire()
        if expired:
            _log.info("unconfirmed requests expired", n=expired)
        forgotten = self._newsroom.opt_in.forget()
        if forgotten:
            _log.info("addresses that never confirmed erased", n=forgotten)
