"""Datasets without a fault: pictures with the spectrum of photos, captions as people write them, drawn by a seed."""

from __future__ import annotations

import random
import shutil
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIZE = 640, 540

_WHO_ALL = "man woman boy girl dog cat horse child couple cyclist runner farmer dancer surfer climber painter skier"
_HOW_ALL = "young old tall small happy tired brown black white smiling careful busy"
_WHO, _HOW = _WHO_ALL.split(), _HOW_ALL.split()
_DOES = (
    "runs across a wide field", "sits on a wooden bench", "jumps over a low fence", "walks along the beach",
    "looks at a red boat", "stands beside an old car", "plays with a yellow ball", "waits in front of a shop",
    "sleeps under a large tree", "carries a blue umbrella", "climbs a steep hill", "watches the birds in the sky",
)  # fmt: skip
_WHEN = (
    "in the rain",
    "in the morning",
    "at sunset",
    "on a cold day",
    "near the river",
    "behind the house",
    "in the snow",
)
_TAGS = (
    "indoors|outdoors|smile|red sofa|window|green grass|blue sky|hat|long hair|short hair|looking at viewer|standing"
    "|sitting|book|tree|flower|night|rain|snow|river|mountain|street|closed eyes|white shirt|black coat"
)


def sentence(rng: random.Random) -> str:
    """A caption that somebody wrote."""
    return f"A {rng.choice(_HOW)} {rng.choice(_WHO)} {rng.choice(_DOES)} {rng.choice(_WHEN)}."


def tags(rng: random.Random, trigger: str = "ohwx person") -> str:
    """Tags behind a trigger word, each once."""
    chosen = rng.sample(_TAGS.split("|"), 6)
    return ", ".join([trigger, *chosen])


@lru_cache(maxsize=4)
def _canvases(seed: int = 3) -> tuple[Image.Image, ...]:
    """Large pictures that others are cut from: noise whose power falls with frequency, and shapes with edges."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(4):
        high, wide = 900, 1_000
        fall = 1 / np.maximum(np.hypot(*np.meshgrid(np.fft.fftfreq(high), np.fft.rfftfreq(wide), indexing="ij")), 1e-3)
        grey = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(high, wide))) * fall, (high, wide))
        tint = [np.fft.irfft2(np.fft.rfft2(rng.normal(size=(high, wide))) * fall**1.6, (high, wide)) for _ in "rgb"]
        layers = [grey / grey.std() * 38 + one / one.std() * 34 + 124 for one in tint]
        image = Image.fromarray(np.clip(np.stack(layers, 2), 0, 255).astype(np.uint8))
        draw, shapes = ImageDraw.Draw(image), random.Random(seed + number)
        for _ in range(60):
            x, y, r = shapes.randrange(wide), shapes.randrange(high), shapes.randrange(8, 60)
            colour = tuple(shapes.randrange(20, 236) for _ in "rgb")
            draw.ellipse((x, y, x + r, y + r // 2), fill=colour)
            draw.line((x, y, x + 2 * r, y - r), fill=colour, width=2)
        found.append(image)
    return tuple(found)


def photo(rng: random.Random, size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture like no other one, in focus and in colour."""
    canvas = rng.choice(_canvases())
    x, y = rng.randrange(canvas.width - size[0] + 1), rng.randrange(canvas.height - size[1] + 1)
    part = canvas.crop((x, y, x + size[0], y + size[1]))
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else part


def drawn_dataset(root: Path, number: int, *, of_tags: bool = False, seed: int = 0) -> Path:
    """A folder of so many JPEGs with captions, no two alike."""
    root.mkdir(parents=True)
    rng, seen = random.Random(seed), set[str]()
    for place in range(number):
        text = ""
        while not text or text in seen:
            text = tags(rng) if of_tags else sentence(rng)
        seen.add(text)
        photo(rng).save(root / f"photo{place:03}.jpg", quality=88)
        (root / f"photo{place:03}.txt").write_text(text, encoding="utf-8")
    return root


def copied(root: Path, to: Path) -> Path:
    """Another folder of the same files, to be spoilt."""
    shutil.copytree(root, to)
    return to
