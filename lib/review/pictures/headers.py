"""What the header of an image file tells: its size upright, its mode, whether it moves, is turned or see-through."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from PIL import Image

from lib.errors import ImageRefused
from lib.images import Picture
from lib.images.bands import orientation
from lib.images.safe_open import header
from lib.progress import Progress
from lib.review.samples import ReviewSamples, raise_if_cancelled

_WHAT = "header-1"
_PLAIN_TABLE = 3_688
"""The sum of the table for luminance in annex K of the JPEG standard (ITU-T T.81)."""
_STEP = 64
_READERS = 2
_STILL = ("JPEG", "MPO", "TIFF", "BMP")
"""A phone's JPEG has a second, smaller picture in it, a scan its pages: neither moves."""


@dataclass(frozen=True, slots=True)
class Header:
    """Width and height in pixels of the upright picture. `format` is Pillow's name of it.

    `coarseness` is how coarsely a JPEG was rounded: 1 at libjpeg's quality 50, 2 at 25, 0.2 at 90; 0 for what is none.
    """

    width: int
    height: int
    format: str
    mode: str
    is_turned: bool
    is_see_through: bool
    moves: bool
    coarseness: float = 0.0

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.width / self.height


def read_header(path: Picture) -> Header:
    """What an image's header tells. Raises ImageRefused."""
    found: Header = header(path, _asked)
    return found


def _asked(image: Image.Image) -> Header:
    # Pillow would decode a whole PNG to look for EXIF behind the pixels.
    turn = orientation(image) if image.format != "PNG" or "exif" in image.info else 1
    width, height = (image.height, image.width) if turn >= 5 else image.size
    clear = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    moves = image.format not in _STILL and _moves(image)
    tables = getattr(image, "quantization", None) or {}
    coarse = sum(tables[0]) / _PLAIN_TABLE if 0 in tables else 0.0
    return Header(width, height, str(image.format), image.mode, turn > 1, clear, moves, round(coarse, 3))


def _moves(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # noqa: BLE001 - a broken second frame is no reason to refuse a picture that decodes
        return False


def headers(samples: ReviewSamples, progress: Progress) -> tuple[Mapping[str, Header], Mapping[str, str]]:
    """The headers of all images by name, and the reasons why some have none; kept by content. Raises Cancelled."""
    keys = samples.picture_keys(progress)
    kept = samples.kept.load(_WHAT, keys.values())
    found: dict[str, Header] = {}
    refused: dict[str, str] = {}
    missing = []
    for record in samples.records:
        key = keys.get(record.name)
        if key in kept:
            found[record.name] = Header(**kept[key])
        else:
            missing.append(record.name)
    new: dict[bytes, Any] = {}

    def read(name: str) -> Header | str:
        try:
            return read_header(Picture(samples.root, name))
        except ImageRefused as error:
            return error.message

    with ThreadPoolExecutor(_READERS, thread_name_prefix="headers") as pool:
        for start in range(0, len(missing), _STEP):
            raise_if_cancelled(progress)
            part = missing[start : start + _STEP]
            for name, one in zip(part, pool.map(read, part), strict=True):
                if isinstance(one, str):
                    refused[name] = one
                    continue
                found[name] = one
                if name in keys:
                    new[keys[name]] = asdict(one)
    if new:
        samples.kept.add(_WHAT, new)
    return found, refused
