"""Things and animals of the sample dataset: each function draws some and says in a sentence what is to be seen."""

from __future__ import annotations

import math

from lib.dataset.sample.canvas import HEIGHT, WIDTH, Canvas, Colour, mix
from lib.dataset.sample.places import COLOURS, WHITE, count

_DARK: Colour = (40, 36, 40)


def kitchen(c: Canvas) -> str:
    rng = c.rng
    wall = rng.choice([(224, 214, 196), (196, 214, 206), (214, 206, 222)])
    fruit, colour = c.each([("apple", (206, 54, 48)), ("orange", (240, 144, 44)), ("lemon", (246, 210, 70))])
    number = rng.randint(3, 5)
    cup = rng.choice(["blue", "white", "green"])
    c.gradient(mix(wall, WHITE, 0.3), wall, 0, 190)
    c.box(40, 26, 150, 134, (250, 248, 244), 3)
    c.box(46, 32, 144, 128, (158, 206, 236))
    c.circle(78, 117, 11, (110, 168, 104))
    c.circle(116, 114, 14, (92, 150, 92))
    c.box(40, 128, 150, 136, (250, 248, 244))
    c.line([(95, 30), (95, 130)], (250, 248, 244), 3)
    c.gradient((176, 122, 78), (138, 90, 56), 190)
    for y in (214, 240, 268):
        c.line([(0, y), (WIDTH, y)], (120, 78, 48), 0.8, 140)
    x = rng.uniform(150, 200)
    c.oval(x - 70, 222, x + 70, 244, (84, 52, 34), 110)
    for i in range(number):
        place = x + (i - (number - 1) / 2) * 25
        lift = 8 if i % 2 else 0
        c.circle(place, 184 - lift, 16, colour)
        c.circle(place - 5, 179 - lift, 4.5, mix(colour, WHITE, 0.55))
        c.line([(place, 169 - lift), (place + 3, 163 - lift)], (92, 66, 40), 1.6)
    c.pie((x - 68, 130, x + 68, 236), 0, 180, (238, 236, 232))
    c.oval(x - 24, 228, x + 24, 238, (214, 210, 204))
    c.line([(x - 60, 198), (x + 60, 198)], (112, 150, 196), 2)
    cx, tone = min(x + 120, 336), COLOURS[cup]
    c.arc((cx + 10, 196, cx + 36, 224), -90, 90, tone, 5)
    c.box(cx - 18, 186, cx + 20, 236, tone, 6)
    c.oval(cx - 18, 181, cx + 20, 193, mix(tone, WHITE, 0.35))
    c.oval(cx - 13, 184, cx + 15, 192, (86, 54, 36))
    return rng.choice(
        [
            f"A bowl with {count(number, fruit)} and a {cup} cup of coffee on a wooden kitchen table.",
            f"On a wooden table stand a {cup} coffee cup and a white bowl of {count(number, fruit)}, by a window.",
        ]
    )


def abstract(c: Canvas) -> str:
    rng = c.rng
    names = rng.sample(["red", "yellow", "blue", "green", "orange", "purple", "pink"], 3)
    paper = rng.choice([(248, 242, 230), (26, 30, 52), (236, 240, 246)])
    c.gradient(paper, mix(paper, COLOURS[names[0]], 0.12))
    kind = c.each(["circles", "triangles", "waves"])
    for i in range(13):
        colour = COLOURS[names[i % 3]]
        x, y, r = rng.uniform(20, 364), rng.uniform(20, 268), rng.uniform(18, 66)
        if kind == "circles":
            c.circle(x, y, r, colour, 150)
            c.circle(x, y, r * 0.45, mix(colour, WHITE, 0.4), 130)
        elif kind == "triangles":
            turn = rng.uniform(0, 6.28)
            corners = [
                (x + r * 1.3 * math.cos(turn + k * 2.094), y + r * 1.3 * math.sin(turn + k * 2.094)) for k in (0, 1, 2)
            ]
            c.shape(corners, colour, 165)
        else:
            level, deep, shift = 20 + i * 21, rng.uniform(8, 18), rng.uniform(0, 6)
            wave = [(px, level + deep * math.sin(px / 42 + shift)) for px in range(-4, WIDTH + 9, 6)]
            c.line(wave, colour, 9, 190)
    ground = "dark" if paper[0] < 100 else "pale"
    return f"An abstract pattern of {names[0]}, {names[1]} and {names[2]} {kind} on a {ground} background."


