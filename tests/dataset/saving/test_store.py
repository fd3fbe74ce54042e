"""Saving keeps what people wrote: whole, in order, and never over somebody else's words."""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.recovery import recover
from lib.dataset.saving.rename import rename_image
from lib.dataset.saving.store import Store
from lib.dataset.scan.folder_dataset import FolderDataset
from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord, Origin, SidecarState
from lib.errors import Conflict, InvalidInput, SharedStem, SidecarUndecodable, WriteFailed
from lib.files import FILES, Files
from lib.settings import Settings
from tests.doubles.image_folder import FailingFiles, draw_image, image_folder
from tests.doubles.repository import ROOT

pytestmark = pytest.mark.usefixtures("kept_either_way")


def store_for(root: Path, settings: Settings, *, dataset: FolderDataset | None = None, files: Files = FILES) -> Store:
    store = Store(root, journal_for(root, settings), "local", settings, dataset)
    store.files = files
    return store


def leftovers(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.name.startswith(".")]


def test_a_save_reaches_the_disk_the_journal_and_the_dataset(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"s/a.jpg": "one\r\ntwo"})
    dataset = open_dataset(root)
    store = store_for(root, settings, dataset=dataset)
    record = dataset.records[0]
    origin = Origin("generate", model="m", prompt="p", params={"top_p": 0.2})
    saved = store.save(record, "one\nthree", store.read(record).hash, origin)
    assert (root / "s/a.txt").read_bytes() == b"one\r\nthree" == saved.data
    assert dataset.records[0].text == "one\nthree"
    (entry,) = store.journal.history("s/a.txt")
    assert (entry.before_text, entry.after_text, entry.state, entry.by) == ("one\ntwo", "one\nthree", "done", "local")
    assert store.journal.latest_origin("s/a.txt", saved.hash) == origin
    assert store.journal.latest_origin("s/a.txt", "another") is None
    assert not leftovers(root)


def test_an_identical_text_is_not_written(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "cat"})
    files = FailingFiles()
    store = store_for(root, settings, files=files)
    store.save(ImageRecord("a.jpg"), "cat", hash_of(b"cat"))
    assert files.calls == []
    assert store.journal.history("a.txt") == []


def test_mode_is_kept_and_links_inside_the_root_are_written_through(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "cat", "b.jpg": None, "c.jpg": None})
    (root / "a.txt").chmod(0o640)
    (root / "b.txt").symlink_to("a.txt")
    (tmp_path / "outside.txt").write_text("theirs")
    (root / "c.txt").symlink_to(tmp_path / "outside.txt")
    store = store_for(root, settings)
    store.save(ImageRecord("b.jpg"), "dog", hash_of(b"cat"))
    assert ((root / "a.txt").read_text(), (root / "b.txt").is_symlink()) == ("dog", True)
    assert (root / "a.txt").stat().st_mode & 0o777 == 0o640
    assert not store.read(ImageRecord("c.jpg")).editable
    with pytest.raises(WriteFailed, match="leads out"):
        store.save(ImageRecord("c.jpg"), "mine", "")
    assert (tmp_path / "outside.txt").read_text() == "theirs"


@pytest.mark.parametrize("name", ["../x.jpg", "/etc/x.jpg", "s/../../x.jpg"])
def test_names_that_lead_out_are_refused(tmp_path: Path, settings: Settings, name: str) -> None:
    store = store_for(image_folder(tmp_path / "data"), settings)
    with pytest.raises(WriteFailed):
        store.save(ImageRecord(name), "x", "")
    assert not (tmp_path / "x.txt").exists()


def test_two_people_see_both_texts(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "old"})
    first, second, record = store_for(root, settings), store_for(root, settings), ImageRecord("a.jpg")
    seen = second.read(record).hash
    first.save(record, "first", first.read(record).hash)
    with pytest.raises(Conflict) as caught:
        second.save(record, "second", seen)
    assert (caught.value.found, caught.value.wanted) == ("first", "second")


def test_a_deleted_tag_file_holds_no_words_to_lose_and_is_written_anew(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "old"})
    store, record = store_for(root, settings), ImageRecord("a.jpg")
    seen = store.read(record).hash
    (root / "a.txt").unlink()
    assert store.save(record, "typed", seen).text == "typed"
    (root / "a.txt").write_bytes(b"")
    with pytest.raises(Conflict):
        store.save(record, "typed again", seen)


