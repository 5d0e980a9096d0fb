"""From the cleaner's tree of tags to a flat flow of blocks."""

from __future__ import annotations

import html
import re

from depesche.lib import text
from depesche.lib.markup.hrefs import is_reachable
from depesche.lib.markup.htmlblock import Block, Body, Figure, is_blank, trim
from depesche.lib.markup.htmltags import Tag

CONTAINERS = frozenset({"ul", "ol", "table", "blockquote", "pre"})
HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
INLINE = frozenset({"strong", "em", "b", "i", "a", "sub", "sup"})
INNER = frozenset({"li", "tr", "td", "th", "thead", "tbody", "tfoot", "caption", "p"})
# Tags that only part one block from the next; they pass the cleaner and end here.
PARTING = frozenset(
    {
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "figure",
        "figcaption",
        "address",
        "center",
        "nav",
    }
    | {"details", "summary", "dl", "dt", "dd", "form", "fieldset", "hr", "hgroup"}
)
TAGS = CONTAINERS | frozenset(HEADINGS) | INLINE | INNER | PARTING | {"br", "span", "img"}

_LINES = frozenset({"p", *HEADINGS})
_MARKS = {name: (f"<{name}>", f"</{name}>") for name in ("strong", "em", "b", "i", "a", "sub", "sup")}
_NO_HINTS: frozenset[str] = frozenset()
_SHOWN = {"td": frozenset({"colspan", "rowspan"}), "th": frozenset({"colspan", "rowspan", "scope"})}
_CREDIT_HINTS = frozenset({"byline", "credit", "copyright", "photographer", "source"})
_SPACES = re.compile(r" {2,}")
_BREAKS = re.compile(" ?<br> ?")
_FILE_NAME = re.compile(r"\S+\.[a-zA-Z]{3,4}")


