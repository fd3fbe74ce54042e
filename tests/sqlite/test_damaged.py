"""A damaged file is put aside, never deleted, and the work goes on; a file that only refuses is left alone."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from lib.domain import Origin
from lib.embedding.hashes import FileHash, KnownHashes
from lib.errors import DatabaseFailed, WriteFailed
from lib.jobs.ledger import Ledger, NewRun
from lib.preferences import Draft, Preferences
from lib.sqlite import Database, Salvage
from tests.doubles.repository import ROOT
from tests.doubles.unwilling_disk import refusing, refusing_statements

_ROOT = Path("/photos")
_NOTES = ("CREATE TABLE notes (text TEXT)",)


def aside(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.damaged-*") if not path.name.endswith(("-wal", "-shm")))


def notes(path: Path, count: int = 400, salvage: Salvage | None = None) -> Database:
    database = Database(path, _NOTES, salvage=salvage)
    with database.transaction() as connection:
        connection.executemany("INSERT INTO notes VALUES (?)", [(f"note {n} " * 20,) for n in range(count)])
    database.checkpoint()
    database.close()
    return database


def garble(path: Path, start: int, size: int) -> bytes:
    """Writes over a part of a file; gives all that it then holds."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(bytes((7 * n + 13) % 251 for n in range(size)))
    return path.read_bytes()


@pytest.mark.parametrize("garbage", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4_080])
def test_a_file_that_is_no_database_is_put_aside_at_its_first_use(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(garbage)
    database = Database(path, _NOTES)
    assert database.rows("SELECT * FROM notes") == []
    assert [one.read_bytes() for one in aside(tmp_path)] == [garbage]


def test_a_page_that_is_damaged_is_found_out_in_mid_work(tmp_path: Path) -> None:
    database = notes(tmp_path / "a.sqlite")
    damaged = garble(database.path, 4096, 4096)
    assert database.rows("SELECT count(*) FROM notes")[0][0] == 0
    assert [one.read_bytes() for one in aside(tmp_path)] == [damaged]
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('new')")
    assert [row[0] for row in database.rows("SELECT text FROM notes")] == ["new"]


def test_a_transaction_that_met_the_damage_is_told_and_works_the_next_time(tmp_path: Path) -> None:
    database = notes(tmp_path / "a.sqlite")
    garble(database.path, 4096, database.path.stat().st_size)

    def write() -> None:
        with database.transaction() as connection:
            connection.execute("UPDATE notes SET text = 'x'")
            connection.execute("INSERT INTO notes VALUES ('mine')")

    with pytest.raises(DatabaseFailed, match="was damaged, and a new file was begun") as caught:
        write()
    (kept,) = aside(tmp_path)
    assert kept.name in caught.value.hint
    write()
    assert [row[0] for row in database.rows("SELECT text FROM notes")] == ["mine"]


def test_rows_that_can_be_read_are_taken_over_where_that_is_wanted(tmp_path: Path) -> None:
    database = notes(tmp_path / "a.sqlite", 400, Salvage())
    size = database.path.stat().st_size
    garble(database.path, 4096 * (size // 8192), 4096)
    found = {row[0] for row in database.rows("SELECT text FROM notes")}
    assert found < {f"note {n} " * 20 for n in range(400)}
    assert 370 < len(found) < 400
    assert len(aside(tmp_path)) == 1


@pytest.mark.parametrize("size", [16, 100, 4096], ids=["magic", "head", "first page"])
def test_a_damaged_head_costs_no_row(tmp_path: Path, size: int) -> None:
    database = notes(tmp_path / "a.sqlite", 400, Salvage())
    garble(database.path, 0, size)
    assert len(database.rows("SELECT text FROM notes")) == 400
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} <= {
        "a.sqlite", "a.sqlite.damaged", "a.sqlite.lock",
    }  # fmt: skip


def test_the_log_goes_with_its_file(tmp_path: Path) -> None:
    database = notes(tmp_path / "a.sqlite", 10, Salvage())
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('only in the log')")
    # As a kill leaves it: the log was never moved into the file.
    copy = tmp_path / "b.sqlite"
    for part in ("", "-wal"):
        Path(f"{copy}{part}").write_bytes(Path(f"{database.path}{part}").read_bytes())
    garble(copy, 0, 16)
    found = Database(copy, _NOTES, salvage=Salvage()).rows("SELECT text FROM notes")
    assert "only in the log" in {row[0] for row in found}
    # SQLite itself may have moved it into the damaged file.
    assert any(b"only in the log" in path.read_bytes() for path in tmp_path.glob("b.sqlite.damaged-*"))
    database.close()


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE]
)
def test_a_file_that_is_busy_or_on_a_full_disk_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    database = notes(tmp_path / "a.sqlite", 3)
    before = database.path.read_bytes()
    for fail_at in range(4):
        with refusing_statements(monkeypatch, fail_at, code), pytest.raises(WriteFailed):
            database.rows("SELECT * FROM notes")
        database.close()
    assert aside(tmp_path) == []
    assert database.path.read_bytes() == before


