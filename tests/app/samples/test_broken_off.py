"""Streamlit breaks a callback off as soon as a newer click comes: nothing typed or asked for is lost by that."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.elements.caption_editor import Message
from app.samples import editing, navigate
from app.samples.state import TextBoxState
from app.session.state import AppState
from lib.domain import Origin
from lib.errors import WriteFailed
from lib.preferences import Draft


class BrokenOff(BaseException):
    """Like Streamlit's own signal, no Exception."""


@pytest.fixture
def state(state: AppState, photos: Path, monkeypatch: pytest.MonkeyPatch) -> AppState:
    """Somebody has typed over b.jpg and pressed Save."""
    base = state.store.read(state.dataset.get("b.jpg")).hash
    message = Message(str(photos), "b.jpg", base, "typed", True, "", "save", 7)
    for module in (editing, navigate):
        monkeypatch.setattr(module, "messages", lambda key, session: [message])
    return state


def test_a_text_counts_as_heard_only_once_it_is_kept(state: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(editing, "_keep", lambda *_: (_ for _ in ()).throw(BrokenOff))
        with pytest.raises(BrokenOff):
            editing.take_typed(state)
    assert state.of(TextBoxState).heard == 0
    editing.take_typed(state)
    assert state.of(TextBoxState).heard == 7
    assert editing.open_image(state, "b.jpg").text == "typed"


def test_a_shortcut_counts_as_obeyed_only_once_it_is_carried_out(
    state: AppState, monkeypatch: pytest.MonkeyPatch, photos: Path
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(navigate, "save", lambda *_: (_ for _ in ()).throw(BrokenOff))
        with pytest.raises(BrokenOff):
            navigate.obey(state)
    assert state.of(TextBoxState).obeyed == 0
    navigate.obey(state)
    assert state.of(TextBoxState).obeyed == 7
    assert (photos / "b.txt").read_text() == "typed"


def test_a_shortcut_that_failed_is_not_tried_again_unasked(state: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigate, "save", lambda *_: (_ for _ in ()).throw(WriteFailed("no")))
    with pytest.raises(WriteFailed):
        navigate.obey(state)
    assert state.of(TextBoxState).obeyed == 7


def test_a_save_broken_off_after_the_write_leaves_no_conflict_with_itself(state: AppState, photos: Path) -> None:
    editing.take_typed(state)
    draft = editing.preferences(state).draft(photos, "b.jpg")
    assert draft is not None
    (photos / "b.txt").write_text("typed")
    image = editing.open_image(state, "b.jpg")
    assert image.draft is None
    assert not image.in_conflict
    editing.preferences(state).keep_draft(photos, "b.jpg", Draft("other", draft.base_hash, Origin()))
    assert editing.open_image(state, "b.jpg").in_conflict


def test_a_message_that_comes_twice_is_taken_in_once(state: AppState, photos: Path) -> None:
    editing.take_typed(state)
    assert editing.open_image(state, "b.jpg").text == "typed"
    # The box sends a message again until it is told of it. What was dropped since does not come back by that.
    editing.revert(state, "b.jpg")
    editing.take_typed(state)
    assert editing.preferences(state).draft(photos, "b.jpg") is None
    assert editing.open_image(state, "b.jpg").text == "dog, red sofa"


def test_a_shortcut_that_comes_twice_is_carried_out_once(state: AppState, photos: Path) -> None:
    navigate.obey(state)
    (photos / "b.txt").write_text("theirs")
    navigate.obey(state)
    assert (photos / "b.txt").read_text() == "theirs"
    assert [toast.text for toast in state.toasts] == ["Saved"]


def _interrupted_script() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    from app.session.messages import guarded

    def act() -> None:
        context = get_script_run_ctx()
        assert context is not None
        assert context.script_requests is not None
        # What a newer click does while this callback runs.
        context.script_requests.request_rerun(RerunData())
        st.session_state["begun"] = True
        st.session_state["ended"] = True

    st.button("guarded", key="guarded", on_click=guarded(act))
    st.button("bare", key="bare", on_click=act)
    st.button("after", key="after", on_click=lambda: (guarded(int)(), act()))


@pytest.mark.parametrize(("button", "ends"), [("guarded", True), ("bare", False), ("after", False)])
def test_a_newer_click_waits_for_the_end_of_a_guarded_callback(button: str, ends: bool) -> None:
    # Three seconds are AppTest's own patience, and a busy machine takes longer to import the page.
    page = AppTest.from_function(_interrupted_script, default_timeout=300).run()
    page.button(key=button).click().run()
    assert not page.exception
    assert ("ended" in page.session_state) is ends
