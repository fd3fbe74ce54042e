"""Reads the journal a page at a time, so that a long history opens at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lib.dataset.journal.rows import UNDOABLE, ChangeEntry, OperationEntry, entry_of
from lib.domain import Origin
from lib.sqlite import Database

COLUMNS = "o.id, o.kind, o.at, o.by, coalesce(c.origin, o.origin) AS origin, o.state, c.path, c.before, c.after"

_NOT_PASSED_OVER = "json_extract(detail, '$.passed_over') IS NULL"

_AT_ONCE = 500
"""Values in one question; SQLite takes a limited number."""


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """Which operations to list. `paths` (relative): only those that changed one of these tag files, None for any.

    `blanks`: also the empty tag files that were made because somebody looked at an image.
    """

    blanks: bool = True
    many: bool = False
    """Only operations on more than one file, or on the marks of more than one image."""
    paths: Sequence[str] | None = None

    def where(self) -> tuple[str, list[object]]:
        conditions = ["o.state != 'abandoned'"]
        if not self.blanks:
            conditions.append("o.kind != 'create'")
        if self.many:
            conditions.append("(o.files > 1 OR coalesce(json_extract(o.detail, '$.marked'), 0) > 1)")
        if self.paths is not None:
            marks = ", ".join("?" * len(self.paths))
            conditions.append(f"o.id IN (SELECT operation FROM changes WHERE path IN ({marks}))")
        return " AND ".join(conditions), list(self.paths or ())


EVERYTHING = OperationFilter()


def operations(db: Database, wanted: OperationFilter, limit: int, offset: int) -> list[OperationEntry]:
    """The operations that are wanted, the newest first."""
    where, values = wanted.where()
    return select_operations(db, f"WHERE {where} ORDER BY o.id DESC LIMIT ? OFFSET ?", [*values, limit, offset])


def count(db: Database, wanted: OperationFilter) -> int:
    """How many operations are wanted."""
    where, values = wanted.where()
    return int(db.rows(f"SELECT count(*) AS number FROM operations o WHERE {where}", values)[0]["number"])


def newest_undoable(db: Database, by: str | None) -> OperationEntry | None:
    """What an undo takes back (of one owner's)."""
    return _newest(db, f"{UNDOABLE} AND {_NOT_PASSED_OVER}", "id", by)


def newest_redoable(db: Database, by: str | None) -> OperationEntry | None:
    """What was undone last (of one owner's), unless something else was done since."""
    return _newest(db, f"state = 'undone' AND undo_order > 0 AND {_NOT_PASSED_OVER}", "undo_order", by)


def _newest(db: Database, which: str, order: str, by: str | None) -> OperationEntry | None:
    # Not "? IS NULL OR by = ?": no index helps there.
    mine = "" if by is None else " AND by = ?"
    where = f"WHERE {which}{mine} ORDER BY {order} DESC LIMIT 1"
    return next(iter(select_operations(db, where, [] if by is None else [by])), None)


def select_operations(db: Database, where: str, parameters: Sequence[object] = ()) -> list[OperationEntry]:
    rows = db.rows(
        f"SELECT o.*, (SELECT min(path) FROM changes WHERE operation = o.id) AS first_path FROM operations o {where}",
        parameters,
    )
    return [
        OperationEntry(
            operation=row["id"],
            kind=row["kind"],
            files=row["files"],
            at=row["at"],
            by=row["by"],
            state=row["state"],
            origin=Origin(**json.loads(row["origin"])),
            detail=json.loads(row["detail"]),
            path=row["first_path"] or "",
        )
        for row in rows
    ]


def entries(db: Database, operation: int, limit: int, offset: int) -> list[ChangeEntry]:
    """The changes of one operation, by path. `limit` -1: all of them."""
    rows = db.rows(
        f"SELECT {COLUMNS} FROM changes c JOIN operations o ON o.id = c.operation WHERE o.id = ?"
        " ORDER BY c.path LIMIT ? OFFSET ?",
        (operation, limit, offset),
    )
    return [entry_of(row) for row in rows]


def changed_by(db: Database, operation: int, paths: Sequence[str]) -> set[str]:
    """Those of the paths that an operation changed."""
    found: set[str] = set()
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        rows = db.rows(f"SELECT path FROM changes WHERE operation = ? AND path IN ({marks})", (operation, *some))
        found |= {row["path"] for row in rows}
    return found
