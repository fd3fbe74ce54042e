"""The Review page without a browser: what is found, dealt with, mended and brought back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.review.batch import one_card_each
from app.review.stage import marked_html
from app.review.state import ReviewState
from lib import cache
from lib.embedding.registry import methods
from tests.doubles.dashboard import healthy, open_page, settle, texts
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.taken_over import taken_over_at


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Six photos: three captions hold HTML marks, one is empty, two are good."""
    folder = tmp_path / "faulty"
    folder.mkdir()
    captions = [
        "A cat sleeps on a <b>red</b> sofa.",
        "A dog runs along the <b>wide</b> beach.",
        "A bus stands in a <i>busy</i> street.",
        "",
        "A boat lies on a quiet lake.",
        "A child plays with a wooden train.",
    ]
    for number, caption in enumerate(captions):
        Image.effect_noise((96, 96), 40 + number).convert("RGB").save(folder / f"p{number}.jpg")
        (folder / f"p{number}.txt").write_text(caption, encoding="utf-8")
    return folder


def lists(page: AppTest) -> list[dict[str, Any]]:
    """What the lists of kinds were given."""
    return [json.loads(one.proto.json) for one in page.get("bidi_component") if '"is_heading"' in one.proto.json]


def review_page(folder: Path) -> AppTest:
    return settle(open_page(folder, screen="review"))


def kinds(page: AppTest) -> dict[str, str]:
    """The count beside each kind of findings."""
    return {row["id"]: row["note"] for row in lists(page)[0]["items"] if row["id"]}


def press(page: AppTest, key: str) -> AppTest:
    return settle(page.button(key=key).click().run())


def look_at(page: AppTest, kind: str) -> AppTest:
    state = page.session_state["app_state"]
    state.of(ReviewState).look_at(kind)
    page.run()
    assert healthy(page)
    return page


