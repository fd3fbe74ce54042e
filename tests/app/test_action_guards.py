"""What an action refuses when something else is under way, or came before it in another tab."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from pathlib import Path

import pytest

from app import bulk, editing, history, importing, runs
from app.bulk import Affix
from app.components.caption_editor import Message
from app.importing import Manner
from app.opening import store_for
from app.state import AppState
from lib import cache
from lib.dataset.sidecar import hash_of
from lib.dataset.uploads import UploadSpace
from lib.domain import Origin
from lib.errors import DatasetError, InvalidInput
from lib.importing.taking import Taken
from lib.jobs.runner import Job
from lib.preferences import Draft
from lib.settings import settings
from tests.doubles.dashboard import open_page

DOG = hash_of(b"dog, red sofa")


@pytest.fixture
def state(photos: Path) -> AppState:
    made = AppState(owner="local")
    made.store = store_for(made, photos, recursive=True, suffix=".txt")
    made.dataset = made.store.dataset
    return made


def typed(monkeypatch: pytest.MonkeyPatch, root: Path, text: str, serial: int, shown: str = "") -> None:
    message = Message(json.dumps([str(root), "b.jpg"]), DOG, text, True, shown, None, serial)
    monkeypatch.setattr(editing, "messages", lambda key: [message])


def test_a_second_import_waits_for_the_end_of_the_first(state: AppState, photos: Path) -> None:
    go_on = threading.Event()

    def take(job: Job, folder: Path, *, suffix: str, room: int | None) -> Taken:
        go_on.wait(60)
        return Taken()

    importing._start(state, "first", Manner(name="first"), take)
    with pytest.raises(InvalidInput, match="under way already"):
        importing.import_path(state, str(photos), Manner(name="second"))
    go_on.set()
    first = importing.latest_import(state)
    assert first is not None
    assert first.wait(60)
    importing.import_path(state, str(photos), Manner(name="second"))
    second = importing.latest_import(state)
    assert second is not None
    assert second.wait(60)
    assert second.result.taken.added == 5


def test_two_uploads_of_one_name_are_refused_and_neither_is_taken_for_the_other(state: AppState, photos: Path) -> None:
    files = [io.BytesIO((photos / name).read_bytes()) for name in ("a.jpg", "b.jpg")]
    for file in files:
        file.name = "same.jpg"  # type: ignore[attr-defined]
    importing.import_uploads(state, files, Manner(name="new"))
    job = importing.latest_import(state)
    assert job is not None
    assert job.wait(60)
    assert "two uploads of the name" in str(job.error)
    assert UploadSpace(settings(), "local").folders() == []


def test_only_the_plan_that_is_shown_is_carried_out(state: AppState, photos: Path) -> None:
    plans = []
    for prefix in ("first", "second"):
        bulk.preview(state, "affix", Affix(prefix, "", ", ", False))
        assert state.bulk.preview is not None
        assert state.bulk.preview.wait(60)
        plans.append(state.bulk.preview.result)
    bulk.apply(state, plans[0])
    assert bulk.outcome(state) is None
    bulk.apply(state, plans[1])
    bulk.apply(state, plans[1])
    done = bulk.outcome(state)
    assert done is not None
    assert done.wait(60)
    assert (photos / "b.txt").read_text() == "second, dog, red sofa"


def test_a_run_that_is_about_to_stop_is_not_joined(state: AppState, photos: Path) -> None:
    go_on = threading.Event()
    job = cache.job_runner().submit("local", runs._key(photos), "Captioning", lambda job: go_on.wait(60))
    assert runs._is_busy(state, photos)
    job.cancel()
    with pytest.raises(InvalidInput, match="still stopping"):
        runs._is_busy(state, photos)
    go_on.set()
    assert job.wait(60)
    assert not runs._is_busy(state, photos)


def test_an_undo_that_another_tab_has_made_is_not_begun_again(state: AppState) -> None:
    editing.preferences(state).keep_draft(editing.opened(state)[0].root, "b.jpg", Draft("new", DOG, Origin()))
    editing.save(state, "b.jpg")
    entry = history.journal_of(state).newest_undoable()
    assert entry is not None
    history.turn(state, entry.operation, back=True)
    first = history.latest_turn(state)
    assert first is not None
    assert first.wait(60)
    other = AppState(owner="local", dataset=state.dataset, store=state.store)
    history.turn(other, entry.operation, back=True)
    assert history.latest_turn(other) is first
    assert first.error is None


def test_a_text_of_another_tab_is_not_saved_in_the_place_of_the_one_beside_the_button(
    state: AppState, photos: Path
) -> None:
    kept = editing.preferences(state)
    kept.keep_draft(photos, "b.jpg", Draft("theirs", DOG, Origin(), "another tab"))
    with pytest.raises(DatasetError, match="another tab of yours"):
        editing.save(state, "b.jpg", drawn="mine")
    assert (photos / "b.txt").read_text() == "dog, red sofa"
    editing.save(state, "b.jpg", drawn="theirs")
    assert (photos / "b.txt").read_text() == "theirs"


def test_a_text_that_the_box_had_not_shown_is_told_when_it_is_typed_over(
    state: AppState, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = editing.preferences(state)
    kept.keep_draft(photos, "b.jpg", Draft("theirs", DOG, Origin(), "another tab"))
    typed(monkeypatch, photos, "mine", 7, editing.text_hash("dog, red sofa"))
    with pytest.raises(DatasetError) as caught:
        editing.take_typed(state)
    assert "theirs" in caught.value.hint
    assert editing.open_image(state, "b.jpg").text == "mine"
    kept.keep_draft(photos, "b.jpg", Draft("theirs", DOG, Origin(), "another tab"))
    typed(monkeypatch, photos, "mine again", 8, editing.text_hash("theirs"))
    editing.take_typed(state)
    assert editing.open_image(state, "b.jpg").text == "mine again"


def test_what_is_typed_on_before_the_answer_to_a_save_is_no_conflict(
    state: AppState, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, photos, "one", 7)
    editing.save(state, "b.jpg")
    typed(monkeypatch, photos, "one and two", 8)
    editing.take_typed(state)
    image = editing.open_image(state, "b.jpg")
    assert (image.text, image.in_conflict) == ("one and two", False)
    editing.save(state, "b.jpg")
    assert (photos / "b.txt").read_text() == "one and two"


def test_an_upload_that_is_opened_is_in_use(photos: Path) -> None:
    space = UploadSpace(settings(), "local")
    folder = space.save("set", [("a.jpg", io.BytesIO((photos / "a.jpg").read_bytes()))]).folder
    mark, yesterday = folder / ".opened", time.time() - 86_400
    os.utime(mark, (yesterday, yesterday))
    open_page(folder)
    assert mark.stat().st_mtime > yesterday + 80_000
