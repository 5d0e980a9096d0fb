"""Markup that is so well made that a cleaner would change nothing: it is recognised here and read without one.

Senders with a system of their own write such markup as a rule: known elements, all of them closed, nested as the standard
has them, known attributes in double quotes. Whatever differs in the least goes to the cleaner.
"""

from __future__ import annotations

import re
from html.entities import html5

from depesche.lib.markup.htmltags import Tag, cut

_INLINE = frozenset({"strong", "em", "b", "i", "a", "sub", "sup", "span"})
_LINES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})  # hold inline elements and words alone
_BLOCKS = frozenset(
    {"div", "section", "article", "header", "footer", "main", "aside", "nav", "figure", "figcaption"}
    | {"address", "center", "blockquote"}
)
_PARTS = {  # elements that hold only certain others, and no words
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "table": frozenset({"thead", "tbody", "tfoot"}),
    "thead": frozenset({"tr"}),
    "tbody": frozenset({"tr"}),
    "tfoot": frozenset({"tr"}),
    "tr": frozenset({"td", "th"}),
}
_ANYWHERE = _LINES | _BLOCKS | frozenset({"ul", "ol", "table"})
_VOID = frozenset({"br", "img", "hr"})
_ONLY_WORDS = _LINES | _INLINE

_REFERENCE = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,30});|#([1-9][0-9]{1,4});)?")
_NAMED = {
    name[:-1]: value
    for name, value in html5.items()
    if name[-1] == ";" and len(value) == 1 and (value.isprintable() or value == "\xa0") and value not in "<>&"
}
_KEPT = frozenset({"amp", "lt", "gt"})
_CONTROLS = range(128, 160)  # as numbers they mean letters of another page
_SURROGATES = 0xD800
_DEEPEST = 100  # elements open at once


def settled(source: str, odd: str) -> tuple[str, list[tuple[Tag, str]]] | None:
    """Return *source* cut at its tags if the cleaner would leave all of them and all words, None where only the cleaner knows.

    *source* is free of dead characters; *odd* is what `text.rare` says of it. Of character references only those for &, < and >
    are left, as the cleaner leaves them.
    """
    if odd.count(">") != odd.count("<"):
        return None
    parts = cut(source)
    if parts is None or not _is_well_made(parts[1]):
        return None
    return _resolved(*parts) if "&" in odd else parts


def _is_well_made(tags: list[tuple[Tag, str]]) -> bool:
    """Tell whether all *tags* are known ones in their places, so that every parser builds the same tree."""
    open_: list[str] = []
    inside = ""
    for (name, is_closing, _, _, is_plain, is_ended), words in tags:
        if is_closing:
            if inside != name or not is_plain:
                return False
            del open_[-1]
            inside = open_[-1] if open_ else ""
        elif not is_plain:
            return False
        elif name in _VOID:
            if inside in _PARTS or (name == "hr" and inside in _ONLY_WORDS):
                return False
        else:
            if is_ended or not _may_open(name, inside, open_) or (name == "pre" and words[:1] in {"", "\n"}):
                return False
            open_.append(name)
            inside = name
        if words and inside in _PARTS and not words.isspace():
            return False
    return not open_


def _may_open(name: str, inside: str, open_: list[str]) -> bool:
    """Tell whether an element called *name* may begin in one called *inside* without closing or moving anything."""
    if inside in _PARTS:
        return name in _PARTS[inside]
    if name in _INLINE:
        return name != "a" or "a" not in open_
    return name in _ANYWHERE and inside not in _ONLY_WORDS and len(open_) < _DEEPEST


def _resolved(first: str, tags: list[tuple[Tag, str]]) -> tuple[str, list[tuple[Tag, str]]] | None:
    """Return the words with their character references resolved, or None where one is not plainly a printable character."""
    try:
        return letters(first), [(one, letters(words) if "&" in words else words) for one, words in tags]
    except LookupError:
        return None


def letters(words: str) -> str:
    """Return *words* with their character references resolved, but for those of &, < and >.

    Raises:
        LookupError: one is not plainly a printable character.
    """
    return _REFERENCE.sub(_letter, words.replace("&nbsp;", "\xa0"))


def _letter(found: re.Match[str]) -> str:
    name, digits = found[1], found[2]
    if name in _KEPT:
        return found[0]
    if name:
        return _NAMED[name]
    number = int(digits) if digits else 0
    one = chr(number) if number < _SURROGATES and number not in _CONTROLS else ""
    if not one or not one.isprintable() or one in "&<>":
        raise LookupError(found[0])
    return one