def cat(c: Canvas) -> str:
    rng = c.rng
    fur_name, fur = c.each([("ginger", (222, 140, 66)), ("black", (52, 50, 58)), ("grey", (142, 146, 156))])
    rug_name = c.each(["red", "blue", "green", "purple"])
    wall = rng.choice([(238, 220, 196), (206, 220, 222), (230, 212, 216)])
    c.gradient(mix(wall, WHITE, 0.35), wall, 0, 205)
    c.gradient((182, 138, 98), (154, 110, 74), 205)
    c.oval(60, 224, 330, 278, COLOURS[rug_name])
    c.oval(78, 230, 312, 272, mix(COLOURS[rug_name], WHITE, 0.2))
    x = rng.uniform(165, 215)
    c.line([(x + 38, 246), (x + 78, 240), (x + 86, 212), (x + 74, 196)], fur, 11)
    c.oval(x - 46, 142, x + 46, 256, fur)
    c.oval(x - 24, 178, x + 24, 254, mix(fur, WHITE, 0.35))
    for side in (-1, 1):
        c.shape([(x + side * 40, 118), (x + side * 36, 62), (x + side * 6, 90)], fur)
        c.shape([(x + side * 34, 104), (x + side * 32, 76), (x + side * 14, 92)], (236, 164, 164))
        c.oval(x + side * 20 - 15, 240, x + side * 20 + 15, 258, mix(fur, WHITE, 0.15))
    c.oval(x - 44, 76, x + 44, 150, fur)
    eye = rng.choice([(126, 190, 90), (240, 196, 70), (110, 180, 220)])
    for side in (-1, 1):
        c.oval(x + side * 18 - 9, 98, x + side * 18 + 9, 118, eye)
        c.oval(x + side * 18 - 3, 99, x + side * 18 + 3, 117, (20, 20, 24))
        c.circle(x + side * 18 - 2, 103, 2, WHITE)
        for dy in (-4, 2):
            c.line([(x + side * 12, 130 + dy / 2), (x + side * 52, 126 + dy * 2)], (250, 246, 240), 0.8, 210)
    c.shape([(x - 6, 124), (x + 6, 124), (x, 131)], (226, 130, 138))
    return rng.choice(
        [
            f"A {fur_name} cat sits on a {rug_name} rug and looks into the camera.",
            f"A {fur_name} cat on a round {rug_name} rug in a living room.",
        ]
    )


def vehicle(c: Canvas) -> str:
    rng = c.rng
    name = c.each(["red", "yellow", "blue", "green", "orange"])
    kind = c.each(["car", "bus", "truck"])
    colour = COLOURS[name]
    _road(c)
    x = rng.uniform(60, 130)
    long = {"car": 168, "bus": 214, "truck": 206}[kind]
    c.oval(x - 10, 238, x + long + 10, 258, (40, 42, 48), 130)
    glass: Colour = (186, 220, 236)
    if kind == "car":
        c.shape([(x + 34, 196), (x + 58, 160), (x + 116, 160), (x + 144, 196)], mix(colour, _DARK, 0.12))
        c.shape([(x + 46, 194), (x + 63, 166), (x + 86, 166), (x + 86, 194)], glass)
        c.shape([(x + 91, 194), (x + 91, 166), (x + 112, 166), (x + 132, 194)], glass)
        c.box(x, 192, x + long, 238, colour, 14)
    elif kind == "bus":
        c.box(x, 128, x + long, 240, colour, 10)
        for i in range(5):
            c.box(x + 12 + i * 40, 144, x + 44 + i * 40, 178, glass, 4)
        c.box(x, 192, x + long, 198, mix(colour, WHITE, 0.6))
    else:
        c.box(x, 122, x + 140, 232, (236, 234, 228), 4)
        c.box(x + 144, 156, x + long, 236, colour, 10)
        c.box(x + 170, 166, x + long - 5, 194, glass, 4)
        c.box(x, 226, x + long, 238, (66, 68, 76))
    c.circle(x + long - 6, 212, 5, (255, 240, 180))
    for wheel in (x + 40, x + long - 38):
        c.circle(wheel, 238, 20, (34, 34, 40))
        c.circle(wheel, 238, 9, (186, 188, 196))
    return rng.choice(
        [
            f"A {name} {kind} drives along a country road past green hills.",
            f"A {name} {kind} on a grey road under a blue sky with white clouds.",
        ]
    )


