"""Edits folded into a table: the same words before and after, whatever ends it, and nobody's words lost."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from lib.compacting import check_foldable, copy_folded, fold, plan_fold
from lib.dataset.saving.operations import operations_of
from lib.dataset.saving.targets import Edit
from lib.domain import Origin
from lib.errors import Conflict, InvalidInput
from lib.files import Files
from lib.part_jobs import JobRequest, job_status, run_job
from lib.places import place_at
from lib.settings import Settings
from lib.tables.opening import open_table
from lib.tables.operations import table_store
from lib.tables.store import TableStore
from tests.doubles.bucket import loopback_bucket
from tests.doubles.image_folder import image_folder, settings_at
from tests.doubles.tables import write_table


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path / "home")


@pytest.fixture
def sink(tmp_path: Path) -> Path:
    """A table of twelve pictures in three parts, as a job made it."""
    photos = image_folder(tmp_path / "photos", 12)
    sink = tmp_path / "sink"
    assert not run_job(JobRequest("import", {}, str(photos), str(sink), part_size=4)).error
    return sink


def opened(table: Path, settings: Settings) -> TableStore:
    return table_store(open_table(table, settings), "local", settings)


def texts(table: Path, settings: Settings) -> dict[str, str]:
    return {record.name: record.text for record in opened(table, settings).table.records}


def edit(store: TableStore, **wanted: str) -> None:
    edits = []
    for stem, text in wanted.items():
        record = store.table.get(f"{stem}.jpg")
        assert record is not None
        edits.append(Edit(record.name, store.read(record).hash, text))
    assert operations_of(store).apply(edits, "table", Origin()).changed == len(edits)


def edited(sink: Path, settings: Settings) -> dict[str, str]:
    """Three operations on rows of two of the three parts; what all rows hold then."""
    store = opened(sink, settings)
    edit(store, photo0="first words", photo9="nine")
    edit(store, photo0="last words", photo1="one")
    edit(store, photo1="")
    return texts(sink, settings)


def parts(sink: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(sink.glob("part-*.parquet"))}


def columns_but_text(sink: Path) -> list[dict[str, object]]:
    tables = [pyarrow.parquet.read_table(path) for path in sorted(sink.glob("part-*.parquet"))]
    return [row for table in tables for row in table.drop_columns(["text"]).to_pylist()]


def test_edits_stand_in_the_files_and_all_else_is_as_it_was(sink: Path, settings: Settings) -> None:
    wanted, before, others = edited(sink, settings), parts(sink), columns_but_text(sink)
    store = opened(sink, settings)
    plan = plan_fold(store)
    assert (plan.captions, len(plan.edits), plan.lost) == (3, 3, 0)
    fold(store, plan)
    assert texts(sink, settings) == wanted
    assert wanted["photo0.jpg"] == "last words"
    assert store.table.overlay.files() == list((sink / "edits").glob("*.parquet")) == []
    assert columns_but_text(sink) == others
    in_files = [row for path in sorted(sink.glob("part-*")) for row in pyarrow.parquet.read_table(path).to_pylist()]
    assert {row["key"]: row["text"] or "" for row in in_files} == wanted
    changed = [name for name, data in parts(sink).items() if data != before[name]]
    assert changed == ["part-000000.parquet", "part-000002.parquet"]
    status = job_status(str(sink))
    assert (status.parts_done, status.rows, status.unreadable) == (3, 12, ())


def test_an_undo_works_afterwards_by_what_the_history_knows(sink: Path, settings: Settings) -> None:
    before = texts(sink, settings)
    edited(sink, settings)
    store = opened(sink, settings)
    fold(store, plan_fold(store))
    operations = operations_of(opened(sink, settings))
    assert [operations.undo().restored for _ in range(3)] == [1, 2, 2]
    assert texts(sink, settings) == before


def test_what_no_history_here_knows_is_told_before_it_is_lost(sink: Path, settings: Settings, tmp_path: Path) -> None:
    edit(opened(sink, settings), photo0="known here")
    elsewhere = settings_at(tmp_path / "another_home")
    edit(opened(sink, elsewhere), photo5="edited from another machine")
    assert plan_fold(opened(sink, settings)).lost == 1
    assert plan_fold(opened(sink, elsewhere)).lost == 1


class KilledAt(Files):
    """Ends its process, as kill -9 does, at the call of a number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __getattribute__(self, name: str) -> object:
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found):
            return found
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return found


