"""A small drawing board with soft edges, for the pictures of the sample dataset."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]
Option = TypeVar("Option")

WIDTH, HEIGHT = 384, 288
_SCALE = 2
"""Drawn at twice the size and reduced, which smooths every edge."""


def mix(a: Colour, b: Colour, part: float) -> Colour:
    """A colour between two: 0 gives the first, 1 the second."""
    return (
        round(a[0] + (b[0] - a[0]) * part),
        round(a[1] + (b[1] - a[1]) * part),
        round(a[2] + (b[2] - a[2]) * part),
    )


class Canvas:
    """All coordinates are in pixels of the finished picture, 384 by 288."""

    def __init__(self, rng: random.Random, turn: int = 0) -> None:
        self.rng = rng
        self._turn = turn
        self.image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE))
        self._draw = ImageDraw.Draw(self.image, "RGBA")

    def each(self, options: Sequence[Option]) -> Option:
        """One option after the other from picture to picture, where chance alone would repeat itself."""
        return options[self._turn % len(options)]

    def gradient(self, top: Colour, bottom: Colour, y0: float = 0, y1: float = HEIGHT) -> None:
        """Fills a band over the whole width."""
        rows = max(2, round((y1 - y0) * _SCALE))
        column = Image.new("RGB", (1, 16))
        for row in range(16):
            column.putpixel((0, row), mix(top, bottom, row / 15))
        band = column.resize((1, rows), Image.Resampling.BICUBIC).resize((self.image.width, rows))
        self.image.paste(band, (0, round(y0 * _SCALE)))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 0.8) -> None:
        """A soft light round a point."""
        side = 64
        mask = Image.radial_gradient("L").resize((side, side)).point(lambda v: max(0, round((180 - v) * strength)))
        size = round(radius * 2 * _SCALE)
        mask = mask.resize((size, size), Image.Resampling.BILINEAR)
        spot = Image.new("RGB", (size, size), colour)
        self.image.paste(spot, (round((x - radius) * _SCALE), round((y - radius) * _SCALE)), mask)

    def circle(self, x: float, y: float, radius: float, colour: Colour, alpha: int = 255) -> None:
        self.oval(x - radius, y - radius, x + radius, y + radius, colour, alpha)

    def oval(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, alpha: int = 255) -> None:
        self._draw.ellipse(self._flat(((x0, y0), (x1, y1))), (*colour, alpha))

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, radius: float = 0) -> None:
        """A rectangle, with round corners where a radius is given."""
        self._draw.rounded_rectangle(self._flat(((x0, y0), (x1, y1))), radius * _SCALE, colour)

    def shape(self, points: Sequence[Point], colour: Colour, alpha: int = 255) -> None:
        self._draw.polygon(self._flat(points), (*colour, alpha))

    def line(self, points: Sequence[Point], colour: Colour, width: float = 2, alpha: int = 255) -> None:
        self._draw.line(self._flat(points), (*colour, alpha), max(1, round(width * _SCALE)), "curve")

    def pie(self, box: tuple[float, float, float, float], start: float, end: float, colour: Colour) -> None:
        """A slice of an oval; angles in degrees, clockwise from three o'clock."""
        self._draw.pieslice(self._flat((box,)), start, end, colour)

    def arc(
        self, box: tuple[float, float, float, float], start: float, end: float, colour: Colour, width: float
    ) -> None:
        self._draw.arc(self._flat((box,)), start, end, colour, round(width * _SCALE))

    @staticmethod
    def _flat(points: Sequence[Sequence[float]]) -> list[float]:
        return [value * _SCALE for point in points for value in point]

    def hills(self, y: float, height: float, colour: Colour, rough: int = 6) -> None:
        """A rolling horizon, filled down to the lower edge."""
        steps = [y - self.rng.uniform(0, height) for _ in range(rough + 1)]
        points: list[Point] = []
        for x in range(0, WIDTH + 8, 8):
            place = min(x / WIDTH * rough, rough - 0.001)
            left, part = int(place), place % 1
            part = part * part * (3 - 2 * part)
            points.append((x, steps[left] * (1 - part) + steps[left + 1] * part))
        self.shape([*points, (WIDTH + 8, HEIGHT), (0, HEIGHT)], colour)

    def cloud(self, x: float, y: float, size: float, colour: Colour = (255, 255, 255), alpha: int = 235) -> None:
        for dx, dy, r in ((-1.0, 0.15, 0.5), (-0.4, -0.2, 0.65), (0.35, -0.1, 0.6), (0.95, 0.2, 0.45)):
            self.circle(x + dx * size, y + dy * size, r * size, colour, alpha)
        self.oval(x - 1.4 * size, y, x + 1.4 * size, y + 0.65 * size, colour, alpha)

    def pine(self, x: float, base: float, height: float, colour: Colour) -> None:
        """A conifer of three tiers."""
        self.box(x - height * 0.035, base - height * 0.15, x + height * 0.035, base, mix(colour, (60, 40, 25), 0.7))
        for tier in range(3):
            half, top = height * (0.26 - 0.055 * tier), base - height * (0.45 + 0.275 * tier)
            low = base - height * (0.12 + 0.22 * tier)
            shade = mix(colour, (255, 255, 255), 0.04 * tier)
            self.shape([(x - half, low), (x, top), (x + half, low)], shade)

    def finish(self) -> Image.Image:
        """The picture at its final size, very slightly softened."""
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        return small.filter(ImageFilter.UnsharpMask(1, 40, 2))
