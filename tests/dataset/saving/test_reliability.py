"""Whatever cuts a bulk operation short, all of it stands afterwards or none, and no file is torn."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.recovery import recover
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord, Origin
from lib.errors import WriteFailed
from lib.files import Files
from lib.settings import Settings
from tests.dataset.saving.test_operations import contents, edits_of
from tests.dataset.saving.test_store import leftovers, store_for, writer
from tests.doubles.image_folder import FailingFiles, image_folder
from tests.doubles.repository import ROOT

_FILES = 300
_KILLS = pytest.param(500, marks=pytest.mark.kills) if os.environ.get("TOOLKIT_KILLS") else 20

BULK = """
import sys, time
from pathlib import Path
from lib.dataset.journal.journal import Journal
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.targets import Edit
from lib.dataset.tag_files.sidecar import read_sidecar
from lib.dataset.saving.store import Store
from lib.settings import Settings

root, home, journal = (Path(argument) for argument in sys.argv[1:])
operations = Operations(Store(root, Journal(journal), "local", Settings(home=home)))
edits = []
for path in sorted(root.glob("*.txt")):
    found = read_sidecar(path)
    edits.append(Edit(f"{path.stem}.jpg", found.hash, found.text.replace("cat", "a large dog") + "!"))
for turn in (lambda: operations.apply(edits, "replace"), operations.undo, operations.redo):
    print("begin", flush=True)
    turn()
