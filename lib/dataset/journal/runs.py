"""What the journal knows of a run over many images: what it has written, and that it belongs together."""

from __future__ import annotations

from datetime import UTC, datetime

from lib.sqlite import Database


def now() -> str:
    """The time as the journal writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def written_by(db: Database, run: str) -> set[str]:
    """The images whose captions a run has written one by one and not joined yet, undone or not."""
    rows = db.rows(
        "SELECT json_extract(detail, '$.image') AS image FROM operations"
        " WHERE run = ? AND run != '' AND state != 'abandoned'",
        (run,),
    )
    return {row["image"] for row in rows if row["image"]}


def newest_of(db: Database, run: str) -> int | None:
    """The newest operation of a run that stands."""
    rows = db.rows("SELECT max(id) AS id FROM operations WHERE run = ? AND run != '' AND state = 'done'", (run,))
    return rows[0]["id"]  # type: ignore[no-any-return]


def join(db: Database, run: str) -> None:
    """Makes one new operation of all that a run has written and that stands.

    A file that was changed again after its caption keeps that as an operation of its own: the order of a file's changes
    is that of their operations. The old operations are gone, so nobody can take back by their number what belongs to
    the whole now.
    """
    mine = "SELECT id FROM operations WHERE run = :run AND state = 'done' AND id < :new"
    with db.transaction() as connection:
        values: dict[str, object] = {"run": run, "new": 1 << 62, "now": now()}
        if connection.execute(f"SELECT count(*) FROM ({mine})", values).fetchone()[0] < 2:
            return
        # That a table's rows were changed is no property of one of them: an undo has to know it.
        cursor = connection.execute(
            "INSERT INTO operations (kind, at, by, origin, detail, run, state)"
            " SELECT kind, :now, by, origin, iif(json_extract(detail, '$.overlay'), json('{\"overlay\": true}'), '{}'),"
            " run, 'done' FROM operations"
            f" WHERE id = (SELECT max(id) FROM ({mine}))",
            values,
        )
        values["new"] = cursor.lastrowid
        connection.execute(
            f"UPDATE changes SET operation = :new WHERE operation IN ({mine}) AND NOT EXISTS"
            " (SELECT 1 FROM changes c WHERE c.path = changes.path AND c.operation > changes.operation)",
            values,
        )
        connection.execute(
            "UPDATE operations SET files = (SELECT count(*) FROM changes WHERE operation = operations.id)"
            f" WHERE id = :new OR id IN ({mine})",
            values,
        )
        connection.execute(f"DELETE FROM operations WHERE files = 0 AND (id = :new OR id IN ({mine}))", values)
