"""Draw the demo's pictures: `python -m depesche.ops.demo.draw` writes them anew into the content folder."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

from depesche.ops.demo.canvas import HEIGHT, WIDTH, Canvas, Colour, mix

FOLDER = Path(__file__).parent / "content" / "pictures"

INK, NAVY, SLATE, MIST = "#18222e", "#223548", "#4b6272", "#c4d0d3"
PAPER, SAND, AMBER, RUST, TEAL = "#f1eadc", "#e3c79a", "#dd9a4c", "#b4563c", "#3b7a78"


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


def rails() -> Canvas:
    """A regional train under its wires, the tracks running towards the hills."""
    c = Canvas(8)
    c.fade(0, 380, "#93b3bd", "#f0e6cf")
    c.hills(372, 90, "#9fb0a1", 7)
    c.hills(400, 60, "#7d937f", 8)
    c.fade(396, HEIGHT, "#8d9a72", "#66714f")
    c.shape([(395, 396), (430, 396), (880, HEIGHT), (-60, HEIGHT)], "#8b8378")
    for step in range(26):
        depth = (step / 25) ** 2.1
        y = 398 + depth * 276
        left, right = 396 - depth * 380, 429 + depth * 400
        c.line([(left, y), (right, y)], "#5a4e43", 1 + 10 * depth)
    for near, far in ((60, 404), (700, 422)):
        c.line([(far, 398), (near, HEIGHT)], "#d8dcdb", 4)
        c.line([(far, 398), (near, HEIGHT)], "#6b7378", 1.5)
    _train(c)
    for x, foot, height in ((300, 425, 160), (205, 470, 260), (40, 560, 430)):
        c.line([(x, foot), (x, foot - height)], "#39444b", height / 42)
        c.line([(x, foot - height * 0.88), (x + height * 0.5, foot - height * 0.82)], "#39444b", height / 70)
    c.line([(410, 300), (330, 283), (330, 258), (255, 207)], "#39444b", 1.5, 0.7)
    return c


def _train(c: Canvas) -> None:
    c.shape([(566, 404), (1200, 300), (1200, 610), (600, 468)], "#20323f")
    c.shape([(560, 360), (1200, 170), (1200, 545), (590, 452)], PAPER)
    c.shape([(575, 408), (1200, 392), (1200, 470), (584, 432)], TEAL)
    for place in range(6):
        near, far = (place / 6) ** 1.35, ((place + 0.72) / 6) ** 1.35
        a, b = 620 + near * 600, 620 + far * 600
        top = [360 - (v - 560) * 0.232 + 20 for v in (a, b)]
        low = [400 - (v - 560) * 0.045 for v in (a, b)]
        c.shape([(a, top[0]), (b, top[1]), (b, low[1]), (a, low[0])], "#2a4151")
        c.shape(
            [(a, top[0]), (a + (b - a) * 0.4, top[0] - 4), (a + (b - a) * 0.2, low[0]), (a, low[0])],
            "#54707f",
            0.6,
        )
    c.shape([(500, 378), (514, 352), (566, 356), (592, 452), (500, 450)], mix(PAPER, SLATE, 0.12))
    c.shape([(508, 380), (518, 360), (560, 363), (566, 398), (508, 398)], "#24394a")
    c.shape([(500, 410), (580, 410), (586, 432), (500, 430)], TEAL)
    c.disc(512, 440, 5, "#ffeebb")
    c.disc(574, 442, 5, "#ffeebb")
    c.line([(640, 335), (668, 296), (640, 280)], "#39444b", 3)


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


def fields() -> Canvas:
    """Stubble and grain in rows before a silo."""
    c = Canvas(17)
    c.fade(0, 360, "#8fb4c4", "#f7e7c0")
    c.glow(960, 300, 220, "#fff0c4", 0.8)
    c.hills(364, 60, "#93a586", 8)
    c.fade(356, HEIGHT, "#d9b866", "#b98a3c")
    for place in range(-14, 30):
        far, near = 600 + (place - 8) * 26, 600 + (place - 8) * 150
        c.shape(
            [(far, 358), (far + 12, 358), (near + 66, HEIGHT), (near, HEIGHT)],
            "#a97a34" if place % 2 else "#e5c97c",
            0.55,
        )
    for x, height in ((180, 190), (252, 190), (324, 150)):
        c.rect(x, 366 - height, 66, height, "#d5dadb")
        c.rect(x + 44, 366 - height, 22, height, "#a9b4b8")
        c.shape([(x - 3, 366 - height), (x + 33, 338 - height), (x + 69, 366 - height)], "#7f8d93")
        for band in range(5):
            c.line(
                [(x, 366 - height + 20 + band * 32), (x + 66, 366 - height + 20 + band * 32)], "#b9c3c6", 1.5
            )
    c.line([(214, 150), (356, 190), (400, 366)], "#7f8d93", 5)
    _harvester(c, 760, 400)
    return c


def _harvester(c: Canvas, x: float, y: float) -> None:
    c.disc(x + 20, y + 104, 170, "#8a6a2c", 0.25, 0.12)
    c.rect(x - 20, y - 20, 190, 84, RUST, radius=10)
    c.shape([(x - 10, y - 20), (x + 10, y - 84), (x + 74, y - 84), (x + 74, y - 20)], "#2d4453")
    c.shape([(x + 4, y - 26), (x + 18, y - 76), (x + 40, y - 76), (x + 34, y - 26)], "#6f8f9c")
    c.rect(x + 4, y - 92, 78, 10, mix(RUST, INK, 0.2))
    c.line([(x + 150, y - 16), (x + 236, y - 70)], mix(RUST, INK, 0.15), 12)
    c.shape([(x - 20, y + 20), (x - 94, y + 68), (x - 94, y + 92), (x - 20, y + 60)], SLATE)
    c.rect(x - 126, y + 62, 40, 40, "#39474f", radius=18)
    for dx, radius in ((30, 46), (150, 32)):
        c.disc(x + dx, y + 102 - radius * 0.5, radius, INK)
        c.disc(x + dx, y + 102 - radius * 0.5, radius * 0.5, SAND)


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


def depot() -> Canvas:
    """Electric buses charging under a roof."""
    c = Canvas(33)
    c.fade(0, 330, "#20344a", "#5d7a8a")
    c.hills(336, 70, "#2c4358", 14)
    c.fade(330, HEIGHT, "#4a565d", "#2b343a")
    c.shape([(0, 96), (WIDTH, 60), (WIDTH, 104), (0, 138)], "#e9e3d4")
    c.shape([(0, 138), (WIDTH, 104), (WIDTH, 116), (0, 152)], "#a8a596")
    for place in range(4):
        x = 40 + place * 300
        c.glow(x + 130, 170, 110, "#ffe6b0", 0.35)
        c.rect(x + 70, 138 - place * 8, 120, 8, "#fff0cb")
        _bus(c, x, 236, (TEAL, AMBER, TEAL, RUST)[place])
    for place in range(5):
        x = place * 300 - 6
        c.rect(x, 130, 14, 420, "#3c474e")
        c.rect(x - 12, 380, 38, 110, PAPER, radius=6)
        c.rect(x - 5, 392, 24, 26, NAVY, radius=3)
        c.disc(x + 7, 446, 7, "#7fd1a7")
        c.line([(x + 20, 470), (x + 46, 520), (x + 64, 452)], INK, 4)
    c.fade(590, HEIGHT, "#333d43", "#262e33")
    for place in range(5):
        c.shape(
            [
                (60 + place * 300 - 40, 600),
                (60 + place * 300 - 26, 600),
                (60 + place * 300 - 60, HEIGHT),
                (60 + place * 300 - 84, HEIGHT),
            ],
            "#e3d9bf",
            0.6,
        )
    return c


def _bus(c: Canvas, x: float, y: float, colour: Colour) -> None:
    c.rect(x, y, 240, 330, PAPER, radius=26)
    c.rect(x + 14, y + 50, 212, 150, "#1c2b37", radius=12)
    c.shape([(x + 30, y + 60), (x + 96, y + 60), (x + 56, y + 190), (x + 22, y + 190)], "#48626f", 0.7)
    c.rect(x + 50, y + 14, 140, 26, "#101a22", radius=5)
    c.rect(x + 62, y + 22, 84, 10, "#f1b95a")
    c.rect(x, y + 214, 240, 60, colour)
    c.rect(x + 20, y + 236, 44, 20, "#fff2cf", radius=9)
    c.rect(x + 176, y + 236, 44, 20, "#fff2cf", radius=9)
    c.rect(x + 12, y + 296, 216, 24, mix(PAPER, SLATE, 0.4))
    for wheel in (24, 180):
        c.rect(x + wheel, y + 316, 36, 26, INK, radius=6)
    for side in (-18, 240):
        c.rect(x + side, y + 70, 18, 52, INK, radius=7)


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


def stadium() -> Canvas:
    """An empty ground under floodlight."""
    c = Canvas(47)
    c.fade(0, 330, "#16283c", "#41617a")
    for x in (150, 1050):
        c.glow(x, 92, 190, "#f4f6e6", 0.5)
        c.rect(x - 5, 92, 10, 220, "#223344")
        for row in range(3):
            for lamp in range(5):
                c.disc(x - 44 + lamp * 22, 66 + row * 20, 7, "#fdfdf0")
    c.shape([(0, 250), (300, 300), (900, 300), (WIDTH, 250), (WIDTH, 430), (0, 430)], "#263c50")
    for row in range(9):
        y = 306 + row * 13
        for seat in range(86):
            c.disc(
                seat * 14.2 + (row % 2) * 7,
                y,
                3.6,
                c.rng.choice(("#4f83a8", "#5d93b8", "#3d6d92", "#d9dfe0")),
                0.85,
            )
    c.shape(
        [(0, 250), (300, 286), (900, 286), (WIDTH, 250), (WIDTH, 228), (900, 268), (300, 268), (0, 228)],
        "#d9dcd6",
    )
    c.fade(430, HEIGHT, "#4c8a55", "#2f6a3e")
    for stripe in range(0, 12, 2):
        left, right = 600 + (stripe - 6) * 92, 600 + (stripe - 5) * 92
        c.shape(
            [
                (left, 430),
                (right, 430),
                (600 + (stripe - 5) * 190, HEIGHT),
                (600 + (stripe - 6) * 190, HEIGHT),
            ],
            "#5a9a60",
            0.45,
        )
    c.line([(0, 446), (WIDTH, 446)], "#eef2ea", 3)
    c.line([(600, 446), (600, HEIGHT)], "#eef2ea", 4)
    c.ring(600, 570, 190, "#eef2ea", 4, 0.33)
    c.disc(600, 570, 7, "#eef2ea", flat=0.6)
    c.disc(640, 604, 17, "#0f2a18", 0.35, 0.3)
    c.disc(640, 590, 16, "#fbfaf5")
    c.shape([(634, 585), (646, 585), (649, 595), (640, 601), (631, 595)], "#2f6f9c")
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


PICTURES: Mapping[str, Callable[[], Canvas]] = {
    "harbour.jpg": harbour, "wind.jpg": wind, "wafer.webp": wafer, "rails.jpg": rails, "hall.png": hall, "freighter.jpg": freighter,
    "fields.jpg": fields, "steel.webp": steel, "depot.webp": depot, "robots.webp": robots, "stadium.webp": stadium, "laboratory.jpg": laboratory,
}  # fmt: skip


def write(folder: Path = FOLDER) -> list[Path]:
    """Draw every picture into *folder*; the same program draws the same pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, draw in PICTURES.items():
        image, path = draw().finished(), folder / name
        if path.suffix == ".png":  # few colours, as in a drawing made for the screen
            image.quantize(64).save(path, optimize=True)
        else:
            image.save(path, quality=80, method=6) if path.suffix == ".webp" else image.save(
                path, quality=80, optimize=True, progressive=True
            )
        paths.append(path)
    return paths


if __name__ == "__main__":
    write()
