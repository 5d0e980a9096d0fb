"""Keep nothing longer than it may be kept: texts whose licence has ended, and pictures that no story shows."""

from __future__ import annotations

import structlog

from depesche.newsroom import Newsroom

_AT_ONCE = 100
_log = structlog.get_logger("retention")


def tidy(room: Newsroom) -> bool:
    """Do a piece of what is due, and tell whether there may be more."""
    expired = room.expire(_AT_ONCE)
    with room.database.transaction() as tx:
        dropped = tx.pictures.drop_orphans(_AT_ONCE)
    if expired or dropped:
        _log.info("tidied", stories=expired, pictures=dropped)
    return expired >= _AT_ONCE or dropped >= _AT_ONCE
