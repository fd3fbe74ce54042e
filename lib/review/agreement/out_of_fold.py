"""How well each pair fits by a map that was learnt from the others, told against pairs drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.review.agreement.joint_map import JointMap, fit

if TYPE_CHECKING:
    import numpy as np

FOLDS = 5
REFERENCE = 2_000
"""Others that a pair is compared with, at most."""

_SUSPECT = 0.08
"""The share that fits worst at first is left out of what the map is learnt from at last."""
_SAME_CAPTION = 5
"""So often, at most, the map learns from one caption: one that stands under everything would be learnt to fit."""


@dataclass(frozen=True, slots=True, eq=False)
class FitScores:
    """`own`: how well each pair fits, in standard deviations above pairs at random, of shape (n,). `random`: the same
    of pairs that were drawn at random, in ascending order.
    """

    own: np.ndarray
    random: np.ndarray

    def as_good_at_random(self) -> np.ndarray:
        """For each pair the share (0 to 1) of random pairs that fit no better: 0.5 is a caption like any other."""
        import numpy as np

        return np.asarray(np.searchsorted(self.random, self.own, side="right") / max(len(self.random), 1))


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """What was held out (rows), and the map that was learnt from the rest (rows)."""

    held: np.ndarray
    learnt: np.ndarray
    map: JointMap


def fit_scores(
    pictures: np.ndarray,
    captions: np.ndarray,
    picture_keys: Sequence[bytes],
    caption_keys: Sequence[bytes],
    check: Callable[[], None] = lambda: None,
) -> tuple[FitScores, list[Fold]]:
    """Scores of all pairs, the same for the same input, and the folds that they come from.

    Equal pictures are held out together, so that no pair is judged by its own copy. The map is learnt twice: the second
    time without what fitted worst. `check` is called between folds, and may raise.
    """
    import numpy as np

    place = fold_of(picture_keys)
    learn = _not_too_often(caption_keys)
    own = np.zeros(len(pictures))
    random = np.zeros(len(pictures))
    folds: list[Fold] = []
    for last in (False, True):
        folds = []
        for number in range(FOLDS):
            check()
            held = np.flatnonzero(place == number)
            learnt = np.flatnonzero((place != number) & learn)
            if not len(held) or len(learnt) < 2:
                continue
            one = Fold(held, learnt, fit(pictures[learnt], captions[learnt]))
            own[held], random[held] = against_random(one, pictures, captions)
            folds.append(one)
        if not last:
            learn &= own > np.quantile(own, _SUSPECT)
    return FitScores(own, np.sort(random)), folds


def fold_of(keys: Sequence[bytes]) -> np.ndarray:
    """The fold of each row, equal for equal keys, shape (n,)."""
    import numpy as np

    unique = {key: number for number, key in enumerate(sorted(set(keys)))}
    order = np.random.default_rng(0).permutation(len(unique)) % FOLDS
    return np.asarray([order[unique[key]] for key in keys], np.int64)


def against_random(fold: Fold, pictures: np.ndarray, captions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The held pairs' scores, and those of the held pictures with the caption of the next one."""
    ours, theirs = fold.map.pictures(pictures[fold.held]), fold.map.captions(captions[fold.held])
    return told_against(standards(fold, pictures, captions), ours, theirs)


def told_against(standard: Standards, ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of vectors in one space as deviations above what others have, and so pairs drawn at random among them."""
    import numpy as np

    by_picture, by_caption = standard.of_pictures(ours), standard.of_captions(theirs)
    likeness = (ours * theirs).sum(1)
    own = _standardised(likeness, by_picture) + _standardised(likeness, by_caption)
    drawn = np.roll(np.arange(len(ours)), 1)
    mixed = (ours * theirs[drawn]).sum(1)
    random = _standardised(mixed, by_picture) + _standardised(mixed, (by_caption[0][drawn], by_caption[1][drawn]))
    return own / 2, random / 2


@dataclass(frozen=True, slots=True, eq=False)
class Standards:
    """Others' pictures and captions, to tell what likeness a picture or a caption has to any other."""

    pictures: np.ndarray
    captions: np.ndarray

    def of_pictures(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation of each picture's likeness to the others' captions."""
        return _spread(rows @ self.captions.T)

    def of_captions(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return _spread(rows @ self.pictures.T)


def standards(fold: Fold, pictures: np.ndarray, captions: np.ndarray) -> Standards:
    """Drawn from what the fold's map was learnt from."""
    import numpy as np

    rows = fold.learnt
    if len(rows) > REFERENCE:
        rows = np.random.default_rng(0).choice(rows, REFERENCE, replace=False)
    return Standards(fold.map.pictures(pictures[rows]), fold.map.captions(captions[rows]))


def _spread(likeness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return likeness.mean(1), likeness.std(1) + 1e-6


def _standardised(likeness: np.ndarray, spread: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    import numpy as np

    return np.asarray((likeness - spread[0]) / spread[1])


def _not_too_often(keys: Sequence[bytes]) -> np.ndarray:
    import numpy as np

    seen: dict[bytes, int] = {}
    kept = np.ones(len(keys), bool)
    for row, key in enumerate(keys):
        seen[key] = seen.get(key, 0) + 1
        kept[row] = seen[key] <= _SAME_CAPTION
    return kept