def in_a_child(work: Callable[[], None]) -> int:
    """The status that a fork of this process ends with."""
    if not (pid := os.fork()):
        try:
            work()
        finally:
            os._exit(0)
    return os.waitpid(pid, 0)[1]


def fold_until(sink: Path, settings: Settings, call: int, patch: pytest.MonkeyPatch) -> None:
    store = opened(sink, settings)
    files = KilledAt(call)
    patch.setattr(store.table.files.place, "_files", files)
    patch.setattr(store.table.overlay._place, "_files", files)
    fold(store, plan_fold(store))


@pytest.mark.slow
def test_a_kill_at_any_file_call_leaves_a_table_that_reads_the_same(
    sink: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = edited(sink, settings)
    begun = {path.relative_to(sink): path.read_bytes() for path in sink.rglob("*") if path.is_file()}
    kills, folded_at = 0, {parts(sink)["part-000002.parquet"]}
    while True:
        killed = in_a_child(partial(fold_until, sink, settings, kills + 1, monkeypatch)) == signal.SIGKILL
        assert texts(sink, settings) == wanted, kills
        if not killed:
            break
        kills += 1
        folded_at.add(parts(sink)["part-000002.parquet"])
        # And the next one goes on with it.
        store = opened(sink, settings)
        fold(store, plan_fold(store))
        assert texts(sink, settings) == wanted
        assert list((sink / "edits").glob("*.parquet")) == []
        for path in [*(sink / "edits").iterdir(), *sink.glob("part-*")]:
            path.unlink()
        for name, data in begun.items():
            (sink / name).write_bytes(data)
    # Two parts, the list of what is folded, three edits: each by some calls.
    assert kills >= 12
    assert len(folded_at) == 2


def test_what_others_edit_meanwhile_stays_an_edit(sink: Path, settings: Settings) -> None:
    edited(sink, settings)
    store, page = opened(sink, settings), opened(sink, settings)
    plan = plan_fold(store)
    edit(page, photo0="while it was folded")
    fold(store, plan)
    assert len(store.table.overlay.files()) == 1
    assert texts(sink, settings)["photo0.jpg"] == "while it was folded"


def test_a_page_that_was_open_before_learns_of_words_that_it_never_saw(sink: Path, settings: Settings) -> None:
    page = opened(sink, settings)
    record = page.table.records[0]
    seen = page.read(record).hash
    other = opened(sink, settings)
    edit(other, photo0="words of another")
    fold(other, plan_fold(other))
    with pytest.raises(Conflict):
        page.save(record, "my words", seen)
    assert page.table.records[0].text == "words of another"


def test_a_table_is_read_once_more_where_it_is_folded_while_it_is_read(
    sink: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = edited(sink, settings)
    from lib.tables import opening

    real = opening.read_table

    def folded_meanwhile(*arguments: object) -> object:
        found = real(*arguments)  # type: ignore[arg-type]
        monkeypatch.undo()
        store = opened(sink, settings)
        fold(store, plan_fold(store))
        return found

    monkeypatch.setattr(opening, "read_table", folded_meanwhile)
    assert texts(sink, settings) == wanted


def test_edits_of_rows_that_are_not_there_stay_edits(sink: Path, settings: Settings) -> None:
    edited(sink, settings)
    store = opened(sink, settings)
    store.table.overlay.write("0a", {"gone.jpg": "its part is made again later"})
    fold(store, plan_fold(store))
    (left,) = store.table.overlay.files()
    assert store.table.overlay.read([left]) == {"gone.jpg": "its part is made again later"}


def test_a_retry_of_failed_samples_leaves_alone_what_a_person_wrote(tmp_path: Path, settings: Settings) -> None:
    photos, sink = image_folder(tmp_path / "photos", 4), tmp_path / "sink"
    (photos / "photo1.jpg").write_bytes(b"no image")
    request = JobRequest("import", {}, str(photos), str(sink), part_size=2)
    assert run_job(request).failed == 1
    store = opened(sink, settings)
    edit(store, photo0="a person's words")
    fold(store, plan_fold(store))
    again = run_job(JobRequest("import", {}, str(photos), str(sink), part_size=2, retry_failed=True))
    assert (again.made, again.edited) == (0, 1)
    assert texts(sink, settings)["photo0.jpg"] == "a person's words"


def test_a_table_of_others_stays_as_it_is_and_a_copy_has_the_edits(tmp_path: Path, settings: Settings) -> None:
    path = write_table(tmp_path / "theirs.parquet", [("a.jpg", "a cat"), ("b.jpg", None)], group=1)
    before = path.read_bytes()
    edit(opened(path, settings), b="a bird")
    store = opened(path, settings)
    with pytest.raises(InvalidInput, match="stay as they are"):
        check_foldable(store)
    assert copy_folded(store, plan_fold(store), place_at(str(tmp_path / "copy"))) == 0
    assert copy_folded(store, plan_fold(store), place_at(str(tmp_path / "copy"))) == 1
    assert (path.read_bytes(), len(store.table.overlay.files())) == (before, 1)
    assert texts(tmp_path / "copy", settings) == {"a.jpg": "a cat", "b.jpg": "a bird"}
    check_foldable(opened(tmp_path / "copy", settings))


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ({}, ["a bird", ""]),
        ({"captions": [["one", "two"], []]}, ["a bird\non a tree", ""]),
        ({"text": pyarrow.array(["one", "x"]).dictionary_encode()}, ["a bird", "x"]),
        ({"text": pyarrow.array(["one", None], pyarrow.large_string())}, ["a bird", ""]),
    ],
)
def test_captions_of_any_kind_are_written_as_they_are_read(
    column: dict[str, object], wanted: list[str], tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"file_name": ["a.jpg", "b.jpg"], "image": [b"1", b"2"], **column}), path)
    edit(opened(path, settings), a=wanted[0])
    store = opened(path, settings)
    copy_folded(store, plan_fold(store), place_at(str(tmp_path / "copy")))
    assert list(texts(tmp_path / "copy", settings).values()) == wanted


