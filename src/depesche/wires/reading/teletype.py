"""What teletype formats share: messages between control characters, their footers' times, and ANPA 1312 as a whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from depesche.lib import memo, text
from depesche.lib.zones import assumed
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import Note, Series, Subject, Take
from depesche.wires.reading import fields, wrapped

MAX_BYTES = 20_000_000

_HOME = ZoneInfo("Europe/Berlin")  # the zone of German wires, which name none
_ZONES = {"GMT": 0, "UTC": 0, "Z": 0, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EST": -5, "EDT": -4}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan",
            "feb",
            "mär mar mrz",
            "apr",
            "mai may",
            "jun",
            "jul",
            "aug",
            "sep",
            "okt oct",
            "nov",
            "dez dec",
        ),
        1,
    )
    for name in names.split()
}
_FOOTER = re.compile(
    r"\s*(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})[ ]*(?P<zone>GMT|UTC|Z|CES?T|MES?Z|E[SD]T)?[ ]+"
    r"(?P<month>[A-Za-zä]{3})[a-zä]*\.?(?:[ ]+(?P<year>\d{4}|\d{2}))?\s*"
)
_LAST_LINES = 200  # characters in which a footer without its mark is looked for
_DOTS = re.compile(r"[\x7f\x00\x16]+")

_ANPA = re.compile(
    r"[a-zA-Z]\d{4}[^\n]{0,40}\n+\s*(?P<priority>[a-z]) (?P<category>[a-z])[ \x00-\x1f]{1,6}(?P<slug>[^\n]{0,120}?)\s+"
    r"(?P<month>\d{1,2})-(?P<day>\d{1,2})\s+(?P<count>\d{1,5})[ \t\x00-\x1f]*?\n"
)
_ANPA_FOOTER = re.compile(
    r"\s*(?P<service>[A-Z]{2}-[A-Z]{2})-(?P<month>\d{2})-(?P<day>\d{2})-(?P<year>\d{2}) (?P<hour>\d{2})(?P<minute>\d{2})(?P<zone>GMT|EST|EDT)<?\s*"
)
_ANPA_SLUG = re.compile(
    r"(?P<kind>[A-Z]{2}-(?:[A-Z]{2,4}(?=--))?)-*(?P<topic>\S.*?)(?:[, ]+(?P<number>\d)(?:st|nd|rd|th) ?Ld(?:-Writethru)?)?(?:,(?P<count>\d+))?"
)
_ANPA_URGENCY = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5}
_ANPA_ADVISORY = re.compile(r"Eds?:|AP (?:Photo|Graphic|Video|Audio)")
_LONG_HEAD = 120  # characters of a line in the head that sums the story up
_NOT_HEADLINE = re.compile(r"(?:AP (?:Photo|Graphic|Video|Audio)|Eds?:|By |AP\b|With )", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts of a message: what stands between header and text, the text, and the footer's time.

    `is_marked` tells that control characters part them. `day` is the footer's day as digits, without a year where
    the footer has none; `at` is None then, unless the time of receipt told the year.
    """

    before: str
    text: str
    is_marked: bool
    day: str
    has_year: bool
    at: datetime | None


def messages(raw: bytes) -> list[bytes]:
    """Return the messages in *raw*, from header to footer.

    Raises:
        WireError: there are none, or too many of them or of their bytes.
    """
    if len(raw) > MAX_BYTES:
        raise WireError(f"text: {len(raw)} bytes are more than {MAX_BYTES}")
    if b"\x01" in raw:
        parts = [part.partition(b"\x04")[0] for part in raw.split(b"\x01")[1:]]
    else:
        parts = raw.split(b"\x04")
    found = [part for part in parts if part.strip(b"\x00\x04\x16\x7f \t\r\n")]
    if not found:
        raise WireError("text: there is no message in it")
    fields.refuse_flood(len(found), "messages")
    return found


