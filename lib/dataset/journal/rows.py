"""What the journal keeps: its tables, and the values that are read from them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lib.dataset.tag_files.sidecar import text_of
from lib.domain import Mark, Origin

State = Literal["pending", "done", "abandoned", "conflict", "undone", "pending_undo", "pending_redo"]
"""`abandoned`: nothing of it is on the disk. `conflict`: a crash cut it short, and files fit neither side."""

Direction = Literal["undo", "redo"]

UNDER_WAY: dict[Direction, State] = {"undo": "pending_undo", "redo": "pending_redo"}
"""The state of an operation while an undo or a redo of it goes on."""

STANDS_BEFORE: dict[Direction, State] = {"undo": "done", "redo": "undone"}
STANDS_AFTER: dict[Direction, State] = {"undo": "undone", "redo": "done"}

UNSETTLED = "state IN ('pending', 'pending_undo', 'pending_redo')"

UNDOABLE = "state = 'done' AND kind NOT IN ('create', 'rename')"
"""What an undo takes back: neither a blank file, which nobody typed, nor a new name."""

MIGRATIONS = (
    """
    CREATE TABLE operations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        at TEXT NOT NULL,
        by TEXT NOT NULL,
        origin TEXT NOT NULL,
        detail TEXT NOT NULL,
        state TEXT NOT NULL
    );
    CREATE TABLE changes (
        operation INTEGER NOT NULL REFERENCES operations(id),
        path TEXT NOT NULL,
        before BLOB,
        after BLOB,
        before_hash TEXT NOT NULL,
        after_hash TEXT NOT NULL,
        PRIMARY KEY (operation, path)
    );
    CREATE INDEX changes_by_path ON changes (path, operation);
    CREATE INDEX pending ON operations (state) WHERE state = 'pending';
    CREATE TABLE shared_stems (stem TEXT PRIMARY KEY)
    """,
    # token: how the temporary files of an operation begin.
    # undo_order: the larger, the later undone; 0: not to be redone unless it is named.
    f"""
    ALTER TABLE operations ADD COLUMN token TEXT NOT NULL DEFAULT '';
    ALTER TABLE operations ADD COLUMN undo_order INTEGER NOT NULL DEFAULT 0;
    DROP INDEX pending;
    CREATE INDEX unsettled ON operations (id) WHERE {UNSETTLED};
    CREATE INDEX redoable ON operations (undo_order) WHERE undo_order > 0
    """,
    # run: what was written one by one belongs together all the same.
    # files: how many an operation changed, since counting 100,000 rows for each line of a list is slow.
    # undoable: the newest of one owner, who may have none among 100,000 of the others.
    f"""
    ALTER TABLE operations ADD COLUMN run TEXT NOT NULL DEFAULT '';
    CREATE INDEX by_run ON operations (run) WHERE run != '';
    ALTER TABLE operations ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
    UPDATE operations SET files = (SELECT count(*) FROM changes WHERE operation = operations.id);
    CREATE INDEX undoable ON operations (by, id) WHERE {UNDOABLE}
    """,
    # former_hash: of the image that had to make way. sidecar_hash: of the tag file as the operation left it. '': none.
    """
    CREATE TABLE images (
        operation INTEGER NOT NULL REFERENCES operations(id),
        name TEXT NOT NULL,
        hash TEXT NOT NULL,
        former_hash TEXT NOT NULL,
        sidecar TEXT NOT NULL,
        sidecar_hash TEXT NOT NULL,
        PRIMARY KEY (operation, name)
    )
    """,
    """
    CREATE TABLE selections (id TEXT PRIMARY KEY, label TEXT NOT NULL, names TEXT NOT NULL)
    """,
    # since: the last operation before the first that was lost; NULL: none was.
    """
    CREATE TABLE damages (at TEXT NOT NULL, file TEXT NOT NULL, since TEXT)
    """,
    # origin: of one file's caption where an import told of it; NULL: the operation's own.
    # done: all that stands is counted at each question about authors, to see whether it is what stood before.
    """
    ALTER TABLE changes ADD COLUMN origin TEXT;
    CREATE INDEX done ON operations (id) WHERE state = 'done'
    """,
    # A mark that is not set has no row. The stamp is another one after each change, whichever process makes it.
    """
    CREATE TABLE marks (name TEXT NOT NULL, mark TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name, mark));
    CREATE TABLE mark_changes (
        operation INTEGER NOT NULL REFERENCES operations(id),
        name TEXT NOT NULL,
        mark TEXT NOT NULL,
        before INTEGER NOT NULL,
        after INTEGER NOT NULL,
        PRIMARY KEY (operation, name, mark)
    );
    CREATE TABLE mark_stamps (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL)
    """,
)

LINKED_SELECTIONS = 200
"""Chosen images that the links to one dataset may name; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """An image that came into the dataset with an operation: its relative path, and the SHA-256 of its bytes.

    Without a hash none came, and what had the name was set aside; so goes the tag file of an image that is set aside.
    `former_hash` is that of the image that had to make way for it, "" where the name was free. `sidecar` is its tag
    file's relative path, `sidecar_hash` that of the tag file as the operation left it, "" for no file.
    """

    name: str
    hash: str
    former_hash: str
    sidecar: str
    sidecar_hash: str = ""

    @property
    def is_tag_file(self) -> bool:
        """It goes with the image that it belongs to, and is not counted."""
        return self.name == self.sidecar


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's bytes before and after, None where there is no file. `path` is relative to the dataset's root."""

    path: str
    before: bytes | None
    after: bytes | None
    origin: Origin | None = None
    """Where its text came from, if that is not where the operation's came from."""


