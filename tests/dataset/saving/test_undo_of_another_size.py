"""An undo is of the operation that was looked at: one that was joined with others meanwhile is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.domain import ImageRecord, Origin
from lib.errors import InvalidInput
from lib.settings import Settings
from tests.dataset.saving.test_operations import contents
from tests.doubles.image_folder import image_folder


def test_an_undo_begins_only_with_as_many_files_as_were_looked_at(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    changes = [FileChange(f"{name}.txt", b"", b"x") for name in "ab"]
    operation = journal.begin(NewOperation("replace", changes, "local", Origin()))
    journal.finish(operation)
    for files in (1, 3):
        assert not journal.start_undo_redo(operation, "undo", "t", files)
        assert journal.state_of(operation) == "done"
    assert journal.start_undo_redo(operation, "undo", "t", 2)
    journal.close()


def test_an_undo_of_what_a_run_joins_in_this_moment_touches_nothing(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": "b", "c.jpg": "c"})
    journal = Journal(tmp_path / "j.sqlite")
    store = Store(root, journal, "local", settings)

    def caption(name: str, text: str) -> None:
        record = ImageRecord(f"{name}.jpg")
        store.save(record, text, store.read(record).hash, Origin("generate", run="r"))

    caption("a", "A")
    caption("b", "B")
    journal.join("r")
    (joined,) = [entry for entry in journal.operations() if entry.files == 2]
    # The run is resumed, writes one of the two again, and ends while the undo is at its files.
    caption("a", "AA")
    caption("c", "C")
    looked_at = journal.file_changes

    def and_then_joined(operation: int) -> list[FileChange]:
        found = looked_at(operation)
        journal.join("r")
        return found

    journal.file_changes = and_then_joined  # type: ignore[method-assign]
    with pytest.raises(InvalidInput, match="by someone else just now"):
        Operations(store).undo(joined.operation)
    assert contents(root) == {"a.txt": b"AA", "b.txt": b"B", "c.txt": b"C"}
    assert journal.pending() == []
    journal.close()
