"""A SQLite file with one connection: WAL, FULL, migrations. Journal, ledger and preferences all use it."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from lib.errors import DatabaseFailed, WriteFailed
from lib.files import cause_of
from lib.private import private_file, private_folder
from lib.sqlite.damaged import Salvage, end_replacing, migrate, put_aside

log = logging.getLogger(__name__)

T = TypeVar("T")

_BUSY_S = 30
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_CAUSES = {
    sqlite3.SQLITE_FULL: ("the disk is full", "Free some space and try again."),
    sqlite3.SQLITE_READONLY: ("its file is read-only", "Let the toolkit's own folder be written to, and try again."),
    sqlite3.SQLITE_CANTOPEN: ("its file cannot be opened", "Make sure that the toolkit's own folder is there."),
    sqlite3.SQLITE_IOERR: ("the disk refused it", "Make sure that the disk has space, and try again."),
    sqlite3.SQLITE_BUSY: ("somebody else is writing to it for long", "Try again in a moment."),
}
_REOPENED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
"""After these the connection may stand for a file that is no more."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a person reads of a database that refuses: what it is (“The history”), and what was kept all the same."""

    what: str = "What the toolkit keeps"
    kept: str = "No caption and no image was touched."


class Database:
    """A SQLite file shared by threads and processes.

    One connection guarded by a lock: SQLite serialises writers anyway, and reads here are short. It is opened at the
    first use, and again after `close`, so that whoever keeps many databases may close those that rest.
    `migrations` are scripts applied in order, each once; the file's `user_version` counts them.

    Where SQLite or the disk refuses, DatabaseFailed is raised. A file that is damaged is put aside under another name
    and a new one takes its place, with what `salvage` takes over; nothing is ever deleted.
    """

    connection_class: ClassVar[type[sqlite3.Connection]] = sqlite3.Connection
    """A test puts one here that fails."""

    def __init__(
        self, path: Path, migrations: Sequence[str], told: Told = Told(), salvage: Salvage | None = None
    ) -> None:
        self.path = path
        self._migrations = migrations
        self._told = told
        self._salvage = salvage
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, durable once the block has ended (synchronous=FULL). Raises DatabaseFailed."""
        with self._lock:
            connection = self._tried(_begun)
            try:
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error as exc:
                self._roll_back(connection)
                if not _is_told(exc):
                    raise
                raise self._failure(exc) from exc
            except BaseException:
                self._roll_back(connection)
                raise

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        """What a question gives. Raises DatabaseFailed."""
        with self._lock:
            return self._tried(lambda connection: connection.execute(sql, parameters).fetchall())

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the file and empties it, unless somebody is reading. Raises DatabaseFailed."""
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

    def _tried(self, use: Callable[[sqlite3.Connection], T]) -> T:
        """Uses the connection; once more where the file was damaged and a new one has taken its place."""
        inside = self._connection is not None and self._connection.in_transaction
        try:
            try:
                return use(self._connected())
            except sqlite3.DatabaseError as exc:
                if inside or _code(exc) not in _DAMAGED:
                    raise
                self._put_aside(exc)
            return use(self._connected())
        except sqlite3.Error as exc:
            if not _is_told(exc):
                raise
            raise self._failure(exc) from exc
        except OSError as exc:
            raise self._refusal(*cause_of(exc)) from exc

    def _connected(self) -> sqlite3.Connection:
        known = self._connection
        if known is not None and not known.in_transaction and _identity(self.path) != self._file:
            # Another process has put it aside, or somebody took it away: what is written there, nobody finds again.
            self._let_go()
        if self._connection is None:
            private_folder(self.path.parent)
            if not self.path.exists():
                end_replacing(self.path)
            # SQLite gives the files that it makes beside this one the same mode.
            private_file(self.path)
            self._connection = self._opened()
            self._file = _identity(self.path)
        return self._connection

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, factory=self.connection_class
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            migrate(connection, self._migrations)
        except BaseException:
            # One that was opened by half would lack its tables ever after.
            connection.close()
            raise
        return connection

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        """Where SQLite has rolled back itself already, or cannot, the next use begins with a new connection."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._let_go()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _failure(self, error: sqlite3.Error) -> WriteFailed:
        """What to raise for an error of SQLite's; a damaged file is put aside first."""
        code = _code(error)
        if code in _DAMAGED:
            aside = self._put_aside(error)
            kept = f" The damaged file is kept as {aside.name}." if aside else ""
            return DatabaseFailed(
                f"{self._told.what} was damaged, and a new file was begun.",
                f"{self._told.kept}{kept} Do it once more.",
            )
        if code in _REOPENED:
            self._let_go()
        return self._refusal(*_CAUSES.get(code, (str(error), "Try again.")))

    def _put_aside(self, error: sqlite3.Error) -> Path | None:
        """Gives the damaged file another name, and tells it; None where another process has. Raises DatabaseFailed."""
        mine = self._file if self._connection is not None else _identity(self.path)
        self._let_go()
        try:
            aside = put_aside(self.path, self._migrations, self._salvage, lambda: _identity(self.path) == mine)
        except (OSError, sqlite3.Error) as exc:
            log.exception("%s is damaged and cannot be put aside", self.path)
            cause = cause_of(exc)[0] if isinstance(exc, OSError) else str(exc)
            why = f"its file is damaged ({error}), and a new one cannot be begun: {cause}"
            raise self._refusal(why, "Make sure that the toolkit's own folder has space.") from exc
        if aside is not None:
            log.error("%s was damaged (%s); it is kept as %s", self.path, error, aside)
        return aside

    def _refusal(self, cause: str, remedy: str) -> WriteFailed:
        return DatabaseFailed(
            f"{self._told.what} could not be read or written: {cause}.", f"{self._told.kept} {remedy}"
        )


def _begun(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("BEGIN IMMEDIATE")
    return connection


def _is_told(error: sqlite3.Error) -> bool:
    """Whether it is the file's fault, not the program's."""
    return type(error) in (sqlite3.OperationalError, sqlite3.DatabaseError)


def _code(error: sqlite3.Error) -> int:
    """SQLite's own number for it, without the details; 0 where there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        info = os.stat(path)  # noqa: PTH116 - at every use
    except OSError:
        return None
    return info.st_dev, info.st_ino
