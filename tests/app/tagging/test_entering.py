"""What the Tagging page shows at first sight: an image of the scope, and what stands in the way of saving."""

from __future__ import annotations

from pathlib import Path

from lib.scope import Scope
from tests.app.tagging.test_next import current, keep, toasts
from tests.app.tagging.test_tagging_page import open_hash
from tests.doubles.dashboard import open_page, texts


def test_a_scope_that_was_set_elsewhere_is_entered_at_one_of_its_images(photos: Path) -> None:
    page = open_page(photos, "b.jpg", screen="keyword_filter")
    page.session_state["app_state"].scope = Scope(tagged="untagged")
    page.switch_page("../pages/tagging.py").run()
    page.session_state["app_state"].scope = Scope(folder="sub")
    page.run()
    assert current(page) == "sub/e.webp"


def test_an_image_that_left_the_scope_by_its_save_stays_in_sight(photos: Path) -> None:
    page = open_page(photos, "c.png", tagged="untagged")
    keep(photos, "c.png", "a text", open_hash(photos / "c.txt"))
    page.run()
    page.button(key="tagging.save").click().run()
    assert (photos / "c.txt").read_text() == "a text"
    assert current(page) == "c.png"
    page.button(key="tagging.next").click().run()
    assert current(page) == "d.JPG"


def test_a_link_to_an_image_outside_its_scope_shows_that_image(photos: Path) -> None:
    assert current(open_page(photos, "b.jpg", tagged="untagged")) == "b.jpg"


def test_a_link_to_a_scope_alone_shows_its_first_image(photos: Path) -> None:
    assert current(open_page(photos, tagged="untagged")) == "c.png"


def test_a_jump_out_of_the_scope_is_obeyed_and_said(photos: Path) -> None:
    page = open_page(photos, "c.png", tagged="untagged")
    page.text_input(key="tagging-jump").set_value("b.jpg").run()
    assert current(page) == "b.jpg"
    assert "outside the scope" in toasts(page)


def test_a_folder_that_cannot_be_written_to_says_so_before_anything_is_typed(photos: Path) -> None:
    page = open_page(photos)
    assert "cannot be written to" not in texts(page)
    page.session_state["app_state"].dataset.read_only = True
    page.run()
    assert "This folder cannot be written to" in texts(page)


def test_a_draft_is_no_problem(photos: Path) -> None:
    page = open_page(photos)
    keep(photos, "a.jpg", "mine", open_hash(photos / "a.txt"))
    page.run()
    assert page.button(key="problems.drafts").label == "1 draft"
    assert not [button for button in page.button if button.key == "problems.open"]
