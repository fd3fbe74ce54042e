"""An opened folder of images with their tag files: the dataset that the scan makes and the store keeps up to date."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from weakref import WeakSet

from lib.dataset.scan.gathering import FolderRecords
from lib.dataset.scan.held_records import held, replaced_since
from lib.dataset.scan.read_records import NO_FILE, READ_AGAIN
from lib.domain import ImageRecord, SidecarState
from lib.record_columns import ColumnRecords


@dataclass(frozen=True, slots=True)
class FolderTrace:
    """What the scan remembers of one folder, so that the next scan reads only what changed.

    `start` and `count` cut the folder's records out of the dataset's. `stamps` has one number for each of them:
    a hash of the tag file's size, times and inode, `READ_AGAIN`, or `NO_FILE`. With
    `read_at` (nanoseconds) it is the size plus one instead, as the file was at that time.
    `stamp` is the like for the folder itself, 0 where the folder must be listed again.
    """

    start: int
    count: int
    stamp: int
    fingerprint: int
    stamps: array[int]
    read_at: int = 0
    subfolders: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    shared: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[int, tuple[str, ...]]:
        """What stands for the names of its files, and its subfolders."""
        return self.fingerprint, self.subfolders


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a scan found; what `FolderDataset` starts from."""

    records: FolderRecords = field(default_factory=list)
    orphans: tuple[str, ...] = ()
    shared_stems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    unlistable: dict[str, str] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    traces: dict[str, FolderTrace] = field(default_factory=dict)
    read_only: bool = False


class _Family:
    """The openings of one folder that are still in use."""

    def __init__(self, first: FolderDataset) -> None:
        self._members: WeakSet[FolderDataset] = WeakSet([first])
        self._lock = threading.Lock()

    def add(self, dataset: FolderDataset) -> None:
        with self._lock:
            self._members.add(dataset)

    def members(self, first: FolderDataset) -> list[FolderDataset]:
        """All of them, that one first."""
        with self._lock:
            return [first, *(dataset for dataset in self._members if dataset is not first)]


