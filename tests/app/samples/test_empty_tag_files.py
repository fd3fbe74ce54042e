"""Empty tag files on the pages: counted, explained, removed by one click, and missed by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.elements.caption_editor import Message
from app.samples import editing, navigate
from lib.dataset.tag_files.sidecar import hash_of
from lib.settings import settings
from tests.doubles.dashboard import healthy, open_page, settle, texts


def test_the_tagging_page_says_how_many_there_are_and_what_they_do(photos: Path) -> None:
    page = open_page(photos)
    assert "1 empty tag file stops sd-scripts" in texts(page)
    assert "OneTrainer" in texts(page)
    (photos / "c.txt").write_text("a word")
    assert "empty tag file stops" not in texts(open_page(photos))


@pytest.mark.parametrize("screen", ["", "export"])
def test_one_click_removes_them_and_the_history_has_it(photos: Path, screen: str) -> None:
    (photos / "a.txt").write_text(" ")
    page = open_page(photos, "c.png", screen)
    page.button(key="empty.remove").click().run()
    settle(page)
    assert not (photos / "c.txt").exists()
    assert (photos / "a.txt").read_text() == " "
    assert "1 empty tag file removed" in texts(page)
    assert "stops sd-scripts" not in texts(page)
    page.button(key="empty.dismiss").click().run()
    assert "1 empty tag file removed" not in texts(page)
    history = open_page(photos, screen="history")
    assert "Empty tag files removed" in texts(history)
    history.button(key="history.undo").click().run()
    settle(history)
    assert (photos / "c.txt").read_bytes() == b""


def test_the_image_that_is_shown_does_not_get_its_file_back_at_once_and_others_still_get_one(photos: Path) -> None:
    page = open_page(photos, "c.png")
    page.button(key="empty.remove").click().run()
    settle(page).run()
    assert not (photos / "c.txt").exists()
    page.button(key="tagging.next").click().run()
    assert (photos / "d.txt").read_bytes() == b""


def test_a_text_typed_in_another_tab_is_saved_without_a_conflict(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = open_page(photos, "c.png")
    state = other.session_state["app_state"]
    typed = Message(str(photos), "c.png", hash_of(b""), "a boat", True, editing.text_hash(""), None, 1)
    page = open_page(photos, "a.jpg")
    page.button(key="empty.remove").click().run()
    settle(page)
    for module in (editing, navigate):
        monkeypatch.setattr(module, "messages", lambda key, session: [typed] if session == state.session else [])
    other.run()
    assert healthy(other)
    assert "changed meanwhile" not in texts(other)
    other.button(key="tagging.save").click().run()
    assert (photos / "c.txt").read_text() == "a boat"


def test_none_is_made_where_the_server_is_told_so(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_BLANK_TAG_FILES", "0")
    settings.cache_clear()
    open_page(photos, "d.JPG")
    assert not (photos / "d.txt").exists()
