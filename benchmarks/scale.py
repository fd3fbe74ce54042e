"""A million samples on one machine: opening again, clusters by words, the map, and vectors that no memory holds.

Each in a process of its own, since what counts is the most memory that it ever held. The folder is hard links to a few
hundred files; captions are drawn as they are elsewhere, with a rare word in each tenth.
"""

from __future__ import annotations

import functools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.folders import caption_words, many_photos
from benchmarks.table import Row

COUNT = int(os.environ.get("SCALE_COUNT", "1000000"))
_ORIGINALS = 400
"""An inode has at most 65,000 names on ext4."""
Found = TypeVar("Found")

_PARTS, _WIDTH, _K = 16, 384, 20


def measure(scratch: Path) -> list[Row]:
    return [*_opening(scratch), *_words(), *_map(), *_parts(scratch)]


def _apart(what: str, *arguments: str) -> dict[str, float]:
    """The figures of one piece of work in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", what, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _row(what: str, figure: float, unit: str, most: float) -> Row:
    return Row(f"{what}, {COUNT:,}", figure, unit, f"at most {most:,g} {unit}", figure <= most)


def _opening(scratch: Path) -> list[Row]:
    folder = linked(scratch)
    # Files as young as this are read again on purpose; a real folder is older.
    time.sleep(2.5)
    found = _apart("open", str(folder))
    return [
        Row(f"open, {COUNT:,}", found["first_s"], "CPU s", "", True),
        Row(f"open: peak, {COUNT:,}", found["first_mb"], "MB", "", True),
        _row("open again", found["again_s"], "CPU s", 6),
        _row("open again: peak", found["again_mb"], "MB", 327),
    ]


def _words() -> list[Row]:
    found = _apart("words")
    return [
        Row(f"TF-IDF and {_K} clusters, {COUNT:,}", found["s"], "CPU s", "", True),
        _row("the same: peak", found["mb"], "MB", 1_482),
    ]


def _map() -> list[Row]:
    found = _apart("map")
    return [_row("map", found["size_mb"], "MB", 60), _row("making the map", found["s"], "CPU s", 2)]


def _parts(scratch: Path) -> list[Row]:
    source = scratch / "vectors.npy"
    drawn(source)
    found = _apart("parts", str(source))
    what = f"PCA and {_K} clusters of {_PARTS} parts of a mapped file, x {_WIDTH}"
    return [
        Row(f"{what}, {COUNT:,}", found["s"], "CPU s", "", True),
        _row(f"{what}: over the libraries", found["mb"], "MB", 500),
    ]


def linked(scratch: Path) -> Path:
    """A folder of `COUNT` images with captions, all of them names of a few hundred files."""
    originals = many_photos(scratch / "originals", _ORIGINALS)
    folder = scratch / "million"
    folder.mkdir()
    sources = [str(path.with_suffix("")) for path in sorted(originals.glob("*.jpg"))]
    for number in range(COUNT):
        source = sources[number % len(sources)]
        for suffix in (".jpg", ".txt"):
            os.link(source + suffix, f"{folder}/photo_{number:07d}{suffix}")
    return folder


def captions() -> list[str]:
    """About twelve words each; one in ten has a word that hardly any other has."""
    draw, words = random.Random(7), caption_words()
    rare = (f" rare{draw.randrange(COUNT)}" if number % 10 == 0 else "" for number in range(COUNT))
    return [" ".join(draw.choices(words, k=12)) + odd + "." for odd in rare]


def drawn(path: Path) -> None:
    """Vectors round 60 centres, as embeddings are."""
    draw = np.random.default_rng(0)
    centres = draw.standard_normal((60, _WIDTH), np.float32)
    found = np.lib.format.open_memmap(path, "w+", np.float32, (COUNT, _WIDTH))
    for start in range(0, COUNT, 50_000):
        part = found[start : start + 50_000]
        part[:] = draw.standard_normal(part.shape, np.float32) * 2 + centres[draw.integers(0, 60, len(part))]
    found.flush()


def blocks(path: Path, start: int, end: int) -> Iterator[np.ndarray]:
    """Rows of a file, read a few thousand at a time: what is mapped would count as held."""
    mapped = np.load(path, mmap_mode="r")
    offset, width = mapped.offset, mapped.shape[1]
    del mapped
    with path.open("rb") as file:
        file.seek(offset + start * width * 4)
        for at in range(start, end, 8_192):
            rows = min(8_192, end - at)
            yield np.frombuffer(file.read(rows * width * 4), np.float32).reshape(rows, width)


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1_024 / 1e6


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def _open(folder: str) -> dict[str, float]:
    from lib.dataset.scan.scanner import DatasetCache

    cache = DatasetCache()
    first, first_s = _timed(lambda: cache.open(Path(folder)))
    first_mb = _peak_mb()
    _forget_peak()
    again, again_s = _timed(lambda: cache.open(Path(folder)))
    assert again is first
    return {"first_s": first_s, "first_mb": first_mb, "again_s": again_s, "again_mb": _peak_mb()}


def _cluster_words() -> dict[str, float]:
    from lib.clustering import Clusterer
    from lib.domain import ClusterSpec, ImageRecord, SidecarState
    from lib.embedding.tfidf import TfIdf

    texts = captions()
    records = [
        ImageRecord(f"photo_{number:07d}.jpg", text=text, state=SidecarState.TEXT) for number, text in enumerate(texts)
    ]
    del texts
    maker = Clusterer(lambda name: TfIdf(), Path("unused"), ())
    spec = ClusterSpec("tags", "tfidf", _K, layout="axes")
    _, seconds = _timed(lambda: maker.run(Path(), records, spec))
    return {"s": seconds, "mb": _peak_mb()}


def _draw_map() -> dict[str, float]:
    from app.clusters.shown import part_drawn
    from app.elements.map_figure import figure_of, hovers_of, points_of
    from lib.clustering import Cluster, ClusterResult
    from lib.domain import ClusterSpec

    chance = np.random.default_rng(0)
    labels = chance.integers(0, _K, COUNT, np.int32)
    points = chance.normal(size=(COUNT, 2)).astype(np.float32)
    sizes = np.bincount(labels, minlength=_K).tolist()
    clusters = tuple(Cluster(number, size, ("dog", "cat"), 0.1, (), ()) for number, size in enumerate(sizes))
    names = tuple(f"photo_{number:07d}.jpg" for number in range(COUNT))
    keys = np.zeros((COUNT, 16), np.uint8)
    result = ClusterResult(ClusterSpec(k=_K), "m", names, labels, points, keys, clusters, 0.1, 1.0, 50, 0.5)
    texts = captions()

    def figure() -> str:
        drawn = part_drawn(result, None)
        shown = [names[row] for row in drawn.rows]
        hovers = hovers_of(shown, [texts[row] for row in drawn.rows])
        return figure_of(points_of(result, hovers, "light", None, drawn), selecting=False, chosen=None)

    text, seconds = _timed(figure)
    return {"size_mb": len(text) / 1e6, "s": seconds}


def _fit_parts(source: str) -> dict[str, float]:
    import sklearn.cluster  # noqa: F401 - what is told is what comes on top of the libraries

    from lib.clustering.by_parts.fit import fit

    path, ends = Path(source), np.linspace(0, COUNT, _PARTS + 1).astype(int)
    parts = [functools.partial(blocks, path, int(a), int(b)) for a, b in pairwise(ends)]
    fit([functools.partial(blocks, path, 0, 2_000)], 2)
    _forget_peak()
    before = _peak_mb()
    _, seconds = _timed(lambda: fit(parts, _K))
    return {"s": seconds, "mb": _peak_mb() - before}


_WORK: dict[str, Callable[..., dict[str, float]]] = {
    "open": _open, "words": _cluster_words, "map": _draw_map, "parts": _fit_parts,
}  # fmt: skip

if __name__ == "__main__":
    print(json.dumps(_WORK[sys.argv[1]](*sys.argv[2:])))
