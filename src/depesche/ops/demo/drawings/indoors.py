"""Drawings of works, halls and laboratories."""

from __future__ import annotations

import math

from depesche.ops.demo.drawings.canvas import (
    AMBER,
    HEIGHT,
    MIST,
    NAVY,
    PAPER,
    RUST,
    SLATE,
    TEAL,
    WIDTH,
    Canvas,
    Colour,
    mix,
)


def wafer() -> Canvas:
    """A silicon wafer with its dies catching the light."""
    c = Canvas(5)
    c.fade(0, HEIGHT, "#1b2733", "#0f1820")
    c.glow(700, 300, 420, "#33566b", 0.6)
    x, y, radius = 610, 350, 288
    c.disc(x, y + 10, radius + 8, "#070c11", 0.6)
    c.disc(x, y, radius, "#66808b")
    size, gap = 46, 4
    for column in range(-7, 8):
        for row in range(-7, 8):
            left, top = x + column * (size + gap) - size / 2, y + row * (size + gap) - size / 2
            corners = [(left, top), (left + size, top), (left, top + size), (left + size, top + size)]
            if all(math.hypot(px - x, py - y) < radius - 8 for px, py in corners):
                _die(c, left, top, size, 0.5 + 0.5 * math.sin(column * 0.42 + row * 0.31 + 0.8))
    c.ring(x, y, radius, "#b9cdd2", 3)
    c.shape([(x - 26, y + radius + 4), (x, y + radius - 16), (x + 26, y + radius + 4)], "#131d26")
    c.shape([(0, 0), (330, 0), (120, HEIGHT), (0, HEIGHT)], "#ffffff", 0.03)
    return c


def _die(c: Canvas, x: float, y: float, size: float, light: float) -> None:
    sheen = mix(mix("#2d6f7b", "#c99a58", light), "#8d6a93", 0.35 * abs(light - 0.5) * 2)
    c.rect(x, y, size, size, sheen)
    c.rect(x + 5, y + 5, 21, 15, mix(sheen, "#0f1820", 0.35))
    c.rect(x + 29, y + 5, 12, 24, mix(sheen, PAPER, 0.22))
    c.rect(x + 5, y + 24, 21, 17, mix(sheen, PAPER, 0.1))
    c.rect(x + 29, y + 33, 12, 8, mix(sheen, "#0f1820", 0.25))


def hall() -> Canvas:
    """A trading hall in the evening, its board showing a curve without words."""
    c = Canvas(21)
    c.fade(0, HEIGHT, "#3a4d5b", "#202d38")
    c.glow(600, 220, 470, "#5f8790", 0.5)
    c.shape([(150, 60), (1050, 60), (1050, 372), (150, 372)], "#14212b")
    c.rect(150, 60, 900, 6, "#8ea3ab")
    value, points = 250.0, []
    for step in range(91):
        value += c.rng.uniform(-13, 11.6)
        value = min(max(value, 120), 320)
        points.append((168 + step * 9.6, value))
    c.shape([*points, (1032, 356), (168, 356)], TEAL, 0.38)
    for line in range(4):
        c.line([(168, 120 + line * 62), (1032, 120 + line * 62)], "#3a4d59", 1)
    c.line(points, "#8fd0c6", 4)
    c.disc(*points[-1], 8, "#f4d08a")
    for place in range(46):
        high = 6 + 22 * c.rng.random()
        c.rect(170 + place * 18.8, 356 - high, 12, high, "#5f828c")
    c.shape([(0, 470), (WIDTH, 470), (WIDTH, HEIGHT), (0, HEIGHT)], "#263540")
    c.glow(600, 420, 330, "#3c5c66", 0.35)
    for row, (y, size) in enumerate(((436, 0.7), (510, 1.0), (608, 1.45))):
        for place in range(7 - row):
            _desk(c, (place + 0.5) * WIDTH / (7 - row), y, size)
    return c


