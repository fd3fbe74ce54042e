"""Captioning 200 photos against a loopback server that takes a second for each, and the CPU spent on it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.folders import many_photos
from benchmarks.table import Row
from lib.captioning import Batch, Brief, caption_many
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.images import jpeg_within
from lib.providers import registry
from lib.settings import settings
from tests.doubles.provider_server import ProviderServer

_IMAGES = 200
_ONE_BY_ONE = 10


def _run(folder: Path, url: str, images: int, workers: int) -> tuple[float, float]:
    """Wall and CPU seconds of a run."""
    dataset = open_dataset(folder)
    store = Store(dataset.root, journal_for(dataset.root, settings()), "local", settings(), dataset)
    model = registry.served_model(registry.find_model("openai-compatible"), "tiny-vision")
    captioner = registry.captioner(model, base_url=url)
    brief = Brief("Describe the picture.", existing="overwrite")
    wall, cpu = time.perf_counter(), time.process_time()
    outcomes = list(caption_many(dataset.records[:images], store, captioner, brief, Batch(workers)))
    assert [outcome.status for outcome in outcomes] == ["done"] * images
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(scratch: Path) -> list[Row]:
    os.environ["TOOLKIT_HOME"] = str(scratch / "home")
    settings.cache_clear()
    folder = many_photos(scratch / "photos", _IMAGES, width=640, height=480)
    with ProviderServer(delay=1.0) as server:
        alone, _ = _run(folder, server.url, _ONE_BY_ONE, 1)
        wall, _ = _run(folder, server.url, _IMAGES, 8)
    with ProviderServer() as server:
        # The server plays in this process, so its share of the CPU is taken off by a second, empty round of requests.
        _, cpu = _run(folder, server.url, _IMAGES, 8)
        start = time.process_time()
        for record in open_dataset(folder).records:
            jpeg_within(folder / record.name, 1024)
        jpeg = time.process_time() - start
    rate, spent = _IMAGES / wall, 1000 * (cpu - jpeg) / _IMAGES
    return [
        Row("captioning, 8 workers", rate, "images/s", "at least 7.5", rate >= 7.5, _ONE_BY_ONE / alone),
        Row("CPU an image, JPEG work and server aside", spent, "ms", "under 5 ms", spent < 5),
    ]
