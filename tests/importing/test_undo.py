"""An import is one operation: its undo takes images and captions away again, and nothing is lost on the way."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.saving import imported_images
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.errors import Cancelled, InvalidInput, WriteFailed
from lib.files import Files
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.doubles.onlooker import stop_at
from tests.exporting.conftest import Exported, exported
from tests.importing.test_round_trips import taken

__all__ = ["exported"]

Open = Callable[[], Operations]


@pytest.fixture
def source(tmp_path: Path, exported: Exported) -> Path:
    captions = {"a.jpg": "new a", "sub/deep/b.jpg": "new b", "c.jpg": "new c"}
    return exported(image_folder(tmp_path / "source", captions), "imagefolder").path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """`a` is another picture there, with another caption; the others are not there."""
    root = image_folder(tmp_path / "target", {"a.jpg": "old a", "own.jpg": "own"})
    draw_image(root / "a.jpg", number=9)
    return root.resolve()


@pytest.fixture
def operations(target: Path, configured: Settings) -> Open:
    def run() -> Operations:
        journal = journal_for(target, configured)
        return Operations(Store(target, journal, "local", configured, open_dataset(target)))

    return run


def tree(root: Path) -> dict[str, bytes]:
    """All that is in a folder, but for what is hidden."""
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith(".")}


@pytest.mark.parametrize("existing", ["skip", "overwrite", "both"])
def test_undo_takes_an_import_away_and_redo_brings_it_again(
    source: Path, target: Path, operations: Open, configured: Settings, existing: str
) -> None:
    before = tree(target)
    taken(source, target, configured, existing=existing)
    after = tree(target)
    for _ in range(2):
        assert operations().undo().left_alone == ()
        assert tree(target) == before
        assert not (target / "sub").exists()
        assert operations().redo().left_alone == ()
        assert tree(target) == after


def test_images_alone_are_an_operation_too(
    tmp_path: Path, target: Path, operations: Open, configured: Settings
) -> None:
    before = tree(target)
    report = taken(image_folder(tmp_path / "bare", {"x.jpg": None, "y.jpg": None}), target, configured)
    restored = operations().undo(report.operation)
    assert (restored.restored, restored.images) == (0, 2)
    assert tree(target) == before
    with pytest.raises(InvalidInput, match="undone already"):
        operations().undo(report.operation)


def test_an_image_whose_caption_was_edited_since_stays_with_it(
    source: Path, target: Path, operations: Open, configured: Settings
) -> None:
    taken(source, target, configured)
    (target / "c.txt").write_text("typed since")
    restored = operations().undo()
    assert [name for name, _ in restored.left_alone] == ["c.txt"]
    assert {"c.jpg", "c.txt"} <= tree(target).keys()
    assert "sub/deep/b.jpg" not in tree(target)


def test_an_image_that_got_its_caption_since_stays(
    tmp_path: Path, target: Path, operations: Open, configured: Settings
) -> None:
    taken(image_folder(tmp_path / "bare", {"x.jpg": None, "y.jpg": None}), target, configured)
    (target / "x.txt").write_text("typed since")
    (target / "y.txt").write_text("\n")
    restored = operations().undo()
    assert [name for name, _ in restored.left_alone] == ["x.jpg"]
    assert "x.jpg" in tree(target)
    assert "y.jpg" not in tree(target)


def test_an_image_that_is_another_one_by_now_stays(
    source: Path, target: Path, operations: Open, configured: Settings
) -> None:
    taken(source, target, configured)
    other = draw_image(target / "c.jpg", size=(90, 20)).read_bytes()
    restored = operations().undo()
    assert "c.jpg" in {name for name, _ in restored.left_alone}
    assert (tree(target)["c.jpg"], tree(target)["c.txt"]) == (other, b"new c")


def test_redo_never_takes_a_name_that_is_in_use(
    source: Path, target: Path, operations: Open, configured: Settings
) -> None:
    taken(source, target, configured)
    operations().undo()
    other = draw_image(target / "c.jpg", size=(90, 20)).read_bytes()
    assert "c.jpg" in {name for name, _ in operations().redo().left_alone}
    assert tree(target)["c.jpg"] == other


def test_a_move_that_the_disk_refuses_leaves_all_as_it_was(
    source: Path, target: Path, operations: Open, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = taken(source, target, configured, existing="overwrite")
    after = tree(target)
    _fail_at(monkeypatch, 3, OSError(errno.EIO, "Input/output error"))
    with pytest.raises(WriteFailed, match="could not be saved"):
        operations().undo()
    monkeypatch.undo()
    assert tree(target) == after
    assert operations().undo(report.operation).left_alone == ()


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("back", [True, False])
def test_an_undo_cut_short_is_ended_at_the_next_opening(
    source: Path,
    target: Path,
    operations: Open,
    configured: Settings,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    back: bool,
) -> None:
    before = tree(target)
    taken(source, target, configured, existing="overwrite")
    after = tree(target)
    if not back:
        operations().undo()
    _fail_at(monkeypatch, at, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        operations().undo() if back else operations().redo()
    monkeypatch.undo()
    operations()
    begun = at > 0
    assert tree(target) == (before if begun == back else after)
    if not begun:
        operations().undo() if back else operations().redo()
        assert tree(target) == (before if back else after)


@pytest.mark.parametrize("caption", ["old a", None])
def test_a_replaced_image_comes_back_whatever_its_caption(
    tmp_path: Path, target: Path, operations: Open, configured: Settings, caption: str | None
) -> None:
    before = tree(target)
    taken(image_folder(tmp_path / "better", {"a.jpg": caption}), target, configured, existing="overwrite")
    assert tree(target)["a.jpg"] != before["a.jpg"]
    assert operations().undo().left_alone == ()
    assert tree(target) == before


def test_a_tag_file_that_another_image_has_by_now_stays_with_both(
    source: Path, target: Path, operations: Open, configured: Settings
) -> None:
    taken(source, target, configured)
    draw_image(target / "c.png")
    assert [name for name, _ in operations().undo().left_alone] == ["c.jpg"]
    assert {"c.jpg", "c.png", "c.txt"} <= tree(target).keys()


def test_words_of_another_kind_of_tag_file_are_seen(
    tmp_path: Path, target: Path, operations: Open, configured: Settings
) -> None:
    bare = image_folder(tmp_path / "bare", {"x.jpg": None})
    report = import_into(bare, ImportTarget(target, configured, "local", ".caption"))
    (target / "x.caption").write_text("typed since")
    assert [name for name, _ in operations().undo(report.operation).left_alone] == ["x.jpg"]


def test_redo_of_images_that_are_gone_brings_no_orphaned_captions(
    source: Path, target: Path, operations: Open, configured: Settings
) -> None:
    taken(source, target, configured)
    operations().undo()
    before = tree(target)
    shutil.rmtree(target / ".replaced")
    assert operations().redo().images == 0
    assert tree(target) == before


def test_folders_that_were_there_before_stay(
    source: Path, target: Path, operations: Open, configured: Settings
) -> None:
    (target / "sub").mkdir()
    taken(source, target, configured)
    operations().undo()
    assert (target / "sub").is_dir()
    assert not (target / "sub" / "deep").exists()


def test_what_an_undo_left_alone_is_left_alone_when_it_is_ended_after_a_crash(
    tmp_path: Path, target: Path, operations: Open, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(
        image_folder(tmp_path / "bare", {"w.jpg": None, "x.jpg": None, "y.jpg": None, "z.jpg": "z"}), target, configured
    )
    (target / "x.txt").write_text("typed since")
    (target / "z.txt").unlink()
    _fail_at(monkeypatch, 1, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        operations().undo()
    monkeypatch.undo()
    operations()
    assert {"x.jpg", "x.txt", "z.jpg"} <= tree(target).keys()
    assert not {"w.jpg", "y.jpg"} & tree(target).keys()


def test_an_undo_is_cancelled_before_an_image_moves(
    source: Path, target: Path, operations: Open, configured: Settings
) -> None:
    taken(source, target, configured)
    after = tree(target)
    with pytest.raises(Cancelled):
        operations().undo(progress=stop_at(1))
    assert tree(target) == after


@pytest.mark.parametrize("existing", ["skip", "overwrite", "both"])
@pytest.mark.parametrize("at", range(8))
def test_an_import_cut_short_is_all_there_or_not_at_all(
    source: Path, target: Path, operations: Open, configured: Settings, monkeypatch: pytest.MonkeyPatch,
    existing: str, at: int,
) -> None:  # fmt: skip
    """Whatever file call it ends at, and however: killed, or refused by the disk."""
    before = tree(target)
    for error in (KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")):
        left = [at]
        for name in ("link", "remove", "create", "replace"):
            call = getattr(Files, name)

            def counted(self: Files, *given: Any, call: Any = call, error: Any = error, left: list[int] = left) -> Any:
                left[0] -= 1
                if left[0] == -1:
                    raise error
                return call(self, *given)

            monkeypatch.setattr(Files, name, counted)
        with suppress(KeyboardInterrupt, WriteFailed):
            taken(source, target, configured, existing=existing)
        monkeypatch.undo()
        found = operations()
        if found.history() and found.history()[0].state == "done":
            found.undo()
        assert tree(target) == before


def _fail_at(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException, *, half: bool | None = None) -> None:
    """The move of this number fails."""
    made: list[Path] = []
    give_name = imported_images.give_name

    def failing(path: Path, target: Path) -> None:
        made.append(path)
        if len(made) == number + 1:
            if isinstance(error, KeyboardInterrupt) and number:
                # A crash between the new name and the end of the old one.
                give_name(path, target)
            raise error
        give_name(path, target)

    monkeypatch.setattr(imported_images, "give_name", failing)
