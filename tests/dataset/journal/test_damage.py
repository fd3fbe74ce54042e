"""A damaged journal: what can be read goes into a new one, what is missing is told, and no tag file is touched."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lib.dataset.journal.damage import damage_told
from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.recovery import recover
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord, Origin
from lib.settings import Settings
from tests.dataset.saving.test_operations import contents, edits_of
from tests.doubles.image_folder import image_folder

_PAGE = 4096


def filled(path: Path, count: int = 120) -> Journal:
    """A journal of so many operations on three files each, the last of them under way."""
    journal = Journal(path)
    for number in range(1, count + 1):
        changes = [
            FileChange(f"{name}.txt", f"{name} {number - 1} ".encode() * 30, f"{name} {number} ".encode() * 30)
            for name in "abc"
        ]
        operation = journal.begin(NewOperation("replace", changes, "local", Origin(), token="0123456789ab"))
        if number < count:
            journal.finish(operation)
    journal.trim()
    journal.close()
    return journal


def aside(journal: Journal) -> list[Path]:
    found = journal.path.parent.glob(f"{journal.path.name}.damaged-*")
    return [path for path in found if not path.name.endswith(("-wal", "-shm"))]


def as_undone(journal: Journal, operation: int) -> list[tuple[str, bytes | None, bytes | None]]:
    return [(change.path, change.before, change.after) for change in journal.file_changes(operation)]


def test_the_operation_under_way_and_all_others_outlive_a_damaged_head(tmp_path: Path) -> None:
    journal = filled(tmp_path / "j.sqlite")
    whole = {number: as_undone(journal, number) for number in range(1, 121)}
    journal.close()
    with journal.path.open("r+b") as file:
        file.write(b"\xff" * 100)
    damaged = journal.path.read_bytes()
    (pending,) = journal.pending()
    assert (pending.operation, pending.token) == (120, "0123456789ab")
    assert {number: as_undone(journal, number) for number in range(1, 121)} == whole
    (damage,) = journal.damages()
    assert damage.since is None
    assert [damage.file] == aside(journal)
    assert damage.file.read_bytes() == damaged
    message, hint = damage_told(damage)
    assert "All operations could be taken over" in message
    assert str(damage.file) in hint


@pytest.mark.parametrize("turn", range(12))
def test_whichever_pages_are_damaged_what_is_listed_is_what_was_done(tmp_path: Path, turn: int) -> None:
    journal = filled(tmp_path / "j.sqlite")
    whole = {number: as_undone(journal, number) for number in range(1, 121)}
    times = {entry.operation: entry.at for entry in journal.operations(200)}
    journal.close()
    draw = random.Random(turn)
    pages = journal.path.stat().st_size // _PAGE
    with journal.path.open("r+b") as file:
        for _ in range(1 + turn % 4):
            file.seek(_PAGE * draw.randrange(0 if turn > 5 else 1, pages))
            file.write(draw.choice((draw.randbytes(_PAGE), bytes(_PAGE), draw.randbytes(64))))
    damaged = journal.path.read_bytes()
    # Damage is found where it is met, at the latest when everything is read.
    listed: dict[int, str] = {}
    for _ in range(2):
        listed = {entry.operation: entry.state for entry in journal.operations(200)}
        found = {number: as_undone(journal, number) for number in listed}
    for number, state in listed.items():
        if state in ("done", "pending"):
            assert found[number] == whole[number]
        else:
            assert state == "conflict"
            # All of them where the operation's own row is lost: they stand under one in its place.
            assert set(found[number]) <= set(whole[number])
    lost = [number for number in whole if listed.get(number) not in ("done", "pending")]
    if lost:
        (damage,) = journal.damages()
        assert damage.since is not None
        assert damage.since in ("", times[1]) if min(lost) <= 2 else damage.since <= times[min(lost) - 1]
        assert "Undo is missing for what was done" in damage_told(damage)[0]
    if journal.damages():
        assert [path.read_bytes() for path in aside(journal)] == [damaged]
    # Whatever was lost, the next operation is written down.
    new = journal.begin(NewOperation("edit", [FileChange("a.txt", b"x", b"y")], "local", Origin()))
    journal.finish(new)
    assert journal.newest_undoable() is not None
    assert new > max(listed, default=0)


@pytest.mark.slow
def test_a_file_of_garbage_begins_an_empty_history_and_says_so(tmp_path: Path) -> None:
    journal = filled(tmp_path / "j.sqlite", 5)
    journal.path.write_bytes(random.Random(0).randbytes(journal.path.stat().st_size))
    assert journal.operations() == []
    (damage,) = journal.damages()
    assert damage.since == ""
    assert "Undo is missing for what was done before" in damage_told(damage)[0]


def test_texts_without_their_operation_are_listed_and_neither_undone_nor_rolled_back(tmp_path: Path) -> None:
    journal = filled(tmp_path / "j.sqlite", 6)
    with closing(sqlite3.connect(journal.path)) as vandal, vandal:
        vandal.execute("DELETE FROM operations WHERE id = 3")
        vandal.execute("DELETE FROM changes WHERE operation = 5 AND path = 'b.txt'")
        vandal.execute("UPDATE changes SET after = 'other words' WHERE operation = 6 AND path = 'c.txt'")
    with journal.path.open("r+b") as file:
        file.write(b"\xff" * 100)
    states = {entry.operation: entry.state for entry in journal.operations()}
    assert states == {1: "done", 2: "done", 3: "conflict", 4: "done", 5: "conflict", 6: "conflict"}
    assert journal.pending() == []
    second = journal.operation(2)
    assert second is not None
    (damage,) = journal.damages()
    assert damage.since == second.at
    newest = journal.newest_undoable()
    assert newest is not None
    assert newest.operation == 4


def test_damage_met_in_mid_operation_touches_no_tag_file_and_the_next_opening_settles_it(
    tmp_path: Path, settings: Settings
) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": "b"})
    journal = Journal(tmp_path / "j.sqlite")
    store = Store(root, journal, "local", settings, open_dataset(root))
    operations = Operations(store)
    operations.apply(edits_of(store, a="A", b="B"), "replace")
    changes = [FileChange("a.txt", b"A", b"one"), FileChange("b.txt", b"B", b"two")]
    operation = journal.begin(NewOperation("replace", changes, "local", Origin(), token="0123456789ab"))
    (root / "a.txt").write_bytes(b"one")
    journal.trim()
    journal.close()
    with journal.path.open("r+b") as file:
        file.write(b"\xff" * 100)
    before = contents(root)
    assert [one.operation for one in journal.pending()] == [operation]
    assert contents(root) == before
    assert recover(journal, root, settings.locks) == []
    assert contents(root) == {"a.txt": b"A", "b.txt": b"B"}
    assert operations.undo().restored == 2
    assert contents(root) == {"a.txt": b"a", "b.txt": b"b"}


def test_a_save_goes_on_after_the_damage(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "old"})
    journal = filled(tmp_path / "j.sqlite", 3)
    journal.path.write_bytes(b"no database at all" * 1_000)
    store = Store(root, journal, "local", settings)
    store.save(ImageRecord("a.jpg"), "new", hash_of(b"old"))
    assert (root / "a.txt").read_text() == "new"
    assert Operations(store).undo().restored == 1
    assert (root / "a.txt").read_text() == "old"


def test_an_author_that_cannot_be_read_any_more_costs_no_text(tmp_path: Path) -> None:
    told = Origin("import", "llava")
    journal = Journal(tmp_path / "j.sqlite")
    changes = [FileChange(f"{name}.txt", None, name.encode(), told) for name in "ab"]
    operation = journal.begin(NewOperation("import", changes, "local", Origin("import")))
    journal.finish(operation)
    journal.trim()
    journal.close()
    with closing(sqlite3.connect(journal.path)) as vandal:
        vandal.execute("UPDATE changes SET origin = 'x' WHERE path = 'a.txt'")
        vandal.commit()
    with journal.path.open("r+b") as file:
        file.write(b"\xff" * 100)
    assert as_undone(journal, operation) == [("a.txt", None, b"a"), ("b.txt", None, b"b")]
    assert [entry.origin for entry in journal.entries(operation)] == [Origin("import"), told]
    assert [journal.author(ImageRecord(f"{name}.jpg", text=name)) is not None for name in "ab"] == [True, True]
    journal.close()
