"""What else a name can be where it stands: a person, a village, a thing of some make, a channel, an arena, part of a longer name."""

from __future__ import annotations

import re
from collections.abc import Callable

from depesche.instruments import vocabulary, words
from depesche.instruments.dictionary import Found
from depesche.instruments.fold import fold

ELSE = "else"
PERSON = "person"
PLACE = "place"
THING = "thing"
LONGER = "longer"

TELLING = frozenset({PERSON, PLACE, LONGER})
"""What one occurrence is, the others of the same name in the story most likely are too."""

_WORD = re.compile(r"[^\W_]+")
_BEFORE = re.compile(r"(?:([^\W_][\w-]*)\.?\s+)?([^\W_][\w-]*)(\.?)\s$")
_INITIAL = re.compile(r"(?<![A-Z]\.)(?<![\w.])[A-Z]\. $")
_AGED = re.compile(r",\s\d\d,|\s\(\d\d\)")
_CAPITAL = re.compile(r"\s([A-ZÄÖÜ][a-zäöüß’']+)(?:\s([A-ZÄÖÜ][a-zäöüß]+))?")
_FIRM = re.compile(
    r"(?:\s(?!AG|SE|Inc|Corp)[A-ZÄÖÜ][\w-]+){1,2}\s(?:g?GmbH|KG|OHG|eG|e\. ?V\.|mbH|LLC|Ltd)\b"
)
_GOES_ON = frozenset(
    """ag se inc corp corporation plc ltd co company group holding holdings ceo cfo chief president chairman chairwoman
chairperson class monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
september october november december aktie aktien chef chefin konzern deutschland europe europa china india america uk""".split()  # noqa: SIM905
)
_VENUE = re.compile(r"\b(?:boerse|exchange|cboe|cme|euronext)\b")
_TRADED = re.compile(r"(?:([^\W_]+)\s)?(?:an|auf|über|on|at|in)\s(?:der|die|dem|the)\s$", re.IGNORECASE)
_SHARE_OF = frozenset("anteil anteile beteiligung interesse aktien stake shares share kritik".split())  # noqa: SIM905
_STAKE = frozenset("vertrauen investition investitionen investiert einstieg".split())  # noqa: SIM905
_DEFINITE = frozenset("der dem den des im am beim zum vom".split())  # noqa: SIM905
_ROLES = frozenset(
    """spokesman spokeswoman spokesperson executive executives manager plant factory unit subsidiary shareholder representative
engineer engineers employee employees worker store shop supplier customer filing statement memo deal contract takeover""".split()  # noqa: SIM905
)
_AT = frozenset(
    [
        "in",
        "richtung",
        "ortsteil",
        "ortsteils",
        "stadtteil",
        "gemeinde",
        "dorf",
        "stadt",
        "landkreis",
        "near",
        "village",
        "town",
    ]
)


def namesake(text: str, found: Found, *, english: Callable[[], bool]) -> str | None:
    """Return what else the name at *found* in *text* is, None where it may be the company."""
    after = _WORD.match(text[found.end : found.end + 40].lstrip(" -"))
    if after and text[found.end] in " -" and fold(after.group()) in words.SPOILERS:
        return ELSE
    if text[found.end : found.end + 1] == "+":
        return ELSE
    if _VENUE.search(found.folded) and _is_venue(text, found):
        return ELSE
    if " " in found.text:
        return None
    before = _BEFORE.search(text[max(0, found.start - 50) : found.start])
    earlier, previous, dot = before.groups() if before else (None, "", "")
    if found.text[1:].islower() and _is_person(text, found, earlier, previous, dot):
        return PERSON
    if _is_place(found, earlier, previous, english=english):
        return PLACE
    if _is_thing(text, found, previous, english=english):
        return THING
    return LONGER if _goes_on(text, found, english=english) else None


def _is_venue(text: str, found: Found) -> bool:
    """Tell whether an exchange is only where something trades: `an der ...`, but not `ein Anteil an der ...`."""
    before = _TRADED.search(text[max(0, found.start - 40) : found.start])
    return before is not None and fold(before[1] or "") not in _SHARE_OF


def _is_person(text: str, found: Found, earlier: str | None, previous: str, dot: str) -> bool:
    start = text[max(0, found.start - 4) : found.start]
    if _INITIAL.search(start) or _AGED.match(text, found.end):
        return True
    if previous in {"von", "van"} or (previous == "St" and dot):
        return fold(earlier or "") in vocabulary.GIVEN
    folded = fold(previous)
    if not previous[:1].isupper() or (dot and folded not in {"dr", "prof", "mr", "mrs", "ms", "st"}):
        return False
    last = folded.rpartition(" ")[2]
    if folded in vocabulary.TITLES or folded.endswith(vocabulary.ROLE_ENDINGS):
        return True
    return folded in vocabulary.GIVEN or last in vocabulary.GIVEN


def _is_place(found: Found, earlier: str | None, previous: str, *, english: Callable[[], bool]) -> bool:
    if previous.lower() not in _AT or (previous.lower() == "in" and english()):
        return False
    if (earlier or "").lower() in _STAKE:
        return False
    return found.folded in words.ORDINARY or found.folded.endswith(vocabulary.PLACE_ENDINGS)


def _is_thing(text: str, found: Found, previous: str, *, english: Callable[[], bool]) -> bool:
    article = previous.lower() in vocabulary.MAKES or (
        previous.lower() in _DEFINITE and found.folded in vocabulary.CARS and not english()
    )
    if not article or text[found.end : found.end + 1] == "-":
        return False
    after = text[found.end : found.end + 40].split(None, 1)
    return not (after and after[0].strip(".,;:") in _ROLES and english())


def _goes_on(text: str, found: Found, *, english: Callable[[], bool]) -> bool:
    """Tell whether a longer proper name begins with the name: `Continental Bakeries`, `Linde Bau GmbH`."""
    if not found.strong and _FIRM.match(text, found.end):
        return True
    after = _CAPITAL.match(text, found.end)
    if found.folded in words.INHABITANTS and after and fold(after[1]) not in _GOES_ON:
        return True
    if found.strong or found.field == "headline":
        return False
    if after is None or fold(after[1]).removesuffix("'s") in _GOES_ON:
        return False
    return after[2] is not None or english()