def test_two_who_find_the_damage_put_it_aside_once(tmp_path: Path) -> None:
    one = notes(tmp_path / "a.sqlite")
    other = Database(one.path, _NOTES)
    assert len(other.rows("SELECT * FROM notes")) == len(one.rows("SELECT * FROM notes")) == 400
    garble(one.path, 0, one.path.stat().st_size)
    for database in (one, other):
        database.close()
    for database, text in ((one, "of one"), (other, "of the other")):
        with database.transaction() as connection:
            connection.execute("INSERT INTO notes VALUES (?)", (text,))
    assert [row[0] for row in one.rows("SELECT text FROM notes")] == ["of one", "of the other"]
    assert len(aside(tmp_path)) == 1


def test_what_another_process_put_aside_is_not_written_to_any_more(tmp_path: Path) -> None:
    database = notes(tmp_path / "a.sqlite", 3)
    assert len(database.rows("SELECT * FROM notes")) == 3
    for part in ("", "-wal", "-shm"):
        Path(f"{database.path}{part}").rename(tmp_path / f"elsewhere{part}")
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('new')")
    assert [row[0] for row in Database(database.path, _NOTES).rows("SELECT text FROM notes")] == ["new"]


def test_whichever_change_is_refused_while_it_is_put_aside_nothing_is_lost(tmp_path: Path) -> None:
    after = failures = 0
    while True:
        folder = tmp_path / str(after)
        folder.mkdir()
        database = notes(folder / "a.sqlite", 400, Salvage())
        damaged = garble(database.path, 0, 16)
        failure = None
        with refusing(folder, after) as refusal:
            try:
                database.rows("SELECT * FROM notes")
            except WriteFailed as exc:
                failure = exc
        assert damaged in [path.read_bytes() for path in folder.iterdir()]
        assert len(database.rows("SELECT * FROM notes")) == 400
        assert [path.read_bytes() for path in aside(folder)] == [damaged]
        if not refusal.refused:
            break
        failures += failure is not None and "the disk is full" in failure.message
        after += 1
    assert failures > 4


_DYING = """
import os, signal, sys
from pathlib import Path
from lib.sqlite import Database, Salvage

left = int(sys.argv[2])

def hear(event, arguments):
    global left
    if event == "os.rename":
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hear)
Database(Path(sys.argv[1]), ("CREATE TABLE notes (text TEXT)",), salvage=Salvage()).rows("SELECT * FROM notes")
"""


@pytest.mark.parametrize("renames", range(4))
def test_a_kill_between_two_renames_loses_nothing(tmp_path: Path, renames: int) -> None:
    database = notes(tmp_path / "a.sqlite", 400, Salvage())
    Path(f"{database.path}-wal").write_bytes(b"")
    damaged = garble(database.path, 0, 16)
    done = subprocess.run([sys.executable, "-c", _DYING, str(database.path), str(renames)], cwd=ROOT)
    assert done.returncode in (0, -signal.SIGKILL)
    assert len(database.rows("SELECT * FROM notes")) == 400
    assert [path.read_bytes() for path in aside(tmp_path)] == [damaged]
    assert not list(tmp_path.glob("*.salvag*"))


def test_drafts_survive_the_damage_of_what_lies_beside_them(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    for number in range(300):
        kept.keep_draft(_ROOT, f"{number}.jpg", Draft(f"words {number} " * 10, "hash", Origin()))
    kept._database.checkpoint()
    kept.close()
    garble(tmp_path / "preferences.sqlite", 0, 100)
    assert len(kept.drafts(_ROOT)) == 300
    kept.choose("style", "tags")
    assert kept.choice("style") == "tags"


def test_runs_and_known_hashes_go_on_with_a_new_file(tmp_path: Path) -> None:
    for name in ("runs.sqlite", "files.sqlite"):
        (tmp_path / name).write_bytes(os.urandom(9_000))
    ledger = Ledger(tmp_path / "runs.sqlite")
    assert ledger.of("ann") == []
    ledger.begin(NewRun("one", "ann", "captions", "Captioning", {}, ["a.jpg"]))
    assert ledger.waiting("one") == ["a.jpg"]
    hashes = KnownHashes(tmp_path / "files.sqlite", _ROOT)
    hashes.add([("a.jpg", FileHash(1, 2, 3, b"k" * 16))])
    assert set(hashes.load()) == {"a.jpg"}
    assert len(aside(tmp_path)) == 2


def test_a_file_that_somebody_began_between_two_renames_is_not_deleted_either(tmp_path: Path) -> None:
    database = notes(tmp_path / "a.sqlite", 3)
    begun = database.path.read_bytes()
    (tmp_path / "a.sqlite.damaged-20260101T000000").write_bytes(b"what was damaged")
    (tmp_path / "a.sqlite.salvaged-20260101T000000").write_bytes(b"")
    database.path.write_bytes(b"no database" * 1_000 + begun)
    assert database.rows("SELECT * FROM notes") == []
    assert {path.read_bytes() for path in aside(tmp_path)} == {b"what was damaged", b"no database" * 1_000 + begun}


def test_what_is_put_aside_and_what_takes_its_place_is_for_this_account_alone(tmp_path: Path) -> None:
    database = notes(tmp_path / "a.sqlite", 400, Salvage())
    garble(database.path, 0, 100)
    assert len(database.rows("SELECT * FROM notes")) == 400
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
