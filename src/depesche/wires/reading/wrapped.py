"""Plain text that a sender broke by its width, put together again as paragraphs of HTML.

A break is the sender's own where the next word would still have fitted on the line; all others were made by the
width and become spaces. Columns set with spaces stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from depesche.lib import text
from depesche.lib.cues import Cues
from depesche.model.errors import WireError

_COLUMNS = re.compile(r"\S(?: {2,}|\t)\S")
_INDENTED = re.compile(r"(?: {2,8}|\t\s*)(?=\S)")
_SENTENCE_ENDS = (".", "!", "?", "«", "»", '"', "“", "”", ")", "'", "’")
_NARROW, _WIDE = 40, 110  # what is narrower or wider was not broken by a width
_LONG = 100  # characters; between paragraphs as long a short line is a heading
_SHORT = 90
MAX_LINES = 200_000  # of one story
_WIDE_SPACE = Cues("  ")
_INDENT = Cues("\n ")


def paragraphs(copy: str) -> list[list[str]]:
    """Return the paragraphs of *copy* as the lines they were sent in; an indented line begins one as well as a blank line.

    The lines have no space at their ends.

    Raises:
        WireError: there are more lines than any story has.
    """
    if (count := copy.count("\n")) > MAX_LINES:
        raise WireError(f"text: {count} lines are more than {MAX_LINES}")
    found: list[list[str]] = []
    lines = [*map(str.rstrip, copy.split("\n")), ""]
    may_indent = "\t" in copy or bool(_INDENT.within(copy))
    start, last = 0, len(lines)
    while start < last:
        end = lines.index("", start)
        if end > start:
            part = lines[start:end]
            if found:  # an indent behind a blank line says nothing more
                part[0] = part[0].lstrip()
            is_indented = may_indent and any(line[0] in " \t" for line in part[1:])
            found += _at_indents(part) if is_indented else [part]
        start = end + 1
    return found


def _at_indents(lines: list[str]) -> list[list[str]]:
    """Part *lines* before each that is indented, unless it is set in columns with the one before."""
    found, start = [], 0
    for place in range(1, len(lines)):
        if _INDENTED.match(lines[place]) and not _is_table(lines[place - 1 : place + 1]):
            found.append(lines[start:place])
            start = place
    return [*found, lines[start:]]


def width(copy: Sequence[Sequence[str]]) -> int:
    """Return the width by which the lines of *copy*, without space at their ends, were broken, 0 when they were not."""
    longest = max([max(map(len, part[:-1])) for part in copy if len(part) > 1], default=0)
    return longest if _NARROW <= longest <= _WIDE else 0


def joined(lines: Sequence[str], limit: int) -> str:
    """Return *lines* of one paragraph with the breaks undone that a width of *limit* made; the sender's own stay line feeds."""
    if len(lines) == 1:
        return text.line(lines[0])
    if limit and (whole := _refilled(lines, limit)):
        return whole
    return _unbroken(lines, limit)


def _refilled(lines: Sequence[str], limit: int) -> str | None:
    """Return *lines* joined if filling lines up to *limit* breaks them as they are, and none at a hyphen, as is usual."""
    if len(lines[-1]) > limit:  # before a word without end is looked through for places to break it
        return None
    whole = " ".join(lines)
    if _filling(limit).findall(whole) != lines:
        return None
    if "-" in whole and "- " in whole and "-" in [one[-1] for one in lines[:-1]]:
        return None
    return whole.strip()


@lru_cache(maxsize=_WIDE)
def _filling(limit: int) -> re.Pattern[str]:
    """Return what finds lines of as many words as go into *limit* characters."""
    return re.compile(rf"(\S.{{0,{limit - 1}}})(?: |\Z)", re.DOTALL)  # a dot for anything is not compared


def _unbroken(lines: Sequence[str], limit: int) -> str:
    """Return *lines* joined, each break judged by itself."""
    parts = [lines[0].strip()]
    last = lines[0].rstrip()
    for line in lines[1:]:
        bare = line.strip()
        if not bare:
            continue
        length = len(last)
        if length >= limit - 1 and limit and last[-1] != "-":  # not even a letter would have fitted
            parts.append(" ")
        elif not limit or length + 1 + len(bare.partition(" ")[0]) <= limit:
            parts.append("\n")
        elif last[-1] != "-" or not last[-2:-1].isalpha() or not bare[:1].isupper():
            parts.append(" ")
        parts.append(bare)
        last = line.rstrip()
    return "".join(parts)


def to_html(copy: Sequence[Sequence[str]], *, headings: bool = False) -> str:
    """Return the paragraphs of *copy* as HTML; with *headings*, short lines between long paragraphs become headings."""
    limit = width(copy)
    whole = "\n".join(["\n".join(part) for part in copy])
    may_be_set = "\t" in whole or _WIDE_SPACE.within(whole)
    words = [None if may_be_set and _is_table(part) else joined(part, limit) for part in copy]
    if not may_be_set and "&" not in whole and "<" not in whole and ">" not in whole:
        return _plain_html(words, headings)
    done = []
    for place, (part, told) in enumerate(zip(copy, words, strict=True)):
        if told is None:
            done.append(f"<pre>{_escaped(chr(10).join(line.rstrip() for line in part))}</pre>")
        elif headings and _is_heading(words, place):
            done.append(f"<h2>{_escaped(told)}</h2>")
        else:
            done.append(f"<p>{_escaped(told)}</p>".replace("\n", "<br>"))
    return "\n".join(done)


def _plain_html(words: Sequence[str | None], headings: bool) -> str:
    """Return *words* as HTML, which have no tables and nothing to escape."""
    tags = ["h2" if headings and _is_heading(words, place) else "p" for place in range(len(words))]
    whole = "\n".join([f"<{tag}>{told}</{tag}>" for tag, told in zip(tags, words, strict=True)])
    if whole.count("\n") < len(words):
        return whole
    return "\n".join(
        [f"<{tag}>{told}</{tag}>".replace("\n", "<br>") for tag, told in zip(tags, words, strict=True)]
    )


def _is_table(lines: Sequence[str]) -> bool:
    """Tell whether *lines* are set in columns."""
    if len(lines) < 2:
        return False
    columns = [line for line in lines if "\t" in line or "  " in line]
    return len(columns) * 2 > len(lines) and sum(
        _COLUMNS.search(line) is not None for line in columns
    ) * 2 > len(lines)


def _is_heading(words: Sequence[str | None], place: int) -> bool:
    told = words[place]
    if not told or len(told) > _SHORT or not 0 < place < len(words) - 1 or "\n" in told:
        return False
    before, after = words[place - 1], words[place + 1]
    return (
        told[-1] not in ".,;:!…-_*="
        and told[0] not in "-*#_=+("
        and not told.isnumeric()
        and before is not None
        and after is not None
        and len(before) > _LONG
        and len(after) > _LONG
        and before.endswith(_SENTENCE_ENDS)
    )


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
