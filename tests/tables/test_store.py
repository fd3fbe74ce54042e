"""Edits of a table: saved into its overlay, told to others, undone and redone, and whole after a crash."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from lib.bulk.applying import apply_changes
from lib.bulk.replacing import plan_replace
from lib.dataset.saving.marking import leave_out
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import operations_of
from lib.dataset.saving.targets import Edit
from lib.dataset.scan.ordering import by_rating, newest_first
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import Origin
from lib.errors import Cancelled, Conflict, InvalidInput, WriteFailed
from lib.find import Find
from lib.settings import Settings
from lib.tables.opening import open_table
from lib.tables.operations import table_store
from lib.tables.overlay import Overlay
from lib.tables.store import TableStore
from tests.doubles.image_folder import settings_at
from tests.doubles.tables import write_table

ROWS = [("a.jpg", "a cat"), ("b.jpg", "a dog"), ("c.jpg", None)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path / "home")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "sink/part-000000.parquet", ROWS).parent


def opened(table: Path, settings: Settings) -> TableStore:
    return table_store(open_table(table, settings), "local", settings)


def texts(store: TableStore) -> list[str]:
    return [record.text for record in store.table.records]


def save(store: TableStore, name: str, text: str) -> None:
    record = store.table.get(name)
    assert record is not None
    store.save(record, text, store.read(record).hash)


def test_a_saved_caption_is_there_at_the_next_opening_and_the_source_as_it_was(table: Path, settings: Settings) -> None:
    store, before = opened(table, settings), (table / "part-000000.parquet").read_bytes()
    save(store, "c.jpg", "a bird")
    save(store, "a.jpg", "two cats")
    save(store, "a.jpg", "")
    assert texts(store) == texts(opened(table, settings)) == ["", "a dog", "a bird"]
    assert (table / "part-000000.parquet").read_bytes() == before
    assert store.table.tagged == 2
    assert len(list((table / "edits").glob("*.parquet"))) == 3


def test_a_caption_that_somebody_else_changed_is_not_overwritten(table: Path, settings: Settings) -> None:
    mine, theirs = opened(table, settings), opened(table, settings)
    record = mine.table.records[0]
    seen = mine.read(record).hash
    save(theirs, "a.jpg", "their cat")
    with pytest.raises(Conflict):
        mine.save(record, "my cat", seen)
    # It was learnt of by then.
    assert texts(mine) == ["their cat", "a dog", ""]
    # The very same words are no conflict.
    mine.save(record, "their cat", seen)


def test_many_rows_change_as_one_file_and_are_taken_back_as_one(table: Path, settings: Settings) -> None:
    store = opened(table, settings)
    plan = plan_replace(store.table.snapshot(), Find("a "), "the ")
    done = apply_changes(store, plan, "replace")
    assert (done.changed, done.left_alone) == (2, ())
    assert texts(store) == ["the cat", "the dog", ""]
    assert len(store.table.overlay.files()) == 1
    operations = operations_of(store)
    assert operations.undo().restored == 2
    assert texts(store) == texts(opened(table, settings)) == ["a cat", "a dog", ""]
    assert operations.redo().restored == 2
    assert texts(store) == texts(opened(table, settings)) == ["the cat", "the dog", ""]


def test_what_was_changed_since_is_left_alone_by_an_undo(table: Path, settings: Settings) -> None:
    store = opened(table, settings)
    done = apply_changes(store, plan_replace(store.table.snapshot(), Find("a "), "the "), "replace")
    save(store, "b.jpg", "my dog")
    restored = operations_of(store).undo(done.operation)
    assert (restored.restored, [name for name, _ in restored.left_alone]) == (1, ["b.jpg"])
    assert texts(store) == ["a cat", "my dog", ""]


def test_rows_that_are_not_as_they_were_planned_are_left_alone(table: Path, settings: Settings) -> None:
    store = opened(table, settings)
    edits = [Edit("a.jpg", hash_of(b"a cat"), "x"), Edit("b.jpg", hash_of(b"no"), "x"), Edit("gone.jpg", "", "x")]
    done = operations_of(store).apply(edits, "table", Origin())
    assert (done.changed, [name for name, _ in done.left_alone]) == (1, ["b.jpg", "gone.jpg"])


def test_the_history_of_a_row_tells_its_former_texts_and_its_author(table: Path, settings: Settings) -> None:
    store = opened(table, settings)
    save(store, "a.jpg", "two cats")
    record = store.table.records[0]
    (entry,) = store.journal.history(record.sidecar)
    assert (entry.before_text, entry.after_text) == ("a cat", "two cats")
    author = store.journal.author(record)
    assert author is not None
    assert author.by == "hand"


class StopAtOnce:
    def is_cancelled(self) -> bool:
        return True

    def advance(self, done: int, total: int) -> None:
        pass


def test_an_edit_that_is_broken_off_changes_nothing(table: Path, settings: Settings) -> None:
    store = opened(table, settings)
    plan = plan_replace(store.table.snapshot(), Find("a "), "the ")
    with pytest.raises(Cancelled):
        apply_changes(store, plan, "replace", progress=StopAtOnce())
    assert (texts(store), store.table.overlay.files()) == (["a cat", "a dog", ""], [])


def fail(*arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_changes_nothing(table: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(table, settings)
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", fail)
        with pytest.raises(WriteFailed):
            save(store, "a.jpg", "two cats")
    assert texts(store) == texts(opened(table, settings)) == ["a cat", "a dog", ""]
    # What was never carried out is no history.
    assert store.journal.operations() == []
    save(store, "a.jpg", "two cats")
    assert texts(store)[0] == "two cats"


class DiesError(BaseException):
    pass


@pytest.mark.parametrize("is_written", [True, False])
@pytest.mark.parametrize("deed", ["save", "undo", "redo"])
def test_after_a_crash_an_operation_is_done_or_never_was(
    deed: str, is_written: bool, table: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(table, settings)
    operations = operations_of(store)
    save(store, "b.jpg", "my dog")
    if deed == "redo":
        operations.undo()
    before = texts(store)
    real = Overlay.write

    def die(overlay: Overlay, token: str, found: dict[str, str]) -> str:
        if is_written:
            real(overlay, token, found)
        raise DiesError

    with monkeypatch.context() as dying:
        dying.setattr(Overlay, "write", die)
        # Nobody is there any more who could note that it failed.
        dying.setattr("lib.tables.store.close", lambda how: None)
        dying.setattr("lib.tables.operations.close", lambda how: None)
        with pytest.raises(DiesError):
            save(store, "a.jpg", "x") if deed == "save" else getattr(operations, deed)()
    again = opened(table, settings)
    assert again.journal.pending() == []
    wanted = {"save": ["x", "my dog", ""], "undo": ["a cat", "a dog", ""], "redo": ["a cat", "my dog", ""]}[deed]
    assert texts(again) == (wanted if is_written else before)
    newest = again.journal.operations()[0]
    # Of a save that never was, the one before is the newest.
    states = {"save": ("done", "done"), "undo": ("undone", "done"), "redo": ("done", "undone")}[deed]
    assert (newest.path == "a.jpg") is (deed == "save" and is_written)
    assert newest.state == states[0 if is_written else 1]
    # Whoever comes next goes on as ever.
    save(again, "c.jpg", "a bird")
    assert texts(opened(table, settings))[2] == "a bird"


def test_a_folder_s_recovery_leaves_the_operations_of_tables_alone(table: Path, settings: Settings) -> None:
    store = opened(table, settings)
    save(store, "a.jpg", "two cats")
    operation = store.journal.operations()[0].operation
    assert store.journal.start_undo_redo(operation, "undo", "0123", 1)
    assert len(journal_for(table, settings).pending()) == 1


def test_edits_lie_with_the_toolkit_where_the_source_may_not_be_written(
    table: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).startswith(str(table)) and real(path, mode))
    store = opened(table, settings)
    save(store, "a.jpg", "two cats")
    assert not (table / "edits").exists()
    assert store.table.overlay.folder.is_relative_to(settings.home)
    assert texts(opened(table, settings))[0] == "two cats"


def test_a_table_takes_no_images(table: Path, settings: Settings) -> None:
    store = opened(table, settings)
    with pytest.raises(InvalidInput):
        operations_of(store).apply([], "import", staged=object())  # type: ignore[arg-type]
    assert operations_of(store).remove_empty(["c.jpg"]).changed == 0


def test_marks_of_rows_are_set_and_taken_back(table: Path, settings: Settings) -> None:
    store = opened(table, settings)
    leave_out(store, ["a.jpg"])
    assert store.journal.marks.now().left_out == {"a.jpg"}
    operations_of(store).undo()
    assert store.journal.marks.now().left_out == frozenset()
    assert store.table.overlay.files() == []


def test_rows_are_sorted_by_their_newest_change_whoever_made_it(table: Path, settings: Settings) -> None:
    mine, theirs = opened(table, settings), opened(table, settings)
    save(mine, "c.jpg", "a bird")
    save(theirs, "b.jpg", "two dogs")
    save(mine, "c.jpg", "two birds")
    for store in (mine, theirs, opened(table, settings)):
        store.table.catch_up()
        ordered = newest_first(table, store.table.snapshot(), store.table.changes())
        assert [record.name for record in ordered] == ["c.jpg", "b.jpg", "a.jpg"]
    ordered = by_rating(mine.table.snapshot(), {"b.jpg": 5, "c.jpg": 2, "gone.jpg": 3})
    assert [record.name for record in ordered] == ["b.jpg", "c.jpg", "a.jpg"]