def test_a_blank_file_is_made_once_and_never_over_another(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": None, "b.jpg": "kept", "c.jpg": None, "c.png": None})
    dataset = open_dataset(root)
    store = store_for(root, settings, dataset=dataset)
    blank = store.create_blank(ImageRecord("a.jpg"))
    assert (blank.exists, blank.text, (root / "a.txt").read_bytes()) == (True, "", b"")
    assert dataset.records[0].state is SidecarState.TEXT
    assert store.create_blank(ImageRecord("b.jpg")).text == "kept"
    assert not store.create_blank(ImageRecord("c.jpg", shared=True)).exists
    assert not store.create_blank(ImageRecord("no_such.jpg")).exists
    failing = store_for(root, settings, files=FailingFiles(0, errno.EROFS))
    assert not failing.create_blank(ImageRecord("c.jpg")).exists
    assert store.save(ImageRecord("a.jpg"), "cat", "").text == "cat"


def test_undecodable_files_are_read_only_until_converted(tmp_path: Path, settings: Settings) -> None:
    data = "café\r\nnaïve".encode("latin-1")
    root = image_folder(tmp_path / "data", {"a.jpg": data})
    dataset = open_dataset(root)
    store, record = store_for(root, settings, dataset=dataset), dataset.records[0]
    found = store.read(record)
    with pytest.raises(SidecarUndecodable):
        store.save(record, "x", found.hash)
    with pytest.raises(InvalidInput):
        store.convert_to_utf8(record, "rot13", found.hash)
    with pytest.raises(Conflict):
        store.convert_to_utf8(record, "cp1252", "other")
    assert store.convert_to_utf8(record, "cp1252", found.hash).editable
    assert (root / "a.txt").read_bytes() == "café\r\nnaïve".encode()
    assert (dataset.undecodable, dataset.tagged) == ((), 1)
    assert store.journal.history("a.txt")[0].before == data


def test_shared_tag_files_wait_until_shared_or_renamed(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "both", "a.png": "both", "b.jpg": "b", "b.png": "b"})
    dataset = open_dataset(root)
    store = store_for(root, settings, dataset=dataset)
    with pytest.raises(SharedStem):
        store.save(dataset.records[0], "x", hash_of(b"both"))
    store.allow_shared("a")
    store.save(dataset.records[0], "ours", hash_of(b"both"))
    assert [r.text for r in dataset.records[:2]] == ["ours", "ours"]
    assert open_dataset(root, OpeningOptions(shared_allowed=store.journal.shared_allowed())).records[0].shared is False
    for bad in ("a", "B", "x/y", "..", "", "."):
        with pytest.raises(InvalidInput):
            rename_image(store, dataset.records[3], bad)
    renamed = rename_image(store, dataset.records[3], "own")
    assert (renamed.name, renamed.text, renamed.shared) == ("own.png", "b", False)
    assert (root / "own.txt").read_text() == "b"
    assert not (root / "b.png").exists()
    assert "b" not in dataset.shared_stems
    store.save(dataset.records[2], "mine", hash_of(b"b"))
    assert (root / "own.txt").read_text() == "b"
    assert dataset.index_of("own.png") == 3


def test_every_failing_call_of_a_save_leaves_the_old_or_the_new_text(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "old"})
    counting = FailingFiles()
    store_for(root, settings, files=counting).save(ImageRecord("a.jpg"), "new", hash_of(b"old"))
    assert {"create", "write", "sync", "replace", "sync_folder"} <= set(counting.calls)
    for number, name in enumerate(counting.calls):
        for error in (errno.ENOSPC, errno.EIO):
            (root / "a.txt").write_bytes(b"old")
            store = store_for(root, settings, files=FailingFiles(number, error))
            with pytest.raises(WriteFailed, match=r"a\.txt"):
                store.save(ImageRecord("a.jpg"), "new", hash_of(b"old"))
            found = (root / "a.txt").read_bytes()
            assert found == (b"new" if name == "sync_folder" else b"old"), name
            assert not leftovers(root)
            assert (len(store.journal.history("a.txt")) > 1) or found == b"old"


