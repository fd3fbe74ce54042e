"""Text that is burned into pictures: subtitles, dates, watermarks. By rapidocr, where somebody has installed it."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from PIL import Image

NOT_HERE = "Text in the pictures was not looked for: that needs rapidocr (pip install rapidocr onnxruntime)."
WHAT = "text-1"
_SURE = 0.7
_FEWEST_LETTERS = 3


def is_here() -> bool:
    """Whether rapidocr and what runs its models are installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "critical"})


def text_in(picture: Image.Image) -> dict[str, Any]:
    """The `words` that are read for sure in a picture (RGB), and the `share` of it that they take, 0 to 1."""
    import numpy as np

    # It takes the channels as OpenCV has them.
    found = _engine()(np.ascontiguousarray(np.asarray(picture)[:, :, ::-1]))
    words, area = [], 0.0
    for box, text, score in zip(
        *(_list(getattr(found, name, None)) for name in ("boxes", "txts", "scores")), strict=False
    ):
        if score >= _SURE and sum(map(str.isalnum, text)) >= _FEWEST_LETTERS:
            corners = np.asarray(box, float)
            sides = corners.max(0) - corners.min(0)
            area += float(sides[0] * sides[1])
            words.append(text)
    return {"words": " ".join(words)[:300], "share": round(area / (picture.width * picture.height), 4)}


def _list(value: Any) -> list[Any]:
    return [] if value is None else list(value)
