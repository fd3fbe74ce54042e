"""Opens a folder as a dataset: every image, its caption, and what is wrong, in little more than reading time."""

from __future__ import annotations

import gc
import os
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lib.bounds import Bounds
from lib.dataset.scan.file_names import natural_key
from lib.dataset.scan.folder_dataset import Findings, FolderDataset, FolderTrace
from lib.dataset.scan.folder_scan import FolderScan, FolderScanner, Known
from lib.dataset.scan.gathering import FolderRecords, Gathering, are_many
from lib.dataset.tag_files.sidecar import SUFFIXES
from lib.errors import FolderRefused, InvalidInput
from lib.memory import give_back


@dataclass(frozen=True, slots=True)
class OpeningOptions:
    """How a folder is opened: with its subfolders or without, and with which ending of tag files.

    `shared_allowed` are stems whose images may share a tag file, `excluded` folders that are passed over.
    """

    recursive: bool = True
    suffix: str = ".txt"
    shared_allowed: Collection[str] = ()
    excluded: Collection[Path] = ()


def open_dataset(
    root: Path, options: OpeningOptions = OpeningOptions(), *, previous: FolderDataset | None = None
) -> FolderDataset:
    """Every image under a folder with its caption.

    With `previous` (an earlier opening of the same folder) only what changed since is read again, and where nothing
    did, `previous` itself comes back. A subfolder that cannot be listed is a problem of the dataset, not a failure;
    raises FolderRefused where the root itself cannot be, InvalidInput for an ending that tag files do not have.
    """
    if options.suffix not in SUFFIXES:
        raise InvalidInput(
            f"“{options.suffix}” is not an ending of tag files.", f"Choose one of {', '.join(SUFFIXES)}."
        )
    real = os.path.realpath(root)
    if previous and not _was_opened_as(previous, real, options):
        previous = None
    scan = _Scan(real, options, previous)
    with _collector_paused():
        scan.walk()
        found = scan.findings()
        if previous and not scan.changed and _has_the_same_folders(previous, found):
            previous.retrace(found.traces)
            return previous
        dataset = FolderDataset(
            Path(real),
            recursive=options.recursive,
            suffix=options.suffix,
            shared_allowed=frozenset(options.shared_allowed),
            found=found,
        )
        if previous:
            previous.hand_over(dataset, scan.known)
    if are_many(len(dataset)):
        # The names and bytes that were read on the way are as much as all that stays.
        del scan, found
        give_back()
    return dataset


def _was_opened_as(dataset: FolderDataset, root: str, options: OpeningOptions) -> bool:
    opened_as = (str(dataset.root), dataset.recursive, dataset.suffix, dataset.shared_allowed)
    return opened_as == (root, options.recursive, options.suffix, frozenset(options.shared_allowed))


