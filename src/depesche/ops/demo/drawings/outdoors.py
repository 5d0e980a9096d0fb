"""Drawings of what happens on land, under the sky."""

from __future__ import annotations

from depesche.ops.demo.drawings.canvas import (
    AMBER,
    HEIGHT,
    INK,
    NAVY,
    PAPER,
    RUST,
    SAND,
    SLATE,
    TEAL,
    WIDTH,
    Canvas,
    Colour,
    mix,
)


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
