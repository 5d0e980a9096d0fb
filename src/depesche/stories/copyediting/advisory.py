"""What copy says about itself: corrections, advisories, embargoes and kills, in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from depesche.lib import text
from depesche.lib.markup.html import flat_text
from depesche.model.take import CANCELED, USABLE, WITHHELD
from depesche.stories.copyediting import cues
from depesche.stories.copyediting.draft import Draft

_OPENINGS = 4  # blocks in which an advisory may stand
_MOST = 12  # advisories taken out of one story; what has more of them is no copy

_TOLD = re.compile(
    r"(?:Wiederholung|Wdh|Berichtigung|Berichtigt|Korrektur|Korrigiert|Richtigstellung|Klarstellung|Präzisierung)\b[^:()]{0,40}:",
    re.IGNORECASE,
)
_CORRECTS = re.compile(r"(?:Corrects|Corrected|Correction)\b", re.IGNORECASE)
_ADVISES = re.compile(
    r"(?:Adds|Updates|Recasts|Refiles|Repeats|Rewrites|Removes|Changes|Clarifies|Fixes|Deletes|Eds\b|Aktualisiert|Neu\b|"
    r"Ergänzt|mit neuem|durchgehend)",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:^|(?<=[.!?)\n])\s*)(?:(?:Es folgt|Nachstehend) )?(?:(?:die|Die) )?(?:(?:gesamte|vollständige|komplette) )?(?:korrigierte|berichtigte|richtige) "
    r"(?:Mitteilung|Meldung|Fassung|Version|Ad-hoc-Mitteilung)(?: lautet(?: (?:wie folgt|nun))?| im (?:vollen )?Wortlaut)?\s*:\s*"
    r"|(?:^|(?<=[.!?)\n])\s*)(?:The )?(?:full |complete )?corrected (?:release|story|text|version|announcement)(?: (?:follows|reads)(?: as follows)?)?\s*:\s*",
)
# Some of the words above, found in a tenth of the time.
_WHOLE = re.compile(r"rigierte |richtigte |ichtige [MFVA]|rrected [rstva]")
_LONGEST_LINE = 220  # characters; longer copy is an advisory only in brackets
_LONGEST_ANNOUNCEMENT = 1500  # characters of a paragraph that ends in such a line
_LONGEST_BRACKET = 2000
_BRACKET = re.compile("[()]")
_BARE_EDS = re.compile(r"Eds?: [A-Z][^\n]{0,200}")

_KILL = re.compile(
    r"\bKILL\W{1,3}KILL\W{1,3}KILL\b|\bSTORY WITHDRAWN\b|\bMANDATORY KILL\b|^\W*(?:STORY )?WITHDRAWAL?N?\s?[-:]\s?[A-Z]|\bBULLETIN KILL\b"
)
_KILL_DE = re.compile(
    r"\(\s*achtung\s*[:)][^\n]{0,400}?\b(?:zurückgezogen|zurückzuziehen|zurückziehen|ziehen? [^\n]{0,200}?\bzurück\b)"
    r"|^\W*(?:diese|die|unsere) meldung [^\n]{0,200}?\b(?:wird|wurde|ist) (?:ersatzlos )?zurückgezogen",
    re.IGNORECASE,
)

# A lock-up is called Sperrfrist as well, so the word must lead and a time, a bracket or a colon must follow.
_EMBARGO = re.compile(
    r"[^\w(]{0,3}\(?\s*(?:achtung[^:\n]{0,40}[:,-]\s*)?"
    r"(?:(?:Sperrfrist|Sperrvermerk)(?:\s*:\s*|\s+(?=(?:bis|frei|ab|\d|Mo|Di|Mi|Do|Fr|Sa|So)))"
    r"|(?:STRICTLY\s+)?EMBARGO(?:ED)?\b(?:\s*:\s*|\s+(?=(?:until|till|for|to|\d)))"
    r"|NOT\s+FOR\s+(?:PUBLIC\s+)?(?:RELEASE|PUBLICATION)\s+(?:UNTIL|BEFORE)\s)",
    re.IGNORECASE,
)
# Shouted, the word is an order wherever it stands.
_SHOUT = re.compile(r"\bSPERRFRIST\b[^\n]{0,100}|\bEMBARGOED UNTIL\b[^\n]{0,100}")
_EMBARGO_ANYWHERE = re.compile(
    r"\bSperrfrist\b|\bEMBARGOED\b|\bnot for (?:public )?(?:release|publication) (?:until|before)\b",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mär mar", "apr", "mai may", "jun", "jul", "aug", "sep", "okt oct", "nov", "dez dec"),
        1,
    )
    for name in names.split()
}
_MONTH = r"(?P<month>[A-Za-zä]{3,9})\.?"
_DAY = re.compile(
    rf"\b(?P<day>\d{{1,2}})\.\s?(?:(?P<digits>\d{{1,2}})\.?|{_MONTH})\s?(?P<year>\d{{4}}|\d{{2}}(?=[,\s]|$))?(?![\d.:])",
    re.IGNORECASE,
)
_DAY_EN = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s{_MONTH}|(?P<month2>[A-Za-z]{{3,9}})\.?\s(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?)(?:,?\s(?P<year>\d{{4}}))?\b"
)
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})")
_HOUR = re.compile(
    r"\b(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?\s?Uhr\b(?:\s?(?P<zone1>MEZ|MESZ|CET|CEST|GMT|UTC))?"
    r"|\b(?P<hour2>\d{1,2}):?(?P<minute2>\d{2})\s?(?P<zone2>GMT|UTC|CEST|CET|MESZ|MEZ)\b",
    re.IGNORECASE,
)
_FIXED = {"gmt": 0, "utc": 0, "cet": 1, "mez": 1, "cest": 2, "mesz": 2}


def take_out(draft: Draft) -> None:
    """Move correction lines and advisories out of the copy, and obey what is said of embargo and withdrawal."""
    _obey_kill(draft)
    if draft.mentions(cues.WHOLE_AGAIN):
        _whole_again(draft)
    place = 0
    for _ in range(_MOST):
        if place >= _OPENINGS or place >= len(draft.blocks):
            break
        inner = draft.blocks[place].inner
        if len(inner) > _LONGEST_LINE and inner[0] not in "(<& \xa0\n":
            place += 1
            continue
        flat = flat_text(inner)
        length, role, public = _leading(flat)
        if length:
            draft.note(role, text.line(draft.cut_start(place, length)).strip("()").strip(), public=public)
        elif len(flat) < 200 and _EMBARGO.match(flat) and (end := _embargo_end(flat)):
            words = text.line(draft.cut_start(place, end))
            draft.note("embargo", words)
            _hold(draft, words)
        else:
            place += 1
    shouts = draft.mentions(cues.EMBARGO)
    for block in (*draft.blocks[:_OPENINGS], *draft.blocks[-2:]) if shouts else ():
        if shout := _SHOUT.search(flat_text(block.inner)):
            _hold(draft, shout[0])
    if _EMBARGO.match(draft.headline) and (draft.headline[:1] == "(" or _time(draft.headline, draft)):
        _hold(draft, draft.headline)
    _hold_for_notes(draft)


def _whole_again(draft: Draft) -> None:
    """Move what stands before `Die gesamte korrigierte Mitteilung lautet:`, and that line, into a note: it says what was wrong."""
    for place, block in enumerate(draft.blocks[: _OPENINGS + 2]):
        inner = block.inner
        if len(inner) > _LONGEST_ANNOUNCEMENT or ":" not in inner or not _WHOLE.search(inner):
            continue
        flat = flat_text(inner)
        if found := _ANNOUNCES.search(flat):
            before = [one.text for one in draft.blocks[:place]]
            del draft.blocks[:place]
            words = draft.cut_start(0, found.end())
            draft.note("correction", "\n\n".join([*before, words]), public=True)
            return


def _leading(flat: str) -> tuple[int, str, bool]:
    """Return length, role and publicity of the advisory at the beginning of *flat*, length 0 when there is none."""
    lead = len(flat) - len(flat.lstrip())
    if flat[lead : lead + 1] != "(":
        eds = _BARE_EDS.fullmatch(flat.strip())
        return (len(flat), "advisory", False) if eds else (0, "", False)
    end = _closing(flat, lead)
    if not end:
        return 0, "", False
    inside = flat[lead + 1 : end - 1].strip()
    if _TOLD.match(inside):
        return end, "correction", True
    if _CORRECTS.match(inside):
        return end, "correction", False
    if _ADVISES.match(inside):
        return end, "advisory", False
    return 0, "", False


def _closing(flat: str, start: int) -> int:
    """Return the place after the bracket that closes the one at *start*, 0 when none does."""
    depth = 0
    for bracket in _BRACKET.finditer(flat, start, start + _LONGEST_BRACKET):
        depth += 1 if bracket[0] == "(" else -1
        if depth == 0:
            return bracket.end()
    return 0


def _obey_kill(draft: Draft) -> None:
    title = draft.headline
    if (
        not draft.mentions(cues.KILL)
        and "KILL" not in title
        and "WITHDRAW" not in title
        and "urück" not in title.lower()
    ):
        return
    for words in (title, *[flat_text(block.inner)[:1000] for block in draft.blocks[:2]]):
        if _KILL.search(words) or _KILL_DE.search(words):
            draft.status = CANCELED
            draft.note("kill", text.line(words))
            return


def _embargo_end(flat: str) -> int:
    """Return where the embargo line at the beginning of *flat* ends: at its bracket, its line or its hour."""
    lead = len(flat) - len(flat.lstrip())
    if flat[lead : lead + 1] == "(":
        return _closing(flat, lead) or len(flat)
    first = flat.split("\n", 1)[0]
    return len(first) + 1 if "\n" in flat else len(flat)


def _hold(draft: Draft, words: str) -> None:
    """Embargo *draft* until the time that *words* tell, or withhold it when they tell none."""
    until = _time(words, draft)
    if until is None:
        if draft.embargoed is None and draft.status == USABLE:
            draft.status = WITHHELD
        return
    draft.embargoed = max(until, draft.embargoed) if draft.embargoed else until


def _hold_for_notes(draft: Draft) -> None:
    """Obey an embargo that only a note to editors speaks of; a field of the item goes before a note."""
    if draft.take.embargoed is not None or draft.embargoed is not None:
        return
    if not draft.take.notes:
        return
    words = "\n".join([note.text for note in draft.take.notes]).lower()
    if "sperrfrist" not in words and "embargoed" not in words and "not for " not in words:
        return
    for note in draft.take.notes:
        if _EMBARGO_ANYWHERE.search(note.text):
            _hold(draft, note.text)


def _time(words: str, draft: Draft) -> datetime | None:
    """Read the moment that *words* tell, or None; a year left out is the one nearest to the item's own time."""
    if iso := _ISO.search(words):
        try:
            return datetime.fromisoformat(iso[0]).astimezone(UTC)
        except (ValueError, OverflowError):  # no such hour, or one before all years
            return None
    day, hour = _DAY.search(words) or _DAY_EN.search(words), _HOUR.search(words)
    if day is None or hour is None:
        return None
    found = {**day.groupdict(), **hour.groupdict()}
    month = (
        int(found["digits"])
        if found.get("digits")
        else _MONTHS.get((found.get("month") or found.get("month2") or "")[:3].lower())
    )
    number = int(found.get("day") or found.get("day2") or 0)
    reference = draft.take.version_created or draft.take.first_created
    clock = int(found["hour"] or found["hour2"]), int(found["minute"] or found["minute2"] or 0)
    zone = (found["zone1"] or found["zone2"] or "").lower()
    if month is None:
        return None
    if found["year"]:
        return _moment(
            int(found["year"]) + (2000 if len(found["year"]) == 2 else 0), month, number, clock, zone
        )
    if reference is None:
        return None
    years = (reference.year - 1, reference.year, reference.year + 1)
    moments = [one for year in years if (one := _moment(year, month, number, clock, zone))]
    if not moments:
        return None
    return min(moments, key=lambda one: abs(one - reference))


def _moment(year: int, month: int, day: int, clock: tuple[int, int], zone: str) -> datetime | None:
    """Return a moment told in *zone*, German time when none is named; None when there is no such moment."""
    hour, minute = clock
    try:
        start = datetime(year, month, day, tzinfo=UTC)
        told = start + timedelta(hours=hour, minutes=minute)
        if zone:
            return told - timedelta(hours=_FIXED[zone])
        return told.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return None
