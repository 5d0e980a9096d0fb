"""Blocks of safe HTML, and careful cutting in them.

Canonical HTML is what the cleaner writes: every `<` that is not part of a tag is escaped, attributes are double-quoted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from depesche.lib import text

_TAG = re.compile(r'<(?:[^<>"]|"[^"]*+")*+>')
_EMPTY_INLINE = re.compile(r"<(strong|em|b|i|a|sub|sup)(?: [^<>]*)?>(\s*)</\1>")
_SIGNS = {"td": "\t", "th": "\t", **dict.fromkeys(("tr", "li", "p", "caption", "br"), "\n")}


_FIRST_TAGS = 12  # behind which words are looked for first
_MOST_REFERENCES = 200_000  # each is looked up by itself; what has more of them is no copy

_NO_HINTS: frozenset[str] = frozenset()


@dataclass(slots=True)
class Block:
    """One block of a body: `tag` is p, h2 to h4, ul, ol, table, blockquote or pre, `inner` the canonical HTML inside.

    `hints` are the class names of the source around and on the block, for whoever knows what they mean.
    """

    tag: str
    inner: str
    hints: frozenset[str] = _NO_HINTS
    words: str | None = None  # the text, where it is known: one printable line that needs no escaping

    @property
    def is_plain(self) -> bool:
        """Tell whether the inner HTML is the text."""
        return self.words == self.inner

    @property
    def html(self) -> str:
        """The block with its tag; links carry `rel="nofollow noopener"`."""
        return f"<{self.tag}>{self.inner}</{self.tag}>"

    @property
    def text(self) -> str:
        """The block's words: cells parted by tabs, rows, items and breaks by line feeds."""
        if self.words is not None:
            return self.words
        return inner_text(self.inner, keep_space=self.tag == "pre")


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that stood in a body; `src` is absolute or relative as delivered."""

    src: str
    caption: str | None = None
    credit: str | None = None


@dataclass(slots=True)
class Body:
    """What a source was read into."""

    blocks: list[Block]
    figures: list[Figure] = field(default_factory=list)


def to_html(body: Iterable[Block]) -> str:
    """Return the blocks of *body* as HTML, one to a line."""
    return "\n".join([f"<{block.tag}>{block.inner}</{block.tag}>" for block in body])


def to_text(body: Iterable[Block]) -> str:
    """Return the words of *body*, blocks parted by blank lines."""
    return "\n\n".join([words for block in body if (words := block.words or block.text)])


def to_html_and_text(body: list[Block]) -> tuple[str, str]:
    """Return what `to_html` and `to_text` say of *body*."""
    inners = [block.inner for block in body if block.tag == "p"]
    if inners and len(inners) == len(body):
        joined = "</p>\n<p>".join(inners)
        return f"<p>{joined}</p>", to_text(body)
    return to_html(body), to_text(body)


def is_blank(inner: str) -> bool:
    """Tell whether canonical *inner* HTML shows nothing."""
    if "<" in inner:
        if _shows_words(inner):
            return False
        inner = _TAG.sub("", inner)
    if "\xa0" in inner or "&nbsp;" in inner:
        inner = inner.replace("&nbsp;", "").replace("\xa0", "")
    return not inner or inner.isspace()


def _shows_words(inner: str) -> bool:
    """Tell whether words stand behind one of the first tags; where this is not plain, false."""
    at = 0
    for _ in range(_FIRST_TAGS):
        end = inner.find(">", at) + 1
        if not end or inner.count('"', at, end) % 2:
            return False
        at = inner.find("<", end)
        words = inner[end : at if at >= 0 else len(inner)]
        if words and not words.isspace() and "&" not in words and ">" not in words:
            return True
        if at < 0:
            return False
    return False


def inner_text(inner: str, *, keep_space: bool = False) -> str:
    """Return the words of canonical *inner* HTML."""
    if "<" in inner:
        flat = unescaped(_untagged(inner if keep_space else text.single_spaced(inner)))
    elif "&" in inner:
        flat = unescaped(inner)
    else:
        flat = inner
    if keep_space:
        return flat.strip("\n")
    if "\n" not in flat and "\t" not in flat:
        return flat.replace("\xa0", " ").strip()
    lines = (
        "\t".join(cell.strip() for cell in row.strip().split("\t"))
        for row in flat.replace("\xa0", " ").split("\n")
    )
    return "\n".join(filter(None, lines))


def _untagged(inner: str) -> str:
    """Return canonical *inner* HTML without its tags: a tab for each cell, a line feed for each row, item and break."""
    first, *pieces = inner.split("<")
    found = [first]
    for piece in pieces:
        head, _, words = piece.partition(">")
        found.append(_SIGNS.get(head) or _SIGNS.get(head.partition(" ")[0], ""))
        found.append(words)
    return "".join(found)


def unescaped(escaped: str) -> str:
    """Return the text of canonical *escaped* words, which have no other references than those for <, > and &."""
    return escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def resolved(escaped: str) -> str:
    """Return the text of *escaped* words; of a flood of references only those for <, > and & are resolved."""
    if "&" not in escaped:
        return escaped
    return html.unescape(escaped) if escaped.count("&") <= _MOST_REFERENCES else unescaped(escaped)


def drop_start(inner: str, count: int) -> str:
    """Return canonical *inner* HTML without the first *count* characters of its text; tags stay balanced."""
    if "<" not in inner and "&" not in inner:
        return inner[count:].strip()
    kept: list[str] = []
    for is_tag, piece in _pieces(inner):
        if is_tag:
            if piece == "<br>" and count:
                count -= 1
            else:
                kept.append(piece)
            continue
        plain = unescaped(piece)
        if count >= len(plain):
            count -= len(plain)
            continue
        kept.append(html.escape(plain[count:], quote=False) if count else piece)
        count = 0
    return trim("".join(kept))


def untagged(inner: str) -> str:
    """Return canonical *inner* HTML without its tags, escaped as it was, breaks as line feeds."""
    return _TAG.sub("", inner.replace("<br>", "\n"))


def keep_start(inner: str, count: int) -> str:
    """Return the first *count* characters of the text of canonical *inner* HTML; tags stay balanced."""
    if "<" not in inner and "&" not in inner:
        return inner[: max(count, 0)].strip()
    kept: list[str] = []
    for is_tag, piece in _pieces(inner):
        if is_tag:
            if piece != "<br>":
                kept.append(piece)
            elif count > 0:
                kept.append(piece)
                count -= 1
            continue
        plain = unescaped(piece)
        kept.append(piece if count >= len(plain) else html.escape(plain[: max(count, 0)], quote=False))
        count -= len(plain)
    return trim("".join(kept))


def flat_text(inner: str) -> str:
    """Return the text of canonical *inner* HTML with every character at the place the cutting functions count by."""
    if "<" in inner:
        inner = untagged(inner)
    return unescaped(inner) if "&" in inner else inner


def trim(inner: str) -> str:
    """Return canonical *inner* HTML without empty inline elements and without breaks and space at its ends."""
    if "<" not in inner:
        return inner.strip()
    before = None
    while before != inner:
        before = inner
        if "</" in inner:
            inner = _EMPTY_INLINE.sub(r"\2", inner)
        inner = inner.strip()
        while inner.startswith("<br>"):
            inner = inner[4:].lstrip()
        while inner.endswith("<br>"):
            inner = inner[:-4].rstrip()
    return inner


def _pieces(inner: str) -> Iterator[tuple[bool, str]]:
    """Yield the tags (true) and the texts (false) of canonical *inner* HTML."""
    at = 0
    for tag in _TAG.finditer(inner):
        if tag.start() > at:
            yield False, inner[at : tag.start()]
        yield True, tag[0]
        at = tag.end()
    if at < len(inner):
        yield False, inner[at:]


def _is_canonical(escaped: str) -> bool:
    """Tell whether *escaped* words, without brackets, have no other references than those for <, > and &."""
    return escaped.count("&") == escaped.count("&amp;") + escaped.count("&lt;") + escaped.count("&gt;")


def tidy(escaped: str) -> str:
    """Return *escaped* text in canonical form: white space single, only &, < and > escaped."""
    if "&" in escaped and not _is_canonical(escaped):
        escaped = html.escape(text.strip_dead(resolved(escaped)), quote=False)
    return text.single_spaced(escaped)
