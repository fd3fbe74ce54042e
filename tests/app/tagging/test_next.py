"""Going on from an image: to the next untagged one, or with what was typed saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.session.open_dataset import current_name
from lib.domain import Origin
from lib.preferences import Draft, Preferences
from lib.settings import settings
from tests.app.tagging.test_tagging_page import open_hash
from tests.doubles.dashboard import healthy, open_page, texts


def current(page: AppTest) -> str:
    return current_name(page.session_state["app_state"])


def toasts(page: AppTest) -> str:
    return " ".join(toast.value for toast in page.toast)


def test_next_untagged_never_comes_back_to_the_image_that_is_shown(photos: Path) -> None:
    page = open_page(photos, "c.png")
    seen = []
    for _ in range(4):
        page.button(key="tagging.untagged").click().run()
        seen.append(current(page))
    assert seen == ["d.JPG", "c.png", "d.JPG", "c.png"]


def test_the_only_untagged_image_is_stayed_at_and_that_is_said(photos: Path) -> None:
    (photos / "d.txt").write_text("a text")
    page = open_page(photos, "c.png")
    page.button(key="tagging.untagged").click().run()
    assert current(page) == "c.png"
    assert "Every other image has a tag" in toasts(page)


def test_next_untagged_stays_within_the_scope(photos: Path) -> None:
    (photos / "sub" / "e.txt").write_text("")
    page = open_page(photos, "b.jpg", **{"in": "sub"})
    page.button(key="tagging.untagged").click().run()
    assert current(page) == "sub/e.webp"
    page.button(key="tagging.untagged").click().run()
    assert current(page) == "sub/e.webp"
    assert "Every other image in scope has a tag" in toasts(page)


@pytest.mark.parametrize("typed", ["", "words of mine"])
def test_save_and_next_saves_what_there_is_and_goes_on(photos: Path, typed: str) -> None:
    page = open_page(photos, "a.jpg")
    if typed:
        keep(photos, "a.jpg", typed, open_hash(photos / "a.txt"))
        page.run()
    page.button(key="tagging.save_and_next").click().run()
    assert (photos / "a.txt").read_text() == (typed or "A cat on a mat.")
    assert current(page) == "b.jpg"


def test_save_and_next_stays_where_two_texts_are_to_choose_from(photos: Path) -> None:
    page = open_page(photos, "a.jpg")
    keep(photos, "a.jpg", "mine", open_hash(photos / "a.txt"))
    (photos / "a.txt").write_text("theirs")
    page.button(key="tagging.save_and_next").click().run()
    assert healthy(page)
    assert current(page) == "a.jpg"
    assert "The tag file changed meanwhile" in texts(page)
    assert (photos / "a.txt").read_text() == "theirs"


def keep(photos: Path, name: str, text: str, base: str) -> None:
    Preferences(settings().owner_folder("local")).keep_draft(photos, name, Draft(text, base, Origin()))
