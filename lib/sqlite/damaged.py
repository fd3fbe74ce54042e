"""A damaged SQLite file is put aside under another name, never deleted; what can be read of it goes into a new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from lib.private import FILE, private_file

_NEW = ".salvaged-"
"""The new file, complete, while the old one has its name still; behind it the time that the old one is to bear."""

_ASIDE = ".damaged-"
_PARTS = ("", "-wal", "-shm")
_HEAD, _VALID_FOR = 100, 92
"""Bytes of a file's head, and where in it stands for which change its number of pages holds."""

_MOST_PROBES = 200_000
"""So many rows in a row that cannot be read are the end, where nothing tells how many there were."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """What becomes of the rows that can be read.

    `settle` makes the new file consistent. It gets the connection, by table the first row number that was lost, and
    where the old file will lie.
    """

    settle: Callable[[sqlite3.Connection, dict[str, int], Path], None] | None = None


def migrate(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    """Applies the scripts that a file lacks, all or none; a file that lacks none is not written to."""
    if int(connection.execute("PRAGMA user_version").fetchone()[0]) >= len(migrations) > 0:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = int(connection.execute("PRAGMA user_version").fetchone()[0])
        for script in migrations[done:]:
            for statement in statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={max(done, len(migrations))}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


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


def put_aside(
    path: Path, migrations: Sequence[str], salvage: Salvage | None, is_mine: Callable[[], bool]
) -> Path | None:
    """Gives a damaged file and its log another name, and puts a new one in its place; gives the old one's new name.

    None where somebody else has done so meanwhile: `is_mine` tells whether the file is the one that was found damaged.
    Raises OSError and sqlite3.Error; then the damaged file has its name still, or `end_replacing` goes on.
    """
    with FileLock(f"{path}.lock", mode=FILE):
        _end_replacing(path)
        if not is_mine():
            return None
        aside = _free_name(path)
        part = path.with_name(f"{path.name}.salvaging")
        part.unlink(missing_ok=True)
        private_file(part)
        if salvage is not None:
            _take_over(path, part, migrations, salvage, aside)
        _sync(part)
        part.rename(path.with_name(f"{path.name}{_NEW}{aside.name.rpartition(_ASIDE)[2]}"))
        _end_replacing(path)
    return aside


def end_replacing(path: Path) -> None:
    """Goes on where a crash cut the exchange of the two files short. Raises OSError."""
    if any(path.parent.glob(f"{path.name}{_NEW}*")):
        with FileLock(f"{path}.lock", mode=FILE):
            _end_replacing(path)


def _end_replacing(path: Path) -> None:
    for new in sorted(path.parent.glob(f"{path.name}{_NEW}*")):
        aside = path.with_name(f"{path.name}{_ASIDE}{new.name.rpartition(_NEW)[2]}")
        if path.exists() and aside.exists():
            # Somebody has begun another file in between, which is not deleted either.
            aside = _free_name(path)
        # The log with its file: a new file beside an old log would be taken for the old one.
        for part in _PARTS:
            old, kept = Path(f"{path}{part}"), Path(f"{aside}{part}")
            if old.exists() and not kept.exists():
                old.rename(kept)
        new.rename(path)


def _free_name(path: Path) -> Path:
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    names = (f"{path.name}{_ASIDE}{time}{'' if turn == 0 else f'-{turn}'}" for turn in range(1_000_000))
    return next(free for free in map(path.with_name, names) if not free.exists())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take_over(path: Path, part: Path, migrations: Sequence[str], salvage: Salvage, aside: Path) -> None:
    """Copies every row that can be read into a new file."""
    lost: dict[str, int] = {}
    with closing(sqlite3.connect(part, isolation_level=None)) as new:
        # No log beside it: it gets another name soon.
        new.execute("PRAGMA journal_mode=DELETE")
        migrate(new, migrations)
        new.execute("BEGIN IMMEDIATE")
        with _readable_form(path, part, new) as source, closing(_for_reading(source)) as old:
            for table in _tables(new):
                _copy(old, new, table, lost)
        if salvage.settle is not None:
            salvage.settle(new, lost, aside)
        new.execute("COMMIT")


@contextmanager
def _readable_form(path: Path, part: Path, new: sqlite3.Connection) -> Iterator[Path]:
    """The damaged file, or a copy of it with a head that SQLite takes, where it takes this one for no database at all.

    The head is that of a new file: the first 100 bytes, or else the first page, which names the tables.
    """
    if _is_taken(path):
        yield path
        return
    fresh = part.with_name(f"{part.name}-head")
    copy = part.with_name(f"{part.name}-copy")
    try:
        new.execute("COMMIT")
        _copy_file(part, fresh)
        new.execute("BEGIN IMMEDIATE")
        head = fresh.read_bytes()
        page = int.from_bytes(head[16:18], "big")
        for size in (_HEAD, page):
            _copy_with_head(path, copy, head[:size])
            if _is_taken(copy):
                break
        yield copy
    finally:
        for made in (fresh, *(Path(f"{copy}{part}") for part in _PARTS)):
            made.unlink(missing_ok=True)


def _copy_with_head(path: Path, copy: Path, head: bytes) -> None:
    _copy_file(path, copy)
    with copy.open("r+b") as file:
        file.write(head)
        # A number that does not fit the change counter: the pages are counted anew, by the size of the file.
        file.seek(_VALID_FOR)
        file.write(b"\xff" * 4)
    log = Path(f"{path}-wal")
    if log.exists():
        _copy_file(log, Path(f"{copy}-wal"))


def _copy_file(source: Path, target: Path) -> None:
    private_file(target)
    shutil.copyfile(source, target)


def _is_taken(path: Path) -> bool:
    """Whether SQLite can tell what tables there are."""
    try:
        with closing(_for_reading(path)) as connection:
            return bool(_tables(connection))
    except sqlite3.DatabaseError:
        return False


def _for_reading(path: Path) -> sqlite3.Connection:
    """What is damaged stays as it was found."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return connection


def _tables(connection: sqlite3.Connection) -> list[str]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [row[0] for row in connection.execute(sql)]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str, lost: dict[str, int]) -> None:
    try:
        there = set(_columns(old, table))
    except sqlite3.DatabaseError:
        # Not even what tables there are can be read.
        lost[table] = 0
        return
    shared = [name for name in _columns(new, table) if name in there]
    if not shared:
        return
    places = ", ".join("?" * len(shared))
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(shared)}) VALUES ({places})"
    for row in _readable(old, table, shared, lost):
        # A row that does not fit in is no row of this table: it was read from a page that holds something else.
        try:
            new.execute(insert, row)
        except (sqlite3.IntegrityError, UnicodeError):
            lost.setdefault(table, 0)


def _readable(
    old: sqlite3.Connection, table: str, columns: Sequence[str], lost: dict[str, int]
) -> Iterator[tuple[object, ...]]:
    """The rows of a table that can be read, by their numbers; those that cannot are stepped over one by one."""
    sql = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED WHERE rowid > ? ORDER BY rowid"
    last, top = 0, _top(old, table)
    while last < top:
        try:
            for number, *values in old.execute(sql, (last,)):
                yield tuple(values)
                last = number
            return
        except (sqlite3.DatabaseError, UnicodeError):
            last += 1
            lost.setdefault(table, last)


def _top(old: sqlite3.Connection, table: str) -> int:
    """The largest number that a row can have."""
    try:
        return int(old.execute(f"SELECT coalesce(max(rowid), 0) FROM {table} NOT INDEXED").fetchone()[0])
    except (sqlite3.DatabaseError, TypeError, ValueError):
        return _MOST_PROBES