def _road(c: Canvas) -> None:
    c.gradient((122, 190, 232), (226, 240, 244), 0, 190)
    c.cloud(c.rng.uniform(40, 140), 48, 22)
    c.cloud(c.rng.uniform(240, 350), 66, 18)
    c.hills(182, 44, (128, 172, 122), 4)
    c.hills(200, 26, (96, 152, 92), 5)
    c.gradient((104, 106, 112), (78, 80, 88), 210)
    for i in range(6):
        c.box(i * 76 + 10, 266, i * 76 + 48, 270, (242, 236, 214))


def flowers(c: Canvas) -> str:
    rng = c.rng
    names = rng.sample(["red", "yellow", "pink", "purple", "orange", "white"], 2)
    c.gradient((148, 206, 238), (232, 244, 240), 0, 200)
    c.glow(330, 40, 80, (255, 240, 190), 0.7)
    c.hills(190, 34, (150, 196, 130), 4)
    c.hills(220, 20, (112, 172, 92), 5)
    for row in range(4):
        size, base = 7 + row * 3.2, 224 + row * 20
        for i in range(15 - 2 * row):
            x = (i + rng.uniform(0.1, 0.9)) * WIDTH / (15 - 2 * row)
            colour = mix(COLOURS[rng.choice(names)], WHITE, 0.18 - 0.05 * row)
            stem = size * 2.6
            c.line([(x, base + 22), (x, base - stem)], (66, 128, 70), 1.4 + row * 0.4)
            c.shape([(x, base + 4), (x + size, base - stem * 0.6), (x + size * 0.25, base)], (74, 142, 78))
            c.oval(x - size * 0.8, base - stem - size, x + size * 0.8, base - stem + size, colour)
            for side in (-1, 0, 1):
                top = base - stem - size * 1.35
                c.shape(
                    [
                        (x + side * size * 0.55 - size * 0.3, top + size),
                        (x + side * size * 0.6, top),
                        (x + side * size * 0.55 + size * 0.3, top + size),
                    ],
                    colour,
                )
    return rng.choice(
        [
            f"A field of {names[0]} and {names[1]} tulips under a clear spring sky.",
            f"Rows of {names[0]} and {names[1]} tulips in bloom, with green hills behind.",
        ]
    )


