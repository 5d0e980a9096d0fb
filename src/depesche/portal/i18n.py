"""The portal's languages: words from gettext catalogues, dates and numbers as each language writes them.

The words in the code are English; `locale/LANGUAGE.po` holds the others and is read as it stands, so
that there is no build step. Dates come from Babel's patterns and are remembered by the minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import DateTimePattern, parse_pattern
from babel.messages.pofile import read_po

SOURCE = "en"
NAMES = {"de": "Deutsch", "en": "English"}
LOCALES = Path(__file__).parent / "locale"

_NBSP = "\N{NO-BREAK SPACE}"
_PATTERNS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "moment": "EEEE, dd.MM.yyyy HH:mm", "short": "dd.MM.yyyy, HH:mm", "clock": "HH:mm", "day": "EEEE, d. MMMM yyyy",
        "date": "dd.MM.yyyy", "brief": "d. MMM, HH:mm", "short day": "d. MMM", "month": "MMMM yyyy", "month name": "MMMM", "day of month": "EEEE, d. MMMM", "iso": "yyyy-MM-dd",
    },
    "en": {
        "moment": "EEEE, d MMMM yyyy HH:mm", "short": "d MMM yyyy, HH:mm", "clock": "HH:mm", "day": "EEEE, d MMMM yyyy",
        "date": "d MMM yyyy", "brief": "d MMM, HH:mm", "short day": "d MMM", "month": "MMMM yyyy", "month name": "MMMM", "day of month": "EEEE, d MMMM", "iso": "yyyy-MM-dd",
    },
}  # fmt: skip


class Speech:
    """How one interface language says things; `zone` is the portal's."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self.zone = zone
        self._words, self._plurals = catalogue(language)
        locale = Locale.parse(language)
        self._group = str(locale.number_symbols["latn"]["group"])
        self._patterns: dict[str, DateTimePattern] = {
            name: parse_pattern(pattern) for name, pattern in _PATTERNS[language].items()
        }
        self._locale = locale
        self._written = lru_cache(maxsize=8192)(self._write)

    def say(self, words: str, **values: object) -> str:
        """Return *words*, which are English, in this language, with its `%(name)s` filled in."""
        said = self._words.get(words, words)
        return said % values if values else said

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """Return the form for *n* things; `%(n)s` is the number as this language writes it."""
        forms = self._plurals.get(one, (one, many))
        form = forms[0 if n == 1 else 1].replace("%(n)s ", "%(n)s" + _NBSP)  # a number stays with its noun
        return form % {"n": self.number(n), **values}

    def number(self, n: int) -> str:
        """Return *n* with its thousands parted."""
        return f"{n:,}".replace(",", self._group)

    def when(self, at: datetime, style: str = "moment") -> str:
        """Return *at* in the portal's zone; styles: moment, short, brief, clock, day, date, iso."""
        local = at.astimezone(self.zone)
        return self._written(style, local.date(), local.hour, local.minute)

    def day(self, day: date) -> str:
        """Return a day in few words, without its year."""
        return self._written("short day", day, 0, 0)

    def day_of(self, at: datetime) -> date:
        """Return the day on which *at* falls in the portal's zone."""
        return at.astimezone(self.zone).date()

    def _write(self, style: str, day: date, hour: int, minute: int) -> str:
        return self._patterns[style].apply(datetime(day.year, day.month, day.day, hour, minute), self._locale)  # noqa: DTZ001


def words(english: str) -> str:
    """Return *english*; marks words for the catalogue that are said elsewhere."""
    return english


@cache
def catalogue(language: str) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the words of *language* and its plural forms, by their English; English itself needs none."""
    if language == SOURCE:
        return {}, {}
    with (LOCALES / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    words = {
        str(one.id): str(one.string)
        for one in messages
        if one.id and not one.pluralizable and one.string and not one.fuzzy
    }
    plurals = {
        str(one.id[0]): tuple(map(str, one.string))
        for one in messages
        if one.id and one.pluralizable and all(one.string) and not one.fuzzy
    }
    return words, plurals
