"""A dataset to try everything with: drawn scenes with captions, the same on every machine."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Iterable
from pathlib import Path

from lib.dataset.sample.canvas import Canvas
from lib.dataset.sample.places import beach, city, forest, mountains, weather
from lib.dataset.sample.things import abstract, balloons, cat, fish, flowers, kitchen, vehicle
from lib.files import write_atomic, write_errors

SCENES: tuple[Callable[[Canvas], str], ...] = (
    beach,
    city,
    forest,
    kitchen,
    abstract,
    cat,
    vehicle,
    weather,
    mountains,
    flowers,
    balloons,
    fish,
)

UNTAGGED_EVERY = 15
"""One picture in so many has no caption yet, so that there is something left to do."""


def make_sample(target: Path, count: int = 120, seed: int = 7) -> Path:
    """Draws the sample dataset into a folder and returns the folder.

    Files that are there stay as they are, with all that was edited in them; a caption that was deleted with its
    picture in place stays deleted. Raises WriteFailed.
    """
    kept = "What was drawn before is kept; open it again to go on."
    with write_errors("The sample dataset could not be drawn", kept):
        target.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            _draw(target, number, seed)
    return target


def drawn_pictures(numbers: Iterable[int], seed: int = 7) -> list[bytes]:
    """Some pictures of the sample dataset, as JPEG, before it is drawn."""
    return [_jpeg(_scene(number, seed)[1]) for number in numbers]


def _draw(target: Path, number: int, seed: int) -> None:
    turn = number // len(SCENES)
    path = target / f"{_stem(number)}{'.png' if turn % 5 == 4 else '.jpg'}"
    if path.exists():
        return
    caption, canvas = _scene(number, seed)
    sidecar = path.with_suffix(".txt")
    if number % UNTAGGED_EVERY != UNTAGGED_EVERY - 1 and not os.path.lexists(sidecar):
        write_atomic(sidecar, caption.encode())
    # Not by Pillow: on a full disk it writes half of a JPEG and says nothing.
    write_atomic(path, _png(canvas) if path.suffix == ".png" else _jpeg(canvas))


def _stem(number: int) -> str:
    return f"{SCENES[number % len(SCENES)].__name__}_{number // len(SCENES) + 1:02d}"


def _scene(number: int, seed: int) -> tuple[str, Canvas]:
    canvas = Canvas(random.Random(f"{seed}/{_stem(number)}"), number // len(SCENES))
    return SCENES[number % len(SCENES)](canvas), canvas


def _png(canvas: Canvas) -> bytes:
    picture = io.BytesIO()
    canvas.finish().save(picture, "PNG", compress_level=3)
    return picture.getvalue()


def _jpeg(canvas: Canvas) -> bytes:
    picture = io.BytesIO()
    canvas.finish().save(picture, "JPEG", quality=88)
    return picture.getvalue()