def test_a_run_that_is_taken_over_before_the_checks_were_begun_leaves_them_to_the_next_one(
    faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = taken_over_at("app.review.running.start_anew", monkeypatch)
    page = review_page(faulty)
    assert ended
    assert kinds(page)["captions/markup"] == "3"


def test_the_page_opens_with_what_captions_alone_tell(faulty: Path) -> None:
    page = review_page(faulty)
    assert kinds(page)["captions/markup"] == "3"
    assert kinds(page)["captions/empty"] == "1"
    assert "6 captions measured · pictures not" in texts(page)
    # Nobody has looked at the pictures, which is not the same as finding nothing there.
    assert "not measured" in texts(page)


def test_the_kind_that_is_looked_at_first_is_marked_at_once(faulty: Path) -> None:
    page = open_page(faulty, screen="review")
    while not lists(page):
        page.run()
    assert lists(page)[0]["current"] == next(iter(kinds(page)))


def test_what_is_mended_is_written_once_and_comes_back_with_undo(faulty: Path) -> None:
    before = {path.name: path.read_bytes() for path in faulty.iterdir()}
    page = look_at(review_page(faulty), "captions/markup")
    press(page, "review.mend")
    now = {path.name: path.read_bytes() for path in faulty.iterdir() if path.is_file()}
    assert sum(now[name] != data for name, data in before.items()) == 1
    assert kinds(page)["captions/markup"] == "2"
    press(page, "told.undo")
    assert {path.name: path.read_bytes() for path in faulty.iterdir() if path.is_file()} == before
    assert kinds(page)["captions/markup"] == "3"


def test_the_history_names_what_was_found_and_what_was_done(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/markup")
    press(page, "review.mend")
    press(look_at(page, "captions/empty"), "review.leave_out")
    page = settle(open_page(faulty, screen="history"))
    shown = json.dumps([json.loads(one.proto.json) for one in page.get("bidi_component")], ensure_ascii=False)
    assert "Review: with marks of HTML or markdown · Take the marks out" in shown
    assert "Review: without a word · Leave out" in shown


def test_all_of_a_kind_are_mended_in_one_operation(faulty: Path) -> None:
    before = {path.name: path.read_bytes() for path in faulty.glob("*.txt")}
    page = look_at(review_page(faulty), "captions/markup")
    page.button_group(key="review.view").set_value("Grid").run()
    assert page.button(key="review.apply").label == "Apply to 3"
    press(page, "review.apply")
    assert not any("<" in path.read_text() for path in faulty.glob("*.txt"))
    assert "captions/markup" not in kinds(page)
    press(page, "told.undo")
    assert {path.name: path.read_bytes() for path in faulty.glob("*.txt")} == before


def test_what_could_not_be_mended_is_still_to_be_reviewed(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/markup")
    away = faulty.rename(faulty.with_name("away"))
    press(page, "review.mend")
    away.rename(faulty)
    page.button(key="shell.reload").click().run()
    assert kinds(page)["captions/markup"] == "3"


def test_what_is_not_ticked_is_left_alone(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/markup")
    page.button_group(key="review.view").set_value("Grid").run()
    page.button(key="review.untick").click().run()
    assert page.button(key="review.apply").disabled
    assert page.button(key="review.all_right").disabled


def test_what_is_right_stays_away_until_its_caption_changes(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/empty")
    press(page, "review.right")
    assert "captions/empty" not in kinds(page)
    press(page, "review.again")
    assert "captions/empty" not in kinds(page)
    (faulty / "p4.txt").write_text("", encoding="utf-8")
    page.button(key="shell.reload").click().run()
    press(page, "review.again")
    assert kinds(page)["captions/empty"] == "1"


def test_right_as_it_is_can_be_taken_back(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/empty")
    press(page, "review.right")
    press(page, "told.undo")
    assert kinds(page)["captions/empty"] == "1"
    press(page, "review.again")
    assert kinds(page)["captions/empty"] == "1"


def test_what_was_found_right_is_listed_and_can_be_reviewed_again_long_after(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/empty")
    press(page, "review.right")
    place = page.session_state["app_state"].of(ReviewState).right[0]
    page = press(page, f"review.unright.{place}")
    assert kinds(page)["captions/empty"] == "1"
    press(look_at(page, "captions/empty"), "review.right")
    page = press(page, "review.again")
    assert "captions/empty" not in kinds(page)
    page = press(page, "review.unright.empty.p3.jpg")
    assert kinds(page)["captions/empty"] == "1"
    page = press(page, "review.again")
    assert kinds(page)["captions/empty"] == "1"
    assert not [one for one in page.button if str(one.key).startswith("review.unright")]


def test_an_image_set_aside_leaves_with_its_caption_and_comes_back(faulty: Path) -> None:
    before = {path.name: path.read_bytes() for path in faulty.iterdir()}
    page = look_at(review_page(faulty), "captions/empty")
    press(page, "review.aside")
    assert not (faulty / "p3.jpg").exists()
    assert not (faulty / "p3.txt").exists()
    assert "captions/empty" not in kinds(page)
    press(page, "told.undo")
    assert {path.name: path.read_bytes() for path in faulty.iterdir() if path.is_file()} == before
    assert kinds(page)["captions/empty"] == "1"


def test_a_finding_about_a_caption_goes_when_that_is_edited(faulty: Path) -> None:
    page = review_page(faulty)
    (faulty / "p3.txt").write_text("A tree in a field.", encoding="utf-8")
    page.button(key="shell.reload").click().run()
    assert "captions/empty" not in kinds(page)
    assert "1 changed since" in texts(page)


def test_the_guilty_place_is_marked_and_all_markup_of_a_caption_is_shown_as_it_is(faulty: Path) -> None:
    assert marked_html("<b>no</b> way", ((3, 5),)) == "&lt;b&gt;<mark>no</mark>&lt;/b&gt; way"
    page = look_at(review_page(faulty), "captions/markup")
    assert not any("<b>red" in element.proto.body for element in page.get("html"))


def test_the_image_that_is_looked_at_is_named(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/empty")
    shown = next(one.proto.body for one in page.get("html") if "toolkit-why" in one.proto.body)
    assert "<small>p3.jpg</small>" in shown


def test_a_tag_file_in_utf16_is_converted_beside_its_finding(faulty: Path) -> None:
    data = "A tree in a field.".encode("utf-16")
    (faulty / "p3.txt").write_bytes(data)
    page = look_at(review_page(faulty), "trainer/not_utf8")
    press(page, "tagging.convert")
    assert (faulty / "p3.txt").read_bytes() == b"A tree in a field."
    assert "trainer/not_utf8" not in kinds(page)


def test_of_two_files_that_are_not_utf8_the_one_that_is_left_is_still_told(faulty: Path) -> None:
    (faulty / "p3.txt").write_bytes("A tree in a field.".encode("utf-16"))
    (faulty / "p4.txt").write_bytes(b"A caf\xe9 at the corner.")
    page = look_at(review_page(faulty), "trainer/not_utf8")
    press(page, "review.mend")
    assert (faulty / "p3.txt").read_bytes() == b"A tree in a field."
    assert (faulty / "p4.txt").read_bytes() == b"A caf\xe9 at the corner."
    assert "trainer/not_utf8" in kinds(page)


def test_a_folder_of_good_captions_has_nothing_to_mend_but_says_what_was_not_measured(tmp_path: Path) -> None:
    folder = tmp_path / "good"
    folder.mkdir()
    Image.effect_noise((96, 96), 60).convert("RGB").save(folder / "one.png")
    (folder / "one.txt").write_text("A boat lies on a quiet lake.", encoding="utf-8")
    page = review_page(folder)
    if not kinds(page):
        assert "Nothing to mend." in texts(page)
    assert "not measured" in texts(page)


def test_a_scope_narrows_the_findings_to_its_images(faulty: Path) -> None:
    page = settle(open_page(faulty, screen="review", tagged="tagged"))
    assert kinds(page)["captions/markup"] == "3"
    assert "captions/empty" not in kinds(page)


def test_measure_all_shows_what_is_said_of_like_pictures(many: Path) -> None:
    for method in methods("images"):
        cache.embedders().get(method, ColourEmbedder)
    for method in methods("tags"):
        cache.embedders().get(method, WordEmbedder)
    page = press(review_page(many), "review.all")
    settle(page)
    assert "30 measured · 0 not" in texts(page)
    alike = [one.proto.body for one in page.get("html") if "class='toolkit-alike'" in one.proto.body]
    assert len(alike) == 1
    assert "cat" in alike[0]
    assert alike[0].count("<img") == 12


def test_in_the_grid_each_finding_about_the_same_images_has_a_card_of_its_own():
    assert one_card_each([(4, "abc"), (7, "abc"), (9, "ab"), (2, "c")]) == {"a": 4, "b": 7, "c": 2}


def test_in_the_grid_a_finding_of_many_images_says_what_it_is_about(tmp_path):
    folder = tmp_path / "tags"
    folder.mkdir()
    for number in range(24):
        Image.effect_noise((64, 64), 40 + number).convert("RGB").save(folder / f"p{number:02}.jpg")
        said = f"{'sofa, window, ' if number % 4 else ''}cat {number % 3}, hat {number % 5}"
        (folder / f"p{number:02}.txt").write_text(said, encoding="utf-8")
    page = look_at(review_page(folder), "coverage/one_sided")
    page.session_state["app_state"].of(ReviewState).is_batch = True
    page = settle(page.run())
    (grid,) = [json.loads(one.proto.json) for one in page.get("bidi_component") if '"ticked"' in one.proto.json]
    said = [card["parts"][0][1] for card in grid["items"]]
    assert len(said) == 2
    assert [word for word in ("sofa", "window") if any(f"“{word}”" in text for text in said)] == ["sofa", "window"]
    assert [card["note"] for card in grid["items"]] == ["18 images"] * 2


def test_images_that_came_since_are_not_counted_as_measured(many: Path) -> None:
    page = review_page(many)
    Image.effect_noise((96, 96), 99).convert("RGB").save(many / "late.png")
    settle(page.button(key="shell.reload").click().run())
    assert "30 captions measured · pictures not · 1 new image not" in texts(page)
    press(page, "review.again")
    assert "31 captions measured · pictures not" in texts(page)
    assert "new image" not in texts(page)


def test_measure_again_sees_what_other_programs_have_written(faulty: Path) -> None:
    page = review_page(faulty)
    (faulty / "p0.txt").write_text("A cat sleeps on a red sofa.", encoding="utf-8")
    Image.effect_noise((96, 96), 90).convert("RGB").save(faulty / "p9.jpg")
    press(page, "review.again")
    assert kinds(page)["captions/markup"] == "2"
    assert "7 captions measured" in texts(page)


def test_the_grid_offers_nothing_for_none(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/markup")
    page.button_group(key="review.view").set_value("Grid").run()
    press(page, "review.untick")
    keys = ("review.apply", "review.all_out", "review.all_aside")
    assert [page.button(key=key).label for key in keys] == ["Apply", "Leave out", "Set aside"]
    assert all(page.button(key=key).disabled for key in keys)
    press(page, "review.tick")
    assert [page.button(key=key).label for key in keys] == ["Apply to 3", "Leave 3 out", "Set 3 aside"]
