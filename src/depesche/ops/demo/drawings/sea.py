"""Drawings by the sea."""

from __future__ import annotations

import math

from depesche.ops.demo.drawings.canvas import (
    AMBER,
    HEIGHT,
    INK,
    NAVY,
    PAPER,
    RUST,
    SLATE,
    TEAL,
    Canvas,
    Colour,
    mix,
)


def harbour() -> Canvas:
    """Gantry cranes over a container ship before the sun is up."""
    c = Canvas(3)
    c.fade(0, 470, "#8fa9b5", "#f3d9b4")
    c.glow(860, 440, 260, "#ffe9bd", 0.8)
    c.hills(470, 46, "#a9b4ad")
    c.fade(470, HEIGHT, "#6d8790", "#2c4453")
    c.water(474, "#6d8790", "#f6dfb9")
    c.rect(0, 494, 840, 20, "#34474f")
    c.rect(0, 494, 840, 4, "#a3aca9")
    for x, height, shade in ((90, 300, 0.45), (330, 340, 0.2), (640, 365, 0.0)):
        _gantry(c, x, 496, height, mix(NAVY, "#a9b9bd", shade))
    _container_ship(c, 380, 545)
    c.shape([(0, 505), (330, 505), (372, 560), (372, HEIGHT), (0, HEIGHT)], "#1d2b38")
    c.rect(0, 505, 332, 6, "#8c9aa0")
    for place, colour in enumerate((RUST, TEAL, AMBER, "#7d8d94", RUST)):
        c.rect(12 + place * 62, 473, 58, 32, mix(colour, INK, 0.15))
        c.rect(12 + place * 62, 473, 58, 3, mix(colour, PAPER, 0.4))
    return c


def _gantry(c: Canvas, x: float, ground: float, height: float, colour: Colour) -> None:
    top = ground - height
    for leg in (x, x + 120):
        c.line([(leg, ground), (leg + 8, top)], colour, 9)
    c.line([(x + 4, ground - height * 0.42), (x + 124, ground - height * 0.42)], colour, 7)
    c.line([(x + 4, ground - height * 0.42), (x + 128, top)], colour, 3)
    c.line([(x - 110, top), (x + 330, top)], colour, 11)
    c.line([(x + 66, top - 82), (x + 320, top)], colour, 3)
    c.line([(x + 66, top - 82), (x - 100, top)], colour, 3)
    c.line([(x + 66, top - 82), (x + 66, top)], colour, 7)
    c.rect(x + 188, top + 4, 34, 20, colour)
    c.line([(x + 196, top + 24), (x + 196, top + 96)], colour, 1.5)
    c.line([(x + 214, top + 24), (x + 214, top + 96)], colour, 1.5)
    c.rect(x + 178, top + 96, 54, 25, RUST)


def _container_ship(c: Canvas, x: float, y: float) -> None:
    colours = (RUST, "#8da0a6", TEAL, AMBER, "#c9b184", "#55707c")
    for column in range(13):
        for row in range(c.rng.choice((2, 3, 4, 4))):
            fill = mix(c.rng.choice(colours), INK, 0.08)
            c.rect(x + 92 + column * 44, y - 30 - (row + 1) * 25, 42, 23, fill)
    c.rect(x + 668, y - 170, 58, 142, PAPER)
    c.rect(x + 660, y - 178, 86, 14, "#d8cfbd")
    for row in range(3):
        c.rect(x + 674, y - 152 + row * 32, 46, 9, NAVY)
    c.rect(x + 700, y - 214, 18, 38, RUST)
    c.shape([(x + 40, y - 32), (x + 780, y - 32), (x + 760, y + 34), (x + 96, y + 34)], "#24313d")
    c.shape([(x + 84, y + 20), (x + 764, y + 20), (x + 760, y + 34), (x + 96, y + 34)], RUST)


