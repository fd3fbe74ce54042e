"""A clock that was set back, or is right again after that, expires no upload and changes no order."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.saving.operations import Operations
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.workspace.uploads import UploadSpace, expire_uploads
from lib.domain import Origin, Selection
from lib.jobs.ledger import Ledger, NewRun
from lib.preferences import KEPT_SELECTIONS, Draft, Preferences, RecentFolder
from lib.settings import Settings
from tests.dataset.saving.test_operations import contents, edits_of
from tests.dataset.saving.test_store import store_for
from tests.doubles.image_folder import image_folder, settings_at

_YEAR_S = 365 * 86_400
_LATER = "2099-01-01T00:00:00.000000+00:00"


def set_ahead(path: Path, table: str) -> None:
    """Writes all times of a table anew, as a clock would have that was ahead until now."""
    with closing(sqlite3.connect(path)) as clock, clock:
        clock.execute(f"UPDATE {table} SET at = ?", (_LATER,))


@pytest.fixture
def uploaded(tmp_path: Path) -> tuple[Settings, Path]:
    settings = settings_at(tmp_path / "home", upload_days=2)
    folder = UploadSpace(settings, "me").root / "photos"
    folder.mkdir(parents=True)
    image_folder(folder, 1)
    return settings, folder


def test_a_clock_set_back_expires_no_upload(uploaded: tuple[Settings, Path]) -> None:
    settings, folder = uploaded
    UploadSpace(settings, "me").touch(folder)
    assert expire_uploads(settings, time.time() - _YEAR_S) == []
    assert expire_uploads(settings, 0) == []
    assert folder.exists()


def test_what_was_used_while_the_clock_was_set_back_does_not_expire_once_it_is_right_again(
    uploaded: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, folder = uploaded
    space, right = UploadSpace(settings, "me"), time.time()
    # What the server saw before somebody set the clock back.
    assert space.expire() == []
    with monkeypatch.context() as back:
        wrong = right - _YEAR_S
        back.setattr(time, "time", lambda: wrong)
        # The system's own clock is what a file gets its time from.
        back.setattr(Path, "touch", lambda path: (path.write_bytes(b""), os.utime(path, (wrong, wrong))))
        space.touch(folder)
        os.utime(folder, (wrong, wrong))
    assert space.expire() == []
    assert folder.exists()
    assert space.expire(right + 3 * 86_400) == ["photos"]


def test_undo_takes_back_what_was_done_last_whatever_the_clock_says(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "0"})
    store = store_for(root, settings, dataset=open_dataset(root))
    operations = Operations(store)
    for number in range(1, 4):
        operations.apply(edits_of(store, a=str(number)), "replace")
        set_ahead(store.journal.path, "operations")
    operations.apply(edits_of(store, a="4"), "replace")
    assert [entry.operation for entry in operations.history()] == [4, 3, 2, 1]
    for number in (3, 2, 1, 0):
        operations.undo()
        assert contents(root) == {"a.txt": str(number).encode()}
    for number in (1, 2, 3, 4):
        operations.redo()
        assert contents(root) == {"a.txt": str(number).encode()}


def test_an_operation_that_looks_old_takes_no_younger_ones_along_when_it_is_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    for number in range(4):
        change = FileChange("a.txt", f"{number}".encode(), f"{number + 1}".encode())
        journal.finish(journal.begin(NewOperation("replace", [change], "local", Origin())))
    with closing(sqlite3.connect(journal.path)) as clock, clock:
        clock.execute("UPDATE operations SET at = '2001-01-01T00:00:00.000+00:00' WHERE id IN (1, 3)")
    assert journal.prune(30, 0) == 1
    assert [entry.operation for entry in journal.operations()] == [4, 3, 2]
    with closing(sqlite3.connect(journal.path)) as clock, clock:
        clock.execute("UPDATE operations SET at = '2001-01-01T00:00:00.000+00:00'")
    assert journal.prune(30, 0) == 3
    journal.close()


def test_what_a_visitor_kept_last_stays_the_newest(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    path = tmp_path / "preferences.sqlite"
    folders = [tmp_path / name for name in ("one", "two")]
    for folder, image in zip(folders, ("a.jpg", "b.jpg"), strict=True):
        folder.mkdir()
        kept.remember_folder(RecentFolder(folder, True, ".txt"))
        kept.keep_draft(tmp_path, image, Draft("words", "", Origin()), aside=Draft(image, "", Origin()))
        kept.keep_draft(tmp_path, "c.jpg", Draft("words", "", Origin()), aside=Draft(f"before {image}", "", Origin()))
        for table in ("recent_folders", "drafts", "set_aside"):
            if image == "a.jpg":
                set_ahead(path, table)
    assert [folder.root.name for folder in kept.recent_folders()] == ["two", "one"]
    assert kept.drafts(tmp_path) == kept.unsaved(tmp_path) == ["c.jpg", "b.jpg", "a.jpg"]
    assert [draft.text for draft in kept.set_aside(tmp_path, "c.jpg")] == ["before b.jpg", "before a.jpg"]
    for number in range(KEPT_SELECTIONS):
        kept.keep_selection(Selection(frozenset({str(number)}), "chosen"))
    set_ahead(path, "selections")
    newest = Selection(frozenset({"the newest"}), "chosen")
    kept.keep_selection(newest)
    assert kept.selection(newest.id) == newest


def test_runs_are_listed_in_the_order_in_which_they_were_begun(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "runs.sqlite")
    ledger.begin(NewRun("first", "ann", "captions", "Captioning", {}, ["a.jpg"]))
    set_ahead(tmp_path / "runs.sqlite", "runs")
    ledger.begin(NewRun("second", "ann", "captions", "Captioning", {}, ["a.jpg"]))
    assert [run.id for run in ledger.of("ann")] == ["first", "second"]