def _has_the_same_folders(dataset: FolderDataset, found: Findings) -> bool:
    return (
        found.traces.keys() == dataset.traces.keys()
        and found.unlistable == dataset.unlistable
        and found.read_only == dataset.read_only
    )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keeps the garbage collector from walking through 100,000 new records again and again while they are made."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Scan:
    """One walk through a dataset's folders."""

    def __init__(self, root: str, options: OpeningOptions, previous: FolderDataset | None) -> None:
        self._root = root
        self._recursive = options.recursive
        self._bounds = Bounds(root, tuple(os.path.realpath(path) for path in options.excluded))
        self._scanner = FolderScanner(self._bounds, options.suffix, frozenset(options.shared_allowed))
        self.known: FolderRecords = []
        self._traces: dict[str, FolderTrace] = {}
        if previous:
            self.known, self._traces = previous.traced()
        self.folders: dict[str, FolderScan] = {}
        self.changed = False
        self._unlistable: dict[str, str] = {}
        self._count = 0

    def walk(self) -> None:
        """Visits each real folder once. Links wait until the end, so that a folder is listed under its own name."""
        seen: set[str] = set()
        waiting = [("", self._root, self._root)]
        links: list[tuple[str, str, str]] = []
        while waiting or links:
            relative, path, real = waiting.pop() if waiting else links.pop()
            if real in seen or not self._bounds.hold(real):
                continue
            seen.add(real)
            found = self._visit(relative, path)
            if found is None or not self._recursive:
                continue
            for name in found.trace.subfolders:
                waiting.append((f"{relative}{name}/", f"{path}{os.sep}{name}", f"{real}{os.sep}{name}"))
            for name in found.links:
                target = os.path.realpath(f"{path}{os.sep}{name}")
                if self._bounds.hold(target):
                    links.append((f"{relative}{name}/", f"{path}{os.sep}{name}", target))

    def _visit(self, relative: str, path: str) -> FolderScan | None:
        known: Known | None = None
        if trace := self._traces.get(relative):
            known = trace, self.known[trace.start : trace.start + trace.count]
        try:
            found = self._scanner.scan(path, relative, known)
        except OSError as exc:
            if not relative:
                raise FolderRefused(
                    f"The folder “{path}” cannot be read ({exc.strerror}).",
                    "Nothing was changed. Make sure that it is there and may be read.",
                ) from exc
            self._unlistable[relative[:-1]] = exc.strerror or "it cannot be read"
            return None
        self._keep(relative, found)
        self.changed |= found.changed
        return found

    def _keep(self, relative: str, found: FolderScan) -> None:
        """Keeps what was found; from many images on in columns, those of the folders before as well."""
        before, self._count = self._count, self._count + len(found.records)
        self.folders[relative] = found
        if are_many(self._count):
            for name in [relative] if are_many(before) else list(self.folders):
                self.folders[name] = self.folders[name].packed()

    def findings(self) -> Findings:
        """All folders together, in natural order. Asked for once, at the end: they are let go."""
        result = Findings(unlistable=self._unlistable, read_only=not os.access(self._root, os.W_OK))
        orphans: list[str] = []
        gathered = Gathering()
        for relative in sorted(self.folders, key=natural_key):
            found = self.folders.pop(relative)
            result.traces[relative] = replace(found.trace, start=len(gathered))
            gathered.add(found.records, found.changes)
            result.shared_stems.update(found.trace.shared)
            orphans.extend(found.trace.orphans)
            for name, reason in found.trace.unreadable:
                result.unreadable[relative + name] = reason
            if found.records:
                result.folders[relative[:-1]] = len(found.records)
        return replace(result, records=gathered.records(), orphans=tuple(orphans))


class DatasetCache:
    """The datasets opened last, so that opening one again reads only what changed. Safe for threads."""

    def __init__(self, size: int = 4) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, bool, str], FolderDataset] = OrderedDict()
        self._first: dict[tuple[str, bool, str], threading.Lock] = {}
        self._lock = threading.Lock()

    def open(self, root: Path, options: OpeningOptions = OpeningOptions()) -> FolderDataset:
        """The dataset as it stands on the disk now; the very same object while nothing but our own saves changed it."""
        key = (os.path.realpath(root), options.recursive, options.suffix)
        with self._one_at_first(key):
            with self._lock:
                previous = self._kept.get(key)
            if previous is None:
                return self._keep(key, open_dataset(root, options))
        return self._keep(key, open_dataset(root, options, previous=previous))

    @contextmanager
    def _one_at_first(self, key: tuple[str, bool, str]) -> Iterator[None]:
        """Who comes while a folder is read for the first time waits, and then reads only what changed meanwhile."""
        with self._lock:
            gate = self._first.setdefault(key, threading.Lock())
        try:
            with gate:
                yield
        finally:
            with self._lock:
                self._first.pop(key, None)

    def _keep(self, key: tuple[str, bool, str], dataset: FolderDataset) -> FolderDataset:
        with self._lock:
            self._kept[key] = dataset
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return dataset

    def clear(self) -> None:
        """Forgets all datasets."""
        with self._lock:
            self._kept.clear()
