"""From the cleaner's tree of tags to a flat flow of blocks."""

from __future__ import annotations

import html
import re

from depesche.lib import text
from depesche.lib.hrefs import is_reachable
from depesche.lib.htmlblock import Block, Body, Figure, is_blank, tidy, trim

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

_ATTRIBUTES = r'((?:\s+[a-z-]+="[^"]*")*)\s*'
# A paragraph or heading with nothing but words in it, any other tag, or words.
_TOKEN = re.compile(rf"<(p|h[1-6]){_ATTRIBUTES}>([^<]*)</\1>|<(/?)([a-z][a-z0-9]*){_ATTRIBUTES}>|([^<]+)")
_NO_HINTS: frozenset[str] = frozenset()
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_CREDIT_HINTS = frozenset({"byline", "credit", "copyright", "photographer", "source"})
_SPACES = re.compile(r" {2,}")
_BREAKS = re.compile(" ?<br> ?")
_FILE_NAME = re.compile(r"\S+\.[a-zA-Z]{3,4}")


class Flow:
    """Turns the cleaner's output into blocks, walking it once."""

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

    def run(self, canonical: str) -> Body:
        """Return the blocks and pictures of *canonical* HTML."""
        for simple, own, inside, closing, tag, attributes, words_ in _TOKEN.findall(canonical):
            if simple:
                self.simple(simple, own, inside)
            elif words_:
                self.words(words_)
            elif closing:
                self.close(tag)
            else:
                self.open(tag, attributes)
        self.container.clear()
        self.flush()
        self.end_figure()
        return Body(self.done, self.figures)

    def simple(self, tag: str, attributes: str, inside: str) -> None:
        """Take in a paragraph or heading that holds words alone."""
        if self.container or self.inline:
            self.open(tag, attributes)
            if inside:
                self.words(inside)
            self.close(tag)
            return
        self.flush()
        inner = tidy(inside).strip()
        self.after_span = False
        is_printable = inner.isprintable()
        if inner and (is_printable or not is_blank(inner)):
            hints = self.around
            if "class=" in attributes:
                hints = hints.union(dict(_ATTRIBUTE.findall(attributes)).get("class", "").split())
            self.done.append(Block(HEADINGS.get(tag, "p"), inner, hints, is_printable and "&" not in inner))
        self.tag = "p"

    def words(self, escaped: str) -> None:
        """Take in text."""
        self.buffer.append(
            html.escape(html.unescape(escaped), quote=False) if "pre" in self.container else tidy(escaped)
        )
        self.after_span = False

    def open(self, tag: str, attributes: str) -> None:
        """Take in an opening tag."""
        named = dict(_ATTRIBUTE.findall(attributes)) if attributes else {}
        classes = frozenset(named.pop("class").split()) if "class" in named else _NO_HINTS
        if tag == "br":
            self.line_end()
        elif tag == "img":
            self.images.append(named)
            if self.figure_at is None:
                self.end_figure()
        elif tag == "span":
            if self.after_span:  # neighbours that a style sheet would part
                self.buffer.append(" ")
        elif tag in INLINE:
            if tag != "a" or (link := _link(named)):
                opening = f"<{tag}>" if tag != "a" else link
                self.inline.append((tag, opening))
                self.buffer.append(opening)
        elif self.container:
            self.open_inside(tag, named)
        else:
            self.flush()
            if tag == "figure":
                self.end_figure()
                self.figure_at = len(self.done)
            if tag != "hr":
                self.hints.append((tag, classes | {tag} if tag == "figcaption" else classes))
                if self.hints[-1][1]:
                    self.around |= self.hints[-1][1]
            if tag in CONTAINERS:
                self.container.append(tag)
                self.tag = tag
            else:
                self.tag = HEADINGS.get(tag, "p")

    def open_inside(self, tag: str, named: dict[str, str]) -> None:
        """Take in a block's tag inside a list, table or quotation."""
        if tag in CONTAINERS:
            self.container.append(tag)
            self.buffer.append(f"<{tag}>")
        elif tag in INNER:
            shown = "".join(f' {name}="{value}"' for name, value in named.items())
            self.buffer.append(f"<{tag}{shown}>")
        elif self.buffer and (not self.buffer[-1].startswith("<") or self.buffer[-1].startswith("</")):
            self.buffer.append("<br>")

    def close(self, tag: str) -> None:
        """Take in a closing tag."""
        if tag == "span":
            self.after_span = True
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
        elif tag in INNER:
            self.buffer.append(f"</{tag}>")
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