def test_every_failing_call_of_a_rename_keeps_the_image_and_its_caption(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "text"})
    image = (root / "a.jpg").read_bytes()
    counting = FailingFiles()
    rename_image(store_for(root, settings, files=counting), ImageRecord("a.jpg"), "b")
    for number in range(len(counting.calls)):
        for path in root.iterdir():
            path.unlink()
        (root / "a.jpg").write_bytes(image)
        (root / "a.txt").write_text("text")
        with pytest.raises(WriteFailed):
            rename_image(store_for(root, settings, files=FailingFiles(number, errno.EIO)), ImageRecord("a.jpg"), "b")
        assert next(root.glob("*.jpg")).read_bytes() == image
        assert (root / "a.txt").read_text() == "text"
        assert not leftovers(root)


@pytest.mark.parametrize(
    ("error", "words"), [(errno.ENOSPC, "full"), (errno.EROFS, "read-only"), (errno.EACCES, "permitted")]
)
def test_a_refusal_of_the_disk_says_what_to_do(tmp_path: Path, settings: Settings, error: int, words: str) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "old"})
    with pytest.raises(WriteFailed, match=words) as caught:
        store_for(root, settings, files=FailingFiles(1, error)).save(ImageRecord("a.jpg"), "new", hash_of(b"old"))
    assert caught.value.hint


def test_a_vanished_folder_is_reported(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"s/a.jpg": None})
    store = store_for(root, settings)
    for path in (root / "s").iterdir():
        path.unlink()
    (root / "s").rmdir()
    with pytest.raises(WriteFailed, match="gone"):
        store.save(ImageRecord("s/a.jpg"), "new", "")


def test_the_journal_that_cannot_be_written_stops_the_save(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "old"})
    journal = Journal(tmp_path / "j.sqlite")
    store = Store(root, journal, "local", settings)
    assert journal.history("a.txt") == []
    with closing(sqlite3.connect(tmp_path / "j.sqlite")) as vandal:
        vandal.execute("DROP TABLE changes")
    with pytest.raises(WriteFailed, match="history"):
        store.save(ImageRecord("a.jpg"), "new", hash_of(b"old"))
    assert (root / "a.txt").read_text() == "old"


def test_recovery_judges_pending_operations_by_the_files(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": "new", "b.jpg": "old", "c.jpg": "third"})
    journal = Journal(tmp_path / "j.sqlite")
    ids = [
        journal.begin(NewOperation("edit", [FileChange(f"{name}.txt", b"old", b"new")], "local", Origin()))
        for name in ("a", "b", "c")
    ]
    draw_image(root / "x.jpg")
    os.link(root / "x.jpg", root / "y.jpg")
    journal.begin(NewOperation("rename", [], "local", Origin("rename"), {"from": "x.jpg", "to": "y.jpg"}))
    assert recover(journal, root) == [ids[2]]
    states = {name: [entry.state for entry in journal.history(f"{name}.txt")] for name in "abc"}
    assert states == {"a": ["done"], "b": [], "c": ["conflict"]}
    assert not (root / "x.jpg").exists()
    assert (root / "y.jpg").exists()
    assert recover(journal, root) == []
    journal.close()


def test_the_longest_names_can_be_saved(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"x" * 251 + ".jpg": None})
    record = open_dataset(root).records[0]
    assert store_for(root, settings).save(record, "cat", "").text == "cat"
    assert not leftovers(root)


def test_odd_names_can_be_read_and_saved(tmp_path: Path, settings: Settings, test_data: Path) -> None:
    root = tmp_path / "data"
    for name in json.loads((test_data / "hostile/strings/made/file_names.json").read_text()):
        if "/" not in name and not name.startswith("."):
            draw_image(root / name)
    dataset = open_dataset(root)
    store = store_for(root, settings, dataset=dataset)
    store.allow_shared("a")
    for record in list(dataset.records):
        store.save(record, f"caption of {record.stem}", store.read(record).hash)
    wanted = [f"caption of {r.stem}".replace("\r\n", "\n") for r in dataset.records]
    assert [r.text for r in open_dataset(root).records] == wanted


