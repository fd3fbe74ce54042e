"""Folders of many small photos with captions, made once a run."""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image

_WORDS = (
    "a an the man woman child dog cat bird boat car tree house beach street river red blue green white running",
    "standing sitting playing jumping with on in near under two three small large old young sunny dark wooden",
)


def caption_words() -> list[str]:
    """The words that captions are made of."""
    return " ".join(_WORDS).split()


def many_photos(folder: Path, count: int, *, width: int = 32, height: int = 24) -> Path:
    """`count` JPEGs (200 different ones) with a caption of about twelve words beside each."""
    folder.mkdir(parents=True)
    draw, words = random.Random(7), caption_words()
    pictures = []
    for number in range(min(count, 200)):
        image = Image.new("RGB", (width, height), (number % 256, number * 7 % 256, number * 13 % 256))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG")
        pictures.append(buffer.getvalue())
    for number in range(count):
        stem = folder / f"photo_{number:06d}"
        stem.with_suffix(".jpg").write_bytes(pictures[number % len(pictures)])
        stem.with_suffix(".txt").write_text(" ".join(draw.choices(words, k=12)) + ".", encoding="utf-8")
    return folder
