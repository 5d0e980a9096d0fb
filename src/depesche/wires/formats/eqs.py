"""Issuers' releases as plain text, from EQS (before 2023: DGAP), euro adhoc, pressetext, IRW-Press, GlobeNewswire and others.

The service's number of a release is its identity, with the language, so that the same release from several portals is one.
Frame and keyed block stay in the copy: the copydesk takes them off for releases of every format alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from depesche.lib import text
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import Take
from depesche.wires.format import WireFormat
from depesche.wires.reading import charset, encoding, fields, wrapped

MAX_BYTES = 20_000_000

_LABEL = (
    r"(?:(?:WDH|KORREKTUR|Korrektur|CORRECTION|Correction)\s?[/:]\s?)?"
    r"(?P<label>(?:EQS|DGAP|EANS|IRW|GNW|OTS)[ -][A-Za-zÄÖÜäöü][\wÄÖÜäöü -]{1,40}|pta ?\d{6,}|PTA(?:-[A-Za-z]+)?|Original-Research|euro adhoc)\s*:"
)
_PTA_ALONE = re.compile(r"\W{0,4}pta ?\d{8,14}[ \t]*\n", re.IGNORECASE)
_PTA_KIND = re.compile(
    r"Öffentliche Mitteilung|Public disclosure|Public notification|Pressemitteilung", re.IGNORECASE
)
_FIRST = re.compile(rf"\W{{0,4}}{_LABEL}\s*\S", re.IGNORECASE)
_PTA_NUMBER = re.compile(r"\bpta ?(\d{8,14})\b", re.IGNORECASE)
_NEWS_ID = re.compile(r"\b(?:EQS|DGAP)[ -]News[- ]ID\s*:\s*(\d{4,12})")
_IRW_ID = re.compile(r"irw-press\.(?:com|at)/\S{0,80}?(?:messageID|id)=(\d{3,12})", re.IGNORECASE)
_STAMP = re.compile(
    r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\s?/\s?(\d{1,2}):(\d{2})(?:\s?(CET/CEST|CEST|CET|MESZ|MEZ|UTC(?:[+-]\d{1,2})?|GMT))?"
)
_LANGUAGE = re.compile(r"^\s*(?:Sprache|Language)\s*:\s*([A-Za-zöäü]+)", re.MULTILINE)
_MARK = re.compile(r"\((deutsch|english|englisch)\)\s*$", re.IGNORECASE)
_TONGUES = {"deutsch": "de", "german": "de", "englisch": "en", "english": "en", "französisch": "fr", "french": "fr",
            "italienisch": "it", "italian": "it", "spanisch": "es", "spanish": "es"}  # fmt: skip
_KEYWORDS = re.compile(r"\s+/\s+(?:Schlagwort\(e\)|Key word\(s\)):.*$|\s+/\s+[A-ZÄÖÜ][^/]{2,80}$")
_GERMAN_WORDS = re.compile(r"\b(?:der|die|das|und|für|Mitteilung|wird|nicht)\b")
_ENGLISH_WORDS = re.compile(r"\b(?:the|and|of|for|announcement|will|not)\b")
_ZONES = {"UTC": 0, "GMT": 0, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2}
_HOME = ZoneInfo("Europe/Berlin")
_PROVIDERS = {"EQS": "EQS", "DGAP": "EQS", "EANS": "euro adhoc", "IRW": "IRW-Press", "GNW": "GlobeNewswire", "OTS": "news aktuell",
              "PTA": "pressetext", "EURO": "euro adhoc", "ORIGINAL": "EQS"}  # fmt: skip
_RULES = re.compile(r"[-=_*]{5,}|[\^°]")
_HEAD_LINES = 12


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins an issuer's release in plain text."""
    words = encoding.glance(head)
    if words[:1] in {"<", "{", "["} or "\x01" in words[:10]:
        return False
    bare = words.lstrip("^ \t\r\n").replace("\r", "")
    return _FIRST.match(bare) is not None or _PTA_ALONE.match(bare) is not None


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield the take in *raw*; times are German unless a zone is named.

    Raises:
        WireError: it is too large, or has no headline.
        NotAStory: it has no text.
    """
    if len(raw) > MAX_BYTES:
        raise WireError(f"text: {len(raw)} bytes are more than {MAX_BYTES}")
    wide = encoding.wide(raw)
    try:
        words = raw.decode(wide) if wide else charset.decode(raw)
    except UnicodeDecodeError as error:
        raise WireError(f"text: is no {wide}") from error
    yield _take(text.strip_dead(words).replace("\r\n", "\n").replace("\r", "\n").strip(), provider)


def _take(words: str, provider: str) -> Take:
    title, label, copy = _headline(words)
    if not title:
        raise WireError("headline: missing")
    paragraphs = wrapped.paragraphs(copy)
    if not paragraphs:
        raise NotAStory("text: there is nothing but a headline")
    language = _tongue(title, words)
    at = _time(words)
    return Take(
        format=FORMAT.name,
        provider=provider or _PROVIDERS.get(re.split(r"[- \d]", label.upper())[0], fields.UNKNOWN),
        guid=_identity(words, label, language),
        headline=title,
        headline_raw=title,
        version_created=at,
        first_created=at,
        language=language,
        body_html=_html(paragraphs),
    )


def _headline(words: str) -> tuple[str, str, str]:
    """Return the headline with its label, the label, and the copy; the title below a label line is the headline where none leads."""
    if _PTA_ALONE.match(words):
        return _pta(words)
    lines = words.split("\n")
    start = next((place for place, line in enumerate(lines[:_HEAD_LINES]) if line.strip(" ^\t")), 0)
    found = _FIRST.match(lines[start].strip(" ^\t"))
    label = text.line(found["label"]) if found else ""
    end = start
    while (
        end < len(lines)
        and lines[end].strip()
        and not _RULES.fullmatch(lines[end].strip())
        and end < start + _HEAD_LINES
    ):
        end += 1
    head = [text.line(line.strip("^ \t")) for line in lines[start:end]]
    has_frame = "^" in "".join(lines[end : end + 4]) or any(
        _FIRST.match(line.strip(" ^\t")) for line in lines[end : end + 6]
    )
    if has_frame or not re.search(r"\s/\s", head[0] if head else ""):
        return text.line(" ".join(head)), label, "\n".join(lines[end:])
    return _titled(head, label), label, "\n".join(lines[start:])


def _pta(words: str) -> tuple[str, str, str]:
    """Return headline, label and copy of a release that its number leads on a line of its own."""
    number, _, rest = words.partition("\n")
    parts = [part for part in re.split(r"\n\s*\n", rest.strip()) if part.strip()]
    kind, title = "", ""
    if parts and _PTA_KIND.match(parts[0].strip()):
        kind, _, title = parts.pop(0).strip().partition("\n")
    title = text.line(title) or (text.line(parts.pop(0)) if parts else "")
    copy = "\n\n".join(filter(None, [kind, *parts]))
    return (f"{text.line(number)}: {title}" if title else ""), "pta", copy


def _titled(head: list[str], label: str) -> str:
    """Return the headline that a label line and the title under it make: `EQS-News: Nordwind AG / Key word(s): Dividend`."""
    company = _KEYWORDS.sub("", head[0].partition(":")[2]).strip()
    title = text.line(
        " ".join(
            one for one in head[1:] if not re.search(r"\((?:e|s)\):", one[:20]) and not _STAMP.match(one)
        )
    )
    if not title:
        return head[0]
    first = company.split(" ")[0].casefold()
    return (
        f"{label}: {title}"
        if not company or title.casefold().startswith(first)
        else f"{label}: {company}: {title}"
    )


def _identity(words: str, label: str, language: str | None) -> str:
    """Return the service's number of the release with its language; without one, what the release says names it."""
    tongue = language or "und"
    if found := _NEWS_ID.search(words):
        return f"urn:eqs:{found[1]}:{tongue}"
    if found := _PTA_NUMBER.search(words[:600]):
        return f"urn:pta:{found[1]}"
    if found := _IRW_ID.search(words):
        return f"urn:irw:{found[1]}:{tongue}"
    told = " ".join(word for word in words.split() if not _RULES.fullmatch(word))
    service = re.split(r"[- \d]", label.lower())[0] or "release"
    return f"urn:{service}:sha256:{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def _time(words: str) -> datetime | None:
    found = _STAMP.search(words)
    if found is None:
        return None
    day, month, year, hour, minute = map(int, found.groups()[:5])
    zone = found[6] or "CET/CEST"
    try:
        if zone == "CET/CEST":
            return datetime(year, month, day, hour, minute, tzinfo=_HOME).astimezone(UTC)
        name, sign, digits = re.fullmatch(r"([A-Z]+)([+-]?)(\d*)", zone).groups()  # type: ignore[union-attr]
        offset = _ZONES[name] + (int(digits) * (-1 if sign == "-" else 1) if digits else 0)
        return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=offset)
    except (ValueError, OverflowError):
        return None


