"""HTML made safe and simple: a flat list of blocks that readers, mails and indexes can all use."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import nh3

from depesche.lib import text

# The cleaner's time grows with the square of these two; what has more of them is read as plain text.
MAX_DEPTH = 200  # elements open at once
MAX_REFERENCES = 50_000  # ampersands and no-break spaces

_CONTAINERS = frozenset({"ul", "ol", "table", "blockquote", "pre"})
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_INLINE = frozenset({"strong", "em", "b", "i", "a", "sub", "sup"})
_INNER = frozenset({"li", "tr", "td", "th", "thead", "tbody", "tfoot", "caption", "p"})
# Tags that only part one block from the next; they pass the cleaner and end here.
_PARTING = frozenset(
    [
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
        "details",
        "summary",
        "dl",
        "dt",
        "dd",
        "form",
        "fieldset",
        "hr",
        "hgroup",
    ]
)
_DROPPED = frozenset(
    ["script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math", "audio", "video"]
)
_TAGS = _CONTAINERS | frozenset(_HEADINGS) | _INLINE | _INNER | _PARTING | {"br", "span", "img"}

_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_DROPPED),
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
# The cleaner writes canonical HTML: every `<` that is not part of a tag is escaped, attributes are double-quoted.
_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)\s*>|([^<]+)')
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_PLAIN = re.compile(r"(?:\s*+<p>[^<>]*+</p>)++\s*+")
_PLAIN_P = re.compile(r"<p>([^<>]*)</p>")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_TAG = re.compile(r'<(?:[^<>"]|"[^"]*+")*+>')
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>")
_CREDIT_HINTS = frozenset({"byline", "credit", "copyright", "photographer", "source"})
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
)
_EMPTY_INLINE = re.compile(r"<(strong|em|b|i|a|sub|sup)(?: [^<>]*)?>(\s*)</\1>")
_BREAKS = re.compile(" ?<br> ?")
_CELL = re.compile(r"<(?:td|th)\b[^<>]*>")
_ROW = re.compile(r"<(?:tr|li|p|caption)\b[^<>]*>|<br>")
_WRAPPED = range(45, 90)  # the length of a line that a sender broke by its width
_LONG_LINE = 100
_BLANK_LINES = re.compile(r"\n[ \t]*+\n\s*+")
_FILE_NAME = re.compile(r"\S+\.[a-zA-Z]{3,4}")


@dataclass(slots=True)
class Block:
    """One block of a body: `tag` is p, h2 to h4, ul, ol, table, blockquote or pre, `inner` the canonical HTML inside.

    `hints` are the class names of the source around and on the block, for whoever knows what they mean.
    """

    tag: str
    inner: str
    hints: frozenset[str] = field(default_factory=frozenset)

    @property
    def html(self) -> str:
        """The block with its tag; links carry `rel="nofollow noopener"`."""
        return f"<{self.tag}>{self.inner}</{self.tag}>"

    @property
    def text(self) -> str:
        """The block's words: cells parted by tabs, rows, items and breaks by line feeds."""
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


def parse(source: str) -> Body:
    """Return *source*, HTML of any quality, as safe blocks and pictures; no text is lost but that of scripts."""
    source = text.strip_dead(source)
    if _PLAIN.fullmatch(source):
        inner = [_tidy_text(words).strip() for words in _PLAIN_P.findall(source)]
        return Body([Block("p", one) for one in inner if one])
    if _depth(source) > MAX_DEPTH or source.count("&") + source.count("\xa0") > MAX_REFERENCES:
        return Body(from_text(html.unescape(_ANY_TAG.sub("\n\n", source))))
    return _Flow().run(_CLEANER.clean(source))


def blocks(source: str) -> list[Block]:
    """Return the blocks of *source*, HTML of any quality."""
    return parse(source).blocks


