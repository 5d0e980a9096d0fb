"""Fill in the times that the demo's files leave open, so that the news is always of today."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

_BLANK = re.compile(r"\{\{([^{}]*)\}\}")
_MOMENT = re.compile(r"(?P<form>[a-z.]+)(?P<shift>[+-]\d+[smhd])?")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def fill(text: str, now: datetime, zone: ZoneInfo, speed: float = 1.0) -> str:
    """Return *text* with each `{{form+shift}}` written out: `{{now-35m}}`, `{{weekday.de-2d}}`, `{{now+75s}}`.

    Forms are `now` (RFC 3339), `mail` (RFC 5322), `weekday` and `date`, the last two with a language. What
    lies ahead of *now* comes nearer by *speed*, as all that is still to be played does.

    Raises:
        ValueError: a blank cannot be filled.
    """

    def written(found: re.Match[str]) -> str:
        moment = _MOMENT.fullmatch(found[1])
        if moment is None:
            raise ValueError(f"{found[0]} is no time")
        at = (now + _shift(moment["shift"], speed)).astimezone(zone).replace(microsecond=0)
        return _written(moment["form"], at)

    return _BLANK.sub(written, text)


def _shift(words: str | None, speed: float) -> timedelta:
    if words is None:
        return timedelta()
    seconds = int(words[:-1]) * _UNITS[words[-1]]
    return timedelta(seconds=seconds / speed if seconds > 0 else seconds)


def _written(form: str, at: datetime) -> str:
    if form == "now":
        return at.isoformat()
    if form == "mail":
        return format_datetime(at)
    name, _, language = form.partition(".")
    patterns = {
        ("weekday", "de"): "EEEE",
        ("weekday", "en"): "EEEE",
        ("date", "de"): "d. MMMM y",
        ("date", "en"): "d MMMM y",
    }
    if (name, language) not in patterns:
        raise ValueError(f"{{{{{form}}}}} is no form of a time")
    return format_date(at, patterns[name, language], locale=language)