def wind() -> Canvas:
    """Turbines at sea, receding into haze."""
    c = Canvas(11)
    c.fade(0, 430, "#6f98ac", "#e9e6d6")
    c.glow(250, 210, 170, "#fff6dc", 0.75)
    c.disc(250, 210, 44, "#fff3d3")
    c.fade(430, HEIGHT, "#7fa2a8", "#1f4a5c")
    c.water(434, "#5d8794", "#dfe9e4", 130)
    spots = (
        (1090, 432, 130, 0.72),
        (960, 434, 165, 0.62),
        (800, 438, 215, 0.5),
        (520, 446, 300, 0.28),
        (900, 470, 400, 0.0),
    )
    for place, (x, foot, size, haze) in enumerate(spots):
        _turbine(c, (x, foot), size, mix("#fbfaf5", "#b9cbd0", haze), 18 + place * 31)
    c.shape([(130, 560), (330, 560), (306, 596), (160, 596)], NAVY)
    c.rect(170, 520, 62, 40, PAPER)
    c.rect(178, 530, 44, 11, NAVY)
    c.line([(262, 560), (262, 488), (310, 520)], "#d8a14f", 5)
    c.line([(120, 599), (350, 599)], "#e9f0ee", 3, 0.7)
    return c


def _turbine(c: Canvas, foot: tuple[float, float], size: float, colour: Colour, turn: float) -> None:
    x, y = foot
    hub = y - size * 0.8
    wide = size * 0.018
    c.shape([(x - wide * 1.7, y), (x - wide * 0.8, hub), (x + wide * 0.8, hub), (x + wide * 1.7, y)], colour)
    c.rect(x - wide * 2.2, y - size * 0.05, wide * 4.4, size * 0.06, "#d6a23f")
    for blade in range(3):
        angle = math.radians(turn + blade * 120)
        along, across = (math.sin(angle), -math.cos(angle)), (math.cos(angle), math.sin(angle))
        points = [
            (x + along[0] * r * size + across[0] * w * size, hub + along[1] * r * size + across[1] * w * size)
            for r, w in ((0, -0.008), (0.1, -0.02), (0.5, -0.003), (0.5, 0.002), (0.08, 0.012), (0, 0.008))
        ]
        c.shape(points, colour)
    c.disc(x, hub, size * 0.026, mix(colour, SLATE, 0.25))


def freighter() -> Canvas:
    """A new freighter leaving the yard on a clear morning."""
    c = Canvas(14)
    c.fade(0, 410, "#7fa6b6", "#f2ebd9")
    c.hills(410, 40, "#a4b1a5", 10)
    c.rect(60, 270, 210, 140, "#8597a0")
    c.shape([(60, 270), (165, 226), (270, 270)], "#74868f")
    for gap in range(5):
        c.rect(78 + gap * 38, 296, 24, 114, "#9db0b5")
    c.line([(320, 410), (320, 180)], "#6f8089", 6)
    c.line([(260, 200), (470, 180)], "#6f8089", 5)
    c.line([(320, 180), (320, 150), (455, 182)], "#6f8089", 2)
    c.fade(410, HEIGHT, "#769da6", "#214a5b")
    c.water(415, "#6a939d", "#eef0e6", 120)
    c.shape([(330, 420), (1110, 388), (1064, 556), (392, 556)], "#274a5a")
    c.shape([(376, 524), (1074, 518), (1064, 556), (392, 556)], RUST)
    c.line([(330, 420), (1110, 388)], PAPER, 6)
    for place in range(4):
        c.rect(640 + place * 96, 352 - place * 4, 84, 52, "#d6c9af", radius=5)
        c.rect(640 + place * 96, 352 - place * 4, 84, 7, "#b9aa8b")
    c.rect(418, 246, 168, 172, PAPER)
    c.rect(402, 236, 200, 15, "#dcd3c1")
    c.rect(440, 190, 120, 46, PAPER)
    c.rect(446, 198, 108, 14, NAVY)
    for row in range(4):
        for place in range(7):
            c.rect(430 + place * 21, 266 + row * 34, 12, 12, SLATE)
    c.shape([(604, 404), (604, 280), (650, 270), (650, 402)], TEAL)
    c.rect(604, 292, 46, 13, PAPER)
    c.line([(394, 560), (1066, 560)], "#eef4f1", 4, 0.8)
    c.line([(310, 580), (1120, 576)], "#eef4f1", 2, 0.4)
    return c
