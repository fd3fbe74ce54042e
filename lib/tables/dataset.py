"""A table opened as a dataset: captions as columns, with what was edited on top of them."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from lib.domain import ImageRecord
from lib.errors import PlaceFailed
from lib.images import provide_pictures
from lib.record_blocks import RecordColumns
from lib.record_columns import ColumnRecords
from lib.tables.overlay import Overlay
from lib.tables.own_clusters import OwnClusters, own_clusters
from lib.tables.pictures import TablePictures
from lib.tables.reading import TableFiles, read_table

_TRIES = 5
_AGAIN = "Nothing was changed. Open the table again."

_PIECE = 65_536


class TableDataset:
    """The rows of a table with their captions, as read and as edited since: a `lib.dataset.base.Dataset`.

    Its records are in the order of the rows. Beyond what is asked of a dataset, the store hands over what it has saved.
    """

    def __init__(
        self,
        root: Path,
        files: TableFiles,
        columns: RecordColumns,
        pictures: TablePictures,
        overlay: Overlay,
        folds: int = 0,
    ) -> None:
        """`folds`: how often edits had been folded in before the columns were read."""
        self.root = root
        self.recursive = True
        self.suffix = ".txt"
        self.files = files
        self.overlay = overlay
        self.version = 0
        self.unreadable: Mapping[str, str] = {}
        self.shared_stems: Mapping[str, tuple[str, ...]] = {}
        self.undecodable: Sequence[str] = ()
        self.orphans: Sequence[str] = ()
        self.unlistable: Mapping[str, str] = {}
        self.read_only = not _can_be_written(overlay.folder)
        self._lock = threading.RLock()
        self._folds = folds
        self._records = ColumnRecords(columns)
        self._seen: frozenset[str] = frozenset()
        self._changes: dict[str, int] = {}
        self._learnt = 0
        self._tagged: tuple[ColumnRecords, int] | None = None
        self._folders: dict[str, int] | None = None
        self._clusters: OwnClusters | None = None
        self._clusters_lock = threading.Lock()
        # Held here, since they are known by the root alone.
        self._pictures = pictures
        provide_pictures(root, pictures)

    @property
    def records(self) -> Sequence[ImageRecord]:
        """All rows as they stand now, each made when it is asked for."""
        return self._records

    def snapshot(self) -> ColumnRecords:
        return self._records

    def __len__(self) -> int:
        return len(self._records)

    def get(self, name: str) -> ImageRecord | None:
        """The record of a row by its name."""
        records = self._records
        place = records.columns.find(name)
        return None if place is None else records[place]

    def index_of(self, name: str) -> int | None:
        """The place of a row."""
        return self._records.columns.find(name)

    @property
    def tagged(self) -> int:
        """How many rows have a caption that is more than blanks."""
        records, known = self._records, self._tagged
        if known is None or known[0] is not records:
            known = self._tagged = records, int(records.are_tagged().sum())
        return known[1]

    @property
    def empty(self) -> int:
        """None: a row without a caption has no tag file that could be empty."""
        return 0

    @property
    def folders(self) -> Mapping[str, int]:
        """How many rows' names lie in each folder."""
        if self._folders is None:
            self._folders = _count_folders(self._records.columns)
        return self._folders

    def own_clusters(self) -> OwnClusters:
        """What the table's own columns say, read once: of a million rows that takes two seconds."""
        with self._clusters_lock:
            if self._clusters is None:
                self._clusters = own_clusters(self.files, self._records)
            return self._clusters

    @property
    def known_clusters(self) -> OwnClusters | None:
        """The same, None while it is not read."""
        return self._clusters

    def unsettled(self) -> list[tuple[str, ...]]:
        """None: every row has a caption of its own."""
        return []

    def report(self, unreadable: Mapping[str, str]) -> None:
        """Takes over which pictures a check could not open."""
        with self._lock:
            self.unreadable = dict(unreadable)
            self.version += 1

    def take(self, texts: Mapping[str, str], file: str) -> None:
        """Takes over what was saved for some rows; unknown names are ignored. `file`: of the overlay, that holds it."""
        with self._lock:
            self._put(texts)
            self._note_changes(texts)
            self._seen |= {file}

    def catch_up(self) -> None:
        """Takes over what others have saved since, into the overlay or the source. Raises InvalidInput, PlaceFailed."""
        with self._lock:
            for _ in range(_TRIES):
                if self._caught_up():
                    return
        raise PlaceFailed(f"“{self.root}” was changed in this moment, again and again.", _AGAIN)

    def _caught_up(self) -> bool:
        """False where edits were folded in meanwhile, so that what was read may lack them."""
        folds = self.overlay.folded().times
        if folds != self._folds:
            self._read_again()
            self._folds = folds
        files = self.overlay.files()
        try:
            news = [self.overlay.read([name]) for name in files if name not in self._seen]
        except FileNotFoundError:
            return False
        if self.overlay.folded().times != folds:
            return False
        for texts in news:
            self._put(texts)
            self._note_changes(texts)
        self._seen = frozenset(files)
        return True

    def _read_again(self) -> None:
        """What was folded in by others may be words that were never seen here."""
        _, columns = read_table(self.files.place, self.root.name if self.root.is_file() else "")
        if not columns.names.equals(self._records.columns.names):
            raise PlaceFailed(f"“{self.root}” has other rows by now.", _AGAIN)
        self._records, self._seen = ColumnRecords(columns), frozenset()
        self.version += 1

    def changes(self) -> Mapping[str, int]:
        """A number for each row that was edited, the higher the later."""
        with self._lock:
            return dict(self._changes)

    def _note_changes(self, texts: Mapping[str, str]) -> None:
        # In the order in which they are learnt of: the numbers of files begin anew once they were folded in.
        self._learnt += 1
        self._changes |= dict.fromkeys(texts, self._learnt)

    def _put(self, texts: Mapping[str, str]) -> None:
        columns = self._records.columns
        found = {place: text for name, text in texts.items() if (place := columns.find(name)) is not None}
        if found:
            self._records = ColumnRecords(columns.with_texts(found))
            self.version += 1


def _count_folders(columns: RecordColumns) -> dict[str, int]:
    import pyarrow.compute as pc

    found: Counter[str] = Counter()
    # Piece by piece: what is made on the way would take twice as much as all names.
    for start in range(0, len(columns), _PIECE):
        names = columns.names[start : start + _PIECE]
        above = pc.if_else(pc.match_substring(names, "/"), pc.replace_substring_regex(names, "/[^/]*$", ""), "")
        counts = pc.value_counts(above)
        found.update(dict(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True)))
    return dict(found)


def _can_be_written(folder: Path) -> bool:
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    return os.access(there, os.W_OK)
