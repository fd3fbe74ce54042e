"""Measures pictures while they are decoded for an embedder, wherever one decoding serves both."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from lib.images import Picture, load_image, load_square
from lib.images.bands import finished, orientation
from lib.images.safe_open import header
from lib.kept_measures import KeptMeasures
from lib.review.pictures.measures import SIDE, measured

if TYPE_CHECKING:
    import numpy as np

WHAT = "pictures-1"
"""What the measures of pictures are kept under; another name, and all are measured anew."""


@dataclass(slots=True)
class SharedDecoding:
    """Opens pictures for an embedder, and keeps the measures of those that were decoded in full.

    The squares are those of `load_square`, bit by bit: vectors are kept by content, whoever made them. So a JPEG that
    an embedder takes at half its size or less is not measured here, nor is what EXIF turns or may turn.
    """

    root: Path
    _found: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, path: Path, side: int) -> np.ndarray:
        """The picture as uint8 of shape (side, side, 3). From any thread. Raises ImageRefused."""
        import numpy as np

        name = path.relative_to(self.root).as_posix()
        picture = Picture(self.root, name)
        if not header(picture, lambda image: _serves_both(image, side)):
            return np.asarray(load_square(picture, side))
        whole = load_image(picture, SIDE)
        found = asdict(measured(whole))
        with self._lock:
            self._found[name] = found
        return np.asarray(finished(whole, side, is_square=True))

    def keep(self, kept: KeptMeasures, keys: Mapping[str, bytes]) -> None:
        """Keeps what was measured, by the content of the files. Raises DatabaseFailed."""
        with self._lock:
            new = {keys[name]: found for name, found in self._found.items() if name in keys}
            self._found.clear()
        if new:
            kept.add(WHAT, new)


def _serves_both(image: Image.Image, side: int) -> bool:
    # A PNG may tell behind its pixels that it is turned.
    if image.format == "PNG" or max(image.size) > SIDE or orientation(image) > 1:
        return False
    return image.format not in ("JPEG", "MPO") or min(image.size) < 2 * side
