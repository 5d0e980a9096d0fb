"""The picture that other sites show beside a link to a story: drawn once for each version, from its headline."""

from __future__ import annotations

import io
import re
import threading
from collections import OrderedDict
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from depesche.model.errors import NotFound
from depesche.model.story import Version
from depesche.portal.ask import Ask, Page
from depesche.portal.pages import lines
from depesche.portal.site import Site

SIZE = (1200, 630)
KEPT = 200  # drawn pictures kept in memory, about 25 kB each
_FONTS = Path(__file__).parent / "fonts"
_CACHE = "public, max-age=86400, immutable"  # a day and not for ever: a killed story takes its picture along
_NAME = re.compile(r"([1-9]\d{0,17})(?:-([1-9]\d{0,8}))?", re.ASCII)
_PAPER, _INK, _MUTED, _ALARM, _FOLD = "#fdfcf9", "#15171a", "#565a5f", "#a31621", "#d9a7ae"
_EDGE = 72
_MOST_LINES = 5
_SIZES = (72, 64, 56, 50, 44)
_SERIF, _SANS = "source-serif-4", "inter"
_UNSEEN = re.compile("[\u0000-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Previews:
    """Draws and keeps previews; one is drawn at a time, so that a crawler cannot take every core."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._drawn: OrderedDict[int, bytes] = OrderedDict()
        self._turn = threading.Lock()

    def show(self, _site: Site, ask: Ask) -> Page:
        """Return the preview of a public story's version; an older version's address shows the present one.

        Raises:
            NotFound: no public story has that number.
        """
        name = _NAME.fullmatch(ask.values["name"])
        if name is None:
            raise NotFound(ask.values["name"])
        with self._site.newsroom.database.reading() as tx:
            version = tx.newsstand.version(int(name[1]))
        if version is None:
            raise NotFound(name[1])
        with self._turn:
            picture = self._drawn.get(version.key)
            if picture is None:
                picture = self._drawn[version.key] = draw(self._site, version)
            self._drawn.move_to_end(version.key)
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        is_exact = name[2] is not None and int(name[2]) == version.number
        cache_control = _CACHE if is_exact else "public, no-cache"
        headers = {"Cross-Origin-Resource-Policy": "cross-origin"}
        return Page(picture, media_type="image/png", cache=cache_control, headers=headers)


def draw(site: Site, version: Version) -> bytes:
    """Return the preview of *version* as PNG."""
    width, height = SIZE
    image = Image.new("RGB", SIZE, _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle([0, 0, width, 12], fill=_ALARM)
    _logo(pen, _EDGE, 56, 1.9)
    title = _shown(site.settings.title)
    pen.text((_EDGE + 70, 58), title, font=_font(_SERIF, 44, 640), fill=_INK)
    top = 158
    mark = lines.label(version.series)
    if mark:
        label = _fitted(pen, _shown(mark).upper(), _font(_SANS, 26, 600), width - 2 * _EDGE)
        pen.text((_EDGE, top), label, font=_font(_SANS, 26, 600), fill=_ALARM)
        top += 50
    bottom = height - _EDGE - 40
    font, rows = _set(pen, _shown(version.headline), width - 2 * _EDGE, bottom - top)
    for row in rows:
        pen.text((_EDGE, top), row, font=font, fill=_INK)
        top += round(font.size * 1.2)
    pen.line([_EDGE, height - 104, width - _EDGE, height - 104], fill="#dcd8cd", width=2)
    speech = site.speech[version.language[:2] if version.language[:2] in site.speech else site.main]
    said = f"{_shown(version.provider)}  ·  {speech.when(version.at, 'short')}"
    foot = _font(_SANS, 28, 450)
    pen.text((_EDGE, height - 84), _fitted(pen, said, foot, width - 2 * _EDGE), font=foot, fill=_MUTED)
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _logo(pen: ImageDraw.ImageDraw, left: float, top: float, scale: float) -> None:
    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(left + x * scale, top + y * scale) for x, y in points]

    pen.polygon(at((4, 2), (18, 2), (24, 8), (24, 26), (4, 26)), fill=_ALARM)
    pen.polygon(at((18, 2), (18, 8), (24, 8)), fill=_FOLD)
    for y, stretches in ((13, ((8, 13), (16, 20))), (18, ((8, 10), (13, 20))), (22.5, ((8, 15),))):
        for start, end in stretches:
            pen.line(at((start, y), (end, y)), fill=_PAPER, width=round(2 * scale))


def _set(
    pen: ImageDraw.ImageDraw, words: str, width: float, height: float
) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the largest font in which *words* fit, and their lines; what never fits is cut."""
    for size in _SIZES:
        font = _font(_SERIF, size, 640)
        rows = _broken(pen, words, font, width)
        if len(rows) <= _MOST_LINES and len(rows) * size * 1.2 <= height:
            return font, rows
    most = int(height // (font.size * 1.2))
    return font, [*rows[: most - 1], _fitted(pen, " ".join(rows[most - 1 :]), font, width)]


def _broken(pen: ImageDraw.ImageDraw, words: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    rows: list[str] = []
    for word in words.split():
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and pen.textlength(longer, font) <= width:
            rows[-1] = longer
        else:
            rows.append(_fitted(pen, word, font, width))
    return rows or [""]


def _fitted(pen: ImageDraw.ImageDraw, words: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """Return *words*, with an ellipsis where they are too long for *width* pixels."""
    words = words[:300]
    if pen.textlength(words, font) <= width:
        return words
    while words and pen.textlength(f"{words}…", font) > width:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _shown(words: str) -> str:
    return " ".join(_UNSEEN.sub(" ", words).split())


@cache
def _font(name: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    try:
        font = ImageFont.truetype(str(_FONTS / f"{name}.woff2"), size)
        font.set_variation_by_axes([weight])
    except OSError:  # a build of the drawing library that cannot unpack WOFF2: its own font will do
        found = ImageFont.load_default(size)
        assert isinstance(found, ImageFont.FreeTypeFont)
        return found
    return font
