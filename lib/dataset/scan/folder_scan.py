"""One folder's records: read, or taken over from the scan before where nothing changed."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lib.bounds import Bounds
from lib.dataset.scan.file_names import Kinds, natural_order
from lib.dataset.scan.folder_dataset import FolderTrace
from lib.dataset.scan.listing import FolderListing, fingerprint_of, list_folder
from lib.dataset.scan.read_records import NO_FILE, READ_AGAIN, File, TagFileReader, make_record, stamp_of
from lib.domain import ImageRecord, SidecarState

_MANY = 20_000
"""Images from which on a folder whose time cannot be relied upon is not listed to find that nothing changed."""

Known = tuple[FolderTrace, list[ImageRecord]]
"""What the scan before left of a folder: its trace, and its records alone."""


@dataclass(frozen=True, slots=True)
class FolderScan:
    """One folder's outcome. `links` are subfolders that are links; `changed`: other than the scan before found."""

    records: list[ImageRecord]
    trace: FolderTrace
    links: tuple[str, ...] = ()
    changed: bool = True


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
        prefix, read_at, changed = path + os.sep, trace.read_at, False
        verify, read = self._reader.verify, self._reader.read_linked if linked else self._reader.read
        fresh = array("q", trace.stamps)
        for place, old in enumerate(trace.stamps):
            if old == NO_FILE:
                continue
            record = records[place]
            side = f"{prefix}{record.name.rpartition('/')[2].rpartition('.')[0]}{record.suffix}"
            if old != READ_AGAIN and (exact := verify(side, old, read_at)):
                fresh[place] = exact
                continue
            text, state, _, fresh[place] = read(side)
            if text != record.text or state is not record.state:
                records[place] = make_record(record.name, record.suffix, text, state, record.shared)
                changed = True
        now = replace(trace, stamp=stamp, stamps=fresh, read_at=0)
        return FolderScan(records, now, links, changed)

    def _read(self, path: str, relative: str, listing: FolderListing, known: Known | None, stamp: int) -> FolderScan:
        fingerprint, sidecars, names = listing.fingerprint, listing.sidecars, natural_order(listing.images)
        # Of a million names the second list, the stems and the texts made of them are larger than the records.
        listing.images, listing.sidecars = [], {}
        shared, endings, orphans = self._matched(relative, names, sidecars)
        del sidecars
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
            records = self._read_some(path + os.sep, files, stamps, known, linked=not listing.simple)
        trace = FolderTrace(
            0, len(records), stamp, fingerprint, stamps, read_at,
            tuple(listing.subfolders), orphans, shared, tuple(listing.unreadable.items()),
        )  # fmt: skip
        return FolderScan(records, trace, tuple(listing.links))

    def _matched(
        self, relative: str, names: list[str], sidecars: dict[str, str]
    ) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], list[str | None], tuple[str, ...]]:
        """Stems that several images share, the ending of each image's tag file, and the tag files of none."""
        bases = [name.rpartition(".")[0] for name in names]
        endings = list(map(sidecars.get, bases))
        return self._shared(relative, names, bases), endings, _orphans(relative, sidecars, bases)

    def _read_some(
        self, prefix: str, files: Iterable[File], stamps: array[int], known: Known | None, *, linked: bool
    ) -> list[ImageRecord]:
        """Like `TagFileReader.read_new`, for a folder of which some files are known, or some are links."""
        before, read_at = (_by_name(known), known[0].read_at) if known else ({}, 0)
        read = self._reader.read_linked if linked else self._reader.read
        records = []
        for base, ending, name, shared in files:
            actual = self._suffix if ending is None else "." + ending
            old, stamp = before.get(name, (None, READ_AGAIN))
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
        return records

    @staticmethod
    def _shared(relative: str, names: list[str], bases: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
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


def _by_name(known: Known) -> dict[str, tuple[ImageRecord | None, int]]:
    trace, records = known
    return {record.name: (record, stamp) for record, stamp in zip(records, trace.stamps, strict=True)}
