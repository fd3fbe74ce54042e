"""The Clusters page with a large map open: making the map, and what a click on it costs the server."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from app.clusters.state import Contents
from app.samples.kept_clusters import KeptClusters
from benchmarks.folders import many_photos
from benchmarks.table import Row
from lib.clustering import Cluster, ClusterResult, result_path, save_result
from lib.domain import ClusterSpec
from lib.embedding.hashes import text_key
from lib.settings import Settings

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

_K = 20
_CLICKS = 7


def measure(scratch: Path) -> list[Row]:
    os.environ |= {
        "TOOLKIT_HOME": str(scratch / "home"),
        "TOOLKIT_ROOTS": str(scratch),
        # No model is loaded beside what is measured.
        "HF_HUB_OFFLINE": "1",
    }
    import streamlit as st

    st.config.set_option("server.address", "127.0.0.1")
    return [row for count, most in ((8_091, 0.1), (100_000, 0.6)) for row in _clicks(scratch, count, most)]


def _clicks(scratch: Path, count: int, most: float) -> list[Row]:
    """A click runs the map by itself, which tells what was clicked, and then the page."""
    from app.clusters.loading import load_samples
    from app.elements.map_figure import hovers_of, points_of
    from tests.doubles.dashboard import open_page, texts

    folder = many_photos(scratch / f"map-{count}", count)
    save_result(result_path(Settings().owner_folder("local"), folder, "tags"), _result(folder))
    page = open_page(folder, screen="clusters")
    shown = f"{count:,} samples in {_K} clusters"
    _settle(page, shown)
    state = page.session_state["app_state"]
    result = state.of(KeptClusters).results["tags"]
    captions = [record.text for record in state.dataset.records]
    start = time.perf_counter()
    size = len(points_of(result, hovers_of(result.names, captions), "light").traces) / 1e6
    drawn = time.perf_counter() - start
    click = _run(page)
    assert shown in texts(page)
    load_samples(state, Contents("Half of all", result.names[: count // 2]))
    page.run()
    loaded = _run(page)
    assert f"Half of all: {count // 2:,} samples" in texts(page)
    limit = f"under {most} s"
    return [
        Row(f"page run with a map of {count:,} points ({size:.1f} MB)", click, "s", limit, click < most),
        Row(f"the same with {count // 2:,} samples loaded", loaded, "s", limit, loaded < most),
        Row(f"making the map of {count:,} points", drawn, "s", "under 2 s", drawn < 2),
    ]


def _settle(page: AppTest, shown: str) -> None:
    """Wait for the tags to be counted, the images checked and the clusters compared, until the page shows the map."""
    from lib import cache
    from tests.doubles.dashboard import texts

    runner = cache.background_runner()
    for _ in range(10):
        under_way = [job for owner in ("local", "server") for job in runner.of(owner) if job.is_active]
        if not under_way and shown in texts(page):
            return
        for job in under_way:
            job.wait()
        page.run()
    raise TimeoutError(f"The page does not show: {shown}")


def _run(page: AppTest) -> float:
    seconds = []
    for _ in range(_CLICKS):
        start = time.perf_counter()
        page.run()
        seconds.append(time.perf_counter() - start)
    assert not page.exception
    return median(seconds)


def _result(folder: Path) -> ClusterResult:
    """Random clusters of a folder's captions."""
    chance = np.random.default_rng(0)
    texts = {path.name: path.with_suffix(".txt").read_text() for path in sorted(folder.glob("*.jpg"))}
    count = len(texts)
    labels = chance.integers(0, _K, count, np.int32)
    points = chance.normal(size=(count, 2)).astype(np.float32)
    sizes = np.bincount(labels, minlength=_K).tolist()
    clusters = tuple(Cluster(number, size, ("dog", "cat"), 0.1, (), ()) for number, size in enumerate(sizes))
    keys = np.frombuffer(b"".join(map(text_key, texts.values())), np.uint8).reshape(count, -1)
    return ClusterResult(ClusterSpec(k=_K), "m", tuple(texts), labels, points, keys, clusters, 0.1, 1.0, 50, 0.5)
