"""The folder that the Word Cloud page counts in its tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

_CAPTIONS = {
    "a.jpg": "A man in a boat, a red boat!",
    "b.jpg": "A man in a car.",
    "c.jpg": "dog, red sofa",
    "d.jpg": "Dogs, red sofa",
    "sub/e.jpg": "a man in a CAR",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "words"
    (root / "sub").mkdir(parents=True)
    for name, caption in _CAPTIONS.items():
        Image.new("RGB", (40, 30), "teal").save(root / name)
        (root / name).with_suffix(".txt").write_text(caption)
    return root
