"""Tables of Parquet for tests: names with captions, and pictures in them where a test looks at them."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
from PIL import Image

_WORDS = (
    "dog", "cat", "beach", "running", "red", "blue", "grass", "a", "on", "the", "jumping", "water", "child", "ball",
    "tree", "house", "with", "man", "woman", "in", "field", "snow", "street", "bike", "small", "large", "white",
)  # fmt: skip


def write_table(path: Path, rows: Iterable[tuple[str, str | None]], *, group: int = 10_000) -> Path:
    """A table with the names and captions of its rows."""
    names, texts = zip(*rows, strict=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pyarrow.table({"key": pyarrow.array(names), "caption": pyarrow.array(texts, pyarrow.string())})
    pyarrow.parquet.write_table(table, path, row_group_size=group, compression="zstd")
    return path


def write_picture_table(path: Path, captions: Sequence[str], *, group: int = 100) -> Path:
    """A table as the Hugging Face Hub keeps them: a drawn picture of 24 by 18 pixels in each row."""
    rows = [
        {"image": {"bytes": picture(number), "path": f"photo{number:03d}.jpg"}, "text": text}
        for number, text in enumerate(captions)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=group)
    return path


def picture(number: int) -> bytes:
    """A JPEG of one colour, another one for each number."""
    out = io.BytesIO()
    Image.new("RGB", (24, 18), (number * 40 % 256, number * 85 % 256, 90)).save(out, "JPEG")
    return out.getvalue()


def drawn_captions(count: int, seed: int = 7) -> list[str]:
    """So many captions of about twelve words, drawn by lot."""
    draw = random.Random(seed)
    return [f"{' '.join(draw.choices(_WORDS, k=11))} {number % 977}" for number in range(count)]


def many_rows(path: Path, count: int) -> Path:
    """A table of many rows with drawn captions."""
    names = (f"photos/{number:07d}.jpg" for number in range(count))
    return write_table(path, zip(names, drawn_captions(count), strict=True))


def put_on_a_map(table: Path, clusters: int = 4) -> Path:
    """The same table with columns of its own: so many clusters, each round a corner of a square, two by two."""
    rows = pyarrow.parquet.read_table(table)
    labels = np.arange(len(rows), dtype=np.int32) % clusters
    corners = np.stack([labels % 2, labels // 2], axis=1) * 10
    places = np.random.default_rng(5).normal(0, 0.6, (len(rows), 2)) + corners
    for name, column in (("cluster", labels), ("x", places[:, 0]), ("y", places[:, 1])):
        rows = rows.append_column(name, pyarrow.array(column))
    pyarrow.parquet.write_table(rows, table, row_group_size=10_000, compression="zstd")
    return table
