"""Finds the images of a dataset that cannot be opened, in the background, and remembers what it has seen."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path

from lib.dataset.base import Dataset
from lib.errors import ImageRefused
from lib.images.picture import Picture
from lib.images.safe_open import check_image
from lib.progress import NOBODY, Progress

Seen = dict[str, tuple[int, str]]
"""By name: a hash of size and time, and the reason for refusing it ("" where it opens)."""

_seen_by_root: dict[Path, Seen] = {}
_KEPT_ROOTS = 4


def check_images(dataset: Dataset, *, progress: Progress = NOBODY, workers: int = 2) -> dict[str, str]:
    """Opens every image once, fills `dataset.unreadable` with the reasons, and returns them by name.

    `progress` is told at least once. Once that is cancelled the check stops soon, keeping what was found until then.
    Images that did not change since the last check in this process are not opened again.
    """
    seen = _seen(dataset.root)
    names = [record.name for record in dataset.snapshot()]
    progress.advance(0, len(names))
    found, anew = _known(dataset.root, names, seen, progress)
    done = len(names) - len(anew)
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="check-images") as pool:
        waiting = iter(anew)
        running: dict[Future[str], str] = {}
        while True:
            # A short queue: cancelling then waits for a handful of images, not for all of them.
            if not progress.is_cancelled():
                for name in islice(waiting, 8 * workers - len(running)):
                    running[pool.submit(_reason, dataset.root, name, seen)] = name
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                if reason := future.result():
                    found[name] = reason
                done += 1
            progress.advance(done, len(names))
    dataset.report(found)
    return found


def _known(root: Path, names: list[str], seen: Seen, progress: Progress) -> tuple[dict[str, str], list[str]]:
    """The reasons of images that are as they were when they were last seen, and the names of the others.

    Looked at here and not in the pool: each visitor who opens the folder checks it, and to hand 8,000 names from thread
    to thread takes eight times as long, and the others' turns with it.
    """
    found: dict[str, str] = {}
    anew: list[str] = []
    prefix = f"{root}{os.sep}"
    for name in names:
        known = seen.get(name)
        if known is None or progress.is_cancelled() or known[0] != _stamp(prefix + name):
            anew.append(name)
        elif known[1]:
            found[name] = known[1]
    return found, anew


def _stamp(path: str) -> int | None:
    """A hash of what changes with the file; None where there is none."""
    try:
        info = os.stat(path)  # noqa: PTH116 - string paths, as everywhere in the scan
    except OSError:
        return None
    return hash((info.st_size, info.st_mtime_ns, info.st_ino))


def _reason(root: Path, name: str, seen: Seen) -> str:
    stamp = _stamp(os.path.join(root, name))  # noqa: PTH118 - string paths, as everywhere in the scan
    try:
        check_image(Picture(root, name))
        reason = ""
    except ImageRefused as exc:
        reason = exc.message
    if stamp is not None:
        seen[name] = (stamp, reason)
    return reason


def _seen(root: Path) -> Seen:
    """What is remembered of a folder; of the last few folders only."""
    seen = _seen_by_root.pop(root, {})
    _seen_by_root[root] = seen
    while len(_seen_by_root) > _KEPT_ROOTS:
        _seen_by_root.pop(next(iter(_seen_by_root)), None)
    return seen
