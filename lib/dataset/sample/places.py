"""Places of the sample dataset: each function draws one and says in a sentence what is to be seen."""

from __future__ import annotations

from lib.dataset.sample.canvas import HEIGHT, WIDTH, Canvas, Colour, mix

WHITE: Colour = (255, 255, 255)
COLOURS: dict[str, Colour] = {
    "red": (214, 58, 52),
    "yellow": (245, 196, 58),
    "blue": (52, 112, 196),
    "green": (70, 150, 88),
    "orange": (236, 132, 48),
    "purple": (132, 84, 170),
    "pink": (232, 120, 160),
    "white": (245, 243, 238),
}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def count(number: int, one: str, many: str = "") -> str:
    """A number in words with its noun."""
    return f"{NUMBERS[number]} {one if number == 1 else many or one + 's'}"


def beach(c: Canvas) -> str:
    rng = c.rng
    evening = rng.random() < 0.5
    boats = rng.randint(1, 3)
    name = c.each(["red", "yellow", "blue", "pink", "green"])
    horizon = 130
    if evening:
        c.gradient((92, 72, 140), (252, 168, 96), 0, horizon)
    else:
        c.gradient((78, 160, 226), (202, 234, 246), 0, horizon)
    sun = rng.uniform(60, 320)
    height = horizon - 18 if evening else 44
    c.glow(sun, height, 110, (255, 224, 160))
    c.circle(sun, height, 22, (255, 238, 190))
    sea = (70, 74, 130) if evening else (34, 128, 178)
    c.gradient(mix(sea, (255, 200, 150), 0.35 if evening else 0.15), sea, horizon, 205)
    for _ in range(26):
        x, y = rng.uniform(0, WIDTH), rng.uniform(horizon + 4, 196)
        near = sun if evening and rng.random() < 0.6 else x
        x = near + rng.uniform(-30, 30)
        c.line([(x, y), (x + rng.uniform(8, 26), y)], (255, 236, 200), 1, 120)
    for i in range(boats):
        x, y = 50 + i * 120 + rng.uniform(-20, 40), horizon + rng.uniform(6, 24)
        c.shape([(x - 13, y), (x + 13, y), (x + 8, y + 6), (x - 8, y + 6)], (92, 58, 44))
        c.shape([(x - 1, y - 2), (x - 1, y - 32), (x - 14, y - 4)], (250, 246, 238))
        c.shape([(x + 1, y - 2), (x + 1, y - 27), (x + 12, y - 4)], (232, 224, 212))
    c.gradient((246, 220, 164), (220, 182, 122), 205)
    c.oval(-80, 190, WIDTH + 80, 218, (255, 255, 255), 130)
    c.oval(-80, 197, WIDTH + 80, 232, (240, 212, 156))
    _umbrella(c, rng.uniform(90, 290), 250, COLOURS[name])
    light = "at sunset" if evening else "on a sunny day"
    boat = count(boats, "sailing boat")
    return rng.choice(
        [
            f"A {name} and white beach umbrella on the sand {light}, with {boat} out at sea.",
            f"A quiet beach {light} with a {name} umbrella and {boat} on the water.",
        ]
    )


def _umbrella(c: Canvas, x: float, base: float, colour: Colour) -> None:
    c.oval(x - 50, base - 4, x + 60, base + 10, (150, 112, 70), 90)
    c.line([(x, base), (x + 6, base - 76)], (110, 84, 60), 3)
    box = (x - 48, base - 108, x + 56, base - 28)
    for part in range(6):
        c.pie(box, 180 + part * 30, 210 + part * 30, colour if part % 2 == 0 else (250, 248, 244))


def city(c: Canvas) -> str:
    rng = c.rng
    dusk = c.each([False, True])
    c.gradient(*(((60, 52, 110), (246, 150, 110)) if dusk else ((10, 14, 40), (48, 54, 104))), 0, 215)
    if not dusk:
        for _ in range(60):
            c.circle(rng.uniform(0, WIDTH), rng.uniform(0, 120), rng.uniform(0.4, 1.1), WHITE, 200)
        moon = rng.uniform(50, 330)
        c.glow(moon, 50, 60, (220, 224, 255), 0.5)
        c.circle(moon, 50, 16, (244, 242, 224))
    for layer, (low, high, tone) in enumerate(((60, 120, 0.55), (40, 150, 0.0))):
        x = -10.0
        while x < WIDTH:
            wide = rng.uniform(24, 46)
            top = 215 - rng.uniform(low, high)
            c.box(x, top, x + wide, 215, mix((22, 24, 52), (120, 92, 130) if dusk else (58, 64, 116), tone))
            if layer:
                _windows(c, x, top, wide)
            x += wide + rng.uniform(0, 4)
    c.gradient((30, 34, 70), (14, 16, 40), 215)
    for _ in range(70):
        x, y = rng.uniform(0, WIDTH), rng.uniform(220, 284)
        c.line([(x, y), (x + rng.uniform(6, 22), y)], (255, 208, 120), 1.2, rng.randint(40, 150))
    when = "at dusk" if dusk else "at night under a full moon"
    return rng.choice(
        [
            f"A city skyline {when}, its lit windows mirrored in the river.",
            f"Tall buildings with yellow windows beside a dark river {when}.",
        ]
    )


def _windows(c: Canvas, x: float, top: float, wide: float) -> None:
    y = top + 6
    while y < 206:
        column = x + 5
        while column < x + wide - 7:
            if c.rng.random() < 0.55:
                c.box(column, y, column + 4, y + 5, c.rng.choice([(255, 214, 120), (255, 232, 170), (250, 190, 96)]))
            column += 8
        y += 10