def unix(message: bytes) -> bytes:
    """Return *message*, in whatever encoding that has the controls of ASCII, with line feeds alone at the ends of its lines."""
    if b"\r" not in message:
        return message
    bare = message.translate(None, b"\r")
    if message.count(b"\r\n") == len(message) - len(bare):
        return bare
    return message.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def frame(words: str, start: int, received_at: datetime | None) -> Frame:
    """Part the message *words*, whose lines end as `unix` has them and whose header ends at *start*."""
    mark = words.find("\x02", start)
    end = words.find("\x03", max(mark, start))
    before = words[start:mark] if mark >= 0 else ""
    body = words[mark + 1 if mark >= 0 else start : end if end >= 0 else len(words)]
    found = _FOOTER.match(words, end + 1) if end >= 0 else None
    if end < 0:
        body, found = _without_footer(body)
    day, has_year, at = _time(found, received_at)
    return Frame(text.strip_dead(before), text.strip_dead(body), mark >= 0, day, has_year, at)


def _without_footer(body: str) -> tuple[str, re.Match[str] | None]:
    """Take the last line off *body* if it is a footer."""
    whole = _DOTS.sub("", body[-_LAST_LINES:]).rstrip()
    found = _FOOTER.fullmatch(whole.rpartition("\n")[2])
    if found is None:
        return body, None
    return body[:-_LAST_LINES] + whole.rpartition("\n")[0], found


def _time(found: re.Match[str] | None, received_at: datetime | None) -> tuple[str, bool, datetime | None]:
    """Return a footer's day, whether its year is known, and its moment."""
    month = _MONTHS.get(found["month"].lower()) if found else None
    if found is None or month is None:
        return "", False, None
    day, clock = int(found["day"]), (int(found["hour"]), int(found["minute"]))
    zone = found["zone"]
    if found["year"]:
        year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
        at = _moment(year, month, day, clock, zone)
        return (f"{year:04d}{month:02d}{day:02d}" if at else ""), at is not None, at
    if received_at is None:
        return f"{month:02d}{day:02d}", False, None
    latest = received_at + timedelta(days=1)  # clocks differ, and so do zones
    for year in (latest.year, latest.year - 1, *range(latest.year - 2, latest.year - 9, -1)):
        at = _moment(year, month, day, clock, zone)
        if at is not None and at <= latest:
            return f"{year:04d}{month:02d}{day:02d}", True, at
    return f"{month:02d}{day:02d}", False, None


def _moment(year: int, month: int, day: int, clock: tuple[int, int], zone: str | None) -> datetime | None:
    try:
        if zone:
            return datetime(year, month, day, *clock, tzinfo=UTC) - timedelta(hours=_ZONES[zone])
        # The wire's own zone, where one is set, goes before the usual one.
        home = _HOME if (told := assumed()) is UTC else told
        return datetime(year, month, day, *clock, tzinfo=home).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def guid(name: str, source: str, one: Frame, item: str, number: str) -> str:
    """Return an identity from sender, day and number; where one of them says nothing, the words speak for it.

    A number of noughts is none. Without the year the same day and number come again after twelve months.
    """
    plain = f"urn:{name}:{_sender(source)}:{one.day or 'undated'}:{item}"
    if one.has_year and number.strip("0"):
        return plain
    told = "\n".join([line.strip() for line in one.text.split("\n")])
    return f"{plain}:{hashlib.sha256(f'{one.before.strip()}{told}'.encode()).hexdigest()[:16]}"


