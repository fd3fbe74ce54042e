"""A crash amid an import or its undo, and somebody else's picture in the way: no image is lost, none is overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, ImportedImage, NewOperation
from lib.dataset.saving.recovery import recover
from lib.domain import Origin
from lib.files import file_hash
from tests.doubles.image_folder import draw_image, image_folder

_ASIDE = ".replaced/1"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "j.sqlite")
    yield journal
    journal.close()


def pictures(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.jpg")}


def begun(journal: Journal, images: list[ImportedImage], changes: list[FileChange]) -> int:
    detail = {"aside": _ASIDE, "images": len(images), "folders": []}
    return journal.begin(NewOperation("import", changes, "local", Origin("import"), detail, "0123456789ab", images))


def test_one_image_that_is_another_by_now_keeps_a_whole_import_from_being_taken_back(
    tmp_path: Path, journal: Journal
) -> None:
    root = image_folder(tmp_path / "data", {"changed.jpg": None, "came.jpg": None, "waits.jpg": None})
    former = draw_image(root / _ASIDE / "came.jpg", number=7)
    images = [
        ImportedImage("changed.jpg", "what came", "what was there", "changed.txt"),
        ImportedImage("waits.jpg", "what never came", file_hash(root / "waits.jpg"), "waits.txt"),
        ImportedImage("came.jpg", file_hash(root / "came.jpg"), file_hash(former), "came.txt"),
    ]
    operation, before = begun(journal, images, []), pictures(root)
    assert recover(journal, root) == [operation]
    assert journal.state_of(operation) == "conflict"
    assert pictures(root) == before


@pytest.mark.parametrize("came", [True, False])
def test_an_image_that_made_way_comes_back_whether_the_new_one_had_come_or_not(
    tmp_path: Path, journal: Journal, came: bool
) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "typed"})
    picture, former = root / "a.jpg", draw_image(root / _ASIDE / "a.jpg", number=7)
    image = ImportedImage("a.jpg", file_hash(picture), file_hash(former), "a.txt")
    wanted = {"a.jpg": former.read_bytes()}
    if not came:
        picture.unlink()
    operation = begun(journal, [image], [FileChange("a.txt", b"typed", b"what came")])
    assert recover(journal, root) == []
    assert journal.state_of(operation) == "abandoned"
    assert pictures(root) == wanted


def test_an_image_whose_caption_is_somebody_elses_by_now_is_put_aside_and_not_removed(
    tmp_path: Path, journal: Journal
) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "typed since"})
    picture = (root / "a.jpg").read_bytes()
    image = ImportedImage("a.jpg", file_hash(root / "a.jpg"), "", "a.txt")
    operation = begun(journal, [image], [FileChange("a.txt", None, b"what came")])
    assert recover(journal, root) == [operation]
    assert journal.state_of(operation) == "conflict"
    assert pictures(root) == {f"{_ASIDE}-undone/a.jpg": picture}
    assert (root / "a.txt").read_text() == "typed since"


def test_what_brought_no_images_removes_no_folder_when_it_is_rolled_back(tmp_path: Path, journal: Journal) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "old"})
    (root / "to be filled").mkdir()
    operation = journal.begin(NewOperation("replace", [FileChange("a.txt", b"old", b"new")], "local", Origin()))
    assert recover(journal, root) == []
    assert journal.state_of(operation) == "abandoned"
    assert (root / "to be filled").is_dir()


def test_an_undo_cut_short_is_ended_around_an_image_that_is_another_by_now(tmp_path: Path, journal: Journal) -> None:
    root = image_folder(tmp_path / "data", {"changed.jpg": None, "left.jpg": None})
    gone = draw_image(root / f"{_ASIDE}-undone" / "gone.jpg", number=4)
    left, other = root / "left.jpg", (root / "changed.jpg").read_bytes()
    images = [
        ImportedImage("changed.jpg", "what came", "", "changed.txt"),
        ImportedImage("gone.jpg", file_hash(gone), "", "gone.txt"),
        ImportedImage("left.jpg", file_hash(left), "", "left.txt"),
    ]
    wanted = {
        "changed.jpg": other,
        f"{_ASIDE}-undone/gone.jpg": gone.read_bytes(),
        f"{_ASIDE}-undone/left.jpg": left.read_bytes(),
    }
    operation = begun(journal, images, [])
    journal.finish(operation)
    assert journal.start_undo_redo(operation, "undo", "0123456789ab", 0)
    assert recover(journal, root) == []
    assert journal.state_of(operation) == "undone"
    assert pictures(root) == wanted