def forest(c: Canvas) -> str:
    rng = c.rng
    season, colour, sky = c.each(
        [
            ("green", (38, 92, 62), ((176, 212, 214), (232, 240, 222))),
            ("autumn", (176, 92, 36), ((214, 196, 190), (250, 232, 200))),
            ("snowy", (92, 124, 132), ((178, 196, 214), (238, 242, 246))),
        ]
    )
    c.gradient(*sky)
    for layer in range(4):
        tone = mix(colour, sky[1], 0.75 - 0.25 * layer)
        base = 165 + layer * 26
        for _ in range(15 - 3 * layer):
            shade = mix(tone, (30, 40, 30), rng.uniform(0, 0.18))
            c.pine(rng.uniform(-10, WIDTH + 10), base + rng.uniform(-6, 6), 66 + layer * 36, shade)
        if layer < 3:
            c.oval(-120, base - 22, WIDTH + 120, base + 30, sky[1], 70)
    ground = {"green": (96, 126, 66), "autumn": (170, 118, 62), "snowy": (240, 244, 248)}[season]
    c.hills(240, 8, ground, 4)
    path = mix(ground, (150, 120, 90), 0.45)
    c.shape([(186, 240), (200, 240), (280, HEIGHT), (110, HEIGHT)], path)
    words = {"green": "A misty green forest", "autumn": "An autumn forest in orange", "snowy": "A snowy forest"}[season]
    return rng.choice(
        [f"{words} with a narrow path between tall fir trees.", f"{words}; a footpath leads in among the fir trees."]
    )


def mountains(c: Canvas) -> str:
    rng = c.rng
    evening = c.each([False, False, True])
    c.gradient(*(((120, 96, 160), (252, 196, 160)) if evening else ((98, 168, 226), (220, 238, 248))), 0, 170)
    peaks = c.each([3, 2, 4])
    for i in range(peaks):
        x, top = WIDTH * (i + 0.5) / peaks + rng.uniform(-20, 20), rng.uniform(36, 76)
        rock = mix((96, 106, 130), (150, 110, 140) if evening else (120, 140, 160), rng.random() * 0.6)
        c.shape([(x - 130, 176), (x, top), (x + 130, 176)], rock)
        c.shape([(x, top), (x + 130, 176), (x + 24, 176)], mix(rock, (30, 36, 60), 0.3))
        c.shape([(x - 33, top + 36), (x, top), (x + 33, top + 36), (x + 12, top + 28), (x - 4, top + 42)], WHITE)
    lake = (70, 90, 150) if evening else (64, 140, 180)
    c.gradient(mix(lake, WHITE, 0.45), lake, 172)
    for _ in range(34):
        x, y = rng.uniform(0, WIDTH), rng.uniform(180, 280)
        c.line([(x, y), (x + rng.uniform(10, 40), y)], WHITE, 1, 90)
    for _ in range(10):
        x = rng.choice([rng.uniform(-5, 90), rng.uniform(300, 390)])
        c.pine(x, 190 + rng.uniform(0, 8), rng.uniform(34, 60), (34, 78, 62))
    light = "in the evening light" if evening else "on a clear day"
    return rng.choice(
        [
            f"{count(peaks, 'snow-capped mountain').capitalize()} above a calm lake {light}.",
            f"A blue lake {light}, with fir trees on the shore and {count(peaks, 'snowy peak')} behind it.",
        ]
    )


def weather(c: Canvas) -> str:
    rng = c.rng
    kind = c.each(["rain", "snow", "rainbow"])
    roof_name = rng.choice(["red", "blue", "green"])
    sky = {"rain": ((86, 98, 116), (160, 170, 180)), "snow": ((150, 166, 190), (226, 232, 240))}
    c.gradient(*sky.get(kind, ((110, 176, 224), (214, 236, 244))))
    if kind == "rainbow":
        for i, name in enumerate(("red", "orange", "yellow", "green", "blue", "purple")):
            c.arc((40 + i * 6, 60 + i * 6, 360 - i * 6, 380 - i * 6), 180, 360, mix(COLOURS[name], WHITE, 0.25), 7)
    ground = {"rain": (88, 118, 84), "snow": (246, 248, 252), "rainbow": (112, 172, 92)}[kind]
    c.hills(216, 22, mix(ground, (90, 110, 130), 0.25), 5)
    c.hills(236, 14, ground, 4)
    x = rng.uniform(90, 220)
    c.box(x, 168, x + 92, 236, (240, 226, 204))
    c.shape([(x - 12, 170), (x + 46, 124), (x + 104, 170)], COLOURS[roof_name])
    c.box(x + 38, 200, x + 56, 236, (120, 78, 52), 2)
    for dx in (10, 64):
        c.box(x + dx, 186, x + dx + 18, 204, (255, 222, 140) if kind != "rainbow" else (170, 208, 232), 2)
    c.pine(x - 40, 240, 88, (50, 96, 70))
    grey = {"rain": (120, 130, 146), "snow": (222, 228, 238)}.get(kind, (255, 255, 255))
    for _ in range(4 if kind != "rainbow" else 2):
        c.cloud(rng.uniform(20, 360), rng.uniform(24, 64), rng.uniform(22, 38), grey)
    if kind == "rain":
        for _ in range(150):
            px, py = rng.uniform(0, WIDTH), rng.uniform(40, HEIGHT)
            c.line([(px, py), (px - 4, py + 13)], (214, 226, 240), 0.8, 150)
    elif kind == "snow":
        for _ in range(140):
            c.circle(rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(0.8, 2.4), WHITE, 230)
    words = {
        "rain": "in heavy rain under grey clouds",
        "snow": "in falling snow",
        "rainbow": "in a green meadow under a rainbow",
    }[kind]
    return f"A small house with a {roof_name} roof and a fir tree beside it, {words}."
