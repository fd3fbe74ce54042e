"""What people say of images: left out of what is made of the dataset, and stars.

A change of marks is a part of an operation. It is carried out in the very transaction that closes the operation, so
that a kill leaves both or none, and undo takes it back.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.dataset.journal.rows import UNDER_WAY, Direction, MarkChange, MarkWish
from lib.domain import MOST_STARS, Mark
from lib.sqlite import Database

_NOW = "coalesce((SELECT value FROM marks m WHERE m.name = c.name AND m.mark = c.mark), 0)"
LARGEST: Mapping[str, int] = {"left_out": 1, "rating": MOST_STARS}
"""What a mark may be at most."""


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of a dataset, by image. Those of images that are away stay known, for when these come back."""

    left_out: frozenset[str] = frozenset()
    ratings: Mapping[str, int] = field(default_factory=dict)
    stamp: int = 0

    def of(self, name: str, mark: Mark) -> int:
        return self.ratings.get(name, 0) if mark == "rating" else int(name in self.left_out)


class DatasetMarks:
    """The marks of a dataset, in its journal. They are read again only after a change. Safe for threads.

    The methods raise DatabaseFailed.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._known = Marks()

    def stamp(self) -> int:
        """Another number after each change of a mark, whichever process made it; 0 before the first."""
        rows = self._db.rows("SELECT value FROM mark_stamps")
        return int(rows[0][0]) if rows else 0

    def now(self) -> Marks:
        """All of them."""
        with self._lock:
            # Read before the marks: a change in between is then looked at again, not missed.
            stamp = self.stamp()
            if stamp != self._known.stamp:
                rows = self._db.rows("SELECT name, mark, value FROM marks")
                out = frozenset(name for name, mark, _ in rows if mark == "left_out")
                self._known = Marks(out, {name: value for name, mark, value in rows if mark == "rating"}, stamp)
            return self._known

    def set(self, wish: MarkWish) -> None:
        """Sets one mark, durable before it returns. The history does not hear of it: the same key takes it back."""
        with self._db.transaction() as connection:
            if wish.value:
                connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", (wish.name, wish.mark, wish.value))
            else:
                connection.execute("DELETE FROM marks WHERE name = ? AND mark = ?", (wish.name, wish.mark))
            _stamp(connection)

    def changes(self, operation: int) -> list[MarkChange]:
        """The marks that an operation changed, by image."""
        sql = "SELECT name, mark, before, after FROM mark_changes WHERE operation = ? ORDER BY name, mark"
        return [MarkChange(*row) for row in self._db.rows(sql, (operation,))]

    def as_left(self, operation: int, direction: Direction) -> list[MarkChange]:
        """Those of them that nobody has changed since, so that they can be undone or redone."""
        left = "after" if direction == "undo" else "before"
        sql = f"SELECT name, mark, before, after FROM mark_changes c WHERE operation = ? AND {left} = {_NOW}"
        return [MarkChange(*row) for row in self._db.rows(sql, (operation,))]


def write_down(connection: sqlite3.Connection, operation: int, wishes: Iterable[MarkWish]) -> None:
    """Notes what an operation is to make of marks. Images that go aside or make way take theirs along."""
    rows = [(operation, wish.name, wish.mark, wish.value) for wish in wishes]
    connection.executemany("INSERT OR REPLACE INTO mark_changes VALUES (?, ?, ?, 0, ?)", rows)
    connection.execute(
        "INSERT OR IGNORE INTO mark_changes SELECT i.operation, m.name, m.mark, 0, 0"
        " FROM images i JOIN marks m ON m.name = i.name WHERE i.operation = ?",
        (operation,),
    )


def carry_out(connection: sqlite3.Connection, operation: int) -> None:
    """Sets the marks of an operation that comes to its end. One that has ended already has set them."""
    if not _is(connection, operation, "pending"):
        return
    connection.execute(f"UPDATE mark_changes AS c SET before = {_NOW} WHERE operation = ?", (operation,))
    connection.execute("DELETE FROM mark_changes WHERE operation = ? AND before = after", (operation,))
    connection.execute(
        "UPDATE operations SET detail = json_set(detail, '$.marked',"
        " (SELECT count(DISTINCT name) FROM mark_changes WHERE operation = operations.id))"
        " WHERE id = ? AND json_extract(detail, '$.marked') IS NOT NULL",
        (operation,),
    )
    _set(connection, operation, "before", "after")


def turn(connection: sqlite3.Connection, operation: int, direction: Direction) -> None:
    """Takes the marks of an operation back, or sets them again; those that were changed since stay."""
    if _is(connection, operation, UNDER_WAY[direction]):
        _set(connection, operation, *(("after", "before") if direction == "undo" else ("before", "after")))


def rename(connection: sqlite3.Connection, operation: int) -> None:
    """Gives the marks of an image its new name, also in what was done before. For the end of a rename."""
    row = connection.execute(
        "SELECT json_extract(detail, '$.from'), json_extract(detail, '$.to') FROM operations"
        " WHERE id = ? AND kind = 'rename' AND state = 'pending'",
        (operation,),
    ).fetchone()
    if row is None:
        return
    old, new = row
    # The new name was free: what is known of it is of an image that is gone.
    connection.execute("DELETE FROM marks WHERE name = ?", (new,))
    moved = connection.execute("UPDATE marks SET name = ? WHERE name = ?", (new, old)).rowcount
    connection.execute("UPDATE OR REPLACE mark_changes SET name = ? WHERE name = ?", (new, old))
    if moved:
        _stamp(connection)


def settle(connection: sqlite3.Connection) -> None:
    """Drops what is no mark out of the rows of a damaged file; all that was derived is stale."""
    for table, columns in (("marks", ("value",)), ("mark_changes", ("before", "after"))):
        for row in connection.execute(f"SELECT rowid, name, mark, {', '.join(columns)} FROM {table}").fetchall():
            number, name, mark, *values = row
            most = LARGEST.get(mark) if isinstance(mark, str) else None
            fine = most is not None and all(isinstance(value, int) and 0 <= value <= most for value in values)
            if not fine or not isinstance(name, str):
                connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))
    _stamp(connection)


def marked(wishes: Iterable[MarkWish]) -> dict[str, Any]:
    """What the history tells of an operation that changes marks."""
    names = list(dict.fromkeys(wish.name for wish in wishes))
    if not names:
        return {}
    return {"marked": len(names)} | ({"image": names[0]} if len(names) == 1 else {})


def _is(connection: sqlite3.Connection, operation: int, state: str) -> bool:
    row = connection.execute("SELECT state FROM operations WHERE id = ?", (operation,)).fetchone()
    return row is not None and row[0] == state


def _set(connection: sqlite3.Connection, operation: int, expected: str, wanted: str) -> None:
    rows = connection.execute(
        f"SELECT c.name, c.mark, c.{wanted} FROM mark_changes c WHERE c.operation = ? AND c.{expected} = {_NOW}",
        (operation,),
    ).fetchall()
    if not rows:
        return
    connection.executemany("DELETE FROM marks WHERE name = ? AND mark = ?", [(name, mark) for name, mark, _ in rows])
    connection.executemany("INSERT INTO marks VALUES (?, ?, ?)", [tuple(row) for row in rows if row[2]])
    _stamp(connection)


def _stamp(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO mark_stamps VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET value = max(value + 1, excluded.value)",
        (time.time_ns(),),
    )
