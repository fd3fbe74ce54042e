"""The Review page after a mending, an edit and an undo: what stands in the lists at once, without Measure again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.review.state import ReviewState
from app.session.open_dataset import opened
from lib import cache
from lib.dataset.saving.operations import operations_of
from lib.embedding.registry import methods
from tests.app.review.test_review_page import faulty, kinds, look_at, press, review_page
from tests.doubles.dashboard import settle, texts
from tests.doubles.embedder import ColourEmbedder, WordEmbedder

__all__ = ["faulty"]


def save(folder: Path, name: str, text: str, page: AppTest) -> AppTest:
    """As another program does."""
    (folder / name).write_text(text, encoding="utf-8")
    return settle(page.button(key="shell.reload").click().run())


def findings(page: AppTest) -> list[Any]:
    state = page.session_state["app_state"].of(ReviewState)
    return [state.findings[place] for place in state.standing if place not in state.settled]


def store_of(page: AppTest) -> Any:
    return opened(page.session_state["app_state"])[1]


def latest_operation(page: AppTest) -> int:
    (operation,) = store_of(page).journal.operations(limit=1)
    return int(operation.operation)


def test_what_an_edit_leaves_or_brings_stands_in_the_list_at_once(faulty: Path) -> None:
    page = review_page(faulty)
    save(faulty, "p0.txt", "A <b>cat</b> sleeps on a sofa.", page)
    assert kinds(page)["captions/markup"] == "3"
    save(faulty, "p4.txt", "", page)
    assert kinds(page)["captions/empty"] == "2"
    save(faulty, "p3.txt", "This image shows a tree in a field.", page)
    assert kinds(page)["captions/opening"] == "1"
    assert kinds(page)["captions/empty"] == "1"
    assert "3 changed since" in texts(page)


def test_what_a_fix_leaves_can_be_mended_and_found_right_at_once(faulty: Path) -> None:
    (faulty / "p0.txt").write_text("A cat sleeps on a <b>red</b> sofa &amp; a chair and and a table.")
    page = look_at(review_page(faulty), "captions/markup")
    press(page, "review.mend")
    assert (kinds(page)["captions/markup"], kinds(page)["captions/escaped"]) == ("2", "1")
    press(look_at(page, "captions/escaped"), "review.mend")
    assert (faulty / "p0.txt").read_text() == "A cat sleeps on a red sofa & a chair and and a table."
    assert "captions/escaped" not in kinds(page)
    press(look_at(page, "captions/repeated"), "review.right")
    assert "captions/repeated" not in kinds(page)
    press(page, "review.again")
    assert "captions/repeated" not in kinds(page)


def test_undo_from_anywhere_brings_the_findings_back_exactly_and_redo_takes_them_away(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/markup")
    before = findings(page)
    press(page, "review.mend")
    after = findings(page)
    assert len(after) == len(before) - 1
    operation = latest_operation(page)
    operations_of(store_of(page)).undo(operation)
    settle(page.run())
    assert findings(page) == before
    operations_of(store_of(page)).redo(operation)
    settle(page.run())
    assert findings(page) == after


def test_an_image_that_comes_back_after_measure_again_has_its_findings(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/empty")
    press(page, "review.aside")
    press(page, "review.again")
    assert "captions/empty" not in kinds(page)
    operations_of(store_of(page)).undo(latest_operation(page))
    settle(page.button(key="shell.reload").click().run())
    assert kinds(page)["captions/empty"] == "1"


def test_what_pictures_told_comes_back_where_an_undo_follows_a_new_measure(many: Path) -> None:
    page = measured(many)
    state = page.session_state["app_state"].of(ReviewState)
    place = next(place for place in state.standing if state.findings[place].check == "agreement")
    finding = state.findings[place]
    assert len(finding.images) == 1
    name = finding.images[0].replace(".jpg", ".txt")
    text = (many / name).read_text()
    press(save(many, name, "cat, red sofa, table", page), "review.again")
    assert finding not in findings(page)
    save(many, name, text, page)
    assert finding in findings(page)


def test_what_is_said_of_all_pictures_is_said_once_where_one_comes_back_after_a_new_measure(many: Path) -> None:
    page = measured(many)
    assert kinds(page)["pictures/small"] == "1"
    away = (many / "p00.jpg").rename(many.parent / "p00.jpg")
    press(page, "review.again")
    assert "All 29 pictures are too small" in " ".join(one.text for one in findings(page))
    away.rename(many / "p00.jpg")
    settle(page.button(key="shell.reload").click().run())
    assert kinds(page)["pictures/small"] == "1"


def measured(folder: Path) -> AppTest:
    for method in methods("images"):
        cache.embedders().get(method, ColourEmbedder)
    for method in methods("tags"):
        cache.embedders().get(method, WordEmbedder)
    return press(review_page(folder), "review.all")


def test_a_trainer_is_chosen_without_measuring_anew_what_it_does_not_change(many: Path) -> None:
    page = measured(many)
    state = page.session_state["app_state"].of(ReviewState)
    before = state.reviewed.review
    settle(page.selectbox(key="review.target").set_value("sd-scripts").run())
    now = state.reviewed.review
    assert now.checks == before.checks
    assert all(now.reports[name] is before.reports[name] for name in ("agreement", "duplicates", "coverage"))
    assert list(now.ready) == ["sd-scripts"]
    assert any("kohya sd-scripts" in one.text for one in now.findings if one.kind == "small")
    assert kinds(page)["pictures/small"] == "1"


@pytest.mark.parametrize("view", ["one", "grid"])
def test_where_setting_aside_is_the_fix_it_stands_there_once(tmp_path: Path, view: str) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    for number in range(3):
        Image.effect_noise((600, 600), 40 + number).convert("RGB").save(folder / f"p{number}.jpg")
        (folder / f"p{number}.txt").write_text(f"A boat number {number} lies on a lake.")
    (folder / "p1.jpg").write_bytes(b"no picture")
    page = look_at(measured(folder), "pictures/unreadable")
    if view == "grid":
        page.button_group(key="review.view").set_value("Grid").run()
    labels = [one.label for one in page.button if "aside" in one.label.lower()]
    assert labels == (["Set aside `A`"] if view == "one" else ["Set 1 aside"])
