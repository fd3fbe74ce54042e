"""What becomes of a group of twins: one image is kept, with a caption, and the others are set aside."""

from __future__ import annotations

from collections.abc import Sequence

from lib.bulk.base import Change
from lib.domain import ImageRecord
from lib.errors import ImageRefused
from lib.images import Picture, image_size
from lib.review.duplicates.captions import fullest
from lib.review.findings import Fix
from lib.review.samples import ReviewSamples


def keep_one(records: Sequence[ImageRecord], keep: str, caption: str | None = None) -> Fix:
    """Keeps the image of that name, with `caption` (None: its own), and sets the others aside. Pure."""
    kept = next(record for record in records if record.name == keep)
    changes = () if caption is None or caption == kept.text else (Change(keep, kept.text, caption),)
    aside = tuple(record.name for record in records if record.name != keep)
    return Fix(f"Keep {keep}, set {len(aside)} aside", changes, aside)


def safe_choice(samples: ReviewSamples, records: Sequence[ImageRecord], captions: str) -> Fix | None:
    """The largest image with the caption that says most; None where the captions contradict one another."""
    if captions == "contradict":
        return None
    best = max(records, key=lambda record: (_size(samples, record), record.is_tagged, -len(record.name)))
    texts = [record.text for record in records]
    caption = texts[fullest(texts)]
    return keep_one(records, best.name, caption if caption.strip() and captions != "agree" else None)


def _size(samples: ReviewSamples, record: ImageRecord) -> tuple[int, int]:
    """Points, then bytes."""
    try:
        wide, high = image_size(Picture(samples.root, record.name))
        return wide * high, (samples.root / record.name).stat().st_size
    except (ImageRefused, OSError):
        return 0, 0
