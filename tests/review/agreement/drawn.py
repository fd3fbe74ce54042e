"""A drawn dataset whose captions say what its pictures show: their colour, in words that a WordEmbedder tells apart."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image

from lib.embedding.base import Embedder
from tests.doubles.embedder import ColourEmbedder, WordEmbedder

COLOURS = {
    "azure": (20, 80, 230),
    "crimson": (220, 20, 40),
    "emerald": (30, 190, 60),
    "golden": (240, 200, 30),
    "ivory": (245, 245, 235),
    "jet": (15, 15, 15),
    "lilac": (190, 140, 220),
}


def embedder_for(name: str) -> Embedder:
    """Doubles in the place of whatever is asked for."""
    return _PICTURES if name in ("resnet50v2", "mobilenet") else _WORDS


_PICTURES, _WORDS = ColourEmbedder(), WordEmbedder()


def drawn_samples(root: Path, count: int = 140) -> dict[str, str]:
    """Pictures, each in a shade of its own, with captions; gives the captions by name."""
    rng = random.Random(5)
    root.mkdir(parents=True, exist_ok=True)
    captions = {}
    for number in range(count):
        word, colour = list(COLOURS.items())[number % len(COLOURS)]
        shade = tuple(min(255, max(0, value + rng.randint(-12, 12))) for value in colour)
        name = f"photo{number:04}.png"
        Image.new("RGB", (8, 8), shade).save(root / name)
        captions[name] = f"{word} {rng.choice(['paper', 'tile', 'note', 'plate'])}"
        (root / name).with_suffix(".txt").write_text(captions[name])
    return captions


def caption(root: Path, name: str, text: str) -> None:
    """Writes another caption beside an image."""
    (root / name).with_suffix(".txt").write_text(text)
