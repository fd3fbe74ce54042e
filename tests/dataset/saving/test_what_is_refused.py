"""What cannot be written is told with what helps, and the rest goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.saving.operations import Edit, Operations
from lib.dataset.saving.store import Store
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord
from lib.errors import InvalidInput, WriteFailed
from lib.files import cause_of
from lib.settings import Settings
from tests.dataset.saving.test_store import store_for
from tests.doubles.image_folder import image_folder


def test_a_history_that_cannot_be_written_is_told_with_what_helps(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "old"})
    journal = Journal(tmp_path / "j.sqlite")
    assert journal.operations() == []
    with closing(sqlite3.connect(journal.path)) as vandal:
        vandal.execute("DROP TABLE changes")
    with pytest.raises(WriteFailed, match="The history could not be read or written") as caught:
        Store(root, journal, "local", settings).save(ImageRecord("a.jpg"), "new", hash_of(b"old"))
    assert "The old text is unchanged." in caught.value.hint
    assert (root / "a.txt").read_text() == "old"
    journal.close()


def test_a_refusal_without_a_reason_is_told_in_words() -> None:
    assert cause_of(OSError("no number")) == ("the disk refused it", "Try again.")
    assert cause_of(OSError(71, "Protocol error")) == ("Protocol error", "Try again.")


def test_a_file_that_is_text_already_is_not_converted(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "café"})
    with pytest.raises(InvalidInput, match="is text already"):
        store_for(root, settings).convert_to_utf8(ImageRecord("a.jpg"), "cp1252", hash_of("café".encode()))
    assert (root / "a.txt").read_text() == "café"


def test_an_undo_leaves_alone_what_a_link_has_put_out_of_reach(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"s/a.jpg": "a", "b.jpg": "b"})
    operations = Operations(store_for(root, settings))
    operations.apply([Edit(f"{name}.jpg", hash_of(name[-1].encode()), "new") for name in ("s/a", "b")], "replace")
    (root / "s").rename(tmp_path / "outside")
    (root / "s").symlink_to(tmp_path / "outside")
    restored = operations.undo()
    assert [(name, "leads out" in reason) for name, reason in restored.left_alone] == [("s/a.txt", True)]
    assert (restored.restored, (root / "b.txt").read_text()) == (1, "b")
    assert (tmp_path / "outside" / "a.txt").read_text() == "new"
