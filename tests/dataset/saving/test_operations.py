"""A change to many captions is one operation: carried out, taken back and done again as a whole."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.rename import rename_image
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord, Origin
from lib.errors import Cancelled, InvalidInput, WriteFailed
from lib.settings import Settings
from tests.dataset.saving.test_store import leftovers, store_for
from tests.doubles.image_folder import image_folder
from tests.doubles.onlooker import Onlooker, stop_at

pytestmark = pytest.mark.usefixtures("kept_either_way")


def operations_on(root: Path, settings: Settings) -> tuple[Operations, Store]:
    dataset = open_dataset(root)
    store = store_for(root, settings, dataset=dataset)
    return Operations(store), store


def edits_of(store: Store, **texts: str) -> list[Edit]:
    return [Edit(f"{name}.jpg", store.read(ImageRecord(f"{name}.jpg")).hash, text) for name, text in texts.items()]


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.txt")}


def known(store: Store) -> dict[str, str]:
    assert store.dataset is not None
    return {record.stem: record.text for record in store.dataset.records}


def test_a_bulk_edit_is_one_operation_and_undo_and_redo_are_exact(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(
        tmp_path / "data",
        {"a.jpg": b"\xef\xbb\xbfcat\r\nsits\r\n", "b.jpg": "dog\n".encode("utf-16"), "c.jpg": None, "d.jpg": "same"},
    )
    (root / "a.txt").chmod(0o640)
    before = contents(root)
    operations, store = operations_on(root, settings)
    applied = operations.apply(edits_of(store, a="cat\nlies\n", b="fox\n", c="new", d="same"), "replace", Origin())
    after = contents(root)
    assert (applied.changed, applied.left_alone) == (3, ())
    assert after == {
        "a.txt": b"\xef\xbb\xbfcat\r\nlies\r\n", "b.txt": "fox\n".encode("utf-16"), "c.txt": b"new", "d.txt": b"same",
    }  # fmt: skip
    (entry,) = operations.history()
    assert (entry.operation, entry.kind, entry.files, entry.by, entry.state) == (
        applied.operation, "replace", 3, "local", "done",
    )  # fmt: skip
    assert [(e.path, e.before_text, e.after_text) for e in operations.changes(entry.operation)][1:] == [
        ("b.txt", "dog\n", "fox\n"), ("c.txt", "", "new"),
    ]  # fmt: skip
    assert known(store) == {"a": "cat\nlies\n", "b": "fox\n", "c": "new", "d": "same"}

    restored = operations.undo()
    assert (restored.operation, restored.restored, restored.left_alone) == (applied.operation, 3, ())
    assert contents(root) == before
    assert known(store) == {"a": "cat\nsits\n", "b": "dog\n", "c": "", "d": "same"}
    assert operations.redo().restored == 3
    assert contents(root) == after
    assert known(store)["c"] == "new"
    assert (root / "a.txt").stat().st_mode & 0o777 == 0o640
    assert not leftovers(root)


def test_undo_goes_back_without_end_and_across_restarts(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "0", "b.jpg": None})
    operations, store = operations_on(root, settings)
    states = [contents(root)]
    for number in range(1, 6):
        if number % 2:
            store.save(ImageRecord("a.jpg"), str(number), store.read(ImageRecord("a.jpg")).hash)
        else:
            operations.apply(edits_of(store, a=str(number), b=f"b{number}"), "replace", Origin())
        states.append(contents(root))
    store.journal.close()
    again = Store(root, Journal(store.journal.path), "local", settings)
    operations = Operations(again)
    for state in reversed(states[:-1]):
        operations.undo()
        assert contents(root) == state
    with pytest.raises(InvalidInput, match="nothing to undo"):
        operations.undo()
    for state in states[1:]:
        operations.redo()
        assert contents(root) == state
    with pytest.raises(InvalidInput, match="nothing to redo"):
        operations.redo()
    again.journal.close()


def test_after_a_new_change_redo_has_to_be_asked_for_by_name(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": "b", "c.jpg": None})
    operations, store = operations_on(root, settings)
    first = operations.apply(edits_of(store, a="A"), "replace", Origin()).operation
    operations.undo()
    store.create_blank(ImageRecord("c.jpg"))
    assert operations.redo().operation == first
    operations.undo()
    operations.apply(edits_of(store, b="B"), "replace", Origin())
    with pytest.raises(InvalidInput):
        operations.redo()
    assert operations.redo(first).restored == 1
    assert contents(root) == {"a.txt": b"A", "b.txt": b"B", "c.txt": b""}


def test_what_cannot_be_written_is_left_alone_with_a_reason(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(
        tmp_path / "data",
        {"a.jpg": "a", "b.jpg": b"caf\xe9", "c.jpg": "c", "c.png": None, "d.jpg": "d", "e.jpg": "e", "f.jpg": None,
         "g.jpg": "g", "h.jpg": "h"},
    )  # fmt: skip
    operations, store = operations_on(root, settings)
    edits = [Edit(f"{name}.jpg", hash_of((root / f"{name}.txt").read_bytes()), "new") for name in "abcde"]
    edits += [Edit("f.jpg", "", "new"), Edit("gone.jpg", "", "new")]
    edits += edits_of(store, g="half \ud800", h="new")
    (root / "d.txt").write_text("theirs")
    (root / "e.txt").unlink()
    (root / "f.jpg").unlink()
    (tmp_path / "outside.txt").write_text("h")
    (root / "h.txt").unlink()
    (root / "h.txt").symlink_to(tmp_path / "outside.txt")
    applied = operations.apply(edits, "replace", Origin())
    reasons = dict(applied.left_alone)
    assert (applied.changed, set(reasons)) == (1, {edit.image for edit in edits} - {"a.jpg"})
    for image, words in {
        "b.jpg": "not text", "c.jpg": "more than one", "d.jpg": "changed", "e.jpg": "deleted", "f.jpg": "gone",
        "gone.jpg": "no longer", "g.jpg": "half", "h.jpg": "leads out",
    }.items():  # fmt: skip
        assert words in reasons[image], image
    found = contents(root)
    assert (found["a.txt"], found["b.txt"], found["c.txt"], found["d.txt"]) == (b"new", b"caf\xe9", b"c", b"theirs")
    assert not {"e.txt", "f.txt"} & set(found)
    assert (tmp_path / "outside.txt").read_text() == "h"


def test_nothing_to_change_is_no_operation(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": None})
    operations, store = operations_on(root, settings)
    assert operations.apply(edits_of(store, a="a", b=""), "replace").operation is None
    assert operations.apply([], "replace").operation is None
    assert operations.apply([Edit("a.jpg", "other", "x")], "replace").operation is None
    assert operations.history() == []
    assert contents(root) == {"a.txt": b"a"}


def test_images_that_share_a_tag_file_are_written_once(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "both", "a.png": "both", "b.jpg": None})
    (root / "b.txt").symlink_to("a.txt")
    operations, store = operations_on(root, settings)
    store.allow_shared("a")
    seen = hash_of(b"both")
    edits = [Edit("a.jpg", seen, "ours"), Edit("a.png", seen, "ours"), Edit("b.jpg", seen, "mine")]
    applied = operations.apply(edits, "prefix", Origin())
    assert (applied.changed, [image for image, _ in applied.left_alone]) == (1, ["b.jpg"])
    assert "another text" in applied.left_alone[0][1]
    assert store.dataset is not None
    assert [r.text for r in store.dataset.records[:2]] == ["ours", "ours"]
    operations.undo()
    assert ((root / "a.txt").read_bytes(), (root / "b.txt").is_symlink()) == (b"both", True)
    assert [r.text for r in store.dataset.records[:2]] == ["both", "both"]


def test_links_among_many_files_are_written_through_only_inside_the_root(tmp_path: Path, settings: Settings) -> None:
    root = tmp_path / "data"
    (root / "s").mkdir(parents=True)
    for number in range(150):
        (root / f"s/{number}.txt").write_text("cat")
    (tmp_path / "outside.txt").write_text("cat")
    for name, goal in (("s/7.txt", root / "target.txt"), ("s/8.txt", tmp_path / "outside.txt")):
        (root / name).unlink()
        (root / name).symlink_to(goal)
    (root / "target.txt").write_text("cat")
    operations = Operations(store_for(root, settings))
    applied = operations.apply([Edit(f"s/{n}.jpg", hash_of(b"cat"), "dog") for n in range(150)], "replace")
    assert (applied.changed, [name for name, _ in applied.left_alone]) == (149, ["s/8.jpg"])
    assert (root / "s/7.txt").is_symlink()
    assert (root / "target.txt").read_text() == "dog"
    assert (tmp_path / "outside.txt").read_text() == "cat"
    assert operations.undo().restored == 149
    assert (root / "target.txt").read_text() == "cat"
    assert not leftovers(root)


def test_undo_leaves_alone_what_changed_since(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": "b", "c.jpg": None, "d.jpg": "d"})
    operations, store = operations_on(root, settings)
    operation = operations.apply(edits_of(store, a="A", b="B", c="C", d="D"), "replace", Origin()).operation
    (root / "a.txt").write_text("theirs")
    (root / "b.txt").unlink()
    (root / "c.txt").write_text("kept")
    restored = operations.undo(operation)
    assert restored.restored == 1
    assert {name: reason.split()[-2] for name, reason in restored.left_alone} == {
        "a.txt": "changed", "b.txt": "deleted", "c.txt": "changed",
    }  # fmt: skip
    assert contents(root) == {"a.txt": b"theirs", "c.txt": b"kept", "d.txt": b"d"}
    assert dict(operations.redo().left_alone).keys() == {"a.txt", "b.txt", "c.txt"}
    assert (root / "d.txt").read_bytes() == b"D"


def test_what_cannot_be_undone_says_why(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": "b"})
    operations, store = operations_on(root, settings)
    first = operations.apply(edits_of(store, a="A"), "replace").operation
    rename_image(store, ImageRecord("b.jpg"), "z")
    renamed = operations.history()[0].operation
    with pytest.raises(InvalidInput, match="renamed an image"):
        operations.undo(renamed)
    with pytest.raises(InvalidInput, match="no operation 99"):
        operations.undo(99)
    with pytest.raises(InvalidInput, match="stands already"):
        operations.redo(first)
    assert operations.undo().operation == first
    with pytest.raises(InvalidInput, match="undone already"):
        operations.undo(first)


def test_undo_takes_back_a_conversion_and_a_blank_file_when_named(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": b"caf\xe9", "b.jpg": None})
    operations, store = operations_on(root, settings)
    store.convert_to_utf8(ImageRecord("a.jpg"), "cp1252", hash_of(b"caf\xe9"))
    store.create_blank(ImageRecord("b.jpg"))
    blank = operations.history()[0].operation
    operations.undo()
    assert contents(root) == {"a.txt": b"caf\xe9", "b.txt": b""}
    assert store.dataset is not None
    assert store.dataset.undecodable == ("a.jpg",)
    operations.undo(blank)
    assert contents(root) == {"a.txt": b"caf\xe9"}
    operations.redo(blank)
    assert operations.redo().restored == 1
    assert contents(root) == {"a.txt": "café".encode(), "b.txt": b""}


def test_a_history_that_cannot_be_written_stops_everything(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a"})
    store = Store(root, Journal(tmp_path / "j.sqlite"), "local", settings)
    assert store.journal.history("a.txt") == []
    with closing(sqlite3.connect(tmp_path / "j.sqlite")) as vandal:
        vandal.execute("DROP TABLE changes")
    with pytest.raises(WriteFailed, match="history"):
        Operations(store).apply(edits_of(store, a="A"), "replace")
    assert contents(root) == {"a.txt": b"a"}
    store.journal.close()


def test_old_operations_are_forgotten_by_age_and_by_size(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a"})
    operations, store = operations_on(root, settings)
    journal = store.journal
    for number in range(6):
        operations.apply(edits_of(store, a=str(number) * 400_000), "replace")
    with closing(sqlite3.connect(journal.path)) as clock, clock:
        clock.execute("UPDATE operations SET at = '2001-01-01T00:00:00.000+00:00' WHERE id <= 2")
    waiting = journal.begin(NewOperation("replace", [FileChange("z.txt", None, b"z" * 1_000_000)], "local", Origin()))
    journal.trim()
    size = journal.path.stat().st_size
    assert journal.prune(0, 0) == journal.prune(36_500, 1_000) == 0
    assert journal.prune(30, 0) == 2
    assert [entry.operation for entry in operations.history()] == [waiting, 6, 5, 4, 3]
    assert journal.prune(0, 2) == 3
    assert [entry.operation for entry in operations.history()] == [waiting, 6]
    assert journal.path.stat().st_size < size / 2
    journal.abandon(waiting)
    assert operations.undo().restored == 1
    assert (root / "a.txt").read_text() == "4" * 400_000


def test_hostile_tag_files_survive_a_bulk_edit_and_its_undo(
    tmp_path: Path, settings: Settings, test_data: Path
) -> None:
    source = test_data / "hostile/sidecars"
    root = image_folder(tmp_path / "data", 0)
    for path in source.rglob("*.txt"):
        shutil.copyfile(path, root / path.name)
        image_folder(root, {f"{path.stem}.jpg": None})
    before = contents(root)
    assert len(before) >= 20
    operations, store = operations_on(root, settings)
    assert store.dataset is not None
    seen = {record.name: store.read(record) for record in store.dataset.records}
    untouched = [Edit(name, found.hash, found.text.replace("no such words", "x")) for name, found in seen.items()]
    assert operations.apply(untouched, "replace").changed == 0
    assert contents(root) == before
    every = [Edit(name, found.hash, f"trigger, {found.text}") for name, found in seen.items()]
    applied = operations.apply(every, "prefix")
    assert applied.changed == sum(found.editable for found in seen.values())
    for name, found in seen.items():
        if found.editable:
            assert store.read(ImageRecord(name)).text == f"trigger, {found.text}", name
    operations.undo()
    assert contents(root) == before
    assert not leftovers(root)


def test_a_long_operation_tells_how_far_it_is_and_stops_as_a_whole(tmp_path: Path, settings: Settings) -> None:
    root = tmp_path / "data"
    root.mkdir()
    for number in range(150):
        (root / f"{number}.txt").write_text("cat")
    before = contents(root)
    operations = Operations(store_for(root, settings))
    edits = [Edit(f"{number}.jpg", hash_of(b"cat"), "dog") for number in range(150)]
    turns = {
        "apply": lambda who: operations.apply(edits, "replace", progress=who),
        "undo": lambda who: operations.undo(progress=who),
        "redo": lambda who: operations.redo(progress=who),
    }
    for name, turn in turns.items():
        everything = Onlooker()
        history = operations.history()
        last = {"apply": 4, "undo": 4, "redo": 4}[name]
        for question in range(1, last + 1):
            with pytest.raises(Cancelled, match="No caption was changed"):
                turn(stop_at(question))
            assert contents(root) == before, (name, question)
            assert operations.history() == history
            assert not leftovers(root)
        turn(everything)
        assert everything.told == [(0, 150), (64, 150), (128, 150), (150, 150)]
        assert everything.asked == last
        assert contents(root) != before
        before = contents(root)