def test_a_copy_goes_into_a_bucket(sink: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = edited(sink, settings)
    store = opened(sink, settings)
    found = {}
    with loopback_bucket(monkeypatch) as bucket:
        copy = place_at(f"{bucket}/copy")
        copy_folded(store, plan_fold(store), copy)
        for entry in copy.files():
            if entry.name.startswith("part-"):
                with copy.open(entry.name) as file:
                    rows = pyarrow.parquet.read_table(file, columns=["key", "text"]).to_pylist()
                found |= {row["key"]: row["text"] or "" for row in rows}
    assert found == wanted


def test_a_fold_holds_one_row_group_at_a_time(tmp_path: Path, settings: Settings) -> None:
    """A file of 160 MB in groups of 8: the peak of a process that folds it grows by a few of them."""
    path = tmp_path / "large.parquet"
    schema = pyarrow.schema([("key", pyarrow.string()), ("image", pyarrow.binary()), ("text", pyarrow.string())])
    with pyarrow.parquet.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for group in range(20):
            rows = {"key": [f"{group}-{n}.jpg" for n in range(8)], "image": [os.urandom(1_000_000)] * 8}
            writer.write_table(pyarrow.table(rows | {"text": ["words"] * 8}, schema=schema))
    store = opened(path, settings)
    record = store.table.records[100]
    store.save(record, "other words", store.read(record).hash)
    read, write = os.pipe()

    def work() -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        copy_folded(store, plan_fold(store), place_at(str(tmp_path / "copy")))
        os.write(write, f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before}".encode())

    assert in_a_child(work) == 0
    assert int(os.read(read, 100)) < 60_000
    assert texts(tmp_path / "copy", settings)[record.name] == "other words"