def _desk(c: Canvas, x: float, y: float, size: float) -> None:
    c.rect(x - 66 * size, y, 132 * size, 7 * size, "#a88c6b")
    c.rect(x - 66 * size, y + 7 * size, 132 * size, 34 * size, "#34454f")
    for side in (-1, 1):
        left = x + side * 30 * size - 26 * size
        c.rect(left, y - 34 * size, 52 * size, 30 * size, "#0c1319", radius=2 * size)
        glow = c.rng.choice(("#8fd0c6", "#b5c48f", "#e0ad63", "#7fa9c0"))
        for line in range(4):
            c.rect(
                left + 5 * size,
                y - (29 - line * 6) * size,
                (14 + 28 * c.rng.random()) * size,
                2.4 * size,
                glow,
                0.85,
            )
    c.disc(x, y + 4 * size, 11 * size, "#51636d")
    c.shape(
        [
            (x - 22 * size, y + 42 * size),
            (x - 15 * size, y + 16 * size),
            (x + 15 * size, y + 16 * size),
            (x + 22 * size, y + 42 * size),
        ],
        "#51636d",
    )


def steel() -> Canvas:
    """A ladle pouring in the dark of the works."""
    c = Canvas(29)
    c.fade(0, HEIGHT, "#2a2a30", "#141519")
    for place in range(7):
        c.rect(place * 190 - 20, 0, 26, HEIGHT, "#202228")
    for beam in (92, 120):
        c.rect(0, beam, WIDTH, 12, "#34363d")
    c.line([(470, 126), (520, 236)], "#4a4c54", 6)
    c.line([(760, 126), (710, 236)], "#4a4c54", 6)
    c.glow(640, 470, 330, "#d8742c", 0.55)
    c.shape([(480, 236), (750, 220), (716, 430), (560, 442)], "#4b4d55")
    c.shape([(480, 236), (750, 220), (746, 244), (484, 260)], "#686a72")
    c.shape([(690, 224), (752, 219), (770, 262), (744, 250)], "#ffcf74")
    c.shape([(748, 232), (772, 250), (790, 400), (786, 560), (764, 560), (770, 400)], "#ffb24c")
    c.shape([(756, 246), (768, 256), (780, 400), (778, 560), (770, 560), (774, 400)], "#fff0bf")
    c.shape([(640, 548), (920, 548), (884, 640), (676, 640)], "#3a3c44")
    c.disc(780, 550, 132, "#ffb659", flat=0.14)
    c.disc(780, 550, 100, "#ffe7a6", flat=0.12)
    c.glow(780, 540, 150, "#ffd27a", 0.4)
    for _ in range(70):
        angle, far = c.rng.uniform(-math.pi, 0), c.rng.uniform(20, 240)
        x, y = 780 + math.cos(angle) * far, 545 + math.sin(angle) * far * 0.8
        c.disc(x, y, c.rng.uniform(1, 3), "#ffdf98", c.rng.uniform(0.4, 0.95))
    c.rect(0, 640, WIDTH, 35, "#101115")
    c.shape([(196, 640), (204, 540), (250, 540), (260, 640)], "#0c0d11")
    c.disc(227, 520, 21, "#0c0d11")
    c.shape([(203, 514), (251, 514), (246, 498), (208, 498)], "#d9a13f")
    return c


