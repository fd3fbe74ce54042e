"""Pictures that are converted band by band are those that would be made in one piece."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.images import bands, load_image, load_square


def _source(mode: str, size: tuple[int, int]) -> Image.Image:
    chance = np.random.default_rng(7)
    rough = Image.fromarray(chance.integers(0, 255, (size[1] // 20, size[0] // 20, 4), dtype="uint8"), "RGBA")
    smooth = rough.resize(size, Image.Resampling.BICUBIC)
    if mode in ("F", "I;16"):
        deep = np.asarray(smooth.convert("L"), dtype="float32") * 257
        return Image.fromarray(deep if mode == "F" else deep.astype("uint16"))
    return smooth if mode == "RGBA" else smooth.convert("RGB").convert(mode) if mode != "LA" else smooth.convert("LA")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "1", "I;16", "F", "CMYK"])
@pytest.mark.parametrize("side", [None, 500, 160, 37])
def test_bands_leave_no_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, side: int | None) -> None:
    path = tmp_path / ("a.tif" if mode in ("F", "CMYK") else "a.png")
    _source(mode, (740, 1_130)).save(path)
    whole = np.asarray(load_image(path, side), dtype=int)
    monkeypatch.setattr(bands, "BAND_PIXELS", 20_000)
    monkeypatch.setattr(bands, "PLAIN_PIXELS", 20_000)
    in_bands = np.asarray(load_image(path, side), dtype=int)
    assert in_bands.shape == whole.shape
    # Shrunk in one piece the eight bits are rounded once less.
    assert np.abs(in_bands - whole).max() <= 3
    assert np.abs(in_bands - whole).mean() < 0.5


def test_a_square_is_made_in_bands_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _source("RGBA", (900, 700)).save(tmp_path / "a.png")
    whole = np.asarray(load_square(tmp_path / "a.png", 224), dtype=int)
    monkeypatch.setattr(bands, "BAND_PIXELS", 20_000)
    in_bands = np.asarray(load_square(tmp_path / "a.png", 224), dtype=int)
    assert in_bands.shape == (224, 224, 3)
    assert np.abs(in_bands - whole).max() <= 3
