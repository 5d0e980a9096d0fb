"""People of a company's name: told by a given name or a title before it, by an age, by who speaks."""

from __future__ import annotations

import re

from depesche.instruments.lexicon import vocabulary, words
from depesche.instruments.lexicon.dictionary import Found
from depesche.instruments.lexicon.fold import fold
from depesche.instruments.lexicon.matcher import has_word

_INITIAL = re.compile(r"(?<![A-Z]\.)(?<![\w.])[A-Z]\. $")
_AGED = re.compile(r",\s\d\d,|\s\(\d\d\)")
_SPEAKS = re.compile(
    r"\b(?:sagt|sagte|meint|meinte|erzählt|erzählte|lacht|lachte|freut sich|freute sich|schwärmt|schwärmte|gesteht|gestand|erinnert sich|erinnerte sich) $"
)
_WHO = re.compile(
    r",\s(?:der|die)\s(?:seit|zuletzt|sich|im|als|schon|früher|bereits|einst|selbst|zuvor|damals|hauptberuflich|eigentlich|nach|vor|mit)\s"
    r"|,\swho\s|\s(?:leaves|is survived by|was born)\b"
)
_NAME = re.compile(r"[A-ZÄÖÜÉ][a-zäöüßéèáíóñçø]+(?:-[A-ZÄÖÜÉ][a-zäöüßéèáíóñçø]+)?$")
_PARTICLES = frozenset("la le de di du del della el al o' mac mc ter ten zu bin ben".split())  # noqa: SIM905
_NOUN_ENDINGS = (
    "ung", "heit", "keit", "schaft", "tion", "taet", "ment", "nis", "tum", "er", "ern", "ers", "ismus", "ik", "ur", "ei", "erin",
    "bank", "konzern", "firma", "marke", "riese", "riesen", "gigant", "giganten", "chef", "chefs", "aktie", "aktien", "papiere", "titel", "werk", "werke",
    "tochter", "mutter", "kette", "kunde", "kunden", "rivale", "rivalen", "konkurrent", "konkurrenten", "gruppe", "haus", "bauer", "dienst", "markt", "netz",
    "boerse", "verlag", "team", "club", "stadt", "land", "kreis", "linie", "werft", "brauer", "spezialist", "spezialisten", "produzent", "produzenten",
    "lieferant", "lieferanten", "aktionaer", "investor", "gesellschaft", "plattform", "portal", "start", "fall", "wert", "werte", "deal", "pilot", "urgestein",
    "schwester", "partner", "fonds", "studio", "label", "fabrik", "logo", "ikone", "legende", "star", "shop", "app", "suchmaschine",
)  # fmt: skip
"""How German nouns end that stand before a company's name; other words with a capital there are given names."""
_NOT_NAMES = frozenset(
    """der die das den dem des ein eine einen einem einer bei beim mit von vom fuer auch nach in im am an auf aus als zu zum zur und oder doch aber wie
wenn weil dass da so heute gestern morgen nun jetzt laut neben gegen ohne unter ueber vor seit waehrend wegen trotz dank statt zwischen um ob was
wer warum weshalb wo hier dort dann denn sowohl sogar selbst nur noch schon erst allein insgesamt zudem ausserdem dagegen hingegen allerdings zuletzt
zuvor damit dabei dafuer darum deshalb daher somit ferner bereits ebenso aehnlich zwar wieder einst hat ist sind war will soll kann wird haben sein ihr
ihre unser unsere warten sieht kommt geht macht steht gehoert liegt
the a an but and for on at with while after before when if although because since both only even also now then than by from to of or nor yet its his her
their our my your this that these those under over against despite among like unlike inside outside near via per versus vs
german swedish french british american dutch italian swiss danish european korean chinese japanese indian spanish finnish norwegian austrian belgian
brazilian canadian australian irish scottish welsh russian taiwanese israeli mexican turkish polish asian
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar maerz mai juni juli oktober dezember
wall street big tech ceo chief group parent google facebook""".split()  # noqa: SIM905
)
_KNOWN = (
    vocabulary.BUSINESS | vocabulary.EPITHETS | vocabulary.EVERYDAY | vocabulary.ADVICE | words.FINANCE | words.GENERIC
)  # fmt: skip


def is_person(
    text: str, found: Found, earlier: str | None, previous: str, dot: str, *, english: bool
) -> bool:
    """Tell whether the name is a person's; *earlier* and *previous* are the words before it, *dot* what parts it from them."""
    start = text[max(0, found.start - 4) : found.start]
    if _INITIAL.search(start) or _AGED.match(text, found.end) or _WHO.match(text, found.end):
        return True
    if _SPEAKS.search(text[max(0, found.start - 20) : found.start]):
        return True
    if previous in {"von", "van"} or (previous == "St" and dot):
        return fold(earlier or "") in vocabulary.GIVEN
    if previous.lower() in _PARTICLES and previous[:1].isupper() and not found.strong:
        return True
    folded = fold(previous)
    if not previous[:1].isupper() or (dot and folded not in {"dr", "prof", "mr", "mrs", "ms", "st"}):
        return False
    last = folded.rpartition(" ")[2]
    if folded in vocabulary.TITLES or folded.endswith(vocabulary.ROLE_ENDINGS):
        return True
    if folded in vocabulary.GIVEN or last in vocabulary.GIVEN:
        return True
    return _is_given(text, found, previous, folded, english=english)


def _is_given(text: str, found: Found, previous: str, folded: str, *, english: bool) -> bool:
    """Tell whether *previous* must be a given name, since it is no other word with a capital that we know of."""
    if not _NAME.match(previous) or folded in _NOT_NAMES or folded in _KNOWN:
        return False
    if has_word(text, previous.lower()):
        return False
    if english:
        # Headlines and beginnings of sentences have capitals that tell nothing.
        at = found.start - len(previous) - 1
        return found.field != "headline" and at > 1 and text[at - 2 : at - 1].isalnum()
    return not folded.removesuffix("s").endswith((*_NOUN_ENDINGS, *vocabulary.COMPANY))
