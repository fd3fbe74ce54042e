"""Where to draw the line between twins and others: by twins that are made of some pictures of the dataset itself."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.embedding.base import PictureEmbedder
from lib.errors import ImageRefused
from lib.images import Picture, load_image
from lib.progress import Progress
from lib.review.duplicates.likeness import levelled, part_likeness
from lib.review.duplicates.thumbs import GreyThumbs, thumbs_of
from lib.review.samples import ReviewSamples, raise_if_cancelled

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

SAMPLE = 40
"""Pictures of which twins are made."""
_SIDE = 320
_LOWEST = 2.0
"""The percentile of made twins that is still to be found."""
_MARGIN = 0.02


@dataclass(frozen=True, slots=True)
class TwinLines:
    """From which likeness on two pictures are twins.

    `alike`: correlation as a whole; `part`: correlation of a part with its whole. Both ask in addition for a likeness
    of vectors, `alike_vector` and `part_vector`, where there are vectors. `made` is of how many pictures.
    """

    alike: float = 0.93
    part: float = 0.92
    alike_vector: float = 0.6
    part_vector: float = 0.5
    made: int = 0


def calibrated(
    samples: ReviewSamples, keys: Mapping[str, bytes], embedder: PictureEmbedder | None, progress: Progress
) -> TwinLines:
    """The lines for some pictures, `keys` their content by name. Raises Cancelled, and what embedding raises."""
    names = sorted(keys, key=lambda name: keys[name])
    names = random.Random(0).sample(names, min(SAMPLE, len(names)))
    what = f"twins-1:{embedder.id if embedder else ''}"
    known = samples.kept.load(what, [keys[name] for name in names])
    fresh: dict[bytes, dict[str, list[float]]] = {}
    for name in names:
        raise_if_cancelled(progress)
        if keys[name] not in known | fresh:
            try:
                picture = load_image(Picture(samples.root, name), _SIDE).convert("RGB")
            except ImageRefused:
                continue
            fresh[keys[name]] = _measured(picture, random.Random(keys[name].hex()), embedder)
    if fresh:
        samples.kept.add(what, fresh)
    return _lines(list((known | fresh).values()))


def twins_of(picture: Image.Image, rng: random.Random) -> tuple[list[Image.Image], Image.Image]:
    """The picture resized, recompressed and brightened, and cut to 80 % of its sides."""
    from PIL import ImageEnhance

    wide, high = picture.size
    smaller = picture.resize((max(1, wide * 3 // 5), max(1, high * 3 // 5)))
    brighter = ImageEnhance.Brightness(picture).enhance(1.3)
    left, top = rng.randint(0, wide - wide * 4 // 5), rng.randint(0, high - high * 4 // 5)
    cut = picture.crop((left, top, left + max(1, wide * 4 // 5), top + max(1, high * 4 // 5)))
    return [_as_jpeg(smaller, 85), _as_jpeg(picture, 30), _as_jpeg(brighter, 90)], _as_jpeg(cut, 90)


def _as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    from PIL import Image

    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _measured(picture: Image.Image, rng: random.Random, embedder: PictureEmbedder | None) -> dict[str, list[float]]:
    import numpy as np

    whole, cut = twins_of(picture, rng)
    every = [picture, *whole, cut]
    thumbs = thumbs_of(np.stack([_square(one, GreyThumbs.side) for one in every]))
    rows = levelled(thumbs)
    found = {
        "alike": [float(row @ rows[0]) for row in rows[1:-1]],
        "part": [float(part_likeness(thumbs[:1], thumbs[-1:])[0])],
    }
    if embedder is not None:
        # The spread of the dataset's values is not known here, and not needed: vectors are compared as they are.
        vectors = embedder.embed(np.stack([_square(one, embedder.side) for one in every]))
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        likeness = [float(row @ vectors[0]) for row in vectors[1:]]
        found |= {"alike_vector": likeness[:-1], "part_vector": likeness[-1:]}
    return found


def _square(picture: Image.Image, side: int) -> np.ndarray:
    import numpy as np

    return np.asarray(picture.resize((side, side)))


def _lines(measured: Sequence[Mapping[str, Sequence[float]]]) -> TwinLines:
    import numpy as np

    def low(name: str, usual: float, least: float) -> float:
        values = [value for one in measured for value in one.get(name, ())]
        # Those that are made are few: the next one may lie a little below.
        return max(least, float(np.percentile(values, _LOWEST)) - _MARGIN) if values else usual

    usual = TwinLines()
    return TwinLines(
        alike=low("alike", usual.alike, 0.9),
        part=low("part", usual.part, 0.9),
        alike_vector=low("alike_vector", usual.alike_vector, 0.0),
        part_vector=low("part_vector", usual.part_vector, 0.0),
        made=len(measured),
    )
