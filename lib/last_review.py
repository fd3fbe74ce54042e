"""What the last review said of each image, kept for queries: a small file for each dataset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lib.files import write_atomic, write_errors
from lib.private import private_folder

KeptFinding = tuple[str, str, str, Sequence[str]]
"""A finding: its check, its kind, how bad it is, and the images that it is about."""


OF_CAPTIONS = ("agreement",)
"""The numbers that say something of a caption: another caption has none of them before the next review."""


def caption_stamp(caption: str) -> str:
    """Sixteen letters that stand for a caption."""
    return hashlib.sha256(caption.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ReviewedImage:
    """One image in the last review. `told` holds the check, the kind and the severity of each of its findings.

    `measured` are the numbers that were looked for, in any image of the dataset. `is_changed`: its caption is another
    one by now, of which nothing was measured.
    """

    scores: Mapping[str, float] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    measured: frozenset[str] = frozenset()
    is_changed: bool = False

    def with_other_caption(self) -> ReviewedImage:
        """The same without what was said of a caption that it has no more."""
        scores = {name: value for name, value in self.scores.items() if name not in OF_CAPTIONS}
        return replace(self, scores=scores, is_changed=len(scores) < len(self.scores))


@dataclass(frozen=True, slots=True)
class LastReview:
    """Numbers by name and image, and findings, of the newest review of each check. `images` are all that were seen."""

    images: frozenset[str]
    scores: Mapping[str, Mapping[str, float]]
    findings: Sequence[KeptFinding]
    captions: Mapping[str, str] = field(default_factory=dict)
    """What stands for the caption that each image had then; not known of what older versions have kept."""

    def is_changed(self, image: str, caption: str) -> bool:
        """True where an image had another caption when it was reviewed: what was said of that counts no more."""
        seen = self.captions.get(image)
        return seen is not None and seen != caption_stamp(caption)

    def by_image(self) -> dict[str, ReviewedImage]:
        """What is known of each image that was reviewed."""
        scores: dict[str, dict[str, float]] = {name: {} for name in self.images}
        told: dict[str, set[str]] = {name: set() for name in self.images}
        for score, values in self.scores.items():
            for name, value in values.items():
                scores.setdefault(name, {})[score] = value
        for check, kind, severity, images in self.findings:
            for name in images:
                told.setdefault(name, set()).update((check, kind, severity))
        measured = frozenset(self.scores)
        return {name: ReviewedImage(scores[name], frozenset(told.get(name, ())), measured) for name in scores}


class LastReviews:
    """The last review of each dataset, in a folder of the toolkit's own."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "review" / "last"

    def load(self, root: Path) -> LastReview | None:
        """None where a dataset was never reviewed, or what was kept cannot be read: a new review mends that."""
        try:
            kept = json.loads(self._file(root).read_text(encoding="utf-8"))
            findings = [(check, kind, severity, images) for check, kind, severity, images in kept["findings"]]
            return LastReview(frozenset(kept["images"]), kept["scores"], findings, kept.get("captions", {}))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def stamp(self, root: Path) -> int:
        """Changes with each review of a dataset; 0 before the first."""
        try:
            return self._file(root).stat().st_mtime_ns
        except OSError:
            return 0

    def add(
        self,
        root: Path,
        images: Iterable[str],
        checks: Iterable[str],
        scores: Mapping[str, Mapping[str, float]],
        findings: Iterable[KeptFinding],
        captions: Mapping[str, str] | None = None,
    ) -> None:
        """Keeps what checks said of images in the place of what they said before; the rest stays. Raises WriteFailed.

        `scores` names every number that the checks measure, be there none. `captions` holds what was read beside each
        image: what was measured of another caption before, and not now, goes.
        """
        before, seen, made = self.load(root), frozenset(images), frozenset(checks)
        stamps = dict(before.captions) if before else {}
        kept = {name: dict(values) for name, values in before.scores.items()} if before else {}
        for image, caption in (captions or {}).items():
            if before is not None and before.is_changed(image, caption):
                for name in OF_CAPTIONS:
                    kept.get(name, {}).pop(image, None)
            stamps[image] = caption_stamp(caption)
        for name, values in scores.items():
            others = {image: value for image, value in kept.get(name, {}).items() if image not in seen}
            kept[name] = others | dict(values)
        told: list[KeptFinding] = [
            (check, kind, severity, left)
            for check, kind, severity, about in (before.findings if before else ())
            if (left := [image for image in about if check not in made or image not in seen])
        ]
        told += [(check, kind, severity, list(about)) for check, kind, severity, about in findings]
        everything = {"images": sorted(seen | (before.images if before else frozenset())), "scores": kept}
        data = json.dumps(everything | {"findings": told, "captions": stamps}).encode()
        with write_errors("What the review found was not kept for queries", "No caption and no image was touched."):
            private_folder(self._folder)
            write_atomic(self._file(root), data, mode=0o600)

    def _file(self, root: Path) -> Path:
        return self._folder / f"{hashlib.sha256(str(root).encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.json"
