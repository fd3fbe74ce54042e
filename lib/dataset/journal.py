"""The history of a dataset's tag files: what each was before and after, written down before it is written."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from lib.dataset.sidecar import hash_of, text_of
from lib.domain import Origin
from lib.settings import Settings
from lib.sqlite import Database

State = Literal["pending", "done", "abandoned", "conflict"]

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
)


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's bytes before and after, None where there is no file. `path` is relative to the dataset's root."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Entry:
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


class Journal:
    """One dataset's journal, shared by threads and processes.

    An operation is any number of changes that belong together: `begin` commits them before the first write, `finish`
    or `abandon` closes it. What a crash leaves pending, `recover` judges by the files themselves.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = Database(path, MIGRATIONS)

    def begin(
        self,
        kind: str,
        changes: Sequence[FileChange],
        by: str,
        origin: Origin,
        detail: dict[str, Any] | None = None,
    ) -> int:
        """Writes an operation down, durable before it returns; gives its number."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        rows = [(c.path, c.before, c.after, hash_of(c.before), hash_of(c.after)) for c in changes]
        with self._db.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO operations (kind, at, by, origin, detail, state) VALUES (?, ?, ?, ?, ?, 'pending')",
                (kind, now, by, json.dumps(asdict(origin)), json.dumps(detail or {})),
            )
            operation = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO changes (operation, path, before, after, before_hash, after_hash)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(operation, *row) for row in rows],
            )
        return operation

    def finish(self, operation: int) -> None:
        """The files hold what was meant."""
        self._close_as(operation, "done")

    def abandon(self, operation: int) -> None:
        """The files are as they were before."""
        self._close_as(operation, "abandoned")

    def _close_as(self, operation: int, state: State) -> None:
        with self._db.transaction() as connection:
            connection.execute("UPDATE operations SET state = ? WHERE id = ?", (state, operation))

    def recover(self, root: Path) -> list[int]:
        """Closes what a crash left pending, by what the files hold now; gives the operations that fit neither side.

        All files as after: done. All as before: abandoned. Anything else is a conflict: both texts stay in the
        journal, and nothing is written.
        """
        unsettled: list[int] = []
        for row in self._db.rows("SELECT id, kind, detail FROM operations WHERE state = 'pending' ORDER BY id"):
            operation = int(row["id"])
            sides = self._sides(root, operation)
            if row["kind"] == "rename":
                state = _settle_rename(root, json.loads(row["detail"]))
            elif all(after for _, after in sides):
                state = "done"
            elif all(before for before, _ in sides):
                state = "abandoned"
            else:
                state = "conflict"
                unsettled.append(operation)
            self._close_as(operation, state)
        return unsettled

    def _sides(self, root: Path, operation: int) -> list[tuple[bool, bool]]:
        """For each file of an operation whether it is as before, and whether it is as after."""
        rows = self._db.rows("SELECT path, before_hash, after_hash FROM changes WHERE operation = ?", (operation,))
        sides = []
        for row in rows:
            found = _hash_on_disk(root / row["path"])
            sides.append((found == row["before_hash"], found == row["after_hash"]))
        return sides

    def history(self, path: str, limit: int = 200) -> list[Entry]:
        """The changes of one tag file (relative path), the newest first; abandoned ones are left out."""
        rows = self._db.rows(
            "SELECT o.id, o.kind, o.at, o.by, o.origin, o.state, c.path, c.before, c.after"
            " FROM changes c JOIN operations o ON o.id = c.operation"
            " WHERE c.path = ? AND o.state != 'abandoned' ORDER BY o.id DESC LIMIT ?",
            (path, limit),
        )
        return [_entry(row) for row in rows]

    def latest_origin(self, path: str, hash: str | None = None) -> Origin | None:
        """Where the latest caption came from; with `hash`, only if the journal knows the file in that very state."""
        rows = self._db.rows(
            "SELECT o.origin, c.after_hash FROM changes c JOIN operations o ON o.id = c.operation"
            " WHERE c.path = ? AND o.state = 'done' ORDER BY o.id DESC LIMIT 1",
            (path,),
        )
        if not rows or (hash is not None and rows[0]["after_hash"] != hash):
            return None
        return Origin(**json.loads(rows[0]["origin"]))

    def allow_shared(self, stem: str) -> None:
        """Notes that the images of a stem may share their tag file."""
        with self._db.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO shared_stems (stem) VALUES (?)", (stem,))

    def shared_allowed(self) -> frozenset[str]:
        """The stems whose images may share their tag file."""
        return frozenset(row["stem"] for row in self._db.rows("SELECT stem FROM shared_stems"))

    def close(self) -> None:
        self._db.close()


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
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


def _hash_on_disk(path: Path) -> str | None:
    """The hash of a file, "" where there is none, None where it cannot be read."""
    try:
        return hash_of(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return None


def _settle_rename(root: Path, detail: dict[str, str]) -> State:
    """Ends a rename that was cut short: the image has the new name, or nothing of it remains."""
    old, new = root / detail["from"], root / detail["to"]
    if not os.path.lexists(new):
        return "abandoned"
    if not os.path.lexists(old):
        return "done"
    if not old.is_symlink() and not new.is_symlink() and old.samefile(new):
        old.unlink()
        return "done"
    return "conflict"


_KEPT_OPEN = 32

_open: OrderedDict[Path, Journal] = OrderedDict()
_open_lock = threading.Lock()


def journal_for(root: Path, settings: Settings) -> Journal:
    """The journal of a dataset's folder, one for each process; what a crash left is settled at its first opening."""
    real = root.resolve()
    name = hashlib.sha256(str(real).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    path = settings.journals / f"{name}.sqlite"
    with _open_lock:
        journal = _open.get(path)
        if journal is None:
            journal = Journal(path)
            journal.recover(real)
            _open[path] = journal
        _open.move_to_end(path)
        # All journals stay known, but only those in use keep their file open; a closed one opens itself again.
        for rested in list(_open.values())[:-_KEPT_OPEN]:
            rested.close()
        return journal
