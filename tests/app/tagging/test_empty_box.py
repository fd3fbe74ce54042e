"""Generate for an image whose text box is empty: the answer is written right there, as a draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.elements.caption_editor import Command, Message
from app.samples import editing, generation, navigate
from app.samples.state import TextBoxState
from app.session.state import AppState
from lib.preferences import Draft, Preferences
from lib.settings import settings
from tests.app.tagging.test_next import toasts
from tests.app.tagging.test_tagging_page import generate
from tests.doubles.dashboard import choose_server, open_page, settle, texts
from tests.doubles.provider_server import ProviderServer, Reply


def draft(photos: Path, name: str) -> Draft | None:
    return Preferences(settings().owner_folder("local")).draft(photos, name)


def beside(page: AppTest) -> list[str]:
    """The buttons of an answer that stands beside the box."""
    return [button.label for button in page.button if button.key == "generate.drop" or button.label == "Take it"]


@pytest.fixture
def filled(photos: Path) -> AppTest:
    with ProviderServer("A red square.") as server:
        return generate(open_page(photos, "c.png"), server.url)


def test_an_empty_box_is_filled_and_nothing_is_saved(photos: Path, filled: AppTest) -> None:
    kept = draft(photos, "c.png")
    assert kept is not None
    assert (kept.text, kept.origin.model) == ("A red square.", "openai-compatible:tiny-vision")
    assert not beside(filled)
    assert (photos / "c.txt").read_text() == ""
    filled.button(key="tagging.save").click().run()
    assert (photos / "c.txt").read_text() == "A red square."


def test_undone_it_does_not_come_back(photos: Path, filled: AppTest) -> None:
    filled.button(key="tagging.revert").click().run()
    filled.run()
    assert draft(photos, "c.png") is None
    assert not beside(filled)


def test_into_a_full_box_it_does_not_go(photos: Path) -> None:
    with ProviderServer("A red square.") as server:
        page = generate(open_page(photos, "a.jpg"), server.url)
    assert draft(photos, "a.jpg") is None
    assert beside(page) == ["Take it", "Drop"]


def test_it_waits_for_the_image_that_it_was_asked_for(photos: Path) -> None:
    with ProviderServer("A red square.") as server:
        page = choose_server(open_page(photos, "c.png"), server.url)
        page.button(key="generate.start").click()
        page.button(key="tagging.next").click().run()
        settle(page)
    assert draft(photos, "d.JPG") is None
    page.button(key="tagging.previous").click().run()
    kept = draft(photos, "c.png")
    assert kept is not None
    assert kept.text == "A red square."


def test_an_answer_that_comes_while_the_page_is_drawn_goes_into_the_box_all_the_same(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill, missed = generation.fill_empty_box, []

    def too_early(state: AppState, image: editing.OpenImage) -> editing.OpenImage:
        job = generation.job_for(state, image.name)
        if job is not None and not missed:
            assert job.wait(30)
            missed.append(job)
            return image
        return fill(state, image)

    monkeypatch.setattr(generation, "fill_empty_box", too_early)
    with ProviderServer("A red square.") as server:
        page = choose_server(open_page(photos, "c.png"), server.url)
        page.button(key="generate.start").click().run()
    assert missed
    assert draft(photos, "c.png") is not None
    assert not beside(page)


def test_an_answer_that_was_cut_off_is_told_there_too(photos: Path) -> None:
    with ProviderServer() as server:
        page = choose_server(open_page(photos, "c.png"), server.url)
        server.enqueue(Reply.caption("A red", finish="length"))
        page.button(key="generate.start").click().run()
        settle(page)
    assert "cut off" in texts(page)
    page.button(key="tagging.save").click().run()
    assert "cut off" not in texts(page)


@pytest.mark.parametrize("command", ["save", "save_and_next"])
def test_keys_that_were_pressed_before_it_was_seen_do_not_save_it(
    photos: Path, filled: AppTest, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    state = filled.session_state["app_state"]

    def press(shown: str, serial: int) -> None:
        message = Message(str(photos), "c.png", "", "", False, editing.text_hash(shown), command, serial)
        for module in (editing, navigate):
            monkeypatch.setattr(module, "messages", lambda key, session: [message])
        navigate.obey(state)

    state.of(TextBoxState).heard = 0
    press("", 1)
    assert (photos / "c.txt").read_text() == ""
    assert "has come into the box" in toasts(filled.run())
    press("A red square.", 2)
    assert (photos / "c.txt").read_text() == "A red square."
