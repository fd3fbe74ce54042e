"""What becomes of a group of twins: one image is kept, with a caption, and the others are set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from lib.bulk.base import Change
from lib.domain import ImageRecord
from lib.embedding.hashes import text_key
from lib.errors import ImageRefused
from lib.images import Picture, image_size, load_image
from lib.progress import NOBODY
from lib.review.duplicates.captions import fullest
from lib.review.duplicates.detail import SIDE, is_enlarged
from lib.review.findings import Fix
from lib.review.samples import ReviewSamples

_WHAT = "enlarged-1"
_LARGER = 1.1
"""Times the points: what is nearly of one size is no enlargement."""


def keep_one(records: Sequence[ImageRecord], keep: str, caption: str | None = None) -> Fix:
    """Keeps the image of that name, with `caption` (None: its own), and sets the others aside. Pure."""
    kept = next(record for record in records if record.name == keep)
    changes = () if caption is None or caption == kept.text else (Change(keep, kept.text, caption),)
    aside = tuple(record.name for record in records if record.name != keep)
    return Fix(f"Keep {keep}, set {len(aside)} aside", changes, aside)


def best_first(
    samples: ReviewSamples, records: Sequence[ImageRecord], kind: str
) -> tuple[list[ImageRecord], frozenset[str]]:
    """Twins, the one to keep first, and the names of those that were enlarged from a smaller one of them.

    First comes the one of most points that show something, then of most bytes, then the oldest file. What was saved
    again lost detail and with it bytes. Of equal pixels bytes say nothing.
    """
    made = {record.name: _made(samples, record) for record in records}
    shown = _points_shown(samples, {name: points for name, (points, _, _) in made.items()} if kind == "alike" else {})

    def worth(record: ImageRecord) -> tuple[int, bool, int, bool, float, int]:
        points, size, changed = made[record.name]
        is_whole = record.name not in shown
        size = 0 if kind == "equal" else size
        return shown.get(record.name, points), is_whole, size, record.is_tagged, -changed, -len(record.name)

    return sorted(records, key=worth, reverse=True), frozenset(shown)


def _points_shown(samples: ReviewSamples, points: Mapping[str, int]) -> dict[str, int]:
    """Of those that were enlarged: the points of the smallest one that shows as much. Kept by content."""
    ordered = sorted((name for name in points if points[name]), key=lambda name: points[name])
    pairs = [(small, large) for small, large in combinations(ordered, 2) if points[large] > _LARGER * points[small]]
    if not pairs:
        return {}
    keys = samples.picture_keys(NOBODY)
    key = {pair: text_key(" ".join(keys.get(name, b"").hex() for name in pair)) for pair in pairs}
    known = samples.kept.load(_WHAT, key.values())
    new = {key[pair]: _is_enlarged(samples, *pair, points) for pair in pairs if key[pair] not in known}
    if new:
        samples.kept.add(_WHAT, new)
    found: dict[str, int] = {}
    for small, large in pairs:
        if (known | new)[key[small, large]]:
            found.setdefault(large, found.get(small, points[small]))
    return found


def _is_enlarged(samples: ReviewSamples, small: str, large: str, points: Mapping[str, int]) -> bool:
    try:
        pictures = [load_image(Picture(samples.root, name), SIDE) for name in (large, small)]
    except ImageRefused:
        return False
    return is_enlarged(pictures[0], pictures[1], (points[large] / points[small]) ** 0.5)


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
