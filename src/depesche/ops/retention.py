"""Keep nothing longer than it may be kept, or than anybody needs it: texts, pictures, letters, and polls that brought nothing new."""

from __future__ import annotations

from datetime import timedelta

import structlog

from depesche.newsroom import Newsroom

_AT_ONCE = 100
_ECHOES = "empty echoes"
_ECHOES_KEPT = timedelta(days=3)  # bytes of a poll that brought nothing new, for whoever wonders why
_LOOKED_AT = 1000
_log = structlog.get_logger("retention")


def tidy(room: Newsroom) -> bool:
    """Do a piece of what is due, and tell whether there may be more."""
    expired = room.expire(_AT_ONCE)
    with room.database.transaction() as tx:
        dropped = tx.pictures.drop_orphans(_AT_ONCE)
        looked_at = tx.chores.position(_ECHOES)
        upto, emptied = tx.retention.purge_echoes(looked_at, room.clock.now() - _ECHOES_KEPT, _LOOKED_AT)
        if upto != looked_at:
            tx.chores.reach(_ECHOES, upto)
    with room.database.transaction() as tx:
        forgotten = tx.ledger.forget(room.clock.now() - timedelta(days=room.settings.ledger_days), _AT_ONCE)
    if expired or dropped or emptied or forgotten:
        _log.info("tidied", stories=expired, pictures=dropped, echoes=emptied, letters=forgotten)
    return max(expired, dropped, emptied, forgotten) >= _AT_ONCE
