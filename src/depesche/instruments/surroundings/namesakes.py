"""What else a name can be where it stands: a person, a village, a thing of some make, a channel, an arena, part of a longer name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from depesche.instruments.lexicon import vocabulary, words
from depesche.instruments.lexicon.dictionary import Found
from depesche.instruments.lexicon.fold import fold
from depesche.instruments.lexicon.matcher import has_word
from depesche.instruments.surroundings import persons
from depesche.instruments.surroundings.setting import Setting

ELSE = "else"
PERSON = "person"
PLACE = "place"
THING = "thing"
LONGER = "longer"
WORD = "word"
ACRONYM = "acronym"

TELLING = frozenset({PERSON, PLACE, LONGER, WORD, ACRONYM})
"""What one occurrence is, the others of the same name in the story most likely are too."""

_WORD = re.compile(r"[^\W_]+")
_BEFORE = re.compile(r"(?:([^\W_][\w-]*)\.?\s+)?([^\W_][\w-]*)(\.?)\s$")
_CAPITAL = re.compile(r"\s([A-ZÄÖÜ][a-zäöüß’']+)(?:\s([A-ZÄÖÜ][a-zäöüß]+))?")
_FIRM = re.compile(
    r"(?:\s(?!AG|SE|Inc|Corp)[A-ZÄÖÜ][\w-]+){1,2}\s(?:g?GmbH|KG|OHG|eG|e\. ?V\.|mbH|LLC|Ltd)\b"
)
_GOES_ON = frozenset(
    """ag se inc corp corporation plc ltd co company group holding holdings ceo cfo chief president chairman chairwoman
