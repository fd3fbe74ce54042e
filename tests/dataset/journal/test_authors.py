"""Who wrote a caption: known through edits, undo, a rename and a new name, and of nothing that others wrote."""

from __future__ import annotations

import random
from collections.abc import Iterator
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
from lib.domain import Author, ImageRecord, Origin
from lib.settings import Settings
from tests.dataset.saving.test_store import store_for
from tests.doubles.image_folder import image_folder

GEMMA = Origin("generate", "gemma-4-31b", "Describe it.", {"temperature": 0.3})


@pytest.fixture
def store(tmp_path: Path, settings: Settings) -> Iterator[Store]:
    texts = {
        "a.jpg": None,
        "b.jpg": "by another program",
        "c.jpg": "",
        "d.jpg": b"\xef\xbb\xbfdog\r\n",
        "s/e.jpg": None,
    }
    root = image_folder(tmp_path / "data", texts)
    made = store_for(root, settings, dataset=open_dataset(root))
    yield made
    made.journal.close()


def save(store: Store, name: str, text: str, origin: Origin | None = None) -> None:
    store.save(ImageRecord(name), text, store.read(ImageRecord(name)).hash, origin)


def record_of(store: Store, name: str) -> ImageRecord:
    assert store.dataset is not None
    found = store.dataset.get(name)
    assert found is not None
    return found


def author(store: Store, name: str) -> Author | None:
    """The one answer of the two ways to ask, which must be the same."""
    record = record_of(store, name)
    alone, (among_all,) = store.journal.author(record), store.journal.authors([record])
    assert alone == among_all
    return alone


def told(store: Store, name: str) -> tuple[str, str, bool] | None:
    found = author(store, name)
    return None if found is None else (found.by, found.model, bool(found.edited_at))


def test_the_author_is_a_model_a_person_or_nobody_that_is_known(store: Store) -> None:
    save(store, "a.jpg", "a cat", GEMMA)
    save(store, "c.jpg", "typed")
    found = author(store, "a.jpg")
    assert found is not None
    assert (found.model, found.prompt, found.params) == ("gemma-4-31b", "Describe it.", {"temperature": 0.3})
    assert found.at.startswith("20")
    assert told(store, "a.jpg") == ("model", "gemma-4-31b", False)
    assert told(store, "c.jpg") == ("hand", "", False)
    assert told(store, "b.jpg") is None
    assert told(store, "s/e.jpg") is None


def test_edits_by_hand_or_by_a_tool_are_told_beside_the_model(store: Store) -> None:
    save(store, "a.jpg", "a cat", GEMMA)
    Operations(store).apply([Edit("a.jpg", hash_of(b"a cat"), "sks, a cat")], "affix", Origin())
    assert told(store, "a.jpg") == ("model", "gemma-4-31b", True)
    Operations(store).undo()
    assert told(store, "a.jpg") == ("model", "gemma-4-31b", False)
    Operations(store).redo()
    assert told(store, "a.jpg") == ("model", "gemma-4-31b", True)
    save(store, "s/e.jpg", "a dog, mended", Origin("generate", "m", edited=True))
    assert told(store, "s/e.jpg") == ("model", "m", True)


def test_a_caption_that_another_program_changed_is_nobodys_and_an_edit_of_it_is_by_hand(store: Store) -> None:
    save(store, "a.jpg", "a cat", GEMMA)
    (store.root / "a.txt").write_text("theirs")
    store.read(ImageRecord("a.jpg"))
    assert told(store, "a.jpg") is None
    save(store, "a.jpg", "theirs, and mine")
    assert told(store, "a.jpg") == ("hand", "", False)


def test_a_text_typed_where_the_former_one_was_emptied_is_by_hand(store: Store) -> None:
    save(store, "a.jpg", "a cat", GEMMA)
    save(store, "a.jpg", "")
    assert told(store, "a.jpg") is None
    save(store, "a.jpg", "typed anew")
    assert told(store, "a.jpg") == ("hand", "", False)


