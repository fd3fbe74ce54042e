"""Marks: left out and stars. They belong to the history, follow their image, and outlive kills and damage."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread

import pytest

from lib.bulk.base import Change
from lib.dataset.journal.journal import Journal
from lib.dataset.journal.pages import OperationFilter
from lib.dataset.journal.rows import MarkWish, NewOperation
from lib.dataset.saving.marking import leave_out, mark_images
from lib.dataset.saving.open_journal import journal_for, journal_path
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.recovery import recover
from lib.dataset.saving.rename import rename_image
from lib.dataset.saving.store import Store
from lib.domain import Origin
from lib.errors import DatabaseFailed
from lib.review.fixing import FixPlan, apply_fixes
from lib.settings import settings
from tests.doubles.image_folder import image_folder
from tests.review.opened import bytes_below, opened


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "set", {"a.jpg": "one", "b.jpg": "two", "c.jpg": "three", "d.jpg": None})


def store_of(root: Path) -> Store:
    return opened(root).store


def out(store: Store) -> set[str]:
    return set(store.journal.marks.now().left_out)


def test_leaving_out_is_one_operation_that_touches_no_file_and_is_undone_and_redone(root: Path) -> None:
    before, store = bytes_below(root), store_of(root)
    done = leave_out(store, ["a.jpg", "b.jpg", "a.jpg"])
    assert (done.changed, done.marked) == (0, {"a.jpg", "b.jpg"})
    assert out(store) == {"a.jpg", "b.jpg"}
    (entry,) = Operations(store).history()
    assert (entry.kind, entry.files, entry.detail) == ("leave_out", 0, {"marked": 2})
    assert Operations(store).undo().marked == 2
    assert out(store) == set()
    assert Operations(store).redo().marked == 2
    assert out(store) == {"a.jpg", "b.jpg"}
    assert bytes_below(root) == before


def test_what_is_said_already_makes_no_operation(root: Path) -> None:
    store = store_of(root)
    leave_out(store, ["a.jpg"])
    assert leave_out(store, ["a.jpg"]).operation is None
    done = leave_out(store, ["a.jpg", "b.jpg"])
    assert done.marked == {"b.jpg"}
    Operations(store).undo()
    assert out(store) == {"a.jpg"}


def test_a_mark_that_was_changed_since_is_left_alone_and_told(root: Path) -> None:
    store = store_of(root)
    first = leave_out(store, ["a.jpg", "b.jpg"]).operation
    leave_out(store, ["a.jpg"], out=False)
    leave_out(store, ["c.jpg"])
    undone = Operations(store).undo(first)
    assert (undone.marked, [name for name, _ in undone.left_alone]) == (1, ["a.jpg"])
    assert out(store) == {"c.jpg"}


def test_an_undo_of_nothing_but_changed_marks_passes_the_operation_over(root: Path) -> None:
    store = store_of(root)
    first = leave_out(store, ["a.jpg"]).operation
    store.journal.marks.set(MarkWish("a.jpg", "left_out", 0))
    undone = Operations(store).undo()
    assert (undone.operation, undone.marked) == (first, 0)
    assert store.journal.newest_undoable() is None


def test_stars_of_one_image_are_set_without_the_history_and_those_of_many_with_it(root: Path) -> None:
    store = store_of(root)
    store.journal.marks.set(MarkWish("a.jpg", "rating", 4))
    assert Operations(store).history() == []
    mark_images(store, [MarkWish("a.jpg", "rating", 2), MarkWish("b.jpg", "rating", 5)])
    assert store.journal.marks.now().ratings == {"a.jpg": 2, "b.jpg": 5}
    Operations(store).undo()
    assert store.journal.marks.now().ratings == {"a.jpg": 4}
    store.journal.marks.set(MarkWish("a.jpg", "rating", 0))
    assert store.journal.marks.now().ratings == {}


def test_marks_follow_a_renamed_image_and_so_does_their_undo(root: Path) -> None:
    store = store_of(root)
    leave_out(store, ["a.jpg"])
    store.journal.marks.set(MarkWish("a.jpg", "rating", 3))
    store.journal.marks.set(MarkWish("z.jpg", "rating", 1))
    assert store.dataset is not None
    rename_image(store, store.dataset.records[0], "z")
    marks = store.journal.marks.now()
    assert (set(marks.left_out), dict(marks.ratings)) == ({"z.jpg"}, {"z.jpg": 3})
    assert Operations(store).undo().marked == 1
    assert out(store) == set()


def test_an_image_that_goes_aside_takes_its_marks_along_and_brings_them_back(root: Path) -> None:
    store = store_of(root)
    store.journal.marks.set(MarkWish("b.jpg", "rating", 5))
    leave_out(store, ["b.jpg"])
    apply_fixes(store, FixPlan(aside=("b.jpg",)))
    assert out(store) == set()
    assert store.journal.marks.now().ratings == {}
    store = store_of(root)
    Operations(store).undo()
    assert (out(store), store.journal.marks.now().ratings) == ({"b.jpg"}, {"b.jpg": 5})


def test_captions_and_marks_are_one_operation(root: Path) -> None:
    before, store = bytes_below(root), store_of(root)
    plan = FixPlan((Change("a.jpg", "one", "one, two"),), ("b.jpg", "c.jpg")).leaving_out()
    done = apply_fixes(store, plan)
    assert (done.changed, done.images, done.marked) == (1, frozenset(), {"b.jpg", "c.jpg"})
    undone = Operations(store).undo()
    assert (undone.restored, undone.marked) == (1, 2)
    assert (out(store), bytes_below(root)) == (set(), before)


def test_another_journal_of_the_folder_sees_what_was_marked(root: Path) -> None:
    store = store_of(root)
    other = Journal(store.journal.path)
    assert (other.marks.now().left_out, stamp := other.marks.stamp()) == (frozenset(), 0)
    leave_out(store, ["a.jpg"])
    assert other.marks.now().left_out == {"a.jpg"}
    assert other.marks.stamp() != stamp


@pytest.mark.parametrize("kind", ["leave_out", "keep"])
def test_what_a_kill_left_pending_is_carried_out_as_a_whole(root: Path, kind: str) -> None:
    store = store_of(root)
    store.journal.marks.set(MarkWish("b.jpg", "left_out", 1))
    wishes = [MarkWish(name, "left_out", int(kind == "leave_out")) for name in ("a.jpg", "b.jpg")]
    store.journal.begin(NewOperation(kind, [], "local", Origin(), {"marked": 2}, "token", marks=wishes))
    assert out(store) == {"b.jpg"}
    recover(store.journal, root, settings().locks)
    assert out(store) == ({"a.jpg", "b.jpg"} if kind == "leave_out" else set())
    assert store.journal.count() == 1
    Operations(store).undo()
    assert out(store) == {"b.jpg"}


def test_who_ends_an_operation_that_another_process_has_ended_sets_nothing_again(root: Path) -> None:
    store = store_of(root)
    number = store.journal.begin(NewOperation("leave_out", [], "local", Origin(), {"marked": 1}, "token",
                                              marks=[MarkWish("a.jpg", "left_out", 1)]))  # fmt: skip
    recover(store.journal, root, settings().locks)
    store.journal.marks.set(MarkWish("a.jpg", "left_out", 0))
    store.journal.finish(number)
    assert out(store) == set()


def test_many_threads_mark_at_once_and_nothing_is_lost(root: Path) -> None:
    store, names = store_of(root), [f"{number}.jpg" for number in range(24)]
    threads = [Thread(target=leave_out, args=(store, names[start::4])) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert out(store) == set(names)
    assert store.journal.count() == 4


def _mark_for_ever(root: Path, home: str, begun: Callable[[], None]) -> None:
    os.environ["TOOLKIT_HOME"] = home
    settings.cache_clear()
    store = store_of(root)
    turn = 0
    while True:
        leave_out(store, ["a.jpg", "b.jpg", "c.jpg"], out=turn % 2 == 0)
        turn += 1
        if turn == 3:
            begun()


def test_a_killed_process_leaves_all_marks_of_an_operation_or_none(root: Path, toolkit_home: Path) -> None:
    context = multiprocessing.get_context("fork")
    begun = context.Event()
    worker = context.Process(target=_mark_for_ever, args=(root, str(toolkit_home), begun.set), daemon=True)
    worker.start()
    assert begun.wait(60)
    worker.kill()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    journal = Journal(journal_path(root, settings()))
    recover(journal, root, settings().locks)
    assert len(journal.marks.now().left_out) in (0, 3)
    assert not journal.pending()


def test_marks_outlive_a_damaged_journal_and_what_is_derived_is_stale(root: Path) -> None:
    store = store_of(root)
    leave_out(store, ["a.jpg", "b.jpg"])
    store.journal.marks.set(MarkWish("c.jpg", "rating", 5))
    stamp = store.journal.marks.stamp()
    store.journal.trim()
    store.journal.close()
    with store.journal.path.open("r+b") as file:
        file.write(b"not a database at all")
    with suppress(DatabaseFailed):
        store.journal.marks.now()
    marks = store.journal.marks.now()
    assert (set(marks.left_out), dict(marks.ratings)) == ({"a.jpg", "b.jpg"}, {"c.jpg": 5})
    assert marks.stamp != stamp
    assert store.journal.damages()
    Operations(store).undo()
    assert out(store) == set()


def test_a_row_that_is_no_mark_is_dropped_from_a_damaged_file(root: Path) -> None:
    store = store_of(root)
    store.journal.marks.set(MarkWish("a.jpg", "rating", 5))
    store.journal.close()
    with closing(sqlite3.connect(store.journal.path)) as connection:
        connection.executemany("INSERT INTO marks VALUES (?, ?, ?)", [("b.jpg", "rating", 9), ("c.jpg", "hue", 1)])
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with store.journal.path.open("r+b") as file:
        file.write(b"not a database at all")
    with suppress(DatabaseFailed):
        store.journal.marks.now()
    assert dict(store.journal.marks.now().ratings) == {"a.jpg": 5}
    assert store.journal.marks.now().left_out == frozenset()


def test_the_filter_of_large_operations_knows_those_that_mark_many(root: Path) -> None:
    store = store_of(root)
    leave_out(store, ["a.jpg"])
    many = leave_out(store, ["b.jpg", "c.jpg"]).operation
    assert [entry.operation for entry in store.journal.operations(wanted=OperationFilter(many=True))] == [many]


def test_pruning_takes_the_way_back_and_leaves_the_marks(root: Path) -> None:
    store = store_of(root)
    leave_out(store, ["a.jpg"])
    with closing(sqlite3.connect(store.journal.path)) as connection:
        connection.execute("UPDATE operations SET at = '2001-01-01T00:00:00.000+00:00'")
        connection.commit()
    assert store.journal.prune(1, 0) == 1
    assert out(store) == {"a.jpg"}
    assert store.journal.marks.changes(1) == []


def test_eight_thousand_marks_are_written_at_once_and_read_in_milliseconds(root: Path) -> None:
    store, names = store_of(root), [f"folder/{number:05}.jpg" for number in range(8_091)]
    leave_out(store, names)
    journal = Journal(journal_for(root, settings()).path)
    journal.marks.stamp()
    begun = time.perf_counter()
    assert len(journal.marks.now().left_out) == 8_091
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    journal.marks.now()
    again = time.perf_counter() - begun
    assert first < 0.25
    assert again < 0.01
