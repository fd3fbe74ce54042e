"""Near-duplicates: groups of images that show the very same, what their captions say, and which is best kept."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from lib.clustering.samples import embed_records
from lib.embedding.base import PictureEmbedder
from lib.errors import ImageRefused, MissingDependency, ModelUnavailable
from lib.images import Picture, load_image
from lib.progress import NOBODY, Progress
from lib.review.base import Check
from lib.review.duplicates.calibration import calibrated
from lib.review.duplicates.captions import relation
from lib.review.duplicates.keeping import best_first, safe_choice
from lib.review.duplicates.linkage import complete_groups
from lib.review.duplicates.pairs import Twins, UniquePictures, find_pairs
from lib.review.duplicates.thumbs import GreyThumbs
from lib.review.findings import CheckReport, Finding, Severity, TwinGroup, Unmeasured
from lib.review.samples import ReviewSamples, raise_if_cancelled
from lib.text import counted

if TYPE_CHECKING:
    import numpy as np

NAME = "duplicates"
_SPLIT = re.compile(r"(?:^|[\W_])(train|training|val|valid|validation|dev|test|testing|eval|holdout)(?:$|[\W_])")
_SPLITS = {"training": "train", "val": "validation", "valid": "validation", "dev": "validation", "testing": "test"}
_ALIKE_CAPTIONS = 99.0
"""The percentile of likeness of captions drawn at random above which two of them mean the same."""
_DRAWN = 5_000
_SAID = {
    "equal": "have equal pixels",
    "alike": "are nearly the same picture",
    "mirrored": "are mirror images of one another",
    "crop": "are cut out of the same picture",
}
_CAPTIONS = {
    "agree": "Their captions agree.",
    "adds": "One caption says more than the other.",
    "contradict": "Their captions contradict each other.",
    "lacks": "Only one of them has a caption.",
}
_SAME = ("equal", "alike")
"""Kinds of which a trainer sees the same twice, whatever it does."""
SameMeaning = Callable[[str, str], bool]
"""Whether the captions of two images mean the same."""

_SEVERITY: Mapping[str, Severity] = {"equal": "warning", "alike": "warning", "mirrored": "hint", "crop": "hint"}


class DuplicatesCheck(Check):
    """By grey thumbnails for what is alike, by vectors for what is a part."""

    label = "Near-duplicates"
    about = "Images that are the same, nearly so, mirrored, or cut out of one another; also across folders and splits."
    kinds: ClassVar[Mapping[str, str]] = {
        "equal": "groups of equal pictures",
        "alike": "groups of nearly equal pictures",
        "mirrored": "groups of mirror images",
        "crop": "groups of cuttings of one picture",
        "leak": "groups across train and validation",
    }
    steps = 3

    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        found = embed_records(samples.root, samples.records, GreyThumbs(), samples.settings.vectors, progress=progress)
        missing = [Unmeasured(one.name, NAME, one.reason) for one in found.failed]
        by_key: dict[bytes, list[str]] = defaultdict(list)
        for name, key in zip(found.names, found.keys, strict=True):
            by_key[key].append(name)
        first = {names[0]: row for row, names in enumerate(by_key.values())}
        rows = [place for place, name in enumerate(found.names) if name in first]
        thumbs = found.vectors[0 : len(found.names)][rows]
        keys = list(by_key)
        vectors, embedder, notes = _vectors(samples, [names[0] for names in by_key.values()], progress)
        lines = calibrated(samples, {names[0]: key for key, names in by_key.items()}, embedder, progress)
        pairs = (
            find_pairs(
                UniquePictures(thumbs, vectors, keys),
                lines,
                partial(_same_pixels, samples, [names[0] for names in by_key.values()]),
                partial(raise_if_cancelled, progress),
            )
            if len(keys) > 1
            else None
        )
        groups = _groups(list(by_key.values()), pairs.pairs if pairs else ())
        notes.append(
            f"The lines were drawn by twins made of {counted(lines.made, 'picture')} of this dataset;"
            f" about {round(pairs.expected_false if pairs else 0)} of the pairs found may be none."
        )
        same = _meaning(samples, groups, progress)
        made = [_told(samples, names, kind, same) for names, kind in groups]
        scores = {name: 1.0 for names, _ in groups for name in names}
        return CheckReport(
            [finding for _, finding in made], {"duplicate": scores}, [group for group, _ in made], missing, notes=notes
        )


def _vectors(
    samples: ReviewSamples, names: Sequence[str], progress: Progress
) -> tuple[np.ndarray | None, PictureEmbedder | None, list[str]]:
    """The vectors of some pictures, none with a note where there is no model for them."""
    try:
        found = samples.pictures(progress)
    except (ModelUnavailable, MissingDependency) as error:
        return None, None, [f"Cuttings and mirror images were not looked for. {error.message}"]
    place = {name: row for row, name in enumerate(found.names)}
    embedder = samples.embedder("images")
    if not all(name in place for name in names) or not isinstance(embedder, PictureEmbedder):
        return None, None, ["Cuttings and mirror images were not looked for: some pictures changed meanwhile."]
    return found.vectors[0 : len(place)][[place[name] for name in names]], embedder, []


def _same_pixels(samples: ReviewSamples, names: Sequence[str], first: int, second: int) -> bool:
    one, other = _pixels(samples, names[first]), _pixels(samples, names[second])
    return bool(one) and one == other


def _pixels(samples: ReviewSamples, name: str) -> str:
    """The hash of the upright picture's size and points, kept by its content; "" where it cannot be read."""
    key = samples.picture_keys(NOBODY).get(name, b"")
    known = samples.kept.load("pixels-1", [key])
    if key not in known:
        try:
            picture = load_image(Picture(samples.root, name)).convert("RGB")
        except ImageRefused:
            return ""
        known[key] = hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).hexdigest()
        samples.kept.add("pixels-1", {key: known[key]})
    return str(known[key])


