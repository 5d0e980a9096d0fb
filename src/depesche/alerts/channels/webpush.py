"""Notices to browsers: encrypted, and handed to the push service that each browser named (RFC 8030, 8291, 8292)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from depesche.alerts.channel import Channel, ChannelType, Handed, Letter
from depesche.alerts.posting import OPTIONS, PostChannel, make_poster, postponed, said
from depesche.lib.clock import Clock
from depesche.lib.web.poster import Post, Posted
from depesche.lib.web.webpush import Keys, Vapid, encrypt
from depesche.model.errors import SettingsError
from depesche.model.subscription import (
    CORRECTION_LETTER,
    DEAD,
    DIGEST_LETTER,
    KILL_LETTER,
    RETRACTION_LETTER,
    SENT,
)

_TIMEOUT = 15.0
_AT_ONCE, _PER_SERVICE = 64, 32  # most browsers share one of four push services
_LONGEST_TTL = 28 * 86400  # push services keep nothing longer
_URGENCY = {
    KILL_LETTER: "high", CORRECTION_LETTER: "high", RETRACTION_LETTER: "high", DIGEST_LETTER: "low",
}  # fmt: skip
_TAKEN = (200, 201, 202, 204)
_GONE = (404, 410)  # RFC 8030, 7.3: the subscription is over
_AGAIN = (401, 403, 408, 425, 429)  # 401 and 403 are about us: a clock, a key that the operator can put right


class _Dresser:
    """Makes the request that carries a letter to its push service."""

    def __init__(self, vapid: Vapid, clock: Clock) -> None:
        self._vapid = vapid
        self._clock = clock

    def __call__(self, letter: Letter) -> Post:
        """Return the request.

        Raises:
            ValueError: the reader's keys are missing or broken, or the letter is too long.
        """
        order = letter.order
        if order is None or not order.subscriber.keys:
            raise ValueError("the browser's keys are missing")
        now, decision = self._clock.now(), order.decision
        kept = order.subscriber.keys
        body = encrypt(letter.data, Keys.read(kept.get("p256dh", ""), kept.get("auth", "")))
        left = int((decision.expires_at - now).total_seconds())
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(min(max(left, 0), _LONGEST_TTL)),
            "Urgency": _URGENCY.get(decision.kind, "normal"),
            # What is still waiting at the push service gives way to what came of the same running story.
            "Topic": "digest" if decision.lineage is None else f"story-{decision.lineage}",
            "Authorization": self._vapid.header(letter.recipient, now),
        }
        return Post(letter.key, letter.recipient, body, headers)


def _judge(answer: Posted, now: datetime) -> Handed:
    if answer.status in _TAKEN:
        return Handed(answer.key, SENT, None, answer.status)
    if answer.status in _GONE:
        return Handed(answer.key, DEAD, said(answer), answer.status, at_recipient=True)
    if answer.refused or (300 <= answer.status < 500 and answer.status not in _AGAIN):
        return Handed(answer.key, DEAD, said(answer), answer.status)
    return postponed(answer, now)


def _make(options: Mapping[str, str], clock: Clock) -> Channel:
    try:
        vapid = Vapid(Path(options.get("vapid_key", "")).read_bytes(), options.get("subject", ""))
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"push_key: {error}") from error
    poster = make_poster(options, timeout=_TIMEOUT, at_once=_AT_ONCE, per_site=_PER_SERVICE)
    return PostChannel(poster, _Dresser(vapid, clock), _judge, clock)


CHANNEL = ChannelType(
    "webpush",
    {
        "vapid_key": "file with the private key, on P-256, by which push services know us",
        "subject": "whom a push service writes to when something is wrong, mailto: or https:",
        **OPTIONS,
    },
    _make,
)
