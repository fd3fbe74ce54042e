"""Marks on the pages, without a browser: what is left out, said, shown and taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.clusters.in_scope import names_in_scope
from app.elements.marks_bar import mark_in
from app.review.kinds import open_kinds
from app.samples.marking import leave_images_out, take_mark
from app.samples.scope import records_in_scope, walk
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.dataset.journal.marks import Marks
from lib.errors import InvalidInput
from lib.scope import marks_of
from tests.app.samples.conftest import session_on
from tests.doubles.dashboard import healthy, open_page, settle, texts
from tests.doubles.image_folder import image_folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", {f"p{number}.jpg": f"a <b>boat</b> {number}" for number in range(5)})


def state_of(page: AppTest) -> AppState:
    found = page.session_state["app_state"]
    assert isinstance(found, AppState)
    return found


def element(page: AppTest, word: str) -> dict[str, Any]:
    found = [json.loads(one.proto.json) for one in page.get("bidi_component") if f'"{word}"' in one.proto.json]
    return dict(found[0])


def left_out(page: AppTest, *names: str) -> AppTest:
    leave_images_out(state_of(page), names)
    return settle(page.run())


@pytest.mark.parametrize("screen", ["bulk_ops", "export", "word_cloud", "review", "keyword_filter"])
def test_every_page_says_how_many_are_left_out_and_leads_to_them(photos: Path, screen: str) -> None:
    page = left_out(settle(open_page(photos, screen=screen)), "p1.jpg", "p3.jpg")
    assert healthy(page)
    assert "3 of 5 images" in texts(page)
    button = page.button(key="scope.left_out")
    assert button.label == "2 left out"
    page = settle(button.click().run())
    assert healthy(page)
    assert state_of(page).scope.query == "left_out:yes"
    assert [one.name for one in records_in_scope(state_of(page))] == ["p1.jpg", "p3.jpg"]


def test_the_link_keeps_the_other_conditions(photos: Path) -> None:
    page = left_out(settle(open_page(photos, screen="keyword_filter")), "p1.jpg", "p3.jpg")
    page = settle(page.text_input(key="scope.query").set_value("3, 4").run())
    assert page.button(key="scope.left_out").label == "1 left out"
    page = settle(page.button(key="scope.left_out").click().run())
    assert [one.name for one in records_in_scope(state_of(page))] == ["p3.jpg"]


def test_tagging_walks_through_what_is_left_out_and_marks_it(photos: Path) -> None:
    page = left_out(settle(open_page(photos)), "p0.jpg")
    assert healthy(page)
    assert list(walk(state_of(page))) == [0, 1, 2, 3, 4]
    assert element(page, "leftOut")["leftOut"] is True
    strip = element(page, "selected")
    assert [item["mark"] for item in strip["items"]] == ["left_out", "", "", "", ""]


def test_stars_are_set_and_shown_on_the_small_pictures(photos: Path) -> None:
    page = settle(open_page(photos, screen="keyword_filter"))
    take_mark(state_of(page), "p2.jpg", "rating", 5)
    page = settle(page.run())
    cards = {item["name"]: item["rating"] for item in element(page, "ticked")["items"]}
    assert cards == {"p0.jpg": 0, "p1.jpg": 0, "p2.jpg": 5, "p3.jpg": 0, "p4.jpg": 0}
    page = settle(page.selectbox(key="filter.order").set_value("Most stars").run())
    assert element(page, "ticked")["items"][0]["name"] == "p2.jpg"


def test_ticked_samples_of_a_gallery_are_left_out_at_once_and_undo_keeps_them(photos: Path) -> None:
    page = settle(open_page(photos, screen="keyword_filter"))
    page = settle(page.button(key="filter.all").click().run())
    page = settle(page.button(key="filter.leave_out").click().run())
    assert len(marks_of(opened(state_of(page))[0]).left_out) == 5
    told = state_of(page).told
    assert told is not None
    assert told.text == "5 images left out."
    assert told.undo is not None
    told.undo().wait(10)
    assert marks_of(opened(state_of(page))[0]).left_out == frozenset()


def test_review_leaves_out_one_finding_and_the_ticked_ones(photos: Path) -> None:
    page = settle(open_page(photos, screen="review"))
    page = settle(page.button(key="review.leave_out").click().run())
    out = marks_of(opened(state_of(page))[0]).left_out
    assert out == {"p0.jpg"}
    assert all((photos / f"p{number}.jpg").exists() for number in range(5))
    kinds = open_kinds(state_of(page))
    assert len(kinds["captions/markup"].places) == 4
    page = settle(page.button_group(key="review.view").set_value("Grid").run())
    page = settle(page.button(key="review.all_out").click().run())
    assert len(marks_of(opened(state_of(page))[0]).left_out) == 5
    assert "captions/markup" not in open_kinds(state_of(page))


def test_a_finding_whose_image_was_left_out_elsewhere_is_dealt_with(photos: Path) -> None:
    page = settle(open_page(photos, screen="review"))
    page = left_out(page, "p2.jpg")
    findings = state_of(page)
    assert len(open_kinds(findings)["captions/markup"].places) == 4


def test_the_map_dims_what_is_left_out(photos: Path) -> None:
    page = settle(open_page(photos, screen="keyword_filter"))
    assert names_in_scope(state_of(page)) is None
    page = left_out(page, "p2.jpg")
    assert names_in_scope(state_of(page)) == {"p0.jpg", "p1.jpg", "p3.jpg", "p4.jpg"}


def test_the_history_tells_what_was_left_out_and_takes_it_back(photos: Path) -> None:
    page = left_out(settle(open_page(photos, screen="history")), "p1.jpg", "p3.jpg")
    assert healthy(page)
    assert any("marks of 2 images" in one.proto.json for one in page.get("bidi_component"))
    assert any(
        "kept → left out" in json.dumps(json.loads(one.proto.json), ensure_ascii=False)
        for one in page.get("bidi_component")
    )
    page = settle(page.button(key="history.turn").click().run())
    assert healthy(page)
    assert marks_of(opened(state_of(page))[0]).left_out == frozenset()
    assert "The marks of 2 images are as before." in texts(page)


@pytest.mark.parametrize(
    "told",
    [
        ("p2.jpg", "rating", 6), ("p2.jpg", "rating", -1), ("p2.jpg", "rating", 2**40), ("p2.jpg", "left_out", 2),
        ("p2.jpg", "colour", 1), ("gone.jpg", "rating", 3), ("x" * 1_000_000, "rating", 3), ("gone.jpg", "left_out", 1),
    ],
)  # fmt: skip
def test_what_no_bar_of_ours_would_say_is_no_mark(photos: Path, told: tuple[str, str, int]) -> None:
    # Everybody who opens the folder gets what is kept of its marks, drawn as so many stars.
    state = session_on(photos)
    with pytest.raises(InvalidInput):
        take_mark(state, *told)
    assert state.store is not None
    assert state.store.journal.marks.now() == Marks()


@pytest.mark.parametrize("pressed", [{}, {"name": "a.jpg"}, {"name": 1, "mark": "rating", "value": "5"}, "x"])
def test_what_is_no_mark_at_all_is_not_heard(monkeypatch: pytest.MonkeyPatch, pressed: object) -> None:
    assert mark_in(pressed) is None
