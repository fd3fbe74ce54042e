"""Empty tag files, which stop some trainers: removed as one operation, files without a byte alone, and taken back."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.recovery import recover
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord
from lib.errors import WriteFailed
from lib.settings import Settings
from tests.dataset.saving.test_operations import contents, known, operations_on
from tests.dataset.saving.test_reliability import broken, failing, kill_after
from tests.dataset.saving.test_store import leftovers
from tests.doubles.image_folder import FailingFiles, image_folder
from tests.doubles.repository import ROOT

pytestmark = pytest.mark.usefixtures("kept_either_way")


_FILES = 2_000

REMOVAL = """
import sys
from pathlib import Path
from lib.dataset.journal.journal import Journal
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.settings import Settings

root, home, journal = (Path(argument) for argument in sys.argv[1:])
operations = Operations(Store(root, Journal(journal), "local", Settings(home=home)))
names = [f"{path.stem}.jpg" for path in sorted(root.glob("*.txt"))]
for turn in (lambda: operations.remove_empty(names), operations.undo, operations.redo):
    print("begin", flush=True)
    turn()
print("end", flush=True)
"""


def empty_of(store: Store) -> list[str]:
    assert store.dataset is not None
    return [record.name for record in store.dataset.snapshot() if record.is_empty]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    texts = {"a.jpg": "", "s/b.jpg": "", "c.jpg": " \n", "d.jpg": "a cat", "e.jpg": None, "f.jpg": b"\xef\xbb\xbf"}
    return image_folder(tmp_path / "data", texts)


def test_files_without_a_byte_are_removed_and_come_back_by_undo(root: Path, settings: Settings) -> None:
    before = contents(root)
    operations, store = operations_on(root, settings)
    assert store.dataset is not None
    everything = [record.name for record in store.dataset.records]
    done = operations.remove_empty(everything)
    kept = {name: data for name, data in before.items() if data}
    assert (done.changed, contents(root)) == (2, kept)
    assert {name for name, _ in done.left_alone} == {"c.jpg", "d.jpg", "f.jpg"}
    assert [reason for _, reason in done.left_alone] == ["It is not empty."] * 3
    assert empty_of(store) == ["f.jpg"]
    assert operations.history()[0].files == 2
    assert operations.undo().restored == 2
    assert contents(root) == before
    assert operations.redo().restored == 2
    assert contents(root) == kept


def test_a_file_that_was_written_meanwhile_is_left_alone(root: Path, settings: Settings) -> None:
    operations, store = operations_on(root, settings)
    names = empty_of(store)
    (root / "a.txt").write_text("typed meanwhile")
    done = operations.remove_empty(names)
    assert ("a.jpg", "It is not empty.") in done.left_alone
    assert (root / "a.txt").read_text() == "typed meanwhile"


def test_a_text_typed_upon_an_empty_file_is_saved_after_its_removal(root: Path, settings: Settings) -> None:
    operations, store = operations_on(root, settings)
    base = hash_of(b"")
    operations.remove_empty(empty_of(store))
    store.save(ImageRecord("a.jpg"), "a cat", base)
    assert operations.apply([Edit("s/b.jpg", base, "a dog")], "table").left_alone == ()
    assert (known(store)["a"], known(store)["s/b"]) == ("a cat", "a dog")
    assert ((root / "a.txt").read_text(), (root / "s/b.txt").read_text()) == ("a cat", "a dog")


def test_undo_is_whole_where_an_image_was_looked_at_since(root: Path, settings: Settings) -> None:
    before = contents(root)
    operations, store = operations_on(root, settings)
    operations.remove_empty(empty_of(store))
    store.create_blank(ImageRecord("a.jpg"))
    taken_back = operations.undo()
    assert (taken_back.restored, taken_back.left_alone) == (2, ())
    assert contents(root) == before
    operations.redo(taken_back.operation)
    store.create_blank(ImageRecord("a.jpg"))
    store.create_blank(ImageRecord("s/b.jpg"))
    operations.undo(taken_back.operation)
    assert store.journal.state_of(taken_back.operation) == "undone"


@pytest.mark.parametrize("for_good", [False, True])
def test_every_failing_call_of_a_removal_is_all_or_nothing(root: Path, settings: Settings, for_good: bool) -> None:
    _, store = operations_on(root, settings)
    names, before, counting = empty_of(store), contents(root), FailingFiles()
    broken(store, settings, counting).remove_empty(names)
    after = contents(root)
    Operations(store).undo()
    assert "remove" in counting.calls
    for number in range(len(counting.calls)):
        with suppress(WriteFailed):
            broken(store, settings, failing(number, for_good=for_good)).remove_empty(names)
            raise AssertionError(f"nothing was said of {counting.calls[number]}")
        assert recover(store.journal, root, settings.locks) == []
        assert contents(root) in ((before, after) if for_good else (before,)), counting.calls[number]
        if contents(root) == after:
            Operations(store).undo()


@pytest.mark.kills
@pytest.mark.parametrize("kills", [40 if os.environ.get("TOOLKIT_KILLS") else 12])
def test_a_killed_removal_or_its_undo_is_all_or_nothing(
    tmp_path: Path, settings: Settings, kills: int, seed: int
) -> None:
    root, path = tmp_path / "data", tmp_path / "journal.sqlite"
    root.mkdir()
    for number in range(_FILES):
        (root / f"photo{number:04d}.txt").write_bytes(b"" if number % 3 else b"a cat")
    before = contents(root)
    after = {name: data for name, data in before.items() if data}
    arguments = [sys.executable, "-c", REMOVAL, str(root), str(settings.home), str(path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        times = [time.monotonic() for _ in process.stdout]
    assert contents(root) == after
    long, draw, unfinished = (times[-1] - times[0]) / 3, random.Random(seed), 0
    for turn in range(kills):
        journal = Journal(path)
        if contents(root) == after:
            Operations(Store(root, journal, "local", settings)).undo()
        journal.close()
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            kill_after(process, turn % 3 + 1, draw.uniform(0, 1.1 * long))
        journal = Journal(path)
        unfinished += len(journal.pending())
        assert recover(journal, root, settings.locks) == []
        assert contents(root) in (before, after), f"half-removed in turn {turn}"
        assert not leftovers(root)
        journal.close()
    assert unfinished, "no kill fell into an operation"


def test_no_blank_file_is_made_where_the_server_is_told_so(root: Path, settings: Settings) -> None:
    quiet = settings.model_copy(update={"blank_tag_files": False})
    _, store = operations_on(root, quiet)
    assert not store.create_blank(ImageRecord("e.jpg")).exists
    assert not (root / "e.txt").exists()