def from_text(source: str) -> list[Block]:
    """Return plain *source* as paragraphs.

    Blank lines part them; where there are none, long lines are paragraphs themselves. Lines
    that a sender broke by their width are joined again, others stay lines.
    """
    flat = text.strip_dead(source).replace("\r\n", "\n").replace("\r", "\n").strip()
    parts = _BLANK_LINES.split(flat)
    if len(parts) == 1 and max(map(len, flat.split("\n"))) > _LONG_LINE:
        parts = flat.split("\n")
    lines = ([line.strip() for line in part.split("\n") if line.strip()] for part in parts)
    return [Block("p", _joined(one)) for one in lines if one]


def _joined(lines: list[str]) -> str:
    wrapped = all(len(line) in _WRAPPED and "  " not in line for line in lines[:-1])
    return (" " if wrapped else "<br>").join(
        _SPACE.sub(" ", html.escape(line, quote=False)) for line in lines
    )


def paragraphs(source: str) -> str:
    """Return plain *source* as HTML paragraphs."""
    return to_html(from_text(source))


def to_html(body: Iterable[Block]) -> str:
    """Return the blocks of *body* as HTML, one to a line."""
    return "\n".join(block.html for block in body)


def to_text(body: Iterable[Block]) -> str:
    """Return the words of *body*, blocks parted by blank lines."""
    return "\n\n".join(filter(None, (block.text for block in body)))


def clean(source: str) -> str:
    """Return *source* as safe, simple HTML."""
    return to_html(blocks(source))


def words(source: str) -> str:
    """Return the text of *source*, HTML of any quality, as one line."""
    if "<" not in source and "&" not in source:
        return text.line(source)
    return text.line(to_text(blocks(source)))


def is_blank(inner: str) -> bool:
    """Tell whether canonical *inner* HTML shows nothing."""
    return not _TAG.sub("", inner).replace("&nbsp;", "").replace("\xa0", "").strip()


def inner_text(inner: str, *, keep_space: bool = False) -> str:
    """Return the words of canonical *inner* HTML."""
    if "<" in inner:
        flat = inner if keep_space else _SPACE.sub(" ", inner)
        flat = _ROW.sub("\n", _CELL.sub("\t", flat))
        flat = html.unescape(_TAG.sub("", flat))
    elif "&" in inner:
        flat = html.unescape(inner)
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


def drop_start(inner: str, count: int) -> str:
    """Return canonical *inner* HTML without the first *count* characters of its text; tags stay balanced."""
    kept: list[str] = []
    for is_tag, piece in _pieces(inner):
        if is_tag:
            if piece == "<br>" and count:
                count -= 1
            else:
                kept.append(piece)
            continue
        plain = html.unescape(piece)
        if count >= len(plain):
            count -= len(plain)
            continue
        kept.append(html.escape(plain[count:], quote=False) if count else piece)
        count = 0
    return trim("".join(kept))


def keep_start(inner: str, count: int) -> str:
    """Return the first *count* characters of the text of canonical *inner* HTML; tags stay balanced."""
    kept: list[str] = []
    for is_tag, piece in _pieces(inner):
        if is_tag:
            if piece != "<br>":
                kept.append(piece)
            elif count > 0:
                kept.append(piece)
                count -= 1
            continue
        plain = html.unescape(piece)
        kept.append(piece if count >= len(plain) else html.escape(plain[: max(count, 0)], quote=False))
        count -= len(plain)
    return trim("".join(kept))


def flat_text(inner: str) -> str:
    """Return the text of canonical *inner* HTML with every character at the place the cutting functions count by."""
    return html.unescape(_TAG.sub("", inner.replace("<br>", "\n"))) if "<" in inner else html.unescape(inner)


def trim(inner: str) -> str:
    """Return canonical *inner* HTML without empty inline elements and without breaks and space at its ends."""
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


def _tidy_text(escaped: str) -> str:
    """Return *escaped* text in canonical form: white space single, only &, < and > escaped."""
    if "&" in escaped:
        escaped = html.escape(text.strip_dead(html.unescape(escaped)), quote=False)
    return _SPACE.sub(" ", escaped)


def _depth(source: str) -> int:
    """Return a bound of how many elements of *source* are open at once."""
    if source.count("<") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for closing, tag in _ANY_TAG.findall(source):
        if tag.lower() in _VOID:
            continue
        depth = max(depth - 1, 0) if closing else depth + 1
        deepest = max(deepest, depth)
    # Paragraphs, cells and list items may be left open by rights: such tags do not nest.
    return deepest if deepest <= MAX_DEPTH else _depth_without_optional(source)


