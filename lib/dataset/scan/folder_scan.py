"""One folder's records: read, or taken over from the scan before where nothing changed."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, repeat

from lib.bounds import Bounds
from lib.column_texts import ColumnTexts, match_places, packed_texts
from lib.dataset.scan.file_names import Kinds, natural_order
from lib.dataset.scan.folder_dataset import FolderTrace
from lib.dataset.scan.gathering import FolderRecords, Gathering, are_many, packed, suffixes_of
from lib.dataset.scan.listing import FolderListing, fingerprint_of, list_folder
from lib.dataset.scan.read_records import NO_FILE, READ_AGAIN, File, TagFileReader, make_record, stamp_of
from lib.domain import ImageRecord, SidecarState
from lib.record_columns import ColumnRecords
from lib.records import names_of

_MANY = 20_000
"""Images from which on a folder whose time cannot be relied upon is not listed to find that nothing changed."""

_WORTH_PACKING = 256
"""Images of one folder; fewer wait until they are put together with others."""
_AT_ONCE = 16_384
"""Images of which the records are made, or looked up, together."""

Before = tuple[ImageRecord | None, int]
"""An image's record and stamp of the scan before."""
_NOTHING_BEFORE: Before = (None, READ_AGAIN)

Known = tuple[FolderTrace, FolderRecords]
"""What the scan before left of a folder: its trace, and its records alone."""


@dataclass(frozen=True, slots=True)
class FolderScan:
    """One folder's outcome. `links` are subfolders that are links; `changed`: other than the scan before found.

    `changes` are records that belong in the place of others, which are still those of the scan before.
    """

    records: FolderRecords
    trace: FolderTrace
    links: tuple[str, ...] = ()
    changed: bool = True
    changes: Mapping[int, ImageRecord] = field(default_factory=dict)

    def packed(self) -> FolderScan:
        """The same with its records in columns, where they are so many that this takes less memory."""
        is_worth_it = isinstance(self.records, list) and len(self.records) >= _WORTH_PACKING
        return replace(self, records=packed(self.records)) if is_worth_it else self