@dataclass(frozen=True, slots=True)
class MarkWish:
    """A mark that an image is to have: `left_out` 0 or 1, `rating` 0 (none) to 5."""

    name: str
    mark: Mark
    value: int


@dataclass(frozen=True, slots=True)
class MarkChange:
    """What an operation made of one mark of an image."""

    name: str
    mark: Mark
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class NewOperation:
    """An operation that is about to begin, `by` an owner. `token` is how the names of its temporary files begin.

    `images` are those that come with it, `marks` are set when it ends.
    """

    kind: str
    changes: Sequence[FileChange]
    by: str
    origin: Origin
    detail: Mapping[str, Any] = field(default_factory=dict)
    token: str = ""
    images: Sequence[ImportedImage] = ()
    marks: Sequence[MarkWish] = ()


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """One change in the history of one file. `at` is UTC in ISO 8601."""

    operation: int
    kind: str
    at: str
    by: str
    origin: Origin
    state: State
    path: str
    before: bytes | None
    after: bytes | None

    @property
    def before_text(self) -> str:
        """The caption before, "" where there was none or it was not text."""
        return text_of(self.before or b"") or ""

    @property
    def after_text(self) -> str:
        return text_of(self.after or b"") or ""


@dataclass(frozen=True, slots=True)
class OperationEntry:
    """One operation in the history of a dataset: how many files it changed, when (UTC, ISO 8601), and by whom.

    `path` is the first of the files, "" where there is none; a rename's `detail` has the names "from" and "to",
    that of an import the number of "images" that came with it, one that changes marks how many are "marked".
    """

    operation: int
    kind: str
    files: int
    at: str
    by: str
    state: State
    origin: Origin
    detail: Mapping[str, Any]
    path: str


@dataclass(frozen=True, slots=True)
class PendingOperation:
    """An operation that was begun and has not ended: it is under way, or a crash cut it short."""

    operation: int
    kind: str
    state: State
    token: str
    detail: dict[str, Any]

    @property
    def direction(self) -> Direction | None:
        """Whether it is being undone or redone, None where it is done for the first time."""
        return next((direction for direction, state in UNDER_WAY.items() if state == self.state), None)


def entry_of(row: sqlite3.Row) -> ChangeEntry:
    """The entry that a joined row of `operations` and `changes` tells of."""
    return ChangeEntry(
        operation=row["id"],
        kind=row["kind"],
        at=row["at"],
        by=row["by"],
        origin=Origin(**json.loads(row["origin"])),
        state=row["state"],
        path=row["path"],
        before=row["before"],
        after=row["after"],
    )