chairperson class monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
september october november december aktie aktien chef chefin konzern deutschland europe europa china india america uk""".split()  # noqa: SIM905
)
_CHAIN = re.compile(r"(?:[-‐‑–][\w.]+)+[-‐‑–](\w+)")
_NAMED_AFTER = re.compile(r"\s[A-ZÄÖÜ][\w-]+(?:'s|’s|s['’])\s([A-Z]\w+)")
_MODEL = re.compile(r"[\s-][A-Z]{0,2}\d")
_VENUE = re.compile(r"\b(?:boerse|exchange|cboe|cme|euronext)\b")
_TRADED = re.compile(r"(?:([^\W_]+)\s)?(?:an|auf|über|on|at|in)\s(?:der|die|dem|the)\s$", re.IGNORECASE)
_SHARE_OF = frozenset("anteil anteile beteiligung interesse aktien stake shares share kritik".split())  # noqa: SIM905
_STAKE = frozenset("vertrauen investition investitionen investiert einstieg".split())  # noqa: SIM905
_OWNED = frozenset("der dem den des im am beim zum vom seinem ihrem seinen ihren unserem meinem".split())  # noqa: SIM905
_INDEFINITE = frozenset("ein eine einer einem einen eines keine keiner jede jeder diese dieser".split())  # noqa: SIM905
_COMPLEMENT = re.compile(r"\s(?:für|gegen|zwischen|der|des)\s")
_FEMININE = frozenset(["die", "der"])
_WATERS = frozenset("an über entlang in durch aus unterhalb oberhalb".split())  # noqa: SIM905
_HYPHENS = frozenset("-‐‑–")
_OPENS = re.compile(r'[.!?:]["”’]?\s$|[\n"“]$')
_ACTING = re.compile(
    r"(?:'s|’s)?\s(?:shares|stock|said|says|has|had|will|reported|plans|announced|recalled|is)\b"
)
_SHOP = re.compile(
    r"[.,;]|\s(?:on|in|at|near|was|were|had|is|that|which|lasts?|costs?|parked|and|or|with|outside)\b"
)
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


def decides(others: Sequence[str]) -> bool:
    """Tell whether what places of a name say settles it for the whole story: an acronym spelt out, a word used as such again and again."""
    return ACRONYM in others or others.count(WORD) > 1


def namesake(text: str, found: Found, setting: Setting) -> str | None:
    """Return what else the name at *found* in *text* is, None where it may be the company."""
    after = _WORD.match(text[found.end : found.end + 40].lstrip(" -"))
    if after and text[found.end] in " -" and fold(after.group()) in words.SPOILERS:
        return ELSE
    if (named := _NAMED_AFTER.match(text, found.end)) and fold(named[1]) in words.SPOILERS:
        return ELSE
    if (chain := _CHAIN.match(text, found.end)) and fold(chain[1]) in words.SPOILERS:
        return ELSE
    if text[found.end : found.end + 1] == "+":
        return ELSE
    if _VENUE.search(found.folded) and _is_venue(text, found):
        return ELSE
    if " " in found.text:
        return None
    if not found.strong and text[max(0, found.start - 1) : found.start] in _HYPHENS:
        return ELSE
    before = _BEFORE.search(text[max(0, found.start - 50) : found.start])
    earlier, previous, dot = before.groups() if before else (None, "", "")
    if found.text[1:].islower() and persons.is_person(
        text, found, earlier, previous, dot, english=setting.is_english
    ):
        return PERSON
    if _is_place(found, earlier, previous, setting):
        return PLACE
    if _is_word(text, found, previous, setting):
        return WORD
    if _is_thing(text, found, previous, setting):
        return THING
    return LONGER if _goes_on(text, found, setting) else None


def stands_for(text: str, found: Found) -> str | None:
    """Return the words that an acronym in brackets at *found* stands for: `State Emergency Service (SES)`; None where it is no such."""
    if not (found.text.isupper() and text[max(0, found.start - 1) : found.end + 1] == f"({found.text})"):
        return None
    said = text[max(0, found.start - 120) : max(0, found.start - 1)].split()[-len(found.text) - 3 :]
    initials = [(word[0], place) for place, word in enumerate(said) if word[0].isupper()]
    letters = "".join(letter for letter, _ in initials)
    if not letters.endswith(found.text):
        return None
    return " ".join(said[initials[-len(found.text)][1] :])


def _is_venue(text: str, found: Found) -> bool:
    """Tell whether an exchange is only where something trades: `an der ...`, but not `ein Anteil an der ...`."""
    before = _TRADED.search(text[max(0, found.start - 40) : found.start])
    return before is not None and fold(before[1] or "") not in _SHARE_OF


def _is_place(found: Found, earlier: str | None, previous: str, setting: Setting) -> bool:
    near = (earlier or "").lower()
    if previous in _FEMININE and near in _WATERS and not setting.finance and not setting.has_epithet:
        return True
    if previous.lower() not in _AT or (previous.lower() == "in" and setting.is_english):
        return False
    if (earlier or "").lower() in _STAKE:
        return False
    return found.folded in words.ORDINARY or found.folded.endswith(vocabulary.PLACE_ENDINGS)


def _is_word(text: str, found: Found, previous: str, setting: Setting) -> bool:
    """Tell whether it is the word itself: `eine Allianz`, `Visa für Fachkräfte`, or in English one that the story writes small."""
    if found.folded not in words.ORDINARY:
        return False
    if setting.is_english:
        opens = found.start == 0 or _OPENS.search(text[max(0, found.start - 3) : found.start]) is not None
        return opens and has_word(text, found.text.lower()) and _ACTING.match(text, found.end) is None
    if found.folded in vocabulary.CARS or text[found.end : found.end + 1] == "-":
        return False
    return previous.lower() in _INDEFINITE or _COMPLEMENT.match(text, found.end) is not None


def _is_thing(text: str, found: Found, previous: str, setting: Setting) -> bool:
    small = previous.lower()
    if found.folded in vocabulary.CARS and _MODEL.match(text, found.end):
        return True
    if small == "the" and setting.is_english and _SHOP.match(text, found.end):
        return True
    article = small in vocabulary.MAKES or (
        small in _OWNED and found.folded in vocabulary.CARS and not setting.is_english
    )
    if not article or text[found.end : found.end + 1] == "-":
        return False
    after = text[found.end : found.end + 40].split(None, 1)
    return not (after and after[0].strip(".,;:") in _ROLES and setting.is_english)


def _goes_on(text: str, found: Found, setting: Setting) -> bool:
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
    return after[2] is not None or setting.is_english
