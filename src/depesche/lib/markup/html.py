"""HTML made safe and simple: a flat list of blocks that readers, mails and indexes can all use."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from itertools import accumulate
from operator import sub

import nh3

from depesche.lib import text
from depesche.lib.cues import Cues
from depesche.lib.markup.htmlblock import (
    Block,
    Body,
    Figure,
    drop_start,
    flat_text,
    inner_text,
    is_blank,
    keep_start,
    resolved,
    tidy,
    to_html,
    to_html_and_text,
    to_text,
    trim,
    untagged,
)
from depesche.lib.markup.htmlflow import TAGS, Flow
from depesche.lib.markup.htmlstrict import settled
from depesche.lib.markup.htmltags import cut

__all__ = [
    "Block",
    "Body",
    "Figure",
    "blocks",
    "clean",
    "drop_start",
    "flat_text",
    "from_text",
    "inner_text",
    "is_blank",
    "keep_start",
    "paragraphs",
    "parse",
    "to_html",
    "to_html_and_text",
    "to_text",
    "trim",
    "untagged",
    "words",
]

# The cleaner's time grows with the square of the first and the last, and of the attributes of a tag, our memory with
# the second; what has more of them is read as plain text.
MAX_DEPTH = 200  # elements open at once
MAX_TAGS = 100_000
MAX_REFERENCES = 50_000  # ampersands and no-break spaces
_FLOOD = 200_000  # ampersands

_DROPPED = {
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "audio",
    "video",
}
_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=_DROPPED,
    attributes={
        "*": {"class"},
        "a": {"href"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
        "ol": {"start"},
        "img": {"src", "alt", "width", "height"},
    },
    link_rel=None,
    url_schemes={"http", "https", "mailto"},
)
_NO_HINTS: frozenset[str] = frozenset()
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>")
_SPACE = r"\t\n\f\r "
_MOST_ATTRIBUTES = 400
_CROWDED_TAG = re.compile(  # as the standard parts a tag
    rf"<[a-zA-Z][^{_SPACE}/>]*+(?:[{_SPACE}/]*+(?:=[^{_SPACE}/>=]*+|[^{_SPACE}/>=]++)"
    rf"(?:[{_SPACE}]*+=[{_SPACE}]*+(?:\"[^\"]*+\"|'[^']*+'|[^{_SPACE}>]*+))?+){{{_MOST_ATTRIBUTES + 1}}}"
)
_CLEANED_ANYHOW = 20_000  # characters: too few for a harmful number of attributes
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
)
_MAY_STAY_OPEN = frozenset({"p", "li", "td", "th", "tr", "dd", "dt", "option"})
_WRAPPED = range(45, 90)  # the length of a line that a sender broke by its width
_LONG_LINE = 100
_WIDE_SPACE = Cues("  ")  # looked for in a tenth of the time that Python takes
_MOST_LINES = 200_000  # of plain text: each is looked at by itself
_BLANK_LINES = re.compile(r"\n[ \t]*+\n\s*+")


def parse(source: str, prepare: Callable[[str], str] | None = None) -> Body:
    """Return *source*, HTML of any quality, as safe blocks and pictures; no text is lost but that of scripts.

    What is more than bare paragraphs is given to *prepare* before it is read.
    """
    odd = text.rare(source)
    is_printable = odd.isprintable()
    if not is_printable:
        source = text.strip_dead(source, odd)
    plain = _plain_paragraphs(source, odd, is_printable)
    if plain is not None:
        return Body(plain, [])
    prepared = prepare(source) if prepare else source
    if not is_printable or prepared is not source:
        source, odd = prepared, text.rare(prepared)
    if odd.count("<") > MAX_TAGS or odd.count("&") > _FLOOD:
        return _flattened(source)
    if (parts := settled(source, odd)) is not None:
        return Flow().run(*parts)
    if (
        _depth(source) > MAX_DEPTH
        or odd.count("&") + odd.count("\xa0") > MAX_REFERENCES
        or (len(source) > _CLEANED_ANYHOW and _CROWDED_TAG.search(source))
    ):
        return _flattened(source)
    cleaned = text.strip_dead(_CLEANER.clean(source).replace("&nbsp;", "\xa0"))
    parts = cut(cleaned)
    return Flow().run(*parts) if parts is not None else _flattened(source)


def _flattened(source: str) -> Body:
    """Return the words of *source*, whose tags are too many or nested too deep to be read."""
    return Body(from_text(resolved(_ANY_TAG.sub("\n\n", source))))


def _plain_paragraphs(source: str, odd: str, is_printable: bool) -> list[Block] | None:
    """Return the blocks of *source* when it is nothing but paragraphs without marks inside, None when it is more."""
    marks = odd.count("<")
    if not marks or odd.count(">") != marks or source[:3] != "<p>" or source[-4:] != "</p>":
        return None
    lines = source.count("\n") if "\n" in source else 0
    parts = source[3:-4].split("</p><p>" if "</p><p>" in source else "</p>\n<p>")
    if 2 * len(parts) != marks:
        return None
    is_single = not lines or (
        lines == len(parts) - 1 and "</p><p>" not in source
    )  # line feeds part paragraphs alone
    if is_printable and is_single and "&" not in odd and not _WIDE_SPACE.within(source):
        return [Block("p", inner, _NO_HINTS, inner) for part in parts if (inner := part.strip())]
    told = [inner for part in parts if (inner := tidy(part).strip())]
    return [
        Block("p", inner, _NO_HINTS, inner if "&" not in inner and inner.isprintable() else None)
        for inner in told
    ]


def blocks(source: str) -> list[Block]:
    """Return the blocks of *source*, HTML of any quality."""
    return parse(source).blocks


def from_text(source: str) -> list[Block]:
    """Return plain *source* as paragraphs.

    Blank lines part them; where there are none, long lines are paragraphs themselves. Lines
    that a sender broke by their width are joined again, others stay lines, but for a flood of them.
    """
    flat = text.strip_dead(source).replace("\r\n", "\n").replace("\r", "\n").strip()
    if flat.count("\n") > _MOST_LINES:
        flat = flat.replace("\n", " ")
    parts = _BLANK_LINES.split(flat)
    if len(parts) == 1 and max(map(len, flat.split("\n"))) > _LONG_LINE:
        parts = flat.split("\n")
    lines = ([line.strip() for line in part.split("\n") if line.strip()] for part in parts)
    return [Block("p", _joined(one)) for one in lines if one]


def _joined(lines: list[str]) -> str:
    wrapped = all(len(line) in _WRAPPED and "  " not in line for line in lines[:-1])
    return (" " if wrapped else "<br>").join(
        text.single_spaced(html.escape(line, quote=False)) for line in lines
    )


def paragraphs(source: str) -> str:
    """Return plain *source* as HTML paragraphs."""
    return to_html(from_text(source))


def clean(source: str) -> str:
    """Return *source* as safe, simple HTML."""
    return to_html(blocks(source))


def words(source: str) -> str:
    """Return the text of *source*, HTML of any quality, as one line."""
    if "<" not in source and "&" not in source:
        return text.line(source)
    return text.line(to_text(blocks(source)))


def _depth(source: str) -> int:
    """Return a bound of how many elements of *source* are open at once."""
    if source.count("<") <= MAX_DEPTH:
        return 0
    found = [(closing, tag.lower()) for closing, tag in _ANY_TAG.findall(source)]
    deepest = _deepest(found, _VOID)
    # Paragraphs, cells and list items may be left open by rights: such tags do not nest.
    return deepest if deepest <= MAX_DEPTH else _deepest(found, _VOID | _MAY_STAY_OPEN)


def _deepest(found: list[tuple[str, str]], ignored: frozenset[str]) -> int:
    """Return how deep the tags *found* nest; closing tags that close nothing count for nothing."""
    heights = list(accumulate(-1 if closing else 1 for closing, tag in found if tag not in ignored))
    floors = accumulate(heights, min, initial=0)
    return max(map(sub, heights, floors), default=0)
