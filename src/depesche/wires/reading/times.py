"""Times as wires write them, read into aware UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from depesche.lib.zones import assumed

_HAS_ZONE = re.compile(r":\d{2}\s*[A-Za-z+-]")
_LEAP = re.compile(r":60(?=[.,Z+\- ]|$)")
_MIDNIGHT = re.compile(r"(?<=[T ])24:00(?::00(?:[.,]0+)?)?")
_BARE_OFFSET = re.compile(r"(?<=\d)\s*([+-]\d{2})(?::?(\d{2}))?$")
_LONG_FRACTION = re.compile(r"([.,]\d{6})\d+")
# Zones that senders write by name, in hours east of Greenwich; the mail standard knows the American ones.
_ZONES = {
    "MEZ": 1,
    "CET": 1,
    "WET": 0,
    "MESZ": 2,
    "CEST": 2,
    "WEST": 1,
    "BST": 1,
    "EET": 2,
    "EEST": 3,
    "JST": 9,
    "IST": 5.5,
}
_ZONE = re.compile(r"\b(" + "|".join(_ZONES) + r")\b")
_GERMAN = re.compile(r"\b(Mo|Di|Mi|Do|Fr|Sa|So)\b,?\s*|\b(Mär|Mrz|Mai|Okt|Dez)[a-zä]*\.?")
_MONTH_NUMBERS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
_MONTHS = {"Mär": "Mar", "Mrz": "Mar", "Mai": "May", "Okt": "Oct", "Dez": "Dec"}


def iso(words: str | None, *, zone_needed: bool = False) -> datetime | None:
    """Read an ISO 8601 or RFC 3339 time, or None.

    A time without an offset is taken for UTC, or refused when *zone_needed*. A leap second is the
    second before it; what lies outside the years 1 to 9999 in UTC is not read.
    """
    if not words:
        return None
    told = words.strip()
    try:
        at = _iso(told)
        zone = at.tzinfo
        if zone is None:
            return None if zone_needed else at.replace(tzinfo=assumed()).astimezone(UTC)
        return at if zone is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso(told: str) -> datetime:
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        pass
    told = _LONG_FRACTION.sub(r"\1", _LEAP.sub(":59", told))
    told = (
        _BARE_OFFSET.sub(lambda one: f"{one[1]}:{one[2] or '00'}", told)
        if "T" in told or ":" in told
        else told
    )
    if _MIDNIGHT.search(told):
        return datetime.fromisoformat(_MIDNIGHT.sub("00:00:00", told)) + timedelta(days=1)
    return datetime.fromisoformat(told)


def mail(words: str | None) -> datetime | None:
    """Read an RFC 822 time, or None; weekday and zone may be wrong, missing or German; without a zone it is UTC."""
    if not words:
        return None
    told = _GERMAN.sub(lambda one: _MONTHS.get(one[2] or "", ""), words.strip())
    told = _ZONE.sub(
        lambda one: (
            f"{'+-'[_ZONES[one[1]] < 0]}{int(_ZONES[one[1]] * 60) // 60:02d}{int(_ZONES[one[1]] * 60) % 60:02d}"
        ),
        told,
    )
    found = parsedate_tz(_LEAP.sub(":59", told))
    if found is None:
        return None
    year, month, day, hour, minute, second = found[:6]
    try:
        offset = timezone(timedelta(seconds=found[9] or 0)) if _HAS_ZONE.search(told) else assumed()
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=offset).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def either(words: str | None) -> datetime | None:
    """Read a time in whichever of the two forms it is written."""
    if not words:
        return None
    told = words.strip()
    if told[3:5] == ", " and (found := _usual(told)):
        return found
    return iso(told) or mail(told)


def _usual(told: str) -> datetime | None:
    """Read a time that is as the mail standard wants it, `Mon, 03 Mar 2025 06:00:20 +0000`, in a tenth of the time; else None."""
    if told[6:7] == " ":  # the day has one digit
        told = f"{told[:5]}0{told[5:]}"
    month = _MONTH_NUMBERS.get(told[8:11])
    if (
        month is None
        or len(told) not in {29, 31}
        or not told[7] == told[11] == told[16] == told[25] == " "
        or not told[19] == told[22] == ":"
    ):
        return None
    zone = told[26:]
    offset = "+00:00" if zone in {"GMT", "UTC"} else f"{zone[:3]}:{zone[3:]}"
    try:
        at = datetime.fromisoformat(f"{told[12:16]}-{month}-{told[5:7]}T{told[17:25]}{offset}")
        return at if at.tzinfo is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
