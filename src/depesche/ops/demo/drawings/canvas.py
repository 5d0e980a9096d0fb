"""A small canvas for flat, calm illustrations, and its palette."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 675

INK, NAVY, SLATE, MIST = "#18222e", "#223548", "#4b6272", "#c4d0d3"
PAPER, SAND, AMBER, RUST, TEAL = "#f1eadc", "#e3c79a", "#dd9a4c", "#b4563c", "#3b7a78"

_FINE = 2  # drawn larger and reduced, so that edges come out smooth

Point = tuple[float, float]
Colour = str | tuple[int, int, int]


def rgb(colour: Colour) -> tuple[int, int, int]:
    """Return *colour*, written `#rrggbb` or as numbers, as numbers."""
    if isinstance(colour, tuple):
        return colour
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(first: Colour, second: Colour, share: float) -> tuple[int, int, int]:
    """Return the colour that lies *share* of the way from *first* to *second*."""
    a, b = rgb(first), rgb(second)
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


class Canvas:
    """A picture being drawn, 1200 by 675 units, the origin at the top left; *seed* fixes what looks random."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 (a brush, not a secret)
        self._image = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE))
        self._pen = ImageDraw.Draw(self._image, "RGBA")

    def fade(self, top: float, bottom: float, first: Colour, last: Colour) -> None:
        """Fill the band between two heights with a gradient."""
        rows = range(round(top * _FINE), round(bottom * _FINE))
        for row in rows:
            share = (row - rows.start) / max(len(rows) - 1, 1)
            self._pen.line((0, row, WIDTH * _FINE, row), fill=mix(first, last, share))

    def rect(
        self, x: float, y: float, w: float, h: float, fill: Colour, alpha: float = 1, radius: float = 0
    ) -> None:
        """Draw a rectangle, with rounded corners if *radius* says so."""
        box = _scaled((x, y), (x + w, y + h))
        self._pen.rounded_rectangle(box, radius * _FINE, fill=_paint(fill, alpha))

    def shape(self, points: Sequence[Point], fill: Colour, alpha: float = 1) -> None:
        """Draw a filled polygon."""
        self._pen.polygon(_scaled(*points), fill=_paint(fill, alpha))

    def line(self, points: Sequence[Point], fill: Colour, width: float = 2, alpha: float = 1) -> None:
        """Draw a line through *points*."""
        self._pen.line(
            _scaled(*points), fill=_paint(fill, alpha), width=max(1, round(width * _FINE)), joint="curve"
        )

    def disc(
        self, x: float, y: float, radius: float, fill: Colour, alpha: float = 1, flat: float = 1
    ) -> None:
        """Draw a filled circle, or an ellipse whose height is *flat* times its width."""
        self._pen.ellipse(
            _scaled((x - radius, y - radius * flat), (x + radius, y + radius * flat)),
            fill=_paint(fill, alpha),
        )

    def ring(self, x: float, y: float, radius: float, fill: Colour, width: float, flat: float = 1) -> None:
        """Draw the outline of a circle or ellipse."""
        box = _scaled((x - radius, y - radius * flat), (x + radius, y + radius * flat))
        self._pen.ellipse(box, outline=rgb(fill), width=round(width * _FINE))

    def glow(self, x: float, y: float, radius: float, fill: Colour, alpha: float = 0.5) -> None:
        """Lay a soft light around a point."""
        veil = Image.new("L", (WIDTH // 4, HEIGHT // 4), 0)
        pen = ImageDraw.Draw(veil)
        box = ((x - radius) / 4, (y - radius) / 4, (x + radius) / 4, (y + radius) / 4)
        pen.ellipse(box, fill=round(255 * alpha))
        veil = veil.filter(ImageFilter.GaussianBlur(radius / 9)).resize(self._image.size)
        self._image.paste(Image.new("RGB", self._image.size, rgb(fill)), (0, 0), veil)

    def hills(self, base: float, rise: float, fill: Colour, steps: int = 9) -> None:
        """Draw a rolling skyline that stands on the height *base*."""
        points = [(WIDTH * step / steps, base - self.rng.uniform(0.1, 1) * rise) for step in range(steps + 1)]
        self.shape([*_smooth(points), (WIDTH, HEIGHT), (0, HEIGHT)], fill)

    def water(self, top: float, colour: Colour, light: Colour, marks: int = 90) -> None:
        """Lay short bright strokes on water that begins at the height *top*; they grow towards the viewer."""
        for _ in range(marks):
            depth = self.rng.random() ** 1.4
            y = top + 6 + depth * (HEIGHT - top - 12)
            x, length = self.rng.uniform(-20, WIDTH), 18 + 90 * depth * self.rng.random()
            self.line([(x, y), (x + length, y)], mix(colour, light, self.rng.random()), 1 + 2.2 * depth, 0.5)

    def finished(self) -> Image.Image:
        """Return the picture in its final size."""
        return self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _scaled(*points: Point) -> list[tuple[float, float]]:
    return [(x * _FINE, y * _FINE) for x, y in points]


def _paint(colour: Colour, alpha: float) -> tuple[int, int, int, int]:
    return (*rgb(colour), round(255 * alpha))


def _smooth(points: Sequence[Point]) -> list[Point]:
    """Cut the corners of a line three times (Chaikin)."""
    line = list(points)
    for _ in range(3):
        cut: list[Point] = [line[0]]
        for (ax, ay), (bx, by) in itertools.pairwise(line):
            cut += [
                (ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25),
                (ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75),
            ]
        line = [*cut, line[-1]]
    return line
