"""The history of a dataset's tag files: what each was before and after, written down before it is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from lib.dataset.journal import damage, marks, pages, pruning, runs
from lib.dataset.journal.authors import Authors, author_of, latest_origin
from lib.dataset.journal.pages import COLUMNS, EVERYTHING, OperationFilter
from lib.dataset.journal.rows import (
    LINKED_SELECTIONS,
    MIGRATIONS,
    STANDS_AFTER,
    STANDS_BEFORE,
    UNDER_WAY,
    UNSETTLED,
    ChangeEntry,
    Direction,
    FileChange,
    ImportedImage,
    NewOperation,
    OperationEntry,
    PendingOperation,
    State,
    entry_of,
)
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import Author, ImageRecord, Origin, Selection
from lib.sqlite import Database, Told, rename_in

_TOLD = Told("The history", "All tag files are as they were.")


def _told(origin: Origin | None) -> str | None:
    return None if origin is None else json.dumps(asdict(origin))


class Journal:
    """One dataset's journal, shared by threads and processes.

    An operation is any number of changes that belong together: `begin` commits them before the first write, `finish`
    or `abandon` closes it. What a crash leaves pending, `lib.dataset.saving.recovery` judges by the files.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = Database(path, MIGRATIONS, _TOLD, damage.SALVAGE)
        self._authors = Authors(self._db)
        self.marks = marks.DatasetMarks(self._db)

    def begin(self, new: NewOperation) -> int:
        """Writes an operation down, durable before it returns; gives its number."""
        origin = asdict(new.origin)
        run = origin.pop("run")
        with self._db.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO operations (kind, at, by, origin, detail, token, run, files, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending')",
                (
                    new.kind, runs.now(), new.by, json.dumps(origin), json.dumps(dict(new.detail)), new.token, run,
                    len(new.changes),
                ),
            )  # fmt: skip
            operation = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO changes (operation, path, before, after, before_hash, after_hash, origin)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (operation, c.path, c.before, c.after, hash_of(c.before), hash_of(c.after), _told(c.origin))
                    for c in new.changes
                ],
            )
            connection.executemany(
                "INSERT INTO images (operation, name, hash, former_hash, sidecar, sidecar_hash)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(operation, i.name, i.hash, i.former_hash, i.sidecar, i.sidecar_hash) for i in new.images],
            )
            marks.write_down(connection, operation, new.marks)
        return operation

    def finish(self, operation: int, left_alone: Sequence[str] = ()) -> None:
        """The files hold what was meant, but for the paths that were left alone after all.

        What was undone before can no longer be redone without being named.
        """
        with self._db.transaction() as connection:
            marks.rename(connection, operation)
            marks.carry_out(connection, operation)
            connection.executemany(
                "DELETE FROM changes WHERE operation = ? AND path = ?", [(operation, path) for path in left_alone]
            )
            connection.execute(
                "UPDATE operations SET state = 'done', files = files - ? WHERE id = ?", (len(left_alone), operation)
            )
            # A blank file, made because somebody looked at an image, is nothing that a redo would disturb.
            connection.execute(
                "UPDATE operations SET undo_order = 0 WHERE undo_order > 0"
                " AND (SELECT kind FROM operations WHERE id = ?) != 'create'",
                (operation,),
            )

    def abandon(self, operation: int) -> None:
        """The files are as they were before."""
        self._close_as(operation, "abandoned")

    def mark_conflict(self, operation: int) -> None:
        """Some files hold neither the old nor the new text; both stay in the journal."""
        self._close_as(operation, "conflict")

    def _close_as(self, operation: int, state: State) -> None:
        with self._db.transaction() as connection:
            sql = "UPDATE operations SET state = ?, detail = json_remove(detail, '$.left') WHERE id = ?"
            connection.execute(sql, (state, operation))

    def start_undo_redo(
        self, operation: int, direction: Direction, token: str, files: int, left_alone: Sequence[str] = ()
    ) -> bool:
        """Writes down that an undo or a redo begins; false where the operation is not in the state for that.

        Also false where it does not have so many files: it was joined with others since it was looked at. `left_alone`
        are the tag files (relative) that it does not touch.
        """
        with self._db.transaction() as connection:
            cursor = connection.execute(
                "UPDATE operations SET state = ?, token = ?, detail = json_set(detail, '$.left', json(?))"
                " WHERE id = ? AND state = ? AND (SELECT count(*) FROM changes WHERE operation = operations.id) = ?",
                (
                    UNDER_WAY[direction], token, json.dumps(list(left_alone)),
                    operation, STANDS_BEFORE[direction], files,
                ),
            )  # fmt: skip
            return cursor.rowcount == 1

    def finish_undo_redo(self, operation: int, direction: Direction) -> None:
        """The undo or redo has ended: the operation is undone, or done again."""
        state = STANDS_AFTER[direction]
        with self._db.transaction() as connection:
            marks.turn(connection, operation, direction)
            connection.execute(
                "UPDATE operations SET state = ?, detail = json_remove(detail, '$.left', '$.passed_over'),"
                " undo_order = iif(? = 'undone', (SELECT max(undo_order) + 1 FROM operations), 0) WHERE id = ?",
                (state, state, operation),
            )

    def cancel_undo_redo(self, operation: int, direction: Direction) -> None:
        """The undo or redo came to nothing, and all files are as they were: so is the operation."""
        self._close_as(operation, STANDS_BEFORE[direction])

    def pass_over(self, operation: int) -> None:
        """Nothing of an operation can be undone or redone as its files are: only who names it tries it again."""
        with self._db.transaction() as connection:
            sql = "UPDATE operations SET detail = json_set(detail, '$.passed_over', json('true')) WHERE id = ?"
            connection.execute(sql, (operation,))

    def pending(self) -> list[PendingOperation]:
        """The operations that have not ended, the oldest first."""
        rows = self._db.rows(f"SELECT id, kind, state, token, detail FROM operations WHERE {UNSETTLED} ORDER BY id")
        return [
            PendingOperation(row["id"], row["kind"], row["state"], row["token"], json.loads(row["detail"]))
            for row in rows
        ]

    def file_changes(self, operation: int) -> list[FileChange]:
        """What an operation changed, by path."""
        sql = "SELECT path, before, after FROM changes WHERE operation = ? ORDER BY path"
        return [FileChange(row["path"], row["before"], row["after"]) for row in self._db.rows(sql, (operation,))]

    def images(self, operation: int) -> list[ImportedImage]:
        """The images that came with an operation, by name."""
        columns = "name, hash, former_hash, sidecar, sidecar_hash"
        sql = f"SELECT {columns} FROM images WHERE operation = ? ORDER BY name"
        return [ImportedImage(*row) for row in self._db.rows(sql, (operation,))]

    def found_by_next(self, operation: int, path: str) -> str | None:
        """The hash that the next operation on a file found there, None where there was none since."""
        rows = self._db.rows(
            "SELECT c.before_hash FROM changes c JOIN operations o ON o.id = c.operation"
            " WHERE c.path = ? AND c.operation > ? AND o.state != 'abandoned' ORDER BY c.operation LIMIT 1",
            (path, operation),
        )
        return str(rows[0]["before_hash"]) if rows else None

    def operation(self, operation: int) -> OperationEntry | None:
        """One operation by its number."""
        return next(iter(pages.select_operations(self._db, "WHERE o.id = ?", (operation,))), None)

    def state_of(self, operation: int) -> State | None:
        found = self.operation(operation)
        return found.state if found else None

    def operations(
        self, limit: int = 200, offset: int = 0, wanted: OperationFilter = EVERYTHING
    ) -> list[OperationEntry]:
        """The latest operations behind the first `offset`, the newest first; abandoned ones are left out."""
        return pages.operations(self._db, wanted, limit, offset)

    def count(self, wanted: OperationFilter = EVERYTHING) -> int:
        """How many operations there are; abandoned ones are left out."""
        return pages.count(self._db, wanted)

    def newest_undoable(self, by: str | None = None) -> OperationEntry | None:
        """What an undo takes back (of one owner's): neither a blank file, which nobody typed, nor a new name."""
        return pages.newest_undoable(self._db, by)

    def newest_redoable(self, by: str | None = None) -> OperationEntry | None:
        """What was undone last (of one owner's), unless something else was done since."""
        return pages.newest_redoable(self._db, by)

    def entries(self, operation: int, limit: int = -1, offset: int = 0) -> list[ChangeEntry]:
        """The changes of one operation, by path; with `limit` so many of them behind the first `offset`."""
        return pages.entries(self._db, operation, limit, offset)

    def changed_by(self, operation: int, paths: Sequence[str]) -> set[str]:
        """Those of the paths (relative) that an operation changed."""
        return pages.changed_by(self._db, operation, paths)

    def history(self, path: str, limit: int = 200) -> list[ChangeEntry]:
        """The changes of one tag file (relative path), the newest first; abandoned ones are left out."""
        rows = self._db.rows(
            f"SELECT {COLUMNS}"
            " FROM changes c JOIN operations o ON o.id = c.operation"
            " WHERE c.path = ? AND o.state != 'abandoned' ORDER BY o.id DESC LIMIT ?",
            (path, limit),
        )
        return [entry_of(row) for row in rows]

    def written_by(self, run: str) -> set[str]:
        """The images whose captions a run has written one by one and not joined yet, undone or not."""
        return runs.written_by(self._db, run)

    def join(self, run: str) -> None:
        """Makes one new operation of all that a run has written and that stands, so that one undo takes it back."""
        runs.join(self._db, run)

    def operation_of(self, run: str) -> int | None:
        """The newest operation that a run has written, None where it has written nothing."""
        return runs.newest_of(self._db, run)

    def latest_origin(self, path: str, hash: str | None = None) -> Origin | None:
        """Where the latest caption came from; with `hash`, only if the journal knows the file in that very state."""
        return latest_origin(self._db, path, hash)

    def author(self, record: ImageRecord) -> Author | None:
        """Who wrote a caption, None where nobody knows: it is blank, or another program has written it."""
        return author_of(self._db, record)

    def authors(self, records: Sequence[ImageRecord]) -> list[Author | None]:
        """The same for many captions: what was done since the last question is read once, not caption by caption."""
        return self._authors.of(records)

    def allow_shared(self, stem: str) -> None:
        """Notes that the images of a stem may share their tag file."""
        with self._db.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO shared_stems (stem) VALUES (?)", (stem,))

    def shared_allowed(self) -> frozenset[str]:
        """The stems whose images may share their tag file."""
        return frozenset(row["stem"] for row in self._db.rows("SELECT stem FROM shared_stems"))

    def keep_selection(self, selection: Selection) -> None:
        """Keeps chosen images under their id, so that a link to them serves whoever may open the dataset."""
        with self._db.transaction() as connection:
            row = (selection.id, selection.label, json.dumps(sorted(selection.names)))
            connection.execute("INSERT OR REPLACE INTO selections VALUES (?, ?, ?)", row)
            kept = "SELECT rowid FROM selections ORDER BY rowid DESC LIMIT ?"
            connection.execute(f"DELETE FROM selections WHERE rowid NOT IN ({kept})", (LINKED_SELECTIONS,))

    def selection(self, id: str) -> Selection | None:
        """Chosen images by their id, None where they are not kept (any more)."""
        rows = self._db.rows("SELECT label, names FROM selections WHERE id = ?", (id,))
        return Selection(frozenset(json.loads(rows[0]["names"])), rows[0]["label"]) if rows else None

    def damages(self) -> list[damage.Damage]:
        """When its file was damaged and a new one begun, the latest first."""
        return damage.damages(self._db)

    def prune(self, days: int, megabytes: int) -> int:
        """Forgets old operations, by age and by size (0: no limit); gives how many."""
        return pruning.prune(self._db, days, megabytes)

    def trim(self) -> None:
        """Moves a large operation from the write-ahead log into the file, and gives the log's space back."""
        self._db.checkpoint()

    def rename_owners(self, new_name: Callable[[str], str]) -> None:
        """Gives the operations of every owner to whom `new_name` says. Raises DatabaseFailed."""
        rename_in(self._db, "operations", "by", new_name)

    def rewrite(self) -> None:
        """Writes the file anew, so that no owner's former name is left in it. Raises DatabaseFailed."""
        self._db.rewrite()

    def close(self) -> None:
        self._db.close()
