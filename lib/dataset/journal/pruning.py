"""Forgets old operations of a journal, by age or by size, when the administrator wishes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lib.dataset.journal.rows import UNSETTLED
from lib.sqlite import Database

_ROW = 250
"""Bytes that a change takes beside its texts: hashes, path, indexes."""


def prune(database: Database, days: int, megabytes: int) -> int:
    """Forgets operations older than `days`, then the oldest beyond `megabytes` (0: no such limit); gives how many.

    What is pending stays, and the file shrinks. A caption's text is never touched, only the way back to earlier ones.
    """
    last = max(_last_by_age(database, days) if days else 0, _last_by_size(database, megabytes) if megabytes else 0)
    if not last:
        return 0
    old = f"id <= {last} AND NOT {UNSETTLED}"
    with database.transaction() as connection:
        for table in ("changes", "images", "mark_changes"):
            connection.execute(f"DELETE FROM {table} WHERE operation IN (SELECT id FROM operations WHERE {old})")
        forgotten = connection.execute(f"DELETE FROM operations WHERE {old}").rowcount
    if forgotten:
        database.rows("VACUUM")
        database.checkpoint()
    return forgotten


def _last_by_age(database: Database, days: int) -> int:
    """The last one before the first that is younger: where a clock was set back, what came later may look older."""
    limit = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    sql = "SELECT coalesce(min(id) - 1, (SELECT max(id) FROM operations), 0) AS last FROM operations WHERE at >= ?"
    return int(database.rows(sql, (limit,))[0]["last"])


def _last_by_size(database: Database, megabytes: int) -> int:
    if database.path.stat().st_size <= megabytes * 1_000_000:
        return 0
    rows = database.rows(
        "SELECT operation, sum(size) AS size FROM ("
        f" SELECT operation, {_ROW} + coalesce(length(before), 0) + coalesce(length(after), 0) AS size FROM changes"
        f" UNION ALL SELECT operation, {_ROW} FROM images"
        ") GROUP BY operation ORDER BY operation DESC"
    )
    size = 0
    for row in rows:
        size += row["size"]
        if size > megabytes * 1_000_000:
            return int(row["operation"])
    return 0