def robots() -> Canvas:
    """A robot arm among the shelves of a warehouse."""
    c = Canvas(41)
    c.fade(0, HEIGHT, "#dfe4df", "#b6c0bd")
    for side, start in ((0, 0), (1, 790)):
        for row in range(5):
            y = 80 + row * 104
            c.rect(start, y + 74, 410, 9, "#47616d")
            for place in range(6):
                if c.rng.random() < 0.86:
                    high = c.rng.choice((44, 58, 66))
                    tone = mix("#c9a06a", PAPER, c.rng.uniform(0, 0.45))
                    c.rect(start + 8 + place * 67, y + 74 - high, 58, high, tone)
                    c.rect(start + 31 + place * 67, y + 74 - high, 9, high, mix(tone, "#8a6a3f", 0.35))
        for post in (2, 204, 402):
            c.rect(start + post - side * 2, 50, 8, 560, "#47616d")
    c.shape([(0, 600), (WIDTH, 600), (WIDTH, HEIGHT), (0, HEIGHT)], "#8d9a99")
    c.shape([(430, 600), (770, 600), (900, HEIGHT), (300, HEIGHT)], "#a5b0ae")
    c.rect(520, 560, 160, 46, NAVY, radius=8)
    c.disc(600, 552, 54, "#2f4656")
    joints = [(600, 540), (548, 360), (716, 236), (742, 330)]
    for (ax, ay), (bx, by), width in zip(joints, joints[1:], (44, 36, 24), strict=False):
        c.line([(ax, ay), (bx, by)], AMBER, width)
        c.line([(ax - 4, ay), (bx - 4, by)], mix(AMBER, PAPER, 0.45), width / 5)
    for (x, y), radius in zip(joints, (36, 31, 26, 17), strict=True):
        c.disc(x, y, radius, "#2f4656")
        c.disc(x, y, radius * 0.45, MIST)
    c.line([(726, 344), (716, 392)], NAVY, 9)
    c.line([(758, 344), (770, 392)], NAVY, 9)
    c.rect(700, 388, 88, 66, "#c9a06a")
    c.rect(737, 388, 13, 66, "#a98150")
    return c


def laboratory() -> Canvas:
    """Glass on a bench in morning light."""
    c = Canvas(53)
    c.fade(0, 500, "#dfe8e6", "#f6efe2")
    c.shape([(760, 0), (1040, 0), (820, 500), (540, 500)], "#ffffff", 0.5)
    c.rect(0, 120, WIDTH, 12, "#b9c6c6")
    for place in range(15):
        high = c.rng.choice((34, 46, 58))
        tone = c.rng.choice(("#c58f55", "#6f9c9b", "#a9b9bb", "#8fa58b"))
        c.rect(30 + place * 78, 120 - high, 34, high, tone, 0.85, 5)
        c.rect(38 + place * 78, 112 - high, 18, 10, SLATE)
    c.rect(0, 500, WIDTH, 16, "#8a9a9c")
    c.fade(516, HEIGHT, "#5f747b", "#495c64")
    for place, (liquid, level) in enumerate(((TEAL, 0.5), (AMBER, 0.34), ("#8d6a93", 0.42))):
        _flask(c, 250 + place * 210, 500, liquid, level)
    c.rect(860, 330, 220, 20, "#9c8a70", radius=4)
    c.rect(860, 430, 220, 20, "#9c8a70", radius=4)
    for place, liquid in enumerate((TEAL, RUST, AMBER, TEAL, "#8d6a93")):
        x = 878 + place * 40
        c.rect(x, 270, 24, 214, "#ffffff", 0.65, 12)
        c.rect(x + 3, 360 + place * 11, 18, 121 - place * 11, liquid, 0.85, 9)
    c.rect(860, 484, 220, 16, "#9c8a70")
    return c


def _flask(c: Canvas, x: float, y: float, liquid: Colour, level: float) -> None:
    c.disc(x, y + 6, 96, "#54676d", 0.25, 0.08)
    glass = [
        (x - 22, y - 250),
        (x + 22, y - 250),
        (x + 22, y - 160),
        (x + 92, y - 8),
        (x + 84, y),
        (x - 84, y),
        (x - 92, y - 8),
        (x - 22, y - 160),
    ]
    c.shape(glass, "#ffffff", 0.62)
    top = y - 160 * level * 1.4
    half = 92 - 70 * (y - 8 - top) / 152
    c.shape(
        [
            (x - half, top),
            (x + half, top),
            (x + 86, y - 10),
            (x + 80, y - 5),
            (x - 80, y - 5),
            (x - 86, y - 10),
        ],
        liquid,
        0.88,
    )
    c.disc(x, top, half, mix(liquid, PAPER, 0.35), flat=0.1)
    c.rect(x - 28, y - 258, 56, 12, "#c7d3d3", radius=5)
    c.line([(x - 12, y - 236), (x - 12, y - 166), (x - 62, y - 42)], "#ffffff", 5, 0.7)
