"""When a reader may be written to: hours of digests, quiet hours, pauses."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from depesche.model.subscription import Subscriber

_DAY_MINUTES = 24 * 60


def zone_of(reader: Subscriber, portal: ZoneInfo) -> ZoneInfo:
    """Return the zone in which the hours of *reader* are meant."""
    return ZoneInfo(reader.zone) if reader.zone else portal


def next_digest(now: datetime, reader: Subscriber, portal: ZoneInfo) -> datetime:
    """Return the first hour after *now* at which *reader* gets a digest, in UTC: quiet hours do not count for it."""
    zone = zone_of(reader, portal)
    today = now.astimezone(zone).date()
    slots = (
        datetime.combine(today + timedelta(days=ahead), time(hour), zone).astimezone(now.tzinfo)
        for ahead in (0, 1, 2)
        for hour in sorted(reader.digest_hours)
    )
    return next(one for one in slots if one > now)


def waiting_until(now: datetime, reader: Subscriber, portal: ZoneInfo) -> datetime:
    """Return when *reader* may be written to: *now*, or the end of the quiet hours that it falls into."""
    if reader.quiet_from is None or reader.quiet_to is None or reader.quiet_from == reader.quiet_to:
        return now
    zone = zone_of(reader, portal)
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    into = (minute - reader.quiet_from) % _DAY_MINUTES
    if into >= (reader.quiet_to - reader.quiet_from) % _DAY_MINUTES:
        return now
    day = local.date() + timedelta(days=int(reader.quiet_to <= minute))
    # In the night in which an hour comes twice, quiet hours that we are in the second time end the second time.
    end = time(reader.quiet_to // 60 % 24, reader.quiet_to % 60, fold=local.fold)
    return datetime.combine(day, end, zone).astimezone(now.tzinfo)


def is_paused(now: datetime, reader: Subscriber) -> bool:
    """Tell whether *reader* wants to hear nothing for the time being."""
    return reader.paused_until is not None and now < reader.paused_until