print("end", flush=True)
"""


def many(root: Path) -> dict[str, bytes]:
    """Tag files of several encodings and line ends, the longest of them of many pages."""
    root.mkdir()
    for number in range(_FILES):
        text = f"cat {number}\r\nsits, cat\n" * (1 + (number % 50 == 0) * 2_000)
        data = text.encode("utf-16") if number % 7 == 0 else text.encode()
        (root / f"photo{number:03d}.txt").write_bytes(data)
    return contents(root)


def bulk_process(root: Path, settings: Settings, journal: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", BULK, str(root), str(settings.home), str(journal)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def kill_after(process: subprocess.Popen[str], lines: int, seconds: float) -> None:
    """Ends a process by force, so many seconds after it has written so many lines."""
    assert process.stdout is not None
    for _ in range(lines):
        process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)


def seconds_of_a_turn(root: Path, settings: Settings, journal: Path) -> float:
    with bulk_process(root, settings, journal) as process:
        assert process.stdout is not None
        times = [time.monotonic() for _ in process.stdout]
    assert process.returncode == 0
    return (times[-1] - times[0]) / 3


@pytest.mark.parametrize("kills", [_KILLS])
def test_a_killed_bulk_edit_or_undo_is_all_or_nothing(
    tmp_path: Path, settings: Settings, kills: int, seed: int
) -> None:
    before = many(tmp_path / "whole")
    long = seconds_of_a_turn(tmp_path / "whole", settings, tmp_path / "whole.sqlite")
    after = contents(tmp_path / "whole")
    assert all(after[name] != before[name] for name in before)
    draw, root, path = random.Random(seed), tmp_path / "data", tmp_path / "journal.sqlite"
    many(root)
    unfinished = 0
    for turn in range(kills):
        with bulk_process(root, settings, path) as process:
            # In the first, the second or the third of apply, undo and redo.
            kill_after(process, turn % 3 + 1, draw.uniform(0, 1.1 * long))
        journal = Journal(path)
        unfinished += len(journal.pending())
        assert recover(journal, root, settings.locks) == []
        assert journal.pending() == []
        found = contents(root)
        assert found in (before, after), f"half-applied in turn {turn}"
        assert not leftovers(root)
        operations = Operations(Store(root, journal, "local", settings))
        if found == after:
            assert operations.undo().restored == _FILES
        assert contents(root) == before
        journal.close()
    assert unfinished, "no kill fell into an operation"


def settled(root: Path, settings: Settings, journal: Journal) -> None:
    """Nothing is pending, nothing is left over, and the next operation goes well, as does its undo."""
    assert recover(journal, root, settings.locks) == []
    assert not leftovers(root)
    found = contents(root)
    store = Store(root, journal, "local", settings)
    operations = Operations(store)
    operations.apply([Edit("b.jpg", store.read(ImageRecord("b.jpg")).hash, "again")], "replace")
    operations.undo()
    assert contents(root) == found


def store_on(files: Files, root: Path, journal: Journal, settings: Settings) -> Store:
    store = Store(root, journal, "local", settings)
    store.files = files
    return store


def failing(number: int, *, for_good: bool) -> Files:
    return StoppingFiles(number, OSError(errno.EIO, "broken")) if for_good else FailingFiles(number)


def three_files(tmp_path: Path, settings: Settings) -> tuple[Store, list[Edit]]:
    root = image_folder(tmp_path / "data", {"s/a.jpg": "a", "b.jpg": "b", "c.jpg": None})
    store = Store(root, Journal(tmp_path / "j.sqlite"), "local", settings)
    return store, [*edits_of(store, b="B", c="C"), Edit("s/a.jpg", hash_of(b"a"), "A")]


def broken(store: Store, settings: Settings, files: Files) -> Operations:
    return Operations(store_on(files, store.root, store.journal, settings))


@pytest.mark.parametrize("for_good", [False, True])
def test_every_failing_call_of_a_bulk_edit_changes_nothing(tmp_path: Path, settings: Settings, for_good: bool) -> None:
    store, edits = three_files(tmp_path, settings)
    before, counting = contents(store.root), FailingFiles()
    broken(store, settings, counting).apply(edits, "replace")
    after = contents(store.root)
    Operations(store).undo()
    assert {"create", "keep_mode", "write", "close", "sync_many", "replace", "sync_folder"} <= set(counting.calls)
    for number in range(len(counting.calls)):
        with suppress(WriteFailed):
            broken(store, settings, failing(number, for_good=for_good)).apply(edits, "replace")
            raise AssertionError(f"nothing was said of {counting.calls[number]}")
        settled(store.root, settings, store.journal)
        if for_good and contents(store.root) == after:
            # All had their new names when it stopped, and could not be put back: so it stands.
            Operations(store).undo()
        assert contents(store.root) == before, counting.calls[number]
    store.journal.close()


@pytest.mark.parametrize("for_good", [False, True])
def test_every_failing_call_of_an_undo_is_all_or_nothing(tmp_path: Path, settings: Settings, for_good: bool) -> None:
    store, edits = three_files(tmp_path, settings)
    before, counting = contents(store.root), FailingFiles()
    operation = Operations(store).apply(edits, "replace").operation
    after = contents(store.root)
    broken(store, settings, counting).undo()
    for number in range(len(counting.calls)):
        Operations(store).redo(operation)
        assert contents(store.root) == after
        with suppress(WriteFailed):
            broken(store, settings, failing(number, for_good=for_good)).undo(operation)
            raise AssertionError(f"nothing was said of {counting.calls[number]}")
        settled(store.root, settings, store.journal)
        assert contents(store.root) in ((before, after) if for_good else (after,)), counting.calls[number]
        if store.journal.state_of(operation or 0) == "undone":
            Operations(store).redo(operation)
        Operations(store).undo(operation)
        assert contents(store.root) == before, counting.calls[number]
    store.journal.close()


class StoppingFiles(Files):
    """Works for some calls, and from then on raises the same thing for ever, as if the process had died there."""

    def __init__(self, calls: int, error: BaseException) -> None:
        self._left = calls
        self._error = error
        for name in FailingFiles.NAMES:
            setattr(self, name, self._counted(name))

    def _counted(self, name: str) -> object:
        def call(*arguments: object) -> object:
            self._left -= 1
            if self._left < 0:
                raise self._error
            return getattr(Files, name)(self, *arguments)

        return call


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_changes_nothing(small_disk: Path, settings: Settings) -> None:
    for number in range(40):
        (small_disk / f"{number}.txt").write_text(f"caption {number}")
    before = contents(small_disk)
    operations = Operations(store_for(small_disk, settings))
    edits = [Edit(f"{name[:-4]}.jpg", hash_of(data), data.decode() + "!") for name, data in before.items()]
    with pytest.raises(WriteFailed, match="disk is full") as caught:
        operations.apply(edits, "suffix")
    assert "hold what they held before" in caught.value.hint
    assert contents(small_disk) == before
    assert not leftovers(small_disk)
    assert operations.history() == []
    assert operations.apply(edits[:20], "suffix").changed == 20
    assert operations.undo().restored == 20
    assert contents(small_disk) == before


def test_a_read_only_disk_changes_nothing(small_disk: Path, settings: Settings) -> None:
    (small_disk / "a.txt").write_text("a")
    operations = Operations(store_for(small_disk, settings))
    edits = [Edit("a.jpg", hash_of(b"a"), "A")]
    operations.apply(edits, "replace")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(WriteFailed, match="read-only"):
        operations.apply([Edit("a.jpg", hash_of(b"A"), "B")], "replace")
    with pytest.raises(WriteFailed, match="read-only"):
        operations.undo()
    assert contents(small_disk) == {"a.txt": b"A"}
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    operations.undo()
    assert contents(small_disk) == {"a.txt": b"a"}


def test_a_read_only_folder_changes_nothing(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"s/a.jpg": "a", "b.jpg": "b"})
    files = FailingFiles(4, errno.EACCES) if os.geteuid() == 0 else Files()
    (root / "s").chmod(0o555)
    store = store_for(root, settings, files=files)
    with pytest.raises(WriteFailed, match="permitted"):
        Operations(store).apply([Edit("b.jpg", hash_of(b"b"), "B"), Edit("s/a.jpg", hash_of(b"a"), "A")], "replace")
    (root / "s").chmod(0o755)
    assert contents(root) == {"s/a.txt": b"a", "b.txt": b"b"}
    assert not leftovers(root)


class MeddlingFiles(Files):
    """Lets another program write while the temporary files are being synced."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sync_many(self, paths: list[Path]) -> None:  # type: ignore[override]
        super().sync_many(paths)
        (self._root / "a.txt").write_text("theirs")
        (self._root / "b.txt").unlink(missing_ok=True)


