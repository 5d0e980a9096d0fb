"""Manners of asking: when to ask again, what a server wishes, and how slowly to go where it fails."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from depesche.lib.text import line
from depesche.lib.web.http import Response
from depesche.model.wire import Wire
from depesche.store.wires.health import Pulse
from depesche.store.wires.polls import Poll

DAY = timedelta(days=1)
BRISK = timedelta(minutes=1)  # the least time between two polls that follow a rhythm
UNKNOWN = timedelta(minutes=5)  # before a rhythm is known
LONGEST_WAIT = timedelta(days=7)  # for a server that asks us to stay away
MOST_FRESH = timedelta(hours=1)  # what a server's wishes may add to an interval that the operator fixed
BUSY = (429, 503)

_JITTER = 0.1
_ASKS_A_GAP = 4  # polls in the time in which one item comes
_HEAD = 16_384  # bytes in which a feed says how often it changes
_TTL = re.compile(rb"<ttl>\s*(\d{1,7})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<(?:\w+:)?updatePeriod>\s*(hourly|daily|weekly|monthly|yearly)\s*<", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<(?:\w+:)?updateFrequency>\s*(\d{1,5})\s*<", re.IGNORECASE)
_PERIODS = {
    b"hourly": 3600,
    b"daily": 86_400,
    b"weekly": 604_800,
    b"monthly": 2_592_000,
    b"yearly": 31_536_000,
}


def own_interval(wire: Wire, pulse: Pulse | None) -> timedelta:
    """Return how long to wait by ourselves: as set, else a quarter of the usual time between two items."""
    if wire.interval is not None:
        return timedelta(seconds=wire.interval)
    if pulse is None or pulse.pace is None:
        return UNKNOWN
    return min(max(timedelta(seconds=min(pulse.pace, 1e9) / _ASKS_A_GAP), BRISK), DAY)


def wait_for(wire: Wire, pulse: Pulse | None, answer: Response) -> timedelta:
    """Return how long to wait after a good *answer*: our own interval, or longer where the server wishes.

    Wishes (max-age, Expires, ttl, updatePeriod) count up to a day, up to an hour where the operator fixed the interval.
    """
    wished = max(fresh_for(answer), feed_wishes(answer.body))
    return max(own_interval(wire, pulse), min(wished, DAY if wire.interval is None else MOST_FRESH))


def failed(wire: Wire, poll: Poll, reason: str, now: datetime, jitter: float) -> Poll:
    """Return *poll* after one more failure: twice the wait of the one before, up to a day."""
    failures = poll.failures + 1
    wait = min((own_interval(wire, None)) * 2 ** min(failures, 30), DAY)
    return replace(
        poll, next_at=now + jittered(wait, jitter), failures=failures, last_error=line(reason)[:500]
    )


def jittered(wait: timedelta, number: float) -> timedelta:
    """Return *wait* and up to a tenth more, by a *number* from 0 to 1: not all ask at once."""
    return wait * (1 + _JITTER * number)


def retry_after(answer: Response, now: datetime) -> datetime | None:
    """Return the moment before which the server wants no request; never more than a week away."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isdecimal() and given.isascii():
        return now + min(timedelta(seconds=min(int(given[:12]), 10**9)), LONGEST_WAIT)
    at = http_date(given)
    return None if at is None else min(max(at, now), now + LONGEST_WAIT)


def fresh_for(answer: Response) -> timedelta:
    """Return how long the server calls its answer fresh."""
    for part in answer.headers.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        value = value.strip('" ')
        if name.lower() == "max-age" and value.isdecimal() and value.isascii():
            return timedelta(seconds=min(int(value[:12]), 10**9))
    expires, date = http_date(answer.headers.get("expires", "")), http_date(answer.headers.get("date", ""))
    return max(expires - date, timedelta(0)) if expires and date else timedelta(0)


def feed_wishes(body: bytes) -> timedelta:
    """Return how long a feed says that it stays as it is: `ttl` of RSS, `updatePeriod` of the syndication module."""
    head = body[:_HEAD]
    ttl, period, often = _TTL.search(head), _PERIOD.search(head), _FREQUENCY.search(head)
    seconds = int(ttl[1]) * 60 if ttl else 0
    if period:
        seconds = max(seconds, _PERIODS[period[1].lower()] // max(int(often[1]) if often else 1, 1))
    return timedelta(seconds=seconds)


def http_date(text: str) -> datetime | None:
    """Read a date of HTTP, None where it is none."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def shown(url: str) -> str:
    """Return *url* as people and logs may see it: no password, and no query, which may hold a key."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return line(f"{parts.scheme}://{host}{parts.path}")