def _tongue(title: str, words: str) -> str | None:
    """Return the language by the keyed block, the headline's mark, or the commoner small words."""
    if found := _LANGUAGE.search(words):
        return _TONGUES.get(found[1].casefold())
    if mark := _MARK.search(title):
        return _TONGUES[mark[1].casefold()]
    sample = words[:3000]
    german, english = len(_GERMAN_WORDS.findall(sample)), len(_ENGLISH_WORDS.findall(sample))
    if german == english:
        return None
    return "de" if german > english else "en"


def _html(paragraphs: list[list[str]]) -> str:
    """Return the paragraphs as HTML; rules and marks stand alone, so that the copydesk sees them."""
    parted: list[list[str]] = []
    for one in paragraphs:
        start = 0
        for place, line in enumerate(one):
            if _RULES.fullmatch(line.strip()):
                parted += [one[start:place], [line]]
                start = place + 1
        parted.append(one[start:])
    return wrapped.to_html([_columns(one) for one in parted if one])


def _columns(lines: list[str]) -> list[str]:
    """Return a keyed block's lines without the spaces that set it in columns; other lines as they are."""
    keyed = sum(re.match(r"\s*[A-ZÄÖÜ][\w() -]{1,20}:\s", line) is not None for line in lines)
    return [text.line(line) for line in lines] if keyed > 2 else lines


FORMAT = WireFormat("eqs", sniff, read, "EQS, DGAP, EANS, pta, IRW and other issuers' releases in plain text")
