"""The one way to open a SQLite file."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lib.errors import DatabaseFailed
from lib.sqlite import Database

_FIRST = ("CREATE TABLE notes (text TEXT)",)


def test_migrations_are_applied_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    Database(path, _FIRST).close()
    longer = Database(path, (*_FIRST, "ALTER TABLE notes ADD COLUMN at TEXT; CREATE INDEX i ON notes (at)"))
    with longer.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('x', 'now')")
    assert [tuple(row) for row in longer.rows("SELECT * FROM notes")] == [("x", "now")]


def test_a_migration_may_make_a_trigger_and_hold_a_semicolon_in_a_text(tmp_path: Path) -> None:
    second = """
        CREATE TABLE log (text TEXT DEFAULT 'a; b');
        CREATE TRIGGER noted AFTER INSERT ON notes BEGIN
            INSERT INTO log VALUES (new.text);
            INSERT INTO log VALUES ('none; yet');
        END;
    """
    database = Database(tmp_path / "a.sqlite", (*_FIRST, second, "CREATE TABLE third (text TEXT)"))
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('x')")
    assert [row["text"] for row in database.rows("SELECT text FROM log")] == ["x", "none; yet"]
    assert database.rows("SELECT * FROM third") == []


def test_a_migration_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    with pytest.raises(DatabaseFailed):
        Database(tmp_path / "a.sqlite", (*_FIRST, "CREATE TABLE half (text TEXT); CREATE NONSENSE")).rows("SELECT 1")
    database = Database(tmp_path / "a.sqlite", _FIRST)
    assert [row["name"] for row in database.rows("SELECT name FROM sqlite_master")] == ["notes"]


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite", _FIRST)

    def fail() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO notes VALUES ('x')")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert database.rows("SELECT * FROM notes") == []


def test_commits_are_durable(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite", _FIRST)
    assert database.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert database.rows("PRAGMA synchronous")[0][0] == 2


def test_threads_share_one_file(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite", _FIRST)

    def write() -> None:
        for _ in range(20):
            with database.transaction() as connection:
                connection.execute("INSERT INTO notes VALUES ('x')")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.rows("SELECT count(*) FROM notes")[0][0] == 80