def _groups(contents: Sequence[Sequence[str]], pairs: Sequence[Twins]) -> list[tuple[list[str], str]]:
    """The names of each group and its kind: that of its weakest tie."""
    kinds = {(one.first, one.second): one.kind for one in pairs}
    found: list[tuple[list[str], str]] = []
    grouped: set[int] = set()
    for rows in complete_groups(pairs):
        grouped.update(rows)
        ties = {kinds[a, b] for a in rows for b in rows if a < b}
        kind = next(kind for kind in ("crop", "mirrored", "alike", "equal") if kind in ties)
        found.append(([name for row in rows for name in contents[row]], kind))
    copies = [(list(names), "equal") for row, names in enumerate(contents) if len(names) > 1 and row not in grouped]
    return copies + found


def _meaning(samples: ReviewSamples, groups: Sequence[tuple[list[str], str]], progress: Progress) -> SameMeaning | None:
    """Tells whether the captions of two images mean the same; None where no model is here."""
    import numpy as np

    if not groups or len(samples.captioned) < 2:
        return None
    try:
        found = samples.captions(progress)
    except (ModelUnavailable, MissingDependency):
        return None
    rows = found.vectors[0 : len(found.names)]
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    place = {name: row for row, name in enumerate(found.names)}
    rng = np.random.default_rng(0)
    drawn = (rows[rng.integers(0, len(rows), _DRAWN)] * rows[rng.integers(0, len(rows), _DRAWN)]).sum(1)
    line = float(np.percentile(drawn[drawn < 1 - 1e-4], _ALIKE_CAPTIONS)) if (drawn < 1 - 1e-4).any() else 1.0
    return lambda one, other: bool(rows[place[one]] @ rows[place[other]] >= line)


def _told(samples: ReviewSamples, names: list[str], kind: str, same: SameMeaning | None) -> tuple[TwinGroup, Finding]:
    records, enlarged = best_first(samples, [samples.record(name) for name in names], kind)
    names = [record.name for record in records]
    texts = [record.text for record in records]
    means = None if same is None else lambda a, b: same(names[a], names[b])
    captions = relation(texts, means) if any(text.strip() for text in texts) else "agree"
    splits = sorted(_splits(names))
    fix = safe_choice(records, captions) if kind in _SAME and len(splits) < 2 else None
    sentence = f"{counted(len(names), 'image')} {_SAID[kind]}. {_CAPTIONS[captions]}"
    if enlarged:
        larger = [name for name in names if name in enlarged]
        sentence += (
            f" {', '.join(larger)} {'was' if len(larger) == 1 else 'were'} enlarged: larger, with no more to see."
        )
    if len(splits) > 1:
        sentence += f" They stand in {' and '.join(splits)}, so what is learnt is tested on itself."
        severity: Severity = "error" if kind in _SAME else "warning"
    else:
        severity = _SEVERITY[kind]
    finding = Finding(NAME, "leak" if len(splits) > 1 else kind, tuple(names), severity, sentence, fix)
    return TwinGroup(tuple(names), kind, captions), finding


def _splits(names: Sequence[str]) -> set[str]:
    """The parts of a dataset for training and testing that folders of these images are named after."""
    return {split for name in names if (split := _split_of(name))}


def _split_of(name: str) -> str:
    for part in PurePosixPath(name).parts[:-1]:
        if found := _SPLIT.search(part.lower()):
            return _SPLITS.get(found[1], found[1])
    return ""