def test_what_another_program_writes_in_mid_operation_is_kept(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": "b", "c.jpg": "c"})
    store = store_for(root, settings, files=MeddlingFiles(root))
    operations = Operations(store)
    applied = operations.apply(edits_of(store, a="A", b="B", c="C"), "replace")
    assert (applied.changed, [name for name, _ in applied.left_alone]) == (1, ["a.jpg", "b.jpg"])
    assert contents(root) == {"a.txt": b"theirs", "c.txt": b"C"}
    assert operations.history()[0].files == 1
    assert operations.undo().restored == 1
    assert contents(root) == {"a.txt": b"theirs", "c.txt": b"c"}
    nothing = operations.apply([Edit("a.jpg", hash_of(b"theirs"), "A")], "replace")
    assert (nothing.operation, nothing.changed) == (None, 0) or (root / "a.txt").read_bytes() == b"theirs"
    assert not leftovers(root)


def test_recovery_rolls_back_and_reports_what_fits_neither_side(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": "b", "c.jpg": None})
    journal = Journal(tmp_path / "j.sqlite")
    store = Store(root, journal, "local", settings)
    edits = edits_of(store, a="A", b="B", c="C")
    counting = FailingFiles()
    operations = Operations(store_on(counting, root, journal, settings))
    operations.apply(edits, "replace")
    operations.undo()
    last = len(counting.calls[: counting.calls.index("sync_folder")]) - 1
    files = StoppingFiles(last, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Operations(store_on(files, root, journal, settings)).apply(edits, "replace")
    (pending,) = journal.pending()
    assert leftovers(root)
    assert contents(root) == {"a.txt": b"A", "b.txt": b"B"}
    (root / "b.txt").write_text("theirs")
    assert recover(journal, root, settings.locks) == [pending.operation]
    assert contents(root) == {"a.txt": b"a", "b.txt": b"theirs"}
    assert not leftovers(root)
    assert journal.state_of(pending.operation) == "conflict"
    assert [e.before_text for e in journal.history("b.txt") if e.state == "conflict"] == ["b"]
    journal.close()


def test_opening_neither_waits_for_a_living_operation_nor_rolls_it_back(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a", "b.jpg": "b"})
    begun, goes_on = threading.Event(), threading.Event()
    other = Journal(journal_for(root, settings).path)

    class Slow(Files):
        def replace(self, source: Path, target: Path) -> None:
            super().replace(source, target)
            begun.set()
            assert goes_on.wait(30)

    store = store_for(root, settings, files=Slow())
    thread = threading.Thread(target=Operations(store).apply, args=(edits_of(store, a="A", b="B"), "replace"))
    thread.start()
    begun.wait(10)
    assert len(other.pending()) == 1
    # Were it waited for, it could not be settled, and that would be told.
    assert recover(other, root, settings.locks) == []
    goes_on.set()
    thread.join()
    assert contents(root) == {"a.txt": b"A", "b.txt": b"B"}
    assert other.operations()[0].state == "done"
    other.close()


def test_opening_a_folder_again_settles_what_another_process_left(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "A", "b.jpg": "b"})
    journal = journal_for(root, settings)
    other = Journal(journal.path)
    changes = [FileChange("a.txt", b"a", b"A"), FileChange("b.txt", b"b", b"B")]
    other.begin(NewOperation("replace", changes, "local", Origin(), token="0123456789ab"))
    other.close()
    (root / ".~0123456789ab1").write_text("B")
    assert journal_for(root, settings) is journal
    assert contents(root) == {"a.txt": b"a", "b.txt": b"b"}
    assert not leftovers(root)
    assert journal.operations() == []


def test_what_was_saved_on_top_of_a_finished_operation_does_not_roll_it_back(
    tmp_path: Path, settings: Settings
) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "A", "b.jpg": "B"})
    journal = Journal(tmp_path / "j.sqlite")
    changes = [FileChange("a.txt", b"a", b"A"), FileChange("b.txt", b"b", b"B")]
    bulk = journal.begin(NewOperation("replace", changes, "local", Origin(), token="0123456789ab"))
    Store(root, journal, "local", settings).save(ImageRecord("b.jpg"), "by hand", hash_of(b"B"))
    assert recover(journal, root, settings.locks) == []
    assert journal.state_of(bulk) == "done"
    assert contents(root) == {"a.txt": b"A", "b.txt": b"by hand"}
    journal.close()


def test_recovery_lets_be_what_ended_while_it_waited(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a"})
    journal = Journal(tmp_path / "j.sqlite")
    operation = journal.begin(NewOperation("replace", [FileChange("a.txt", b"a", b"A")], "local", Origin()))
    told: list[list[int]] = []
    thread = threading.Thread(target=lambda: told.append(recover(journal, root, settings.locks)))
    with locked(settings.locks, root / "a.txt"):
        thread.start()
        time.sleep(0.2)
        journal.finish(operation)
        journal.start_undo_redo(operation, "undo", "0123456789ab", 2)
        journal.finish_undo_redo(operation, "undo")
    thread.join()
    assert told == [[]]
    assert journal.state_of(operation) == "undone"
    journal.close()


def test_four_processes_and_bulk_edits_lose_no_update(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {f"photo{i}.jpg": "" for i in range(5)})
    processes = [writer(root, settings, me, 100) for me in "abcd"]
    store, written, number = store_for(root, settings), [0] * 5, 0
    while any(process.poll() is None for process in processes):
        found = [store.read(ImageRecord(f"photo{i}.jpg")) for i in range(5)]
        edits = [Edit(f"photo{i}.jpg", one.hash, f"{one.text}bulk{number}.{i}\n") for i, one in enumerate(found)]
        left = {name for name, _ in Operations(store).apply(edits, "suffix").left_alone}
        for i in range(5):
            written[i] += f"photo{i}.jpg" not in left
        number += 1
        time.sleep(0.02)
    told = [line for process in processes for line in process.communicate(timeout=60)[0].split()]
    assert [process.returncode for process in processes] == [0] * 4
    assert len(told) == 400
    kept = " ".join(path.read_text() for path in root.glob("*.txt")).split()
    assert sorted(word for word in told if word != "conflict") == sorted(w for w in kept if not w.startswith("bulk"))
    assert [sum(f".{i}" in word for word in kept if word.startswith("bulk")) for i in range(5)] == written
    assert sum(written) > 0
    assert not leftovers(root)


def test_bulk_edits_of_many_threads_never_wait_for_each_other_in_a_ring(tmp_path: Path, settings: Settings) -> None:
    names = [f"photo{i}.jpg" for i in range(40)]
    root = image_folder(tmp_path / "data", dict.fromkeys(names, ""))
    changed: list[int] = []

    def work(seed: int) -> None:
        store, draw = store_for(root, settings), random.Random(seed)
        for turn in range(5):
            chosen = draw.sample(names, 30)
            edits = [Edit(name, store.read(ImageRecord(name)).hash, f"{seed} {turn}") for name in chosen]
            changed.append(Operations(store).apply(edits, "replace").changed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(changed) == 20
    assert not leftovers(root)


def test_a_process_that_dies_in_a_single_save_leaves_no_temporary_file(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "a"})
    journal = Journal(tmp_path / "j.sqlite")
    dying = f"""
import os
from pathlib import Path
from lib.files import Files
from lib.dataset.journal.journal import Journal
from lib.dataset.saving.store import Store
from lib.domain import ImageRecord
from lib.settings import Settings

class Dying(Files):
    def sync(self, handle):
        os.kill(os.getpid(), {signal.SIGKILL})

store = Store(Path({str(root)!r}), Journal(Path({str(journal.path)!r})), "local", Settings(home={str(settings.home)!r}))
store.files = Dying()
store.save(ImageRecord("a.jpg"), "B", {hash_of(b"a")!r})
"""
    assert subprocess.run([sys.executable, "-c", dying], cwd=ROOT).returncode == -signal.SIGKILL
    assert leftovers(root)
    assert recover(journal, root, settings.locks) == []
    assert not leftovers(root)
    assert contents(root) == {"a.txt": b"a"}
    journal.close()


def test_the_dataset_learns_what_a_recovery_put_back(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "A", "b.jpg": "b", "c.jpg": "c"})
    dataset = open_dataset(root)
    store = store_for(root, settings, dataset=dataset)
    changes = [FileChange("a.txt", b"a", b"A"), FileChange("b.txt", b"b", b"B")]
    store.journal.begin(NewOperation("replace", changes, "local", Origin(), token="0123456789ab"))
    Operations(store).apply(edits_of(store, c="C"), "replace")
    assert contents(root) == {"a.txt": b"a", "b.txt": b"b", "c.txt": b"C"}
    assert [record.text for record in dataset.records] == ["a", "b", "C"]