def test_threads_lose_no_update(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {"a.jpg": ""})
    record = ImageRecord("a.jpg")

    def add(word: str) -> None:
        store = store_for(root, settings)
        for number in range(10):
            while True:
                found = store.read(record)
                try:
                    store.save(record, f"{found.text}{word}{number} ", found.hash)
                    break
                except Conflict:
                    continue

    threads = [threading.Thread(target=add, args=(word,)) for word in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((root / "a.txt").read_text().split()) == sorted(f"{w}{n}" for w in "abc" for n in range(10))


WRITER = """
import sys
from contextlib import closing
from pathlib import Path
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.domain import ImageRecord
from lib.errors import Conflict
from lib.settings import Settings

root, home, me, times = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
settings = Settings(home=home)
store = Store(root, journal_for(root, settings), "local", settings)
number = saved = 0
while number != times:
    record = ImageRecord(f"photo{number % 5}.jpg")
    found = store.read(record)
    try:
        store.save(record, found.text + f"{me}{number} " + "x" * (20_000 if times < 0 else 0) + "\\n", found.hash)
        print(f"{me}{number}", flush=True)
    except Conflict:
        print("conflict", flush=True)
    number += 1
"""


def writer(root: Path, settings: Settings, me: str, times: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, str(root), str(settings.home), me, str(times)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_four_processes_lose_no_update_unreported(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {f"photo{i}.jpg": "" for i in range(5)})
    processes = [writer(root, settings, me, 50) for me in "abcd"]
    told = [line for process in processes for line in process.communicate(timeout=60)[0].split()]
    assert [process.returncode for process in processes] == [0] * 4
    assert len(told) == 200
    kept = " ".join(path.read_text() for path in root.glob("*.txt")).split()
    assert sorted(word for word in told if word != "conflict") == sorted(kept)
    assert not leftovers(root)


def test_a_killed_process_never_leaves_a_torn_file(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data", {f"photo{i}.jpg": "" for i in range(5)})
    for turn in range(10):
        process = writer(root, settings, "k", -1)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.003 * turn)
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()
        for path in root.glob("*.txt"):
            lines = path.read_text().split("\n")
            assert lines[-1] == ""
            assert all(line.endswith(" " + "x" * 20_000) for line in lines[:-1])
            path.write_text("")
    journal = Journal(next(settings.journals.glob("*.sqlite")))
    recover(journal, root)
    assert recover(journal, root) == []
    journal.close()


def test_one_process_has_one_journal_for_a_folder(tmp_path: Path, settings: Settings) -> None:
    root = image_folder(tmp_path / "data")
    (tmp_path / "link").symlink_to(root)
    assert journal_for(root, settings) is journal_for(tmp_path / "link", settings)
    assert journal_for(root, settings) is not journal_for(tmp_path, settings)


def test_a_tag_file_that_links_into_the_toolkits_own_folder_is_neither_read_nor_written(
    tmp_path: Path, settings: Settings
) -> None:
    root = image_folder(settings.home.parent, {"a.jpg": None})
    theirs = settings.home / "workspace" / "theirs.txt"
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_text("theirs")
    (root / "a.txt").symlink_to(theirs)
    store = store_for(root, settings)
    found = store.read(ImageRecord("a.jpg"))
    assert (found.text, found.editable) == ("", False)
    with pytest.raises(WriteFailed, match="own folder"):
        store.save(ImageRecord("a.jpg"), "mine", hash_of(b"theirs"))
    assert theirs.read_text() == "theirs"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_text_behind_a_mark_is_converted_without_it_and_undo_brings_the_bytes_back(
    tmp_path: Path, settings: Settings, encoding: str
) -> None:
    data = "café\r\nnaïve\n".encode(encoding)
    root = image_folder(tmp_path / "data", {"a.jpg": data})
    store = store_for(root, settings, dataset=open_dataset(root))
    found = store.read(ImageRecord("a.jpg"))
    with pytest.raises(InvalidInput):
        store.convert_to_utf8(ImageRecord("a.jpg"), "cp1252", found.hash)
    store.convert_to_utf8(ImageRecord("a.jpg"), encoding, found.hash)
    assert (root / "a.txt").read_bytes() == "café\r\nnaïve\n".encode()
    Operations(store).undo()
    assert (root / "a.txt").read_bytes() == data
