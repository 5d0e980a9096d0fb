"""A second worker that waits: it takes the place of the first within seconds of its end, whatever ended it."""

from __future__ import annotations

import time

import structlog

from depesche.model.errors import StoreError
from depesche.newsroom import Newsroom
from depesche.ops import server
from depesche.ops.commands import output

_LOOK_EVERY = 1.0

_log = structlog.get_logger("standby")


def run(room: Newsroom) -> None:
    """Wait until the place of the one worker is free, take it, and work until a signal ends it."""
    place = room.database.place()
    output.errors.print("Another worker may run; this one waits for its place.")
    while True:
        try:
            if place.take():
                place.leave()  # the worker takes it anew; somebody may be quicker
                server.serve(room, web=False, worker=True)
                return
        except StoreError as error:
            _log.warning("the standby waits on", reason=str(error))
        time.sleep(_LOOK_EVERY)