class FolderScanner:
    """Scans the folders of one dataset, one call a folder. Not for several threads."""

    def __init__(self, bounds: Bounds, suffix: str, shared_allowed: frozenset[str]) -> None:
        self._bounds = bounds
        self._suffix = suffix
        self._kinds = Kinds(suffix)
        self._allowed = shared_allowed
        self._reader = TagFileReader(bounds)

    def scan(self, path: str, relative: str, known: Known | None) -> FolderScan:
        """The records of one folder. `relative` is "" or ends with a slash. Raises OSError where it cannot be read."""
        self._reader.tick()
        stamp = stamp_of(os.stat(path), self._reader.now)  # noqa: PTH116 - string paths, as everywhere in the scan
        if known and stamp != READ_AGAIN and known[0].stamp == stamp:
            # Creating, removing and renaming all change a folder's time, so the names are the same as before.
            return self._refresh(path, known, stamp, links=())
        if known and known[0].count > _MANY and fingerprint_of(path, self._kinds) == known[0].names:
            return self._refresh(path, known, stamp, links=())
        listing = list_folder(path, self._kinds, self._bounds)
        if not listing.simple:
            stamp = READ_AGAIN
        if known and known[0].fingerprint == listing.fingerprint and self._same_rest(known[0], listing):
            return self._refresh(path, known, stamp, tuple(listing.links), linked=not listing.simple)
        return self._read(path, relative, listing, known, stamp)

    @staticmethod
    def _same_rest(trace: FolderTrace, listing: FolderListing) -> bool:
        return trace.subfolders == tuple(listing.subfolders) and trace.unreadable == tuple(listing.unreadable.items())

    def _refresh(
        self, path: str, known: Known, stamp: int, links: tuple[str, ...], *, linked: bool = False
    ) -> FolderScan:
        """The same names as before: only tag files whose stamp differs are read."""
        trace, records = known
        prefix, read_at = path + os.sep, trace.read_at
        changes: dict[int, ImageRecord] = {}
        verify, read = self._reader.verify, self._reader.read_linked if linked else self._reader.read
        fresh = array("q", trace.stamps)
        for place, (old, name, suffix) in enumerate(
            zip(trace.stamps, names_of(records), suffixes_of(records), strict=True)
        ):
            if old == NO_FILE:
                continue
            side = f"{prefix}{name.rpartition('/')[2].rpartition('.')[0]}{suffix}"
            if old != READ_AGAIN and (exact := verify(side, old, read_at)):
                fresh[place] = exact
                continue
            text, state, _, fresh[place] = read(side)
            record = records[place]
            if text != record.text or state is not record.state:
                changes[place] = make_record(name, suffix, text, state, record.shared)
        now = replace(trace, stamp=stamp, stamps=fresh, read_at=0)
        return FolderScan(records, now, links, bool(changes), changes)

    def _read(self, path: str, relative: str, listing: FolderListing, known: Known | None, stamp: int) -> FolderScan:
        fingerprint, sidecars = listing.fingerprint, listing.sidecars
        names: Sequence[str] = natural_order(listing.images)
        # Of a million names the second list, the stems and the texts made of them are larger than the records.
        listing.images, listing.sidecars = [], {}
        shared, endings, orphans = self._matched(relative, names, sidecars)
        del sidecars
        if are_many(len(names)):
            names = ColumnTexts(packed_texts(names))
        waiting = {name for stem, group in shared if stem not in self._allowed for name in group}
        files = (
            (name.rpartition(".")[0], ending, full := relative + name, full in waiting)
            for name, ending in zip(names, endings, strict=True)
        )
        stamps, read_at = array("q"), 0
        if known is None and listing.simple:
            read_at = self._reader.now
            records = self._reader.read_new(path + os.sep, self._suffix, files, stamps)
        else:
            paired = zip(files, _before(known, [relative + name for name in names]), strict=False)
            was_read_at = known[0].read_at if known else 0
            records = self._read_some(path + os.sep, paired, stamps, was_read_at, linked=not listing.simple)
        trace = FolderTrace(
            0, len(records), stamp, fingerprint, stamps, read_at,
            tuple(listing.subfolders), orphans, shared, tuple(listing.unreadable.items()),
        )  # fmt: skip
        return FolderScan(records, trace, tuple(listing.links))

    def _matched(
        self, relative: str, names: Sequence[str], sidecars: dict[str, str]
    ) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], list[str | None], tuple[str, ...]]:
        """Stems that several images share, the ending of each image's tag file, and the tag files of none."""
        bases = [name.rpartition(".")[0] for name in names]
        endings = list(map(sidecars.get, bases))
        return self._shared(relative, names, bases), endings, _orphans(relative, sidecars, bases)

    def _read_some(
        self, prefix: str, files: Iterable[tuple[File, Before]], stamps: array[int], read_at: int, *, linked: bool
    ) -> FolderRecords:
        """Like `TagFileReader.read_new`, for a folder of which some files are known, or some are links."""
        read = self._reader.read_linked if linked else self._reader.read
        gathered = Gathering()
        waiting = iter(files)
        while some := list(islice(waiting, _AT_ONCE)):
            records = []
            for (base, ending, name, shared), (old, stamp) in some:
                actual = self._suffix if ending is None else "." + ending
                side = f"{prefix}{base}{actual}"
                if ending is None:
                    text, state, stamp = "", SidecarState.MISSING, NO_FILE
                elif (
                    old and old.suffix == actual and stamp not in (READ_AGAIN, NO_FILE)
                    and (exact := self._reader.verify(side, stamp, read_at))
                ):  # fmt: skip
                    text, state, stamp = old.text, old.state, exact
                else:
                    text, state, _, stamp = read(side)
                stamps.append(stamp)
                records.append(make_record(name, actual, text, state, shared))
            gathered.add(records)
        return gathered.records()

    @staticmethod
    def _shared(relative: str, names: Sequence[str], bases: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The stems that more than one image has, with the images."""
        if len(set(bases)) == len(bases):
            return ()
        groups: dict[str, list[str]] = {}
        for name, base in zip(names, bases, strict=True):
            groups.setdefault(relative + base, []).append(relative + name)
        return tuple((stem, tuple(group)) for stem, group in groups.items() if len(group) > 1)


def _orphans(relative: str, sidecars: dict[str, str], bases: list[str]) -> tuple[str, ...]:
    """The tag files that have no image."""
    left = sidecars.keys() - set(bases) if len(sidecars) else ()
    return tuple(natural_order([f"{relative}{base}.{sidecars[base]}" for base in left]))


def _before(known: Known | None, names: Sequence[str]) -> Iterator[Before]:
    """For each image what the scan before made of it."""
    if known is None:
        return repeat(_NOTHING_BEFORE)
    trace, records = known
    if isinstance(records, list):
        by_name = {record.name: (record, stamp) for record, stamp in zip(records, trace.stamps, strict=True)}
        return (by_name.get(name, _NOTHING_BEFORE) for name in names)
    return _before_in_columns(trace, records, names)


def _before_in_columns(trace: FolderTrace, records: ColumnRecords, names: Sequence[str]) -> Iterator[Before]:
    """Some thousands at a time: a dict of a million names would take as much as their records."""
    places = match_places(ColumnTexts.of(names), records.names)
    for start in range(0, len(places), _AT_ONCE):
        some = places[start : start + _AT_ONCE]
        there = some[some >= 0]
        found = iter(records.at(there))
        for place in some.tolist():
            yield (next(found), trace.stamps[place]) if place >= 0 else _NOTHING_BEFORE
