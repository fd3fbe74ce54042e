"""One caption under many pictures that have nothing in common: it was put there by a program, or says nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lib.embedding.hashes import text_key
from lib.review.agreement.base import NAME
from lib.review.findings import Finding
from lib.review.samples import ReviewSamples

if TYPE_CHECKING:
    import numpy as np

FEWEST = 10
"""Pictures below which it may be chance."""
_MANY = 100
_LARGE_SHARE = 0.05
_ALIKE = 0.5
"""Pictures whose distance is less than this part of the usual one have something in common."""
_QUOTED = 60
_DRAWN = 200


def repeated_captions(samples: ReviewSamples, pictures: Mapping[str, np.ndarray]) -> Iterator[Finding]:
    """A finding for each such caption. `pictures` holds the vector of each picture that could be read."""
    groups: dict[bytes, list[str]] = defaultdict(list)
    for record in samples.captioned:
        groups[text_key(record.text)].append(record.name)
    usual = _distance(list(pictures.values()))
    for names in groups.values():
        if len(names) < FEWEST:
            continue
        vectors = [pictures[name] for name in names if name in pictures]
        if usual and _distance(vectors) < _ALIKE * usual:
            continue
        text = " ".join(samples.record(names[0]).text.split())
        quoted = text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + "…"
        everywhere = len(names) == len(samples.captioned)
        is_much = len(names) >= _MANY or len(names) >= _LARGE_SHARE * len(samples.records)
        yield Finding(
            NAME,
            "repeated",
            tuple(names),
            "warning" if is_much and not everywhere else "hint",
            f"The caption “{quoted}” stands under {len(names):,} pictures that have little in common.",
            rank=-float(len(names)),
        )


def _distance(vectors: list[np.ndarray]) -> float:
    """The mean squared distance of pairs, of a sample where they are many."""
    import numpy as np

    if len(vectors) < 2:
        return 0.0
    step = max(1, len(vectors) // _DRAWN)
    rows = np.stack(vectors[::step])
    return float(2 * rows.var(0, ddof=1).sum())
