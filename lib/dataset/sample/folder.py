"""A dataset to try everything with: drawn scenes with captions, the same on every machine."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable
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


def _draw(target: Path, number: int, seed: int) -> None:
    scene = SCENES[number % len(SCENES)]
    turn = number // len(SCENES)
    stem = f"{scene.__name__}_{turn + 1:02d}"
    path = target / f"{stem}{'.png' if turn % 5 == 4 else '.jpg'}"
    if path.exists():
        return
    canvas = Canvas(random.Random(f"{seed}/{stem}"), turn)
    caption = scene(canvas)
    sidecar = path.with_suffix(".txt")
    if number % UNTAGGED_EVERY != UNTAGGED_EVERY - 1 and not os.path.lexists(sidecar):
        write_atomic(sidecar, caption.encode())
    picture = io.BytesIO()
    if path.suffix == ".png":
        canvas.finish().save(picture, "PNG", compress_level=3)
    else:
        canvas.finish().save(picture, "JPEG", quality=88)
    # Not by Pillow: on a full disk it writes half of a JPEG and says nothing.
    write_atomic(path, picture.getvalue())
