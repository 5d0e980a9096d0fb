"""Alerts to programs: JSON, signed, posted to the address that its owner gave and proved to be theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from depesche.alerts.channel import Channel, ChannelType, Handed, Letter
from depesche.alerts.posting import OPTIONS, PostChannel, make_poster, postponed, said
from depesche.alerts.signature import signed
from depesche.lib.clock import Clock
from depesche.lib.web.poster import Post, Posted
from depesche.model.subscription import DEAD, SENT

_TIMEOUT = 10.0
_GONE = 410


class _Dresser:
    """Makes the request that carries a letter to its program."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, letter: Letter) -> Post:
        """Return the request, signed at this moment.

        Raises:
            ValueError: the reader's secret is missing.
        """
        order = letter.order
        if order is None or not order.subscriber.keys:
            raise ValueError("the webhook's secret is missing")
        headers = signed(
            order.subscriber.keys["secret"], order.decision.message_id, self._clock.now(), letter.data
        )
        return Post(letter.key, letter.recipient, letter.data, headers)


def _judge(answer: Posted, now: datetime) -> Handed:
    """Read an answer: whatever is not a yes is tried again until the alert expires, save a 410."""
    if 200 <= answer.status < 300:
        return Handed(answer.key, SENT, None, answer.status)
    if answer.status == _GONE:
        return Handed(answer.key, DEAD, said(answer), answer.status, at_recipient=True)
    if answer.refused:
        return Handed(answer.key, DEAD, said(answer))
    return postponed(answer, now)


def _make(options: Mapping[str, str], clock: Clock) -> Channel:
    poster = make_poster(options, timeout=_TIMEOUT)
    # A name that a reader gave must not lead into the operator's networks, even where the operator's own webhooks are.
    is_open = options.get("private") == "yes"
    guarded = make_poster({**options, "private": ""}, timeout=_TIMEOUT) if is_open else poster
    return PostChannel(poster, _Dresser(clock), _judge, clock, guarded)


CHANNEL = ChannelType("webhook", OPTIONS, _make)
