"""A folder that goes away in mid-work and comes back: all or nothing, told as it is, and nothing put in its place."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.rename import rename_image
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord
from lib.errors import ToolkitError, WriteFailed
from lib.files import Files, StrPath
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.dataset.saving.test_operations import edits_of
from tests.doubles.image_folder import image_folder
from tests.doubles.vanishing import vanishing

pytestmark = pytest.mark.usefixtures("kept_either_way")


_HELD = {"a.jpg": "a", "b.jpg": "b", "c.jpg": "c", "d.jpg": None}

Action = Callable[[Store, Path], Sequence[object]]
"""It gets a store and the folder of what there is to import; gives what was left alone."""


def save(store: Store, sources: Path) -> Sequence[object]:
    store.save(ImageRecord("a.jpg"), "A", hash_of(b"a"))
    return ()


def bulk(store: Store, sources: Path) -> Sequence[object]:
    return Operations(store).apply(edits_of(store, a="A", b="B", c="C", d="D"), "replace").left_alone


def first_caption(store: Store, sources: Path) -> Sequence[object]:
    return Operations(store).apply(edits_of(store, d="D"), "replace").left_alone


def undo(store: Store, sources: Path) -> Sequence[object]:
    return Operations(store).undo().left_alone


def redo(store: Store, sources: Path) -> Sequence[object]:
    return Operations(store).redo().left_alone


def rename(store: Store, sources: Path) -> Sequence[object]:
    rename_image(store, ImageRecord("a.jpg"), "new")
    return ()


def take_in(store: Store, sources: Path, name: str = "captioned") -> Sequence[object]:
    target = ImportTarget(store.root, Settings(), "local", is_made=False)
    return import_into(sources / name, target, ImportChoices("overwrite")).refused


def take_in_image(store: Store, sources: Path) -> Sequence[object]:
    return take_in(store, sources, "alone")


ACTIONS: dict[str, tuple[Action, list[Action]]] = {
    "save": (save, []),
    "bulk edit": (bulk, []),
    "undo": (undo, [bulk]),
    "redo": (redo, [bulk, undo]),
    "undo of a first caption": (undo, [first_caption]),
    "rename": (rename, []),
    "import": (take_in, []),
    "undo of an import": (undo, [take_in]),
    "import of an image alone": (take_in_image, []),
    "undo of an image alone": (undo, [take_in_image]),
}
"""What is done while the folder goes away, and what was done before."""


def in_sight(root: Path) -> dict[str, bytes]:
    """All files but the images that an import put aside, and the hidden folder of one that could not be removed.

    That goes when the dataset is opened a day later.
    """
    names = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    hidden = re.compile(r"\.~\w+(\.part)?/|\.replaced/")
    return {name: path.read_bytes() for name, path in names.items() if not hidden.match(name)}


def store_of(root: Path, settings: Settings) -> Store:
    return Store(root, journal_for(root, settings), "local", settings, open_dataset(root))


@pytest.mark.parametrize("leaves_mount_point", [False, True], ids=["gone", "empty mount point"])
@pytest.mark.parametrize(("action", "before"), ACTIONS.values(), ids=ACTIONS.keys())
def test_whenever_the_folder_goes_away_all_or_nothing_is_done_once_it_is_back(
    tmp_path: Path, configured: Settings, action: Action, before: list[Action], leaves_mount_point: bool
) -> None:
    image_folder(tmp_path / "captioned", {"new.jpg": "new", "a.jpg": "another"})
    image_folder(tmp_path / "alone", {"new.jpg": None})

    def prepared(name: str) -> Path:
        root = image_folder(tmp_path / name, _HELD)
        for step in before:
            step(store_of(root, configured), tmp_path)
        return root

    done = prepared("done")
    action(store_of(done, configured), tmp_path)
    states = [entry.state for entry in journal_for(done, configured).operations()]
    after = 0
    while True:
        root = prepared(str(after))
        store, old, hint = store_of(root, configured), in_sight(root), "left alone"
        with vanishing(root, after, leaves_mount_point=leaves_mount_point) as folder:
            try:
                told = " ".join(map(str, action(store, tmp_path)))
            except ToolkitError as exc:
                told, hint = str(exc), exc.hint
        if not folder.is_away:
            break
        assert hint, "it does not say what was kept"
        # Somebody tries again on the page that is open still. An import may begin with an empty folder.
        if not leaves_mount_point or action not in (take_in, take_in_image):
            with suppress(ToolkitError):
                action(store, tmp_path)
        folder.bring_back()
        entries = store_of(root, configured).journal.operations()
        assert store.journal.pending() == []
        assert {entry.state for entry in entries} <= {"done", "undone"}
        if in_sight(root) == old:
            assert told, f"nothing was done at {after}, and nobody said so"
        else:
            assert in_sight(root) == in_sight(done), f"half of it is done at {after}: {told}"
            assert "Nothing was changed" not in told
            assert [entry.state for entry in entries] == states
        after += 1
    assert after > 2, "it never went away"


def test_a_file_that_goes_away_with_its_folder_was_not_changed_by_someone_else(
    tmp_path: Path, configured: Settings
) -> None:
    root, away = image_folder(tmp_path / "data", _HELD), tmp_path / "away"

    class GoesAway(Files):
        """It goes away between the reading of a file and the last look at it."""

        def status(self, path: StrPath) -> os.stat_result:
            root.rename(away)
            return super().status(path)

    store = store_of(root, configured)
    first_caption(store, tmp_path)
    store.files = GoesAway()
    with pytest.raises(WriteFailed):
        undo(store, tmp_path)
    away.rename(root)
    assert [entry.state for entry in journal_for(root, configured).operations()] == ["done"]
    assert (root / "d.txt").read_bytes() == b"D"
