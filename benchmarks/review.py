"""Reviews: wrong captions found among real photos, a review of 8,091 with vectors kept, and finding among 100,000."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from benchmarks.table import Row
from lib.dataset.scan.scanner import open_dataset
from lib.embedding.base import Embedder
from lib.review import ReviewOptions, review, samples_under_review
from lib.review.agreement.joint_map import fit, unit
from lib.review.agreement.out_of_fold import fit_scores
from lib.review.find import FoundSample, MeaningIndex, side_of
from lib.settings import Settings
from tests.doubles.embedder import WordEmbedder
from tests.review.duplicates.drawn import PatchEmbedder, picture
from tests.review.photos import SEEDS, Photos, auroc, exchanged, look_alike, photos, wrong_among_worst

_COUNT, _MANY = 8_091, 100_000
_COLOURS = ("red", "green", "blue", "yellow", "grey", "brown", "violet", "orange", "white")


def measure(scratch: Path) -> list[Row]:
    data = os.environ.get("TOOLKIT_TEST_DATA")
    rows = []
    if data:
        real = photos(Path(data), scratch / "photos")
        rows = [*_figures(real), _pictures(real, scratch / "measured")]
    return [*rows, *_review(scratch), _find()]


def _pictures(real: Photos, home: Path) -> Row:
    """What pixels tell of photos of 500 x 375, each decoded once."""
    samples = samples_under_review(real.root, real.records, Settings(home=home))
    start = time.perf_counter()
    review(samples, ["pictures"])
    rate = len(real.records) / (time.perf_counter() - start)
    return Row(f"pictures of {len(real.records):,} photos", rate, "a second", "at least 60", rate >= 60)


def _figures(real: Photos) -> list[Row]:
    everywhere, few = _exchanged(real, 1_900), _exchanged(real, 300)
    within = _exchanged(real, 1_900, look_alike(real.pictures))
    found = _by_words(real)
    told = [
        ("1,900 photos, a tenth exchanged: area under the curve", everywhere[0], 0.885),
        ("1,900 photos: exchanged among the worst 5 %", everywhere[1], 0.78),
        ("300 photos: area under the curve", few[0], 0.82),
        ("300 photos: exchanged among the worst 5 %", few[1], 0.58),
        ("exchanged within 20 clusters: area under the curve", within[0], 0.72),
        ("words to uncaptioned pictures: among the first ten", found, 0.38),
    ]
    return [Row(what, figure, "", f"at least {least}", figure >= least) for what, figure, least in told]


def _exchanged(real: Photos, count: int, groups: np.ndarray | None = None) -> tuple[float, float]:
    found = []
    for seed in SEEDS:
        rows = np.random.default_rng(100 + seed).permutation(len(real.records))[:count]
        places, is_wrong = exchanged(count, seed, None if groups is None else groups[rows])
        keys, texts = [real.keys[row] for row in rows], [b"%d" % row for row in rows[places]]
        scores = fit_scores(real.pictures[rows], real.captions[rows][places], keys, texts)[0].own
        found.append((auroc(scores, is_wrong), wrong_among_worst(scores, is_wrong)))
    return float(np.mean(found, 0)[0]), float(np.mean(found, 0)[1])


def _by_words(real: Photos) -> float:
    found = []
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(len(real.records))
        learnt, unseen = order[:1_500], order[1_500:]
        map = fit(real.pictures[learnt], real.captions[learnt])
        likeness = map.captions(real.captions[unseen]) @ map.pictures(real.pictures[unseen]).T
        found.append(((likeness >= np.diag(likeness)[:, None]).sum(1) <= 10).mean())
    return float(np.mean(found))


class _Wide(PatchEmbedder):
    """As many values as MobileNet has."""

    @property
    def id(self) -> str:
        return "wide-1"

    def _embed(self, model: object, batch: np.ndarray) -> np.ndarray:
        return np.asarray(super()._embed(self, batch) @ np.random.default_rng(0).standard_normal((48, 256)), np.float32)


class _WideWords(WordEmbedder):
    """As many values as MiniLM has."""

    def _embed(self, model: object, batch: list[str]) -> np.ndarray:
        return np.asarray(super()._embed(self, batch) @ np.random.default_rng(0).standard_normal((16, 384)), np.float32)


def _review(scratch: Path) -> list[Row]:
    root = scratch / "drawn"
    root.mkdir()
    rng = np.random.default_rng(0)
    for number in range(_COUNT):
        picture(number, (96, 72)).save(root / f"{number:05}.jpg")
        words = " ".join(rng.choice(_COLOURS, 4))
        (root / f"{number:05}.txt").write_text(f"a drawing of {words} blots, number {number}", encoding="utf-8")
    dataset = open_dataset(root)
    by: dict[str, Embedder] = {"resnet50v2": _Wide(), "sbert": _WideWords("wide-words-1")}
    settings = Settings(home=scratch / "home")
    rows = []
    for name in ("agreement", "duplicates", "captions"):
        taken = []
        for _ in range(2):
            samples = samples_under_review(root, dataset.records, settings, ReviewOptions(), by.__getitem__)
            start = time.perf_counter()
            review(samples, [name])
            taken.append(time.perf_counter() - start)
        rows.append(Row(f"{name} of {_COUNT:,}, vectors kept", taken[1], "s", "under 5 s", taken[1] < 5, taken[0]))
    return rows


def _find() -> Row:
    rng = np.random.default_rng(0)
    names = tuple(f"{number:06}.jpg" for number in range(_MANY))
    captions = rng.standard_normal((_MANY, 384), np.float32)
    pictures = rng.standard_normal((_MANY, 256), np.float32)
    learnt = fit(pictures[:20_000], captions[:20_000])
    everyone = list(range(_MANY))
    text = _WideWords("wide-words-1")
    index = MeaningIndex(
        names,
        text,
        side_of(captions, everyone),
        side_of(pictures, everyone),
        (learnt, side_of(unit(learnt.pictures(pictures)), everyone)),
    )
    taken: list[float] = []
    found: list[FoundSample] = []
    for word in _COLOURS:
        start = time.perf_counter()
        found = index.by_words(word)
        taken.append(time.perf_counter() - start)
    seconds = sorted(taken)[len(taken) // 2]
    return Row(f"words among {_MANY:,}", seconds, "s", "under 0.1 s", seconds < 0.1 and len(found) == 50)