def _depth_without_optional(source: str) -> int:
    depth = deepest = 0
    for closing, tag in _ANY_TAG.findall(source):
        if tag.lower() in _VOID or tag.lower() in {"p", "li", "td", "th", "tr", "dd", "dt", "option"}:
            continue
        depth = max(depth - 1, 0) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


class _Flow:
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
        self.own: frozenset[str] = frozenset()
        self.after_span = False

    def run(self, canonical: str) -> Body:
        """Return the blocks and pictures of *canonical* HTML."""
        for closing, tag, attributes, words_ in _TOKEN.findall(canonical):
            if words_:
                self.words(words_)
            elif closing:
                self.close(tag)
            else:
                self.open(tag, attributes)
        self.container.clear()
        self.flush()
        self.end_figure()
        return Body(self.done, self.figures)

    def words(self, escaped: str) -> None:
        """Take in text."""
        self.buffer.append(
            html.escape(html.unescape(escaped), quote=False)
            if "pre" in self.container
            else _tidy_text(escaped)
        )
        self.after_span = False

    def open(self, tag: str, attributes: str) -> None:
        """Take in an opening tag."""
        named = dict(_ATTRIBUTE.findall(attributes)) if attributes else {}
        classes = frozenset(named.pop("class", "").split())
        if tag == "br":
            self.line_end()
        elif tag == "img":
            self.images.append(named)
            if self.figure_at is None:
                self.end_figure()
        elif tag == "span":
            if self.after_span:  # neighbours that a style sheet would part
                self.buffer.append(" ")
        elif tag in _INLINE:
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
            if tag in _CONTAINERS:
                self.container.append(tag)
                self.tag = tag
            else:
                self.tag = _HEADINGS.get(tag, "p")

    def open_inside(self, tag: str, named: dict[str, str]) -> None:
        """Take in a block's tag inside a list, table or quotation."""
        if tag in _CONTAINERS:
            self.container.append(tag)
            self.buffer.append(f"<{tag}>")
        elif tag in _INNER:
            shown = "".join(f' {name}="{value}"' for name, value in named.items())
            self.buffer.append(f"<{tag}{shown}>")
        elif self.buffer and (not self.buffer[-1].startswith("<") or self.buffer[-1].startswith("</")):
            self.buffer.append("<br>")

    def close(self, tag: str) -> None:
        """Take in a closing tag."""
        if tag == "span":
            self.after_span = True
        elif tag in _INLINE:
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
            inside = [block for block in self.done[self.figure_at :] if block.tag not in _CONTAINERS]
            outside = [block for block in self.done[self.figure_at :] if block.tag in _CONTAINERS]
            credits_ = [block for block in inside if block.hints & _CREDIT_HINTS]
            credit = " ".join(block.text for block in credits_) or None
            caption = " ".join(block.text for block in inside if block not in credits_) or None
            self.done[self.figure_at :] = outside
        self.figure_at = None
        for image in self.images:
            if image.get("src") and not _is_pixel(image):
                self.figures.append(
                    Figure(html.unescape(image["src"]).strip(), caption or _alternative(image), credit)
                )
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
        elif tag in _INNER:
            self.buffer.append(f"</{tag}>")
        elif self.buffer and not self.buffer[-1].startswith("<"):
            self.buffer.append("<br>")

    def unhint(self, tag: str) -> None:
        """Forget the class names of the innermost open *tag*."""
        for place in range(len(self.hints) - 1, -1, -1):
            if self.hints[place][0] == tag:
                del self.hints[place:]
                return

    def flush(self) -> None:
        """End the block at hand; open inline elements go on in the next."""
        inner = "".join(self.buffer)
        if inner and not is_blank(inner):
            inner += "".join(f"</{name}>" for name, _ in reversed(self.inline))
            hints = frozenset[str]().union(*(classes for _, classes in self.hints))
            if self.tag == "pre":
                inner = inner.strip("\n")
            elif self.tag in _CONTAINERS:
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
