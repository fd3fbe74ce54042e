"""A text that the disk refuses to keep stays the box's: it is not heard, comes again, and the notice goes with that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.elements.caption_editor import Command, Message
from app.samples import editing, navigate
from app.samples.state import TextBoxState
from app.session.state import AppState
from lib.errors import WriteFailed
from tests.doubles.unwilling_disk import refusing_statements


@pytest.fixture
def told(state: AppState, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the box say what was typed into images, with the shortcut that came with the last of it."""

    def tell(*texts: tuple[str, str], command: Command | None = None) -> None:
        assert state.store is not None
        assert state.dataset is not None
        said = []
        for serial, (name, text) in enumerate(texts, 1):
            record = state.dataset.get(name)
            assert record is not None
            base, last = state.store.read(record).hash, serial == len(texts)
            said.append(Message(str(photos), name, base, text, True, "", command if last else None, serial))
        for module in (editing, navigate):
            monkeypatch.setattr(module, "messages", lambda key, session: said)

    return tell


def fail(state: AppState, monkeypatch: pytest.MonkeyPatch, action: Callable[[AppState], None]) -> WriteFailed:
    """What an action says while nothing can be kept for the owner."""
    editing.preferences(state).close()
    with refusing_statements(monkeypatch, 0), pytest.raises(WriteFailed) as caught:
        action(state)
    editing.preferences(state).close()
    return caught.value


def test_a_draft_that_cannot_be_kept_is_not_heard_and_is_kept_when_it_comes_again(
    state: AppState, told: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(("a.jpg", "first words"), ("b.jpg", "second words"))
    failure = fail(state, monkeypatch, editing.take_typed)
    assert "still in its box" in failure.hint
    assert state.of(TextBoxState).heard == 0
    state.errors["text"] = failure
    editing.take_typed(state)
    assert state.of(TextBoxState).heard == 2
    assert editing.open_image(state, "a.jpg").text == "first words"
    assert editing.open_image(state, "b.jpg").text == "second words"
    assert state.errors == {}


def test_a_shortcut_whose_text_cannot_be_kept_is_not_carried_out_later_on(
    state: AppState, told: Callable[..., None], monkeypatch: pytest.MonkeyPatch, photos: Path
) -> None:
    before = (photos / "b.txt").read_bytes()
    told(("b.jpg", "typed words"), command="save")
    fail(state, monkeypatch, navigate.obey)
    assert (state.of(TextBoxState).heard, state.of(TextBoxState).obeyed) == (0, 1)
    navigate.obey(state)
    assert state.of(TextBoxState).heard == 1
    assert editing.open_image(state, "b.jpg").text == "typed words"
    assert (photos / "b.txt").read_bytes() == before


def test_nobody_leaves_an_image_whose_text_cannot_be_kept(
    state: AppState, told: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(("a.jpg", "typed words"))
    fail(state, monkeypatch, lambda state: navigate.move(state, 1))
    assert state.index == 0


def test_a_folder_that_vanishes_under_an_open_page_is_told_and_the_draft_stays(
    state: AppState, told: Callable[..., None], photos: Path
) -> None:
    told(("a.jpg", "typed words"))
    away = photos.rename(photos.with_name("away"))
    with pytest.raises(WriteFailed, match="gone"):
        editing.save(state, "a.jpg")
    draft = editing.preferences(state).draft(photos, "a.jpg")
    assert draft is not None
    assert draft.text == "typed words"
    away.rename(photos)
    editing.save(state, "a.jpg")
    assert (photos / "a.txt").read_text() == "typed words"