class Flow:
    """Turns clean markup, cut at its tags, into blocks, walking it once."""

    def __init__(self) -> None:
        self.done: list[Block] = []
        self.figures: list[Figure] = []
        self.images: list[dict[str, str]] = []
        self.figure_at: int | None = None
        self.buffer: list[str] = []
        self.tag = "p"
        self.inline: list[tuple[str, str]] = []
        self.container: list[str] = []
        self.hints: list[tuple[str, frozenset[str]]] = []
        self.around = _NO_HINTS  # the class names of all open tags
        self.after_span = False

    def run(self, first: str, tags: list[tuple[Tag, str]]) -> Body:
        """Return the blocks and pictures of markup that begins with the words *first*; all words are escaped."""
        if first:
            self.words(first)
        last = len(tags) - 1
        place = 0
        while place <= last:
            tag, words = tags[place]
            if tag.is_closing:
                self.close(tag.name)
            elif (
                tag.name in _LINES
                and not self.container
                and not self.inline
                and (end := self.line(tags, place))
            ):
                place = end
                words = tags[place][1]
            else:
                self.open(tag)
            if words:
                self.words(words)
            place += 1
        self.container.clear()
        self.flush()
        self.end_figure()
        return Body(self.done, self.figures)

    def line(self, tags: list[tuple[Tag, str]], place: int) -> int:
        """Take in the paragraph or heading that begins at *place*; return the place of its end.

        Returns 0, and takes in nothing, where it holds more than words and inline elements, or space that must go.
        """
        tag, told = tags[place]
        inner, words = [told], [told]
        for end in range(place + 1, len(tags)):
            one, told = tags[end]
            if one.is_closing:
                if one.name == tag.name:
                    return end if self.end_line(tag, inner, words) else 0
                if one.name not in _MARKS:
                    return 0
                inner.append(_MARKS[one.name][1])
            elif one.name not in _MARKS or not told or told.isspace() or words[-1][-1:] == told[:1] == " ":
                return 0
            elif one.name != "a":
                inner.append(_MARKS[one.name][0])
            elif link := _link(one.attributes):
                inner.append(link)
            else:
                return 0
            inner.append(told)
            words.append(told)
        return 0

    def end_line(self, tag: Tag, pieces: list[str], texts: list[str]) -> bool:
        """Take in a paragraph or heading made of *pieces*, whose words are *texts*; tell whether that was possible."""
        inner, words = "".join(pieces), "".join(texts)
        is_printable = words.isprintable()
        if not is_printable or text.has_wide_space(words):
            if len(texts) > 1:
                return False
            inner = words = text.single_spaced(words)
            is_printable = words.isprintable()
        inner, words = inner.strip(), words.strip()
        self.flush()
        self.after_span = False
        if words and (is_printable or not is_blank(words)):
            hints = self.around | tag.hints if tag.hints else self.around
            known = words if is_printable and "&" not in words else None
            self.done.append(Block(HEADINGS.get(tag.name, "p"), inner, hints, known))
        self.tag = "p"
        return True

    def words(self, escaped: str) -> None:
        """Take in text."""
        self.after_span = False
        if "pre" not in self.container:
            if escaped.isspace() and "\xa0" not in escaped:
                if not self.buffer:  # between two blocks
                    return
                escaped = " "
            else:
                escaped = text.single_spaced(escaped)
        self.buffer.append(escaped)

    def open(self, tag: Tag) -> None:
        """Take in an opening tag."""
        name = tag.name
        if self.container and name in INNER:
            self.open_inside(tag)
        elif name == "br":
            self.line_end()
        elif name == "img":
            self.images.append(tag.attributes)
            if self.figure_at is None:
                self.end_figure()
        elif name == "span":
            if self.after_span:  # neighbours that a style sheet would part
                self.buffer.append(" ")
        elif name in INLINE:
            if name != "a" or (link := _link(tag.attributes)):
                opening = f"<{name}>" if name != "a" else link
                self.inline.append((name, opening))
                self.buffer.append(opening)
        elif self.container:
            self.open_inside(tag)
        else:
            self.open_block(tag)

    def open_block(self, tag: Tag) -> None:
        """Take in the tag of a block that stands in no other."""
        name = tag.name
        self.flush()
        if name == "figure":
            self.end_figure()
            self.figure_at = len(self.done)
        if name != "hr":
            hints = tag.hints | {name} if name == "figcaption" else tag.hints
            self.hints.append((name, hints))
            if hints:
                self.around |= hints
        if name in CONTAINERS:
            self.container.append(name)
            self.tag = name
        else:
            self.tag = HEADINGS.get(name, "p")

    def open_inside(self, tag: Tag) -> None:
        """Take in a block's tag inside a list, table or quotation."""
        name = tag.name
        if name in INNER:
            if tag.attributes and name in _SHOWN:
                shown = [f' {one}="{value}"' for one, value in tag.attributes.items() if one in _SHOWN[name]]
                self.buffer.append(f"<{name}{''.join(shown)}>")
            else:
                self.buffer.append(f"<{name}>")
        elif name in CONTAINERS:
            self.container.append(name)
            self.buffer.append(f"<{name}>")
        elif self.buffer and (not self.buffer[-1].startswith("<") or self.buffer[-1].startswith("</")):
            self.buffer.append("<br>")

    def close(self, tag: str) -> None:
        """Take in a closing tag."""
        if tag == "span":
            self.after_span = True
        elif tag in INNER and self.container:
            self.buffer.append(f"</{tag}>")
        elif tag in INLINE:
            if any(one == tag for one, _ in self.inline):
                while self.inline:
                    name, _ = self.inline.pop()
                    self.buffer.append(f"</{name}>")
                    if name == tag:
                        break
        elif self.container:
            self.close_inside(tag)
        else:
            self.flush()
            self.unhint(tag)
            self.tag = "p"
            if tag == "figure":
                self.end_figure()

    def line_end(self) -> None:
        """Take in a line break; the second in a row ends the paragraph."""
        before = next((one for one in reversed(self.buffer) if one != " "), "")
        if before == "<br>" and not self.container:
            self.flush()
        else:
            self.buffer.append("<br>")

    def end_figure(self) -> None:
        """Turn the images at hand into pictures; words inside their figure are caption and credit, not copy."""
        caption = credit = None
        if self.figure_at is not None and self.images:
            inside = [block for block in self.done[self.figure_at :] if block.tag not in CONTAINERS]
            outside = [block for block in self.done[self.figure_at :] if block.tag in CONTAINERS]
            credits_ = [block for block in inside if block.hints & _CREDIT_HINTS]
            credit = " ".join(block.text for block in credits_) or None
            caption = " ".join(block.text for block in inside if block not in credits_) or None
            self.done[self.figure_at :] = outside
        self.figure_at = None
        for image in self.images:
            source = html.unescape(image.get("src", "")).strip()
            if is_reachable(source) and not _is_pixel(image):
                self.figures.append(Figure(source, caption or _alternative(image), credit))
        self.images = []

    def close_inside(self, tag: str) -> None:
        """Take in a block's closing tag inside a list, table or quotation."""
        if tag == self.container[-1]:
            self.container.pop()
            if self.container:
                self.buffer.append(f"</{tag}>")
            else:
                self.flush()
                self.unhint(tag)
                self.tag = "p"
        elif self.buffer and not self.buffer[-1].startswith("<"):
            self.buffer.append("<br>")

    def unhint(self, tag: str) -> None:
        """Forget the class names of the innermost open *tag*."""
        for place in range(len(self.hints) - 1, -1, -1):
            if self.hints[place][0] == tag:
                del self.hints[place:]
                if self.around:
                    self.around = _NO_HINTS.union(*[classes for _, classes in self.hints])
                return

    def flush(self) -> None:
        """End the block at hand; open inline elements go on in the next."""
        if not self.buffer:
            return
        inner = "".join(self.buffer)
        if not inner.isspace() and not is_blank(inner):
            inner += "".join(f"</{name}>" for name, _ in reversed(self.inline))
            hints = self.around
            if (
                "  " in inner and self.tag != "pre" and "<pre" not in inner
            ):  # where an element between two spaces fell away
                inner = _SPACES.sub(" ", inner)
            if self.tag == "pre":
                inner = inner.strip("\n")
            elif self.tag in CONTAINERS:
                inner = inner.replace("<br></", "</").strip()
            else:
                inner = trim(_BREAKS.sub("<br>", inner) if "<br>" in inner else inner)
            self.done.append(Block(self.tag, inner, hints))
        self.buffer = [opening for _, opening in self.inline]


def _link(named: dict[str, str]) -> str:
    """Return the opening tag of a link, empty when it leads nowhere a reader can go."""
    href = named.get("href", "")
    if href.lower().startswith(("https://", "http://", "mailto:")):
        return f'<a href="{href}" rel="nofollow noopener">'
    return ""


def _is_pixel(image: dict[str, str]) -> bool:
    """Tell whether *image* is there to count readers, not to be seen."""
    return any(image.get(side, "").removesuffix("px") in {"0", "1", "2"} for side in ("width", "height"))


def _alternative(image: dict[str, str]) -> str | None:
    words = text.line(html.unescape(image.get("alt", "")))
    return words if " " in words and not _FILE_NAME.fullmatch(words) else None
