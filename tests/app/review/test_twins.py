"""Near-duplicates on the Review page: the better one is shown first, with the caption that it would keep."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.review.state import ReviewState
from app.session.open_dataset import opened
from lib import cache
from lib.embedding.registry import methods
from lib.scope import marks_of
from tests.app.review.test_review_page import kinds, look_at, press, review_page
from tests.doubles.dashboard import settle
from tests.review.duplicates.drawn import add, drawn_set, embedder_for, picture


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for method in (*methods("images"), *methods("tags")):
        cache.embedders().get(method, lambda method=method: embedder_for(method))
    return drawn_set(tmp_path / "set")


def twins(root: Path) -> AppTest:
    page = settle(press(review_page(root), "review.all"))
    return look_at(page, "duplicates/alike")


def shown(page: AppTest) -> str:
    return str(page.session_state["app_state"].of(ReviewState).image)


def caption_shown(page: AppTest) -> str:
    return next(one.proto.body for one in page.get("html") if "toolkit-why" in one.proto.body)


def test_the_better_twin_is_kept_with_the_caption_that_was_shown(root: Path) -> None:
    add(root, "a_poor.jpg", picture(2), "a fine picture of many blots, number 2", quality=25)
    page = twins(root)
    assert shown(page) == "photo02.jpg"
    assert "<ins>" in caption_shown(page)
    press(page, "review.mend")
    assert (root / "photo02.txt").read_text() == "a fine picture of many blots, number 2"
    assert not (root / "a_poor.jpg").exists()


def test_the_caption_that_is_chosen_is_the_one_that_is_shown_and_kept(root: Path) -> None:
    add(root, "a_poor.jpg", picture(2), "two blue dogs", quality=25)
    (root / "photo02.txt").write_text("a red car on a road")
    page = twins(root)
    assert "<ins>" not in caption_shown(page)
    box = next(one for one in page.selectbox if str(one.key).startswith("review.caption."))
    page = settle(box.select("two blue dogs").run())
    assert "<ins>" in caption_shown(page)
    press(page, "review.mend")
    assert (root / "photo02.txt").read_text() == "two blue dogs"


def test_the_others_can_be_left_out_where_they_are(root: Path) -> None:
    add(root, "a_poor.jpg", picture(2), "two blue dogs", quality=25)
    page = press(twins(root), "review.keep")
    assert (root / "a_poor.jpg").exists()
    assert "duplicates/alike" not in kinds(page)
    assert set(marks_of(opened(page.session_state["app_state"])[0]).left_out) == {"a_poor.jpg"}
    press(page, "told.undo")
    assert kinds(page)["duplicates/alike"] == "1"


def test_the_buttons_say_which_of_the_twins_goes(root: Path) -> None:
    add(root, "a_poor.jpg", picture(2), "two blue dogs", quality=25)
    page = twins(root)
    words = {str(button.key): button.label for button in page.button}
    assert words["review.mend"] == "Keep this, set 1 other aside `F`"
    assert words["review.keep"] == "Keep this, leave 1 other out `K`"
    assert words["review.aside"] == "Set this aside `A`"
    assert words["review.leave_out"] == "Leave this out `X`"
