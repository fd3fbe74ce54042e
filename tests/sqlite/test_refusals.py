"""Whatever statement the disk refuses, the failure is told in words, and what was kept before stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from lib.domain import Origin, Selection
from lib.errors import DatabaseFailed, InvalidInput, WriteFailed
from lib.jobs.ledger import Ledger, NewRun, Settled
from lib.preferences import Draft, Preferences, RecentFolder
from lib.sqlite import Database
from tests.doubles.unwilling_disk import make_read_only, refusing, refusing_statements, small_disk

_ROOT = Path("/photos")
_MINE = Draft("typed words", "hash", Origin())

WRITES: dict[str, Callable[[Preferences], object]] = {
    "choice": lambda kept: kept.choose("style", "tags"),
    "draft": lambda kept: kept.keep_draft(_ROOT, "a.jpg", _MINE, aside=Draft("other words", "hash", Origin())),
    "dropping a draft": lambda kept: kept.drop_draft(_ROOT, "old.jpg"),
    "dropping what was set aside": lambda kept: kept.drop_set_aside(_ROOT, "old.jpg", "x"),
    "renaming a draft": lambda kept: kept.rename_draft(_ROOT, "old.jpg", "new.jpg"),
    "recent folder": lambda kept: kept.remember_folder(RecentFolder(_ROOT, True, ".txt")),
    "preset": lambda kept: kept.save_preset("short", "One line."),
    "deleting a preset": lambda kept: kept.delete_preset("old"),
    "filter": lambda kept: kept.save_filter("cats", {"q": "cat"}),
    "deleting a filter": lambda kept: kept.delete_filter("old"),
    "stop words": lambda kept: kept.change_stop_words(["photo"], is_one=True),
    "resetting stop words": lambda kept: kept.reset_stop_words(),
    "selection": lambda kept: kept.keep_selection(Selection(frozenset({"a.jpg"}), "chosen")),
}


def everything(kept: Preferences) -> object:
    """All that a visitor would miss."""
    drafts = {name: kept.draft(_ROOT, name) for name in ("a.jpg", "old.jpg", "new.jpg")}
    chosen = kept.selection(Selection(frozenset({"a.jpg"}), "chosen").id)
    lists = [kept.choice("style"), kept.presets(), kept.filters(), kept.stop_words(), kept.set_aside(_ROOT, "a.jpg")]
    return drafts, chosen, lists, kept.recent_folders()


def filled(folder: Path) -> Preferences:
    kept = Preferences(folder)
    kept.keep_draft(_ROOT, "old.jpg", Draft("old words", "hash", Origin()))
    kept.save_preset("old", "Old.")
    kept.save_filter("old", {"q": "old"})
    kept.choose("style", "words")
    return kept


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_whichever_statement_is_refused_what_was_kept_stays_and_the_next_try_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Preferences], object]
) -> None:
    before = everything(filled(tmp_path / "before"))
    done = filled(tmp_path / "done")
    write(done)
    after = everything(done)
    fail_at = 0
    while True:
        filled(tmp_path / str(fail_at)).close()
        kept = Preferences(tmp_path / str(fail_at))
        with refusing_statements(monkeypatch, fail_at) as asked:
            failure = None
            try:
                write(kept)
            except WriteFailed as exc:
                failure = exc
            if len(asked) <= fail_at:
                break
            # Of the connection that met it, too: nothing of it hangs on.
            assert failure is not None, asked[fail_at]
            assert "the disk is full" in failure.message
            assert "still in its box" in failure.hint
            assert everything(kept) == before
            write(kept)
            assert everything(kept) == after
        fail_at += 1
    assert fail_at > 6, "it was never asked for anything"


def test_whichever_file_cannot_be_made_a_first_visit_fails_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "owners" / "one"
    with refusing(tmp_path, 0) as refusal, pytest.raises(WriteFailed, match="disk is full"):
        Preferences(folder).choose("style", "tags")
    assert refusal.refused
    Preferences(folder).choose("style", "tags")
    assert Preferences(folder).choice("style") == "tags"


@pytest.mark.parametrize("kilobytes", [8, 40, 64, 96, 128, 200])
def test_a_disk_that_is_really_full_keeps_every_draft_that_was_told_to_be_kept(tmp_path: Path, kilobytes: int) -> None:
    with small_disk(tmp_path / "small", f"{kilobytes}k") as disk:
        kept = Preferences(disk / "owner")
        known: list[str] = []

        def fill() -> None:
            for number in range(200):
                kept.keep_draft(_ROOT, f"{number}.jpg", Draft("words " * 300, "hash", Origin()))
                known.append(f"{number}.jpg")

        with pytest.raises(WriteFailed, match="could not be read or written"):
            fill()
        with suppress(WriteFailed):
            # Where it was too small for the file itself there is nothing to be read.
            assert sorted(kept.drafts(_ROOT)) == sorted(known)
        kept.close()


def test_a_read_only_disk_is_told_and_works_again_once_it_may_be_written_to(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "1m") as disk:
        kept = filled(disk / "owner")
        kept.close()
        make_read_only(disk)
        with pytest.raises(WriteFailed, match=r"read-only|cannot be opened"):
            kept.choose("style", "tags")
        make_read_only(disk, again=True)
        kept.choose("style", "tags")
        assert kept.choice("style") == "tags"
        kept.close()


def test_a_list_of_runs_that_cannot_be_written_keeps_what_it_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.sqlite"
    ledger = Ledger(path)
    ledger.begin(NewRun("one", "ann", "captions", "Captioning", {}, ["a.jpg", "b.jpg"]))
    ledger.close()
    fail_at = 0
    while True:
        ledger = Ledger(path)
        with refusing_statements(monkeypatch, fail_at) as asked:
            failure = None
            try:
                ledger.settle("one", [Settled("a.jpg", "done")])
            except WriteFailed as exc:
                failure = exc
            if failure is not None:
                assert "can be resumed" in failure.hint
                assert ledger.waiting("one") == ["a.jpg", "b.jpg"]
            if len(asked) <= fail_at:
                break
        ledger.close()
        fail_at += 1
    assert fail_at > 4
    assert Ledger(path).waiting("one") == ["b.jpg"]


def test_a_run_whose_lock_file_cannot_be_made_is_told(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "runs.sqlite")
    ledger.begin(NewRun("one", "ann", "captions", "Captioning", {}, ["a.jpg"]))
    for after in range(2):
        with (
            refusing(tmp_path / "runs", after),
            pytest.raises(WriteFailed, match="could not be taken up: the disk is full"),
            ledger.held("one"),
        ):
            pass
    with ledger.held("one"), pytest.raises(InvalidInput, match="under way already"), ledger.held("one", wait=0):
        pass


def test_a_commit_that_is_refused_leaves_no_transaction_open(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite", ("CREATE TABLE notes (text TEXT)",))
    database.rows("PRAGMA max_page_count = 4")
    with pytest.raises(DatabaseFailed, match="full"), database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES (?)", ("x" * 100_000,))
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('short')")
    assert [row["text"] for row in database.rows("SELECT text FROM notes")] == ["short"]
