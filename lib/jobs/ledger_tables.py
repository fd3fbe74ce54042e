"""The tables of the list of runs, as they came to be: a step a version."""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, spec TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', at TEXT NOT NULL, waiting INTEGER NOT NULL,
        done INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX runs_by_owner ON runs (owner, at);
    CREATE TABLE items (
        run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, place INTEGER NOT NULL, item TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting', reason TEXT NOT NULL DEFAULT '', PRIMARY KEY (run, item)
    ) WITHOUT ROWID
    """,
    # holder: who is at work on it, or was at last. asked: what another process wants of that one.
    """
    ALTER TABLE runs ADD COLUMN holder TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN asked TEXT NOT NULL DEFAULT ''
    """,
    "ALTER TABLE runs ADD COLUMN since TEXT NOT NULL DEFAULT ''",
)
