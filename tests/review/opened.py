"""Folders opened for a review, and stores that mend them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.review import ReviewOptions, ReviewSamples, samples_under_review
from lib.settings import settings


@dataclass
class Opened:
    """A folder as it is on the disk at this moment."""

    store: Store
    samples: ReviewSamples


def opened(root: Path, embedder_for: Any = None, **options: Any) -> Opened:
    """Opens a folder anew, as a page does after a change of its images."""
    dataset = open_dataset(root)
    store = Store(root, journal_for(root, settings()), "local", settings(), dataset)
    asked = ReviewOptions(**options)
    return Opened(store, samples_under_review(root, dataset.records, settings(), asked, embedder_for, dataset.orphans))


def bytes_below(root: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too, by its relative path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