class FolderDataset:
    """The images of a folder with their captions, as scanned and as saved since: a `lib.dataset.base.Dataset`.

    Beyond that the scan finds its traces here, and the store hands over what it has saved.
    """

    def __init__(
        self, root: Path, *, recursive: bool, suffix: str, shared_allowed: frozenset[str], found: Findings
    ) -> None:
        self.root = root
        self.recursive = recursive
        self.suffix = suffix
        self.shared_allowed = shared_allowed
        self._records = held(found.records)
        self.orphans = found.orphans
        self.shared_stems = found.shared_stems
        self.unreadable = dict(found.unreadable)
        self.unlistable = found.unlistable
        self.folders: Mapping[str, int] = found.folders
        self.traces = found.traces
        self.read_only = found.read_only
        self.version = 0
        self._bad_names = found.unreadable
        self._lock = threading.RLock()
        self._family = _Family(self)
        self._undecodable, self._tagged, self._empty = _counted(found.records)

    @property
    def records(self) -> Sequence[ImageRecord]:
        """All images as they stand now. Where they are a list, a save puts another record in the same place."""
        with self._lock:
            return self._records.all

    def __len__(self) -> int:
        return len(self._records)

    @property
    def tagged(self) -> int:
        """How many images have a caption that is more than blanks."""
        return self._tagged

    @property
    def empty(self) -> int:
        """How many images have a tag file with nothing in it."""
        return self._empty

    @property
    def undecodable(self) -> tuple[str, ...]:
        """The images whose tag file is not text in a known encoding, in the order of the records."""
        with self._lock:
            return tuple(sorted(self._undecodable, key=lambda name: self.index_of(name) or 0))

    def unsettled(self) -> list[tuple[str, ...]]:
        """The groups of images that share a tag file while nobody has said that they may."""
        with self._lock:
            return [names for stem, names in self.shared_stems.items() if stem not in self.shared_allowed]

    def index_of(self, name: str) -> int | None:
        """The place of an image among the records."""
        with self._lock:
            return self._records.find(name)

    def get(self, name: str) -> ImageRecord | None:
        """The record of an image by its name."""
        with self._lock:
            place = self.index_of(name)
            return None if place is None else self._records[place]

    def snapshot(self) -> Sequence[ImageRecord]:
        """The records as they are at this moment, which stay as they are."""
        with self._lock:
            return self._records.snapshot()

    def traced(self) -> tuple[FolderRecords, dict[str, FolderTrace]]:
        """A snapshot with the traces that cut it into folders, which the next scan begins with."""
        with self._lock:
            return self._records.snapshot(), self.traces

    def replace(self, record: ImageRecord) -> None:
        """Takes over what was saved for an image, in every opening of the folder; unknown names are ignored."""
        for dataset in self._family.members(self):
            with dataset._lock:
                place = dataset.index_of(record.name)
                if place is not None:
                    dataset._put(place, record)

    def hand_over(self, successor: FolderDataset, scanned: Sequence[ImageRecord]) -> None:
        """A later scan of the folder has made another dataset: from now on each learns what the other saves.

        A run over many images goes on saving by way of the dataset that it began with. `scanned`: this dataset's
        records as that scan found them; what changed since is passed on now.
        """
        self._family.add(successor)
        successor._family = self._family
        with self._lock:
            news = replaced_since(scanned, self._records.all)
        for record in news:
            successor.replace(record)

    def rename(self, old: str, record: ImageRecord) -> None:
        """Puts a renamed image in the place of the old one, and settles what it shared."""
        with self._lock:
            place = self.index_of(old)
            if place is None:
                return
            stem = self._records[place].stem
            self._put(place, record)
            left = tuple(name for name in self.shared_stems.get(stem, ()) if name != old)
            if len(left) > 1:
                self.shared_stems[stem] = left
            elif self.shared_stems.pop(stem, None):
                self._mark_unshared(left)

    def allow_shared(self, stem: str) -> None:
        """From now on the images of a stem may be edited together."""
        with self._lock:
            self.shared_allowed |= {stem}
            self._mark_unshared(self.shared_stems.get(stem, ()))

    def report(self, unreadable: Mapping[str, str]) -> None:
        """Takes over which images a check could not open."""
        with self._lock:
            self.unreadable = {**self._bad_names, **unreadable}
            self.version += 1

    def retrace(self, traces: dict[str, FolderTrace]) -> None:
        """Takes over the traces of a scan that found nothing new."""
        with self._lock:
            self.traces = traces

    def _mark_unshared(self, names: tuple[str, ...]) -> None:
        for name in names:
            place = self.index_of(name)
            if place is not None:
                self._put(place, replace(self._records[place], shared=False))

    def _put(self, place: int, record: ImageRecord) -> None:
        old = self._records[place]
        self._records.put(place, record)
        if (record.text, record.state) != (old.text, old.state):
            self._distrust(place, old.name)
        self._tagged += record.is_tagged - old.is_tagged
        self._empty += record.is_empty - old.is_empty
        self._undecodable.discard(old.name)
        if record.state is SidecarState.UNDECODABLE:
            self._undecodable.add(record.name)
        self.version += 1

    def _distrust(self, place: int, name: str) -> None:
        """The next scan reads a tag file again: what its trace knew is not what the record says now.

        A folder that was away in mid-work leaves records without a text, and comes back with the very same files.
        """
        folder, slash, _ = name.rpartition("/")
        trace = self.traces.get(folder + slash)
        if trace is not None and trace.stamps[place - trace.start] != NO_FILE:
            trace.stamps[place - trace.start] = READ_AGAIN


def _counted(records: Sequence[ImageRecord]) -> tuple[set[str], int, int]:
    """The names of those that are not text, how many are tagged, and how many have an empty tag file."""
    if isinstance(records, ColumnRecords):
        odd = records.at(records.are_standing(lambda one: one[1] is SidecarState.UNDECODABLE).nonzero()[0])
        blank = records.are_without_text() & records.are_standing(lambda one: one[1] is SidecarState.TEXT)
        return set(odd.names), int(records.are_tagged().sum()), int(blank.sum())
    undecodable = {record.name for record in records if record.state is SidecarState.UNDECODABLE}
    tagged = sum(1 for record in records if record.text and not record.text.isspace())
    empty = sum(1 for record in records if not record.text and record.state is SidecarState.TEXT)
    return undecodable, tagged, empty