def test_bytes_that_show_the_same_text_have_the_same_author(store: Store) -> None:
    save(store, "d.jpg", "dog\ncat", GEMMA)
    assert (store.root / "d.txt").read_bytes() == b"\xef\xbb\xbfdog\r\ncat"
    assert told(store, "d.jpg") == ("model", "gemma-4-31b", False)


def test_the_author_goes_with_a_renamed_image(store: Store) -> None:
    save(store, "a.jpg", "a cat", GEMMA)
    renamed = rename_image(store, record_of(store, "a.jpg"), "z")
    assert told(store, renamed.name) == ("model", "gemma-4-31b", False)


def test_an_author_that_a_file_told_of_one_caption_is_that_captions_alone(store: Store) -> None:
    origin = Origin("import", "llava", told_at="2025-01-01T00:00:00+00:00")
    changes = [FileChange("a.txt", None, b"one", origin), FileChange("s/e.txt", None, b"two")]
    for change in changes:
        (store.root / change.path).write_bytes(change.after or b"")
        store.read(ImageRecord(change.path.replace(".txt", ".jpg")))
    store.journal.finish(store.journal.begin(NewOperation("import", changes, "local", Origin("import"))))
    found = author(store, "a.jpg")
    assert found is not None
    assert (found.by, found.model, found.told_at) == ("import", "llava", "2025-01-01T00:00:00+00:00")
    assert told(store, "s/e.jpg") == ("import", "", False)
    assert store.journal.latest_origin("a.txt") == origin
    assert store.journal.history("a.txt")[0].origin == origin


def test_captions_of_a_run_keep_their_author_when_they_are_joined(store: Store) -> None:
    for name in ("a.jpg", "s/e.jpg"):
        save(store, name, f"a caption of {name}", Origin("generate", "m", run="r1"))
    assert [told(store, name) for name in ("a.jpg", "s/e.jpg")] == [("model", "m", False)] * 2
    store.journal.join("r1")
    assert [told(store, name) for name in ("a.jpg", "s/e.jpg")] == [("model", "m", False)] * 2


def test_asked_again_and_again_it_knows_the_same_as_one_who_asks_anew(store: Store, seed: int) -> None:
    draw, operations = random.Random(seed), Operations(store)
    assert store.dataset is not None
    names = ["a.jpg", "c.jpg", "s/e.jpg"]
    for turn in range(60):
        match draw.randrange(5):
            case 0 | 1:
                save(store, draw.choice(names), f"text {turn}", draw.choice([GEMMA, None, Origin("import")]))
            case 2:
                edits = [Edit(name, store.read(ImageRecord(name)).hash, f"bulk {turn}") for name in names]
                operations.apply(edits, "replace", draw.choice([Origin(), GEMMA]))
            case 3 if (newest := store.journal.newest_undoable()) is not None:
                operations.undo(newest.operation)
            case 4 if (undone := store.journal.newest_redoable()) is not None:
                operations.redo(undone.operation)
        anew = Journal(store.journal.path)
        assert store.journal.authors(store.dataset.records) == anew.authors(store.dataset.records)
        assert [author(store, name) for name in names] == anew.authors([record_of(store, name) for name in names])
        anew.close()


def test_what_is_new_in_the_journal_is_all_that_is_read_again(store: Store) -> None:
    assert store.dataset is not None
    for number in range(50):
        save(store, "a.jpg", f"text {number}", GEMMA)
    store.journal.authors(store.dataset.records)
    read: list[int] = []
    rows = store.journal._db.rows

    def counting(sql: str, parameters: object = ()) -> list[object]:
        found = rows(sql, parameters)  # type: ignore[arg-type]
        read.append(len(found))
        return found  # type: ignore[return-value]

    store.journal._db.rows = counting  # type: ignore[method-assign, assignment]
    save(store, "c.jpg", "one more", GEMMA)
    read.clear()
    store.journal.authors(store.dataset.records)
    assert sum(read) < 6