@memo.of_words(256)
def _sender(source: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-")


def is_anpa(words: str) -> bool:
    """Tell whether *words* begin with the two header lines of ANPA 1312."""
    return _ANPA.match(words.replace("\r\n", "\n")) is not None


def anpa(words: str, provider: str, format_name: str) -> Take:
    """Read a message of ANPA 1312: header lines marked by a circumflex, then paragraphs that begin with a tab.

    Raises:
        NotAStory: there is neither headline nor text.
    """
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    header = _ANPA.match(words)
    if header is None:
        raise WireError("header: is none of ANPA 1312")
    copy, footer = _anpa_footer(words[header.end() :])
    copy = text.strip_dead(copy)
    heads, paragraphs = _anpa_parts(copy)
    slug = _ANPA_SLUG.fullmatch(heads[0]) if heads else None
    title = _anpa_title(heads)
    if not title or not paragraphs:
        raise NotAStory("text: has no headline or no copy")
    at = _anpa_time(footer) if footer else None
    day = at.strftime("%Y%m%d") if at else ""
    told = Frame(header[0], copy, is_marked=True, day=day, has_year=at is not None, at=at)
    source = footer["service"].split("-")[0] if footer else ""
    return Take(
        format=format_name,
        provider=provider or source or fields.UNKNOWN,
        guid=guid("anpa1312", source or "anpa", told, words[:5], words[1:5]),
        headline=text.line(title),
        headline_raw=text.line(title),
        version_created=at,
        urgency=_ANPA_URGENCY.get(header["priority"], 5),
        series=_series(slug),
        byline=_byline(heads),
        teaser=_anpa_teaser(heads, title),
        body_html=wrapped.to_html([[_typeset(line)] for line in paragraphs]),
        credit=source or None,
        subjects=(Subject("category", header["category"]),),
        notes=tuple(Note("advisory", text.line(one)) for one in heads[1:] if _ANPA_ADVISORY.match(one)),
    )


def _anpa_parts(copy: str) -> tuple[list[str], list[str]]:
    """Part the lines at the head, which a circumflex marks, from the paragraphs, each of which is a line."""
    heads: list[str] = []
    lines: list[str] = []
    for line in copy.split("\n"):
        if line.startswith("^") and not lines:
            heads.append(line.strip("^<= \t"))
        elif line.strip() or lines:
            lines.append(line)
    return heads, [line.rstrip("<") for line in lines if line.strip(" _<\t")]


def _anpa_title(heads: Sequence[str]) -> str:
    """Return the headline: the first line of the head that is none of its remarks, else the slug."""
    title = next((one for one in heads[1:] if one and not _NOT_HEADLINE.match(one)), "")
    return title or (heads[0] if heads else "")


def _anpa_teaser(heads: Sequence[str], title: str) -> str | None:
    long = (one for one in heads[1:] if len(one) > _LONG_HEAD and one != title)
    return next((text.line(one) for one in long if not _NOT_HEADLINE.match(one)), None)


def _anpa_time(footer: re.Match[str]) -> datetime | None:
    clock = int(footer["hour"]), int(footer["minute"])
    return _moment(
        int(footer["year"]) + 2000, int(footer["month"]), int(footer["day"]), clock, footer["zone"]
    )


def _typeset(line: str) -> str:
    """Return *line* with the quotation marks and dashes that teletypes had no sign for."""
    return line.strip().replace("``", "“").replace("''", "”").replace(" _ ", " — ")


def _anpa_footer(copy: str) -> tuple[str, re.Match[str] | None]:
    """Take the service's line off the end of *copy*."""
    whole = copy.replace("\x02", "").replace("\x03", "\n").rstrip()
    head, _, last = whole.rpartition("\n")
    found = _ANPA_FOOTER.fullmatch(_DOTS.sub("", last))
    return (head, found) if found else (whole, None)


def _series(slug: re.Match[str] | None) -> Series | None:
    if slug is None:
        return None
    return Series(
        slug["kind"].rstrip("-"), int(slug["number"]) if slug["number"] else None, text.line(slug["topic"])
    )


def _byline(heads: Sequence[str]) -> str | None:
    for place, one in enumerate(heads):
        if one.startswith(("By ", "BY ")):
            title = heads[place + 1] if place + 1 < len(heads) and len(heads[place + 1]) < 60 else ""
            return text.line(f"{one}, {title}" if title else one)
    return None
