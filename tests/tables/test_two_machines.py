"""One table on a disk that two machines share, each with a toolkit folder of its own: nobody's words are lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from lib.compacting import fold, plan_fold
from lib.errors import Busy
from lib.part_jobs import JobRequest, run_job
from lib.places import claims
from lib.settings import Settings
from lib.tables.opening import open_table
from lib.tables.operations import table_store
from lib.tables.store import TableStore
from tests.doubles.image_folder import image_folder, settings_at
from tests.doubles.part_run import until
from tests.doubles.repository import ROOT

ROWS, TURNS = 12, 15

MACHINE = """
import sys, time
from pathlib import Path
from lib.compacting import fold, plan_fold
from lib.errors import Busy, Conflict
from lib.places import claims
from tests.doubles.image_folder import settings_at
from tests.tables.test_two_machines import TURNS, opened
what, table, home = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
claims._machine = lambda: home.name
claims.LEASE_S, claims.RENEW_S = 2.0, 0.2
store = opened(table, settings_at(home))
if what == "edit":
    row, done = store.table.records[int(sys.argv[4])], 0
    while done < TURNS:
        try:
            store.save(row, f"{home.name}: {done}", store.read(row).hash)
            done += 1
        except Conflict:
            with store.alone():
                pass
elif what == "fold":
    done = 0
    while done < TURNS:
        try:
            done += bool(fold(store, plan_fold(store)).edits)
        except Busy:
            pass
        if (table / "over").exists():
            break
else:
    files = store.table.files.place._files
    put = type(files).replace
    def waits(self, source, target):
        if Path(target).name.startswith("part-"):
            (table / "in the midst").touch()
            while not (table / "go on").exists():
                time.sleep(0.01)
        put(self, source, target)
    type(files).replace = waits
    fold(store, plan_fold(store))
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Twelve rows in three parts, as a job made them."""
    photos = image_folder(tmp_path / "photos", ROWS)
    assert not run_job(JobRequest("import", {}, str(photos), str(tmp_path / "table"), part_size=4)).error
    return tmp_path / "table"


def opened(table: Path, settings: Settings) -> TableStore:
    return table_store(open_table(table, settings), "local", settings)


def texts(table: Path) -> list[str]:
    return [record.text for record in opened(table, settings_at(table.parent / "looking")).table.records]


def machine(what: str, table: Path, home: str, *more: object) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", MACHINE, what, str(table), str(table.parent / home), *map(str, more)]
    return subprocess.Popen(words, cwd=ROOT)


def changes_of(table: Path, home: str, row: str) -> list[tuple[bytes | None, bytes | None]]:
    journal = opened(table, settings_at(table.parent / home)).journal
    found = [journal.file_changes(operation.operation) for operation in journal.operations(-1)]
    return [(one.before, one.after) for changes in found for one in changes if one.path == row]


@pytest.mark.slow
def test_of_two_machines_that_edit_one_row_neither_writes_over_words_that_it_did_not_see(table: Path) -> None:
    row = opened(table, settings_at(table.parent / "looking")).table.records[5].name
    running = [machine("edit", table, home, 5) for home in ("one", "two")]
    assert [one.wait(120) for one in running] == [0, 0]
    changes = [change for home in ("one", "two") for change in changes_of(table, home, row)]
    assert len(changes) == 2 * TURNS
    # One chain: what each of them found is what another one left, and nobody else found the same.
    assert max(Counter(before for before, _ in changes).values()) == 1


@pytest.mark.slow
def test_of_two_machines_that_fold_while_others_edit_no_word_is_lost(table: Path) -> None:
    wanted = texts(table)
    wanted[1], wanted[6] = f"editor1: {TURNS - 1}", f"editor6: {TURNS - 1}"
    folding = [machine("fold", table, home) for home in ("one", "two")]
    editing = [machine("edit", table, f"editor{row}", row) for row in (1, 6)]
    assert [one.wait(120) for one in editing] == [0, 0]
    (table / "over").touch()
    assert [one.wait(120) for one in folding] == [0, 0]
    store = opened(table, settings_at(table.parent / "looking"))
    assert [record.text for record in store.table.records] == wanted
    fold(store, plan_fold(store))
    assert texts(table) == wanted
    assert not list((table / "edits").glob("*.parquet"))


@pytest.mark.slow
def test_a_fold_that_was_begun_before_newer_words_came_does_not_write_over_them(table: Path) -> None:
    store = opened(table, settings_at(table.parent / "here"))
    row = store.table.records[0]
    store.save(row, "older words", store.read(row).hash)
    slow = machine("fold and wait", table, "one")
    until((table / "in the midst").exists)
    store.save(row, "newer words", store.read(row).hash)
    # Were it let in, the slow one would put the older words into the file after the newer edit has gone.
    with pytest.raises(Busy):
        fold(store, plan_fold(store))
    (table / "go on").touch()
    assert slow.wait(60) == 0
    assert texts(table)[0] == "newer words"
    assert len(fold(store, plan_fold(store)).edits) == 1
    assert texts(table)[0] == "newer words"


@pytest.mark.slow
def test_a_killed_machine_is_outlasted_and_its_fold_ended_by_another(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(table, settings_at(table.parent / "here"))
    rows = store.table.records
    for place in (0, 5, 11):
        store.save(rows[place], f"words {place}", store.read(rows[place]).hash)
    holder = machine("fold and wait", table, "one")
    until((table / "in the midst").exists)
    with pytest.raises(Busy, match="is being written already, by process"):
        fold(store, plan_fold(store))
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    monkeypatch.setattr(claims, "LEASE_S", 2.0)
    assert len(fold(store, plan_fold(store)).edits) == 3
    found = texts(table)
    assert [found[place] for place in (0, 5, 11)] == ["words 0", "words 5", "words 11"]
    assert not list((table / "edits").glob("*.parquet"))
    assert not list(table.glob("_claim-*"))


@pytest.mark.slow
def test_a_job_and_a_fold_of_two_machines_keep_out_of_each_others_way(table: Path) -> None:
    store = opened(table, settings_at(table.parent / "here"))
    row = store.table.records[0]
    store.save(row, "a person's words", store.read(row).hash)
    holder = machine("fold and wait", table, "one")
    until((table / "in the midst").exists)
    request = JobRequest("import", {}, str(table.parent / "photos"), str(table), part_size=4, retry_failed=True)
    with pytest.raises(Busy):
        run_job(request)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
