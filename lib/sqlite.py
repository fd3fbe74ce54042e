"""One way to open a SQLite file: WAL, FULL, migrations. Journal, ledger and preferences all use it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lib.private import private_file, private_folder


class Database:
    """A SQLite file shared by threads and processes.

    One connection guarded by a lock: SQLite serialises writers anyway, and reads here are short. It is opened at the
    first use, and again after `close`, so that whoever keeps many databases may close those that rest.
    `migrations` are scripts applied in order, each once; the file's `user_version` counts them.
    """

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        self.path = path
        self._migrations = migrations
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            private_folder(self.path.parent)
            # SQLite gives the files that it makes beside this one the same mode.
            private_file(self.path)
            self._connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._migrate()
        return self._connection

    def _migrate(self) -> None:
        with self.transaction() as connection:
            done = int(connection.execute("PRAGMA user_version").fetchone()[0])
            for script in self._migrations[done:]:
                for statement in statements(script):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version={max(done, len(self._migrations))}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, durable once the block has ended (synchronous=FULL)."""
        with self._lock:
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connected().execute(sql, parameters).fetchall()

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the file and empties it, unless somebody is reading."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def rewrite(self) -> None:
        """Writes the whole file anew, so that nothing of what was changed or deleted is left in it."""
        self.checkpoint()
        self.rows("VACUUM")
        self.checkpoint()

    def close(self) -> None:
        """Let go of the file until the next use."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one. A trigger holds semicolons of its own, and so may a text.

    `executescript` is no way: it commits first, and a migration is all or nothing.
    """
    begun = ""
    for part in script.split(";"):
        begun += part + ";"
        if sqlite3.complete_statement(begun):
            if begun.strip("; \n"):
                yield begun.strip()
            begun = ""
    if begun.strip("; \n"):
        yield begun.strip()


def rename_in(database: Database, table: str, column: str, new_name: Callable[[str], str]) -> bool:
    """Gives every value of a column the name that `new_name` has for it; true where that changed one.

    Done again, it changes nothing more.
    """
    values = [str(row[0]) for row in database.rows(f"SELECT DISTINCT {column} FROM {table}")]
    changes = [(new, value) for value in values if (new := new_name(value)) != value]
    if changes:
        with database.transaction() as connection:
            connection.executemany(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", changes)
    return bool(changes)