def balloons(c: Canvas) -> str:
    rng = c.rng
    number = c.each([3, 1, 2, 4])
    dawn = rng.random() < 0.5
    c.gradient(*(((146, 130, 190), (255, 206, 164)) if dawn else ((88, 166, 230), (214, 238, 250))))
    for _ in range(3):
        c.cloud(rng.uniform(10, 370), rng.uniform(30, 190), rng.uniform(16, 28), WHITE, 170)
    c.hills(262, 30, (112, 132, 120) if dawn else (108, 160, 110), 4)
    c.hills(278, 16, (84, 108, 92) if dawn else (84, 140, 88), 5)
    names = rng.sample(["red", "yellow", "blue", "green", "orange", "purple"], number)
    for i, name in enumerate(names):
        r = rng.uniform(30, 46) if number < 3 else rng.uniform(22, 32)
        x, y = WIDTH * (i + 0.5) / number + rng.uniform(-16, 16), rng.uniform(60, 140)
        colour = COLOURS[name]
        c.shape(
            [
                (x - r * 0.8, y + r * 0.6),
                (x + r * 0.8, y + r * 0.6),
                (x + r * 0.22, y + r * 1.5),
                (x - r * 0.22, y + r * 1.5),
            ],
            colour,
        )
        c.circle(x, y, r, colour)
        c.oval(x - r * 0.55, y - r, x + r * 0.55, y + r, mix(colour, WHITE, 0.45))
        c.oval(x - r * 0.2, y - r, x + r * 0.2, y + r, colour)
        c.line([(x - r * 0.2, y + r * 1.5), (x - r * 0.14, y + r * 1.85)], _DARK, 0.7)
        c.line([(x + r * 0.2, y + r * 1.5), (x + r * 0.14, y + r * 1.85)], _DARK, 0.7)
        c.box(x - r * 0.18, y + r * 1.8, x + r * 0.18, y + r * 2.1, (122, 84, 52), 2)
    colours = names[0] if number == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    when = "at dawn" if dawn else "in a blue sky"
    if number == 1:
        return f"A single {colours} hot-air balloon floats over the hills {when}."
    return f"{count(number, 'hot-air balloon').capitalize()} in {colours} over the hills {when}."


def fish(c: Canvas) -> str:
    rng = c.rng
    number = rng.randint(2, 6)
    name = c.each(["orange", "yellow", "red", "pink"])
    c.gradient((86, 190, 214), (12, 62, 118))
    for i in range(4):
        x = 60 + i * 90 + rng.uniform(-20, 20)
        c.shape([(x, 0), (x + 26, 0), (x - 30, HEIGHT), (x - 110, HEIGHT)], WHITE, 22)
    c.hills(270, 14, (206, 186, 136), 5)
    for _ in range(8):
        x, tall = rng.uniform(0, WIDTH), rng.uniform(40, 90)
        stem = [(x + 7 * math.sin(k / 2 + x), 276 - k * tall / 8) for k in range(9)]
        c.line(stem, rng.choice([(46, 130, 92), (70, 150, 90), (196, 84, 110)]), 5)
    for i in range(number):
        x, y = 40 + (i + 0.5) * 310 / number, rng.uniform(60, 210)
        s, way = rng.uniform(17, 26), rng.choice((-1, 1))
        colour = mix(COLOURS[name], WHITE, rng.uniform(0, 0.15))
        c.shape([(x - way * s * 1.0, y), (x - way * s * 1.9, y - s * 0.65), (x - way * s * 1.9, y + s * 0.65)], colour)
        c.shape([(x - s * 0.4, y - s * 0.5), (x, y - s * 1.05), (x + s * 0.5, y - s * 0.5)], mix(colour, _DARK, 0.15))
        c.oval(x - s * 1.3, y - s * 0.7, x + s * 1.3, y + s * 0.7, colour)
        c.oval(x - s * 0.12, y - s * 0.68, x + s * 0.22, y + s * 0.68, WHITE, 225)
        c.circle(x + way * s * 0.85, y - s * 0.15, s * 0.16, WHITE)
        c.circle(x + way * s * 0.88, y - s * 0.15, s * 0.09, _DARK)
    for _ in range(18):
        c.circle(rng.uniform(0, WIDTH), rng.uniform(10, 240), rng.uniform(1.5, 4.5), WHITE, 90)
    return rng.choice(
        [
            f"{count(number, f'{name} fish', f'{name} fish').capitalize()} with a white stripe swim among the seaweed.",
            f"An underwater scene with {count(number, f'{name} fish', f'{name} fish')}, bubbles and seaweed.",
        ]
    )
