"""Measures the pictures of a dataset: each content once, two at a time, kept for the next review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, TypeVar

from PIL import Image

from lib.errors import ImageRefused
from lib.images import Picture, load_image
from lib.progress import Progress
from lib.review.pictures.measures import SIDE, Measures, measured
from lib.review.pictures.shared_decoding import WHAT
from lib.review.samples import ReviewSamples, raise_if_cancelled

_STEP = 128
_READERS = 2

T = TypeVar("T")


def measures(samples: ReviewSamples, progress: Progress) -> tuple[Mapping[str, Measures], Mapping[str, str]]:
    """The measures of all pictures by name, and the reasons why some have none. Raises Cancelled, keeping what is."""
    found, refused = kept_by_content(samples, WHAT, lambda picture: asdict(measured(picture)), progress)
    return {name: Measures(**values) for name, values in found.items()}, refused


def kept_by_content(
    samples: ReviewSamples, what: str, measure: Callable[[Image.Image], Any], progress: Progress, step: int = _STEP
) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """What `measure` gives for each picture (shrunk to `SIDE`), by name, and the reasons why some cannot be opened.

    Equal files are measured once, and those of an earlier review not at all. After every `step` pictures what was
    measured is kept. Raises Cancelled.
    """
    keys = samples.picture_keys(progress)
    kept = samples.kept.load(what, keys.values())
    first = {keys[record.name]: record.name for record in reversed(samples.records) if record.name in keys}
    missing = [name for key, name in first.items() if key not in kept]
    reasons: dict[bytes, str] = {}

    def read(name: str) -> Any:
        try:
            return measure(load_image(Picture(samples.root, name), SIDE))
        except ImageRefused as error:
            return error

    with ThreadPoolExecutor(_READERS, thread_name_prefix="measure") as pool:
        for start in range(0, len(missing), step):
            raise_if_cancelled(progress)
            progress.advance(start, len(missing))
            part = missing[start : start + step]
            new = {}
            for name, one in zip(part, pool.map(read, part), strict=True):
                if isinstance(one, ImageRefused):
                    reasons[keys[name]] = one.message
                else:
                    new[keys[name]] = one
            samples.kept.add(what, new)
            kept |= new
    found = {record.name: kept[key] for record in samples.records if (key := keys.get(record.name)) in kept}
    refused = {
        record.name: reasons.get(keys.get(record.name, b""), "It cannot be read.")
        for record in samples.records
        if record.name not in found
    }
    return found, refused
