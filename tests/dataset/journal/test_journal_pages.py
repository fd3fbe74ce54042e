"""A long journal is read a page at a time, and says the same as when it is read whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lib.dataset.journal.former_texts import former_texts
from lib.dataset.journal.journal import Journal
from lib.dataset.journal.pages import OperationFilter
from lib.dataset.journal.rows import MIGRATIONS, FileChange, NewOperation
from lib.domain import Origin


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "j.sqlite")
    yield made
    made.close()


def add(journal: Journal, kind: str, *names: str, by: str = "local") -> int:
    changes = [FileChange(f"{name}.txt", b"old", f"{kind} {name}".encode()) for name in names]
    operation = journal.begin(NewOperation(kind, changes, by, Origin()))
    journal.finish(operation)
    return operation


def test_pages_together_are_the_whole_list(journal: Journal) -> None:
    ids = [add(journal, "edit", f"{number:03d}") for number in range(120)]
    pages = [journal.operations(50, offset) for offset in (0, 50, 100, 150)]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert [entry.operation for page in pages for entry in page] == ids[::-1]
    assert journal.count() == 120
    assert pages[0][0].path == "119.txt"


def test_the_files_of_an_operation_come_in_pages_too(journal: Journal) -> None:
    names = [f"{number:04d}" for number in range(1234)]
    operation = add(journal, "replace", *reversed(names))
    paths = [e.path for offset in range(0, 1300, 50) for e in journal.entries(operation, 50, offset)]
    assert paths == [f"{name}.txt" for name in names]
    assert paths == [entry.path for entry in journal.entries(operation)]
    found = journal.operation(operation)
    assert found is not None
    assert found.files == 1234


def test_the_list_is_narrowed_and_counted_alike(journal: Journal) -> None:
    one = add(journal, "edit", "a")
    blank = add(journal, "create", "b")
    many = add(journal, "replace", "a", "b", "c")
    journal.abandon(journal.begin(NewOperation("edit", [FileChange("a.txt", b"", b"x")], "local", Origin())))
    for wanted, ids in (
        (OperationFilter(), [many, blank, one]),
        (OperationFilter(blanks=False), [many, one]),
        (OperationFilter(many=True), [many]),
        (OperationFilter(paths=["b.txt", "nowhere.txt"]), [many, blank]),
        (OperationFilter(blanks=False, paths=["b.txt"]), [many]),
        (OperationFilter(paths=[]), []),
    ):
        assert [entry.operation for entry in journal.operations(wanted=wanted)] == ids
        assert journal.count(wanted) == len(ids)


def test_what_was_left_alone_after_all_is_not_counted(journal: Journal) -> None:
    changes = [FileChange(f"{name}.txt", b"", b"x") for name in "abc"]
    operation = journal.begin(NewOperation("replace", changes, "local", Origin()))
    journal.finish(operation, left_alone=["b.txt"])
    assert journal.operations()[0].files == 2
    assert journal.changed_by(operation, ["a.txt", "b.txt", "z.txt"]) == {"a.txt"}


def test_many_paths_are_asked_for_at_once(journal: Journal) -> None:
    operation = add(journal, "replace", *(str(number) for number in range(2000)))
    paths = [f"{number}.txt" for number in range(40_000)]
    assert journal.changed_by(operation, paths) == set(paths[:2000])


def test_the_newest_of_an_owner_is_found_among_the_others(journal: Journal) -> None:
    mine, hers = add(journal, "edit", "a"), add(journal, "edit", "b", by="mail:ann@example.org")
    newest = {by: journal.newest_undoable(by) for by in (None, "local", "nobody")}
    assert {by: entry and entry.operation for by, entry in newest.items()} == {
        None: hers, "local": mine, "nobody": None,
    }  # fmt: skip
    for operation in (mine, hers):
        assert journal.start_undo_redo(operation, "undo", "t", 1)
        journal.finish_undo_redo(operation, "undo")
    found = journal.newest_redoable("local")
    assert found is not None
    assert found.operation == mine


@pytest.mark.parametrize("by", ["nobody", "local", None])
def test_the_newest_is_found_without_a_look_at_all_the_others(journal: Journal, by: str | None) -> None:
    add(journal, "edit", "a")
    steps: list[int] = []
    with journal._db.transaction() as connection:
        row = "INSERT INTO operations (kind, at, by, origin, detail, state) VALUES (?, '', ?, '{}', '{}', 'done')"
        connection.executemany(row, [("edit", "mail:ann@example.org"), ("create", "local")] * 5_000)
        # Called at each hundredth step of SQLite's machine.
        connection.set_progress_handler(lambda: steps.append(1), 100)
    found = journal.newest_undoable(by)
    assert (found and found.by) == {"nobody": None, "local": "local", None: "mail:ann@example.org"}[by]
    assert len(steps) < 10


def test_a_journal_of_before_learns_how_many_files_its_operations_changed(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(path)) as old:
        for script in MIGRATIONS[:2]:
            old.executescript(script)
        old.execute("PRAGMA user_version=2")
        old.execute(
            "INSERT INTO operations (id, kind, at, by, origin, detail, state)"
            " VALUES (7, 'edit', '2026-01-01T00:00:00+00:00', 'local', '{}', '{}', 'done')"
        )
        for name in "ab":
            old.execute("INSERT INTO changes VALUES (7, ?, NULL, NULL, '', '')", (name,))
        old.commit()
    journal = Journal(path)
    assert [(entry.operation, entry.files) for entry in journal.operations()] == [(7, 2)]
    journal.close()


def test_former_texts_are_told_once_each_with_what_other_programs_wrote(journal: Journal) -> None:
    steps = [
        ("edit", b"first", b"A"), ("create", b"A", b""), ("edit", b"", b"B"), ("edit", b"outside", b"A"),
        ("convert", b"caf\xe9", "café".encode()),
    ]  # fmt: skip
    for kind, before, after in steps:
        journal.finish(journal.begin(NewOperation(kind, [FileChange("a.txt", before, after)], "local", Origin())))
    former = former_texts(journal.history("a.txt"))
    assert [(one.text, one.was_found) for one in former] == [
        ("café", False), ("A", False), ("outside", True), ("B", False), ("first", True),
    ]  # fmt: skip
    assert former[1].entry.operation == 4
