"""Both languages are complete, and say dates and numbers as they are written."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import depesche.portal
from depesche.portal.i18n import LOCALES, Speech

HOME = Path(depesche.portal.__file__).parent
PLACES = re.compile(r"%\(\w+\)s")
AT = datetime(2022, 1, 21, 14, 41, tzinfo=UTC)


def said() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(
        HOME, [("**.py", "python"), ("templates/**.html", "jinja2.ext.babel_extract")],
        keywords={"_": None, "say": None, "words": None, "count": (1, 2)},
    )  # fmt: skip
    return {
        message if isinstance(message, str) else tuple(filter(None, message))[:2]
        for _, _, message, _, _ in found
    }


@pytest.mark.parametrize("language", [one.stem for one in LOCALES.glob("*.po")])
def test_every_word_is_translated_and_no_other(language: str) -> None:
    with (LOCALES / f"{language}.po").open("rb") as file:
        messages = [one for one in read_po(file, locale=language, abort_invalid=True) if one.id]
    assert {one.id if isinstance(one.id, str) else tuple(one.id) for one in messages} == said()
    for one in messages:
        assert not one.fuzzy
        english = [one.id] if isinstance(one.id, str) else list(one.id)
        other = [one.string] if isinstance(one.string, str) else list(one.string)
        assert all(other), one.id
        assert len(english) == len(other)
        for source, words in zip(english, other, strict=True):
            assert sorted(PLACES.findall(source)) == sorted(PLACES.findall(words)), source
            assert "{{" not in words


def test_times_and_numbers() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    german, english = Speech("de", berlin), Speech("en", berlin)
    assert german.when(AT) == "Freitag, 21.01.2022 15:41"
    assert english.when(AT) == "Friday, 21 January 2022 15:41"
    assert german.when(AT, "brief") == "21. Jan., 15:41"
    assert german.when(AT.replace(month=7), "clock") == "16:41"
    assert Speech("de", ZoneInfo("UTC")).when(AT, "clock") == "14:41"
    assert german.number(1234567) == "1.234.567"
    assert english.count("%(n)s view", "%(n)s views", 1234) == "1,234\N{NO-BREAK SPACE}views"
    assert german.count("%(n)s view", "%(n)s views", 1) == "1\N{NO-BREAK SPACE}Aufruf"
    assert german.say("no such words") == "no such words"
