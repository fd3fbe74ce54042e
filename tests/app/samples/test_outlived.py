"""A tab outlives its session: what it tells the new one counts for its own image, its own rows and its own scope."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from app.elements.caption_editor import Message, box_id, messages
from app.samples import editing, navigate
from app.samples.state import Galleries, TabState
from app.samples.table_edits import load_page
from app.session.open_dataset import current_name, link, optional_in_link
from app.session.state import AppState
from lib.errors import DatasetError
from lib.scope import Scope
from tests.app.samples.conftest import session_on
from tests.doubles.taken_over import taken_over_at


def typed(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    message = Message(str(root), name, "", "typed", True, "", None, 7)
    monkeypatch.setattr(editing, "messages", lambda key, session: [message])


class Told:
    """What Streamlit holds of the text box: its latest sending on each channel."""

    def __init__(self, session: str, *entries: dict[str, Any]) -> None:
        self.draft = {"session": session, "messages": list(entries)}
        self.command = None


def test_what_the_box_told_a_former_session_is_not_taken_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {
        "id": box_id("/photos", "a.jpg"),
        "base": "",
        "text": "long ago",
        "shown": "",
        "dirty": True,
        "command": None,
        "n": 3,
    }
    monkeypatch.setitem(st.session_state, "box", Told("former", entry))
    assert messages("box", "present") == []
    assert [message.text for message in messages("box", "former")] == ["long ago"]


def test_words_for_an_image_that_is_gone_are_kept_and_it_is_said(
    state: AppState, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(photos, "gone.jpg", monkeypatch)
    with pytest.raises(DatasetError, match="is not in this folder any more"):
        editing.take_typed(state)
    draft = editing.preferences(state).draft(photos, "gone.jpg")
    assert draft is not None
    assert draft.text == "typed"


def test_words_for_another_folder_wait_there(state: AppState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    typed(other, "a.jpg", monkeypatch)
    editing.take_typed(state)
    draft = editing.preferences(state).draft(other, "a.jpg")
    assert draft is not None
    assert draft.text == "typed"
    assert editing.open_image(state, "a.jpg").text == "A cat on a mat."


def test_a_new_session_goes_to_the_image_and_the_scope_of_its_tab(state: AppState, photos: Path) -> None:
    state.scope = Scope(query="dog", tagged="tagged")
    address = link(state) | {"image": "b.jpg"}
    assert address.keys() <= {"folder", "image", *optional_in_link()}
    later = session_on(photos)
    navigate.return_to(later, address)
    assert current_name(later) == "b.jpg"
    assert later.scope == state.scope
    assert later.of(TabState).is_followed


def test_ticks_and_an_open_panel_are_taken_up_by_a_new_session(state: AppState, photos: Path) -> None:
    gallery = state.of(Galleries).at("filter")
    gallery.is_open, gallery.ticked = True, {"a.jpg", "gone.jpg"}
    later = session_on(photos)
    later.of(Galleries).at("filter").ticked = {"b.jpg"}
    navigate.return_to(later, link(state) | {"image": "b.jpg"}, state.of(Galleries).to_keep())
    found = later.of(Galleries).at("filter")
    assert (found.is_open, found.ticked) == (True, {"a.jpg", "b.jpg"})
    assert current_name(later) == "b.jpg"


def test_what_was_ticked_in_another_folder_is_not_taken_up(state: AppState, photos: Path) -> None:
    state.of(Galleries).at("filter").ticked = {"a.jpg"}
    later = session_on(photos)
    navigate.return_to(later, {"folder": str(photos.parent)}, state.of(Galleries).to_keep())
    assert not later.of(Galleries).at("filter").ticked


@pytest.mark.parametrize(
    "kept", ["", "no json", "[" * 15_000, "7", '[["filter"]]', '[["filter", 1, []]]', '[["filter", true, [7, ["a"]]]]']
)
def test_what_a_browser_makes_up_of_its_galleries_is_no_tick(state: AppState, photos: Path, kept: str) -> None:
    navigate.return_to(state, link(state), kept)
    assert not any(one.ticked for one in state.of(Galleries).by_key.values())


def test_more_ticks_than_a_message_should_carry_are_not_kept(state: AppState) -> None:
    state.of(Galleries).at("filter").ticked = {f"{number}.jpg" for number in range(100_000)}
    assert not state.of(Galleries).to_keep()


def test_a_tab_whose_image_is_gone_is_not_waited_for(state: AppState, photos: Path) -> None:
    navigate.return_to(state, {"folder": str(photos), "image": "gone.jpg"})
    assert state.of(TabState).is_followed


def test_a_step_back_that_another_run_takes_over_is_taken_when_it_is_told_again(
    state: AppState, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = link(state) | {"image": "b.jpg"}
    taken_over_at("app.samples.navigate.take_typed", monkeypatch)
    with pytest.raises(RerunException):
        navigate.step_back(state, "one", address)
    navigate.step_back(state, "one", address)
    assert current_name(state) == "b.jpg"
    # Told once more, before the tab has heard: somebody has gone on since.
    navigate.step_back(state, "one", address | {"image": "a.jpg"})
    assert current_name(state) == "b.jpg"


def test_a_table_of_other_rows_or_over_other_files_has_another_name(state: AppState, photos: Path) -> None:
    assert state.dataset is not None
    first, second, *_ = state.dataset.records
    one = load_page(state, [first], is_fresh=True).id
    assert load_page(session_on(photos), [first], is_fresh=True).id == one
    assert load_page(session_on(photos), [second], is_fresh=True).id != one
    (photos / "a.txt").write_text("by another program")
    assert load_page(session_on(photos), [first], is_fresh=True).id != one


def test_words_for_a_folder_that_their_owner_may_not_open_are_not_kept_but_told(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(Path("/nowhere"), "a.jpg", monkeypatch)
    with pytest.raises(DatasetError) as caught:
        editing.take_typed(state)
    assert "typed" in caught.value.hint
    assert editing.preferences(state).draft(Path("/nowhere"), "a.jpg") is None


@pytest.mark.parametrize(
    "part",
    [
        {"id": "no json"},
        {"id": 7},
        {"id": "[1, 2]"},
        {"id": '["/photos"]'},
        {"id": '["/photos", ["a.jpg"]]'},
        {"id": "[" * 15_000},
        {"id": '["/photos", "a\\u0000.jpg"]'},
        {"id": '["/photos", "\\ud83d.jpg"]'},
        {"base": "x" * 1_000},
        {"n": 10**30},
        {"n": 0},
    ],
)
def test_what_our_box_would_never_send_is_no_message(monkeypatch: pytest.MonkeyPatch, part: dict[str, Any]) -> None:
    entry = {"id": box_id("/photos", "a.jpg"), "base": "", "text": "x", "shown": "", "dirty": True, "n": 3} | part
    monkeypatch.setitem(st.session_state, "box", Told("present", entry))
    assert messages("box", "present") == []


def test_half_a_character_is_kept_as_what_a_file_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"id": box_id("/photos", "a.jpg"), "base": "", "text": "abc\ud83d", "shown": "", "dirty": True, "n": 3}
    monkeypatch.setitem(st.session_state, "box", Told("present", entry))
    assert [message.text for message in messages("box", "present")] == ["abc\ufffd"]
