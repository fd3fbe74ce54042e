"""A journal whose file was damaged: what of its rows can be trusted, and from when on undo is missing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from lib.dataset.journal import marks, runs
from lib.dataset.journal.rows import State
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import Origin
from lib.sqlite import Database, Salvage


@dataclass(frozen=True, slots=True)
class Damage:
    """When a new journal was begun, and where the damaged file lies.

    `since` is the time of the last operation before the first one that was lost, "" where that may be any, None where
    none was lost. Times are UTC in ISO 8601.
    """

    at: str
    file: Path
    since: str | None


def damages(database: Database) -> list[Damage]:
    """All that the journal has gone through, the latest first."""
    rows = database.rows("SELECT at, file, since FROM damages ORDER BY rowid DESC")
    return [Damage(row["at"], Path(row["file"]), row["since"]) for row in rows]


def damage_told(damage: Damage, time: Callable[[str], str] = str) -> tuple[str, str]:
    """What happened, and what is to be known of it. `time` puts a time into words."""
    begun = f"The history of this folder was damaged, and a new one was begun at {time(damage.at)}."
    where = f"No caption was touched. The damaged file is kept at {damage.file}."
    if damage.since is None:
        return f"{begun} All operations could be taken over.", where
    start = f"between {time(damage.since)} and then" if damage.since else "before"
    return f"{begun} Undo is missing for what was done {start}, as far as it is not listed here.", where


def settle(connection: sqlite3.Connection, lost: dict[str, int], aside: Path) -> None:
    """Makes a journal consistent that was put together from the rows of a damaged one, and writes down what happened.

    A text counts only where it has the hash that was written beside it. An operation that is not whole any more is a
    conflict: it is listed with what is left of it, and neither undone nor rolled back by half.
    """
    first = [number for table, number in lost.items() if table == "operations"]
    first += _drop_garbled(connection)
    _drop_other_texts(connection)
    first += _adopt_orphans(connection)
    marks.settle(connection)
    first += _close_halves(connection)
    since = None
    if first:
        known = connection.execute(
            "SELECT at FROM operations WHERE id < ? AND state != 'abandoned' ORDER BY id DESC LIMIT 1", (min(first),)
        ).fetchone()
        since = known[0] if known else ""
    elif lost:
        since = ""
    connection.execute("INSERT INTO damages (at, file, since) VALUES (?, ?, ?)", (runs.now(), str(aside), since))


SALVAGE = Salvage(settle)


def _drop_garbled(connection: sqlite3.Connection) -> list[int]:
    """Operations of which not every value is what it has to be."""
    garbled = []
    for number, kind, at, by, origin, detail, state in connection.execute(
        "SELECT id, kind, at, by, origin, detail, state FROM operations"
    ):
        try:
            is_whole = _is_origin(origin) and isinstance(json.loads(detail), dict) and state in get_args(State)
        except (TypeError, ValueError):
            is_whole = False
        if not is_whole or not all(isinstance(value, str) for value in (kind, at, by)):
            garbled.append(number)
    _delete(connection, "operations", "id", garbled)
    return garbled


def _is_origin(written: object) -> bool:
    try:
        Origin(**json.loads(str(written)))
    except (TypeError, ValueError):
        return False
    return True


def _drop_other_texts(connection: sqlite3.Connection) -> None:
    """Texts that are not the ones that were written down."""
    garbled = []
    for number, before, after, *hashes in connection.execute(
        "SELECT rowid, before, after, before_hash, after_hash FROM changes"
    ):
        if [hash_of(text) if isinstance(text, bytes | None) else "" for text in (before, after)] != hashes:
            garbled.append(number)
    _delete(connection, "changes", "rowid", garbled)
    # The text is whole; only who wrote it is not known any more.
    told = connection.execute("SELECT rowid, origin FROM changes WHERE origin IS NOT NULL").fetchall()
    unread = [(number,) for number, origin in told if not _is_origin(origin)]
    connection.executemany("UPDATE changes SET origin = NULL WHERE rowid = ?", unread)


def _adopt_orphans(connection: sqlite3.Connection) -> list[int]:
    """Texts whose operation is lost are listed under one that stands in for it."""
    orphans = "operation NOT IN (SELECT id FROM operations)"
    numbers = [row[0] for row in connection.execute(f"SELECT DISTINCT operation FROM changes WHERE {orphans}")]
    for number in numbers:
        at = connection.execute("SELECT max(at) FROM operations WHERE id < ?", (number,)).fetchone()[0]
        connection.execute(
            "INSERT INTO operations (id, kind, at, by, origin, detail, state, files)"
            " VALUES (?, 'edit', ?, '', '{}', '{}', 'conflict', (SELECT count(*) FROM changes WHERE operation = ?))",
            (number, at or runs.now(), number),
        )
    connection.execute(f"DELETE FROM images WHERE {orphans}")
    connection.execute(f"DELETE FROM mark_changes WHERE {orphans}")
    return numbers


def _close_halves(connection: sqlite3.Connection) -> list[int]:
    """Operations that have lost some of their files or images."""
    halves = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM operations WHERE state != 'abandoned' AND ("
            " files > (SELECT count(*) FROM changes WHERE operation = operations.id) OR"
            " coalesce(json_extract(detail, '$.images'), 0)"
            " > (SELECT count(*) FROM images WHERE operation = operations.id) OR"
            " coalesce(json_extract(detail, '$.marked'), 0)"
            " > (SELECT count(DISTINCT name) FROM mark_changes WHERE operation = operations.id))"
        )
    ]
    connection.executemany("UPDATE operations SET state = 'conflict' WHERE id = ?", [(number,) for number in halves])
    return halves


def _delete(connection: sqlite3.Connection, table: str, column: str, numbers: list[int]) -> None:
    connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number in numbers])
