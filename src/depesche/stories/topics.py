"""Media topics of stories: which codes a take carries, with the topics above them, and what they are called."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path

from depesche.model.errors import WireError
from depesche.model.take import Subject
from depesche.store.stories.topics import Topic

SHIPPED = "shipped"
_SCHEMES = frozenset({"medtop", "subj", "mediatopic", "iptc", "iptcsubject"})
_CODE = re.compile(r"(?:.*[:/#])?(?P<code>\d{8})")
_COLUMNS = ("code", "name_en", "name_de")


@lru_cache(maxsize=1)
def shipped() -> tuple[Topic, ...]:
    """Return the topics whose names come with the program: the branch of economy, business and finance."""
    file = resources.files("depesche.stories") / "topics.csv"
    return tuple(_topics(file.read_text(encoding="utf-8").splitlines(), SHIPPED, "topics.csv"))


def read(path: Path) -> list[Topic]:
    """Return the topics of a CSV file with the columns code, name_en, name_de and, if you have it, broader.

    Raises:
        WireError: the file cannot be read, lacks a column, or a row lacks its code or both names.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_topics(file, path.name, path.name))
    except OSError as error:
        raise WireError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WireError(f"{path.name}: {error}") from error


def _topics(lines: Iterable[str], source: str, where: str) -> Iterator[Topic]:
    table = csv.DictReader(lines)
    columns = {(name or "").strip() for name in table.fieldnames or ()}
    if missing := [name for name in _COLUMNS if name not in columns]:
        raise WireError(f"{where}: the header has no column {', '.join(missing)}")
    for row in table:
        code = code_of(Subject("medtop", (row["code"] or "").strip()))
        german, english = (row["name_de"] or "").strip(), (row["name_en"] or "").strip()
        if code is None or not (german or english):
            raise WireError(f"{where} line {table.line_num}: there is no code of eight digits, or no name")
        broader = code_of(Subject("medtop", (row.get("broader") or "").strip()))
        yield Topic(code, german or english, english or german, broader, source)


def code_of(subject: Subject) -> str | None:
    """Return the media topic that *subject* names, None where it is another vocabulary's."""
    if subject.scheme is not None and subject.scheme.lower() not in _SCHEMES:
        return None
    found = _CODE.fullmatch(subject.code)
    return found["code"] if found else None


def codes_of(subjects: Iterable[Subject]) -> list[str]:
    """Return the codes of *subjects*, each with those of the shipped topics above it."""
    above = {one.code: one.broader for one in shipped()}
    found: dict[str, None] = {}
    for subject in subjects:
        code = code_of(subject)
        while code and code not in found:
            found[code] = None
            code = above.get(code)
    return list(found)
