"""Tables of a story as they are set: columns of numbers are aligned at their right, wide tables and long lines scroll by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape

_TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
_TYPED = re.compile(r"<pre>(.*?)</pre>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[dh])((?: [a-z]+=\"[^\"]*\")*)>(.*?)(?=<t[dh][ >]|</tr>|$)", re.DOTALL)
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)
_SPAN = re.compile(r' colspan="(\d{1,2})"')
_TAG = re.compile(r"<[^>]*>")
_NONE = frozenset({"", "-", "\N{EN DASH}", "\N{EM DASH}", "k.A.", "k. A.", "n.a.", "n/a", "n.m."})
_NUMBER = re.compile(
    r"(?:[A-Z]{3} |[€$£] ?)?[+\-\N{MINUS SIGN}\N{EN DASH}±(]{0,2} ?(?:[€$£] ?)?\d[\d.,\'’ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]*"
    r"\)?(?: ?(?:%|‰|[€$£]|[A-Z]{3}|Mio\.?|Mrd\.?|Tsd\.?|Prozent|Euro|Cent|Punkte|pp|bps?|m|bn|x)){0,3}\)?"
)
_WIDE = 4  # columns that fit on a phone
_LONG = 40  # characters of a typed line that do


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    first: int  # its first column
    span: int


def set_tables(html: str, name: str) -> str:
    """Return clean *html* with its tables set; *name* is what a table without a caption, or typed lines, are called."""
    if "<pre>" in html:
        html = _TYPED.sub(lambda found: _set_lines(found, name), html)
    return _TABLE.sub(lambda found: _set(found[1], name), html) if "<table>" in html else html


def _set_lines(found: re.Match[str], name: str) -> str:
    """Return lines that keep their breaks; where they are long, keys can scroll them."""
    if max(map(len, _TAG.sub("", found[1]).splitlines()), default=0) <= _LONG:
        return found[0]
    return f"<pre{_scrolled(str(escape(name)))}>{found[1]}</pre>"


def _scrolled(label: str) -> str:
    """Return the attributes of what scrolls by itself; *label* is HTML."""
    label = label.replace('"', "&quot;")
    return f' role="group" tabindex="0" aria-label="{label}"'


def _set(inner: str, name: str) -> str:
    rows = [_cells(row) for row in _ROW.findall(inner)]
    numeric = set() if " rowspan=" in inner else _numeric(rows)

    def row(found: re.Match[str]) -> str:
        at = 0

        def cell(one: re.Match[str]) -> str:
            nonlocal at
            column, at = at, at + _span(one[2])
            mark = ' class="n"' if column in numeric and _span(one[2]) == 1 else ""
            tag, held = one[1], one[3]
            if held == "</th>":  # an empty head heads nothing
                tag, held = "td", "</td>"
            return f"<{tag}{one[2]}{mark}>{held}"

        return f"<tr>{_CELL.sub(cell, found[1])}</tr>"

    table = f"<table>{_ROW.sub(row, inner)}</table>"
    if max((one[-1].first + one[-1].span for one in rows if one), default=0) < _WIDE:
        return table
    caption = _CAPTION.search(inner)
    said = _TAG.sub("", caption[1]) if caption else str(escape(name))
    return f'<div class="wide-table"{_scrolled(said)}>{table}</div>'


def _cells(row: str) -> list[_Cell]:
    cells: list[_Cell] = []
    at = 0
    for found in _CELL.finditer(row):
        span = _span(found[2])
        cells.append(_Cell(_TAG.sub("", found[3]).strip(), at, span))
        at += span
    return cells


def _span(attributes: str) -> int:
    found = _SPAN.search(attributes)
    return max(int(found[1]), 1) if found else 1


def _numeric(rows: Sequence[Sequence[_Cell]]) -> set[int]:
    """Return the columns that hold numbers; the first names its row, and the first row may name the columns."""
    held: dict[int, list[str]] = {}
    for place, row in enumerate(rows):
        for cell in row:
            if cell.first and cell.span == 1 and cell.text not in _NONE and (place or _is_number(cell.text)):
                held.setdefault(cell.first, []).append(cell.text)
    return {column for column, texts in held.items() if all(map(_is_number, texts))}


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
