"""Another name for what stands in many rows."""

from __future__ import annotations

from collections.abc import Callable

from lib.sqlite.database import Database


def rename_in(database: Database, table: str, column: str, new_name: Callable[[str], str]) -> bool:
    """Gives every value of a column the name that `new_name` has for it; true where that changed one.

    Done again, it changes nothing more. Raises DatabaseFailed.
    """
    values = [str(row[0]) for row in database.rows(f"SELECT DISTINCT {column} FROM {table}")]
    changes = [(new, value) for value in values if (new := new_name(value)) != value]
    if changes:
        with database.transaction() as connection:
            connection.executemany(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", changes)
    return bool(changes)
