"""The Bulk Ops page's logic: a walk through the matches, replaced one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from app.bulk_ops.state import BulkState
from tests.app.bulk_ops.test_bulk_ops_page import bulk_page, operations, press, preview_replace
from tests.doubles.dashboard import healthy, settle, texts


def find(page: AppTest, wanted: str, *switches: str) -> AppTest:
    page.text_input(key="bulk.find").set_value(wanted)
    for switch in switches:
        page.checkbox(key=f"bulk.{switch}").check()
    page.run()
    return press(page, "bulk.look")


def place(page: AppTest) -> str:
    return next((element.value for element in page.markdown if element.value.startswith("**Match")), "")


def this_one(page: AppTest) -> Button:
    return next(button for button in page.button if button.label == "Replace this one")


def replace_this_one(page: AppTest) -> AppTest:
    return settle(this_one(page).click().run())


def test_find_walks_through_the_matches_and_round_the_ends(photos: Path) -> None:
    page = find(bulk_page(photos), "on a")
    assert place(page) == "**Match 1 of 2 in 2 files**"
    assert "A cat <mark class='here' aria-current='true'>on a</mark> mat." in texts(page)
    press(page, "bulk.step.1")
    assert "sub/e.webp" in texts(page)
    press(page, "bulk.step.1")
    assert place(page) == "**Match 1 of 2 in 2 files**"
    press(page, "bulk.step.-1")
    assert place(page) == "**Match 2 of 2 in 2 files**"


def test_replace_this_one_saves_one_file_and_goes_on(photos: Path) -> None:
    (photos / "a.txt").write_text("cat, cat, cat")
    page = find(bulk_page(photos), "cat")
    page.text_input(key="bulk.with").set_value("cats").run()
    press(page, "bulk.step.1")
    replace_this_one(page)
    assert (photos / "a.txt").read_text() == "cat, cats, cat"
    assert place(page) == "**Match 3 of 3 in 1 file**"
    replace_this_one(page)
    assert (photos / "a.txt").read_text() == "cat, cats, cats"
    assert operations(photos) == ["replace done 1", "replace done 1"]


def test_the_last_match_replaced_ends_the_walk(photos: Path) -> None:
    page = find(bulk_page(photos), "cat")
    page.text_input(key="bulk.with").set_value("dog").run()
    replace_this_one(page)
    assert (photos / "a.txt").read_text() == "A dog on a mat."
    assert "No tag in scope has it" in texts(page)


def test_replace_this_one_writes_over_nothing_that_was_not_shown(photos: Path) -> None:
    page = find(bulk_page(photos), "cat")
    (photos / "a.txt").write_text("cat, by another program")
    replace_this_one(page)
    assert (photos / "a.txt").read_text() == "cat, by another program"
    assert "changed after this match was shown" in texts(page)
    assert "by another program" in texts(page)


def test_a_match_that_is_gone_is_passed_over(photos: Path) -> None:
    page = find(bulk_page(photos), "on a")
    (photos / "a.txt").write_text("nothing of it")
    settle(page)
    assert place(page) == "**Match 1 of 1 in 1 file**"
    assert "sub/e.webp" in texts(page)


def test_a_click_on_a_match_that_was_replaced_just_now_does_nothing(photos: Path) -> None:
    from app.bulk_ops.matches import look, replace_this

    (photos / "a.txt").write_text("cat, cat")
    page = find(bulk_page(photos), "cat")
    state, clicked = page.session_state["app_state"], this_one(page).proto.id
    matches = state.of(BulkState).found.result
    match = look(state, matches)
    assert match is not None
    for _ in range(2):
        replace_this(state, matches, match, "dog")
    assert (photos / "a.txt").read_text() == "dog, cat"
    settle(page)
    # The browser's second click names the button that it saw.
    assert this_one(page).proto.id != clicked


def test_a_match_walked_past_meanwhile_is_not_replaced(photos: Path) -> None:
    from app.bulk_ops.matches import look, replace_this

    page = find(bulk_page(photos), "on a")
    state = page.session_state["app_state"]
    matches = state.of(BulkState).found.result
    match = look(state, matches)
    matches.step(1)
    replace_this(state, matches, match, "under a")
    assert (photos / "a.txt").read_text() == "A cat on a mat."
    assert operations(photos) == []


def test_the_image_of_a_match_that_was_renamed_is_passed_over(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "A ", "The ")
    find(page, "on a")
    (photos / "a.jpg").rename(photos / "z.jpg")
    state = page.session_state["app_state"]
    state.dataset.rename("a.jpg", replace(state.dataset.get("a.jpg"), name="z.jpg"))
    settle(page)
    assert place(page) == "**Match 1 of 1 in 1 file**"
    assert "sub/e.webp" in texts(page)
    assert "not in the open folder" not in texts(page)


def test_many_matches_that_are_gone_are_not_all_read_at_once(photos: Path) -> None:
    for number in range(30):
        Image.new("RGB", (8, 8), "teal").save(photos / f"many_{number:02d}.png")
        (photos / f"many_{number:02d}.txt").write_text("zebra")
    page = find(bulk_page(photos), "zebra")
    for path in photos.glob("many_*.txt"):
        path.write_text("horse")
    settle(page)
    assert "Press Find again" in texts(page)
    assert page.session_state["app_state"].of(BulkState).found.result.total == 10
    assert "Nothing on disk changes before Apply" in texts(page)
    settle(page)
    assert "No tag in scope has it" in texts(page)


def test_empty_matches_can_be_walked_through(photos: Path) -> None:
    page = find(bulk_page(photos), "^", "regex")
    assert place(page) == "**Match 1 of 5 in 5 files**"


def test_open_in_tagging_shows_the_image_there(photos: Path) -> None:
    from app.session.open_dataset import current_name

    page = find(bulk_page(photos), "boat")
    page.button(key="bulk.open").click().run()
    assert healthy(page)
    assert current_name(page.session_state["app_state"]) == "sub/e.webp"
    assert page.button(key="tagging.save")
