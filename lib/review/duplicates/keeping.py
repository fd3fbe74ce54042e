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


def best_first(samples: ReviewSamples, records: Sequence[ImageRecord], kind: str) -> list[ImageRecord]:
    """Twins, the one to keep first: of most points, then of most bytes, then the oldest file.

    What was saved again lost detail and with it bytes. Of equal pixels bytes say nothing.
    """
    made = {record.name: _made(samples, record) for record in records}

    def worth(record: ImageRecord) -> tuple[int, int, bool, float, int]:
        points, size, changed = made[record.name]
        return points, 0 if kind == "equal" else size, record.is_tagged, -changed, -len(record.name)

    return sorted(records, key=worth, reverse=True)


def safe_choice(records: Sequence[ImageRecord], captions: str) -> Fix | None:
    """The first of twins, the best one, with the caption that says most; None where the captions contradict."""
    if captions == "contradict":
        return None
    return keep_one(records, records[0].name, proposed_caption([record.text for record in records], captions))


def proposed_caption(texts: Sequence[str], captions: str) -> str:
    """Which of twins' captions the first of them gets: its own, where another one does not say more."""
    fuller = texts[fullest(texts)]
    takes_other = captions in ("adds", "lacks") and fuller.strip()
    return fuller if takes_other else texts[0]


def _made(samples: ReviewSamples, record: ImageRecord) -> tuple[int, int, float]:
    """Points, bytes, and when the file was written (in seconds since 1970)."""
    try:
        wide, high = image_size(Picture(samples.root, record.name))
        info = (samples.root / record.name).stat()
        return wide * high, info.st_size, info.st_mtime
    except (ImageRefused, OSError):
        return 0, 0, 0.0
