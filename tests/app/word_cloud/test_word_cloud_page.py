"""The Word Cloud page's logic: one count for picture and list, and the samples behind each word."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from app.session.messages import plain
from app.word_cloud import word_counts, word_search
from lib.domain import Selection
from lib.preferences import Preferences
from lib.scope import Scope
from lib.settings import settings
from lib.words import Counting, count
from tests.app.keyword_filter.test_keyword_filter_page import naughty
from tests.app.word_cloud.steps import (
    drawn,
    found,
    loaded_page,
    press,
    result,
    state_of,
)
from tests.doubles.dashboard import healthy, open_page, open_scope, settle, texts
from tests.doubles.image_folder import image_folder


def test_without_a_folder_the_page_offers_one(photos: Path) -> None:
    page = open_page(screen="word_cloud")
    page.text_input(key="picker.path").set_value(str(photos)).run()
    page.button(key="picker.select").click().run()
    assert healthy(page)
    assert [title.value for title in page.title] == ["Word Cloud"]


def test_picture_list_and_download_come_from_one_count(folder: Path) -> None:
    page = loaded_page(folder)
    frame = page.dataframe[0].value
    listed = dict(zip(frame["Word"], frame["Count"], strict=True))
    assert listed == {"man": 3, "red": 3, "boat": 2, "car": 2, "sofa": 2, "dog": 1, "dogs": 1}
    cloud = result(page).cloud
    assert cloud is not None
    assert set(cloud.drawn) == set(listed)
    samples = dict(zip(frame["Word"], frame["Samples"], strict=True))
    assert samples == {"man": 3, "red": 3, "boat": 1, "car": 2, "sofa": 2, "dog": 1, "dogs": 1}
    rows = list(csv.reader(io.StringIO(word_counts.as_csv(result(page).counts).decode("utf-8-sig"))))
    assert rows[0] == ["word", "count", "samples"]
    assert {word: (int(count), int(held)) for word, count, held in rows[1:]} == {
        word: (count, samples[word]) for word, count in listed.items()
    }
    assert plain("All images: 5 captions, 14 words, 7 different ones") in texts(page)


def test_the_cloud_is_there_without_a_click(folder: Path) -> None:
    page = settle(open_page(folder, screen="word_cloud"))
    assert result(page).captions == 5
    assert (
        drawn(page)["clouds"][0]["words"][0]
        == {"word": "man", "times": 3, "samples": 3} | drawn(page)["clouds"][0]["words"][0]
    )
    assert {one["word"] for one in drawn(page)["clouds"][0]["words"]} == set(result(page).counts.counted)


def test_a_word_that_is_clicked_bears_the_mark_and_shows_how_often_and_where_it_is(folder: Path) -> None:
    page = loaded_page(folder)
    assert drawn(page)["chosen"] is None
    word_search.find_term(state_of(page), result(page), "boat", word_search.CLOUD)
    settle(page)
    assert found(page) == ["a.jpg"]
    assert drawn(page)["chosen"] == [0, "boat"]
    assert "2 times in 1 sample" in texts(page)
    assert not page.dataframe
    page.button(key="words.close").click().run()
    assert drawn(page)["chosen"] is None
    assert page.dataframe


def test_the_options_change_what_is_counted(folder: Path) -> None:
    page = open_page(folder, screen="word_cloud")
    page.checkbox(key="words.plurals").check()
    press(page)
    assert result(page).counts.counted["dog"] == 2
    page.button_group(key="words.unit").set_value("tags")
    press(page)
    assert result(page).counts.counted["red sofa"] == 2
    page.button_group(key="words.unit").set_value("pairs")
    press(page)
    assert result(page).counts.counted["red sofa"] == 2
    page.button_group(key="words.unit").set_value("words")
    page.checkbox(key="words.case").uncheck()
    page.checkbox(key="words.punctuation").uncheck()
    press(page)
    assert result(page).counts.counted["CAR"] == 1
    assert result(page).counts.counted["boat!"] == 1


def test_a_change_is_told_and_nothing_is_counted_again_before_it_is_asked_for(folder: Path) -> None:
    page = loaded_page(folder)
    before = result(page)
    assert "have changed since" not in texts(page)
    page.checkbox(key="words.plurals").check().run()
    assert "have changed since" in texts(page)
    page.checkbox(key="words.plurals").uncheck().run()
    assert "have changed since" not in texts(page)
    assert result(page) is before
    (folder / "a.txt").write_text("new words")
    state_of(page).store.read(state_of(page).dataset.get("a.jpg"))
    page.run()
    assert "have changed since" in texts(page)


def test_a_check_of_the_images_in_the_background_makes_nothing_stale(folder: Path) -> None:
    page = loaded_page(folder)
    state_of(page).dataset.report({})
    page.run()
    assert "have changed since" not in texts(page)


def test_only_the_scope_is_counted(folder: Path) -> None:
    page = open_page(folder, screen="word_cloud")
    open_scope(page).text_input(key="scope.query").set_value("sofa").run()
    press(page)
    assert set(result(page).counts.counted) == {"red", "sofa", "dog", "dogs"}


def test_a_wrong_query_is_not_counted(folder: Path) -> None:
    page = open_page(folder, screen="word_cloud")
    before = result(settle(page))
    open_scope(page).text_input(key="scope.query").set_value("(sofa").run()
    press(page)
    assert result(page) is before
    assert "this bracket is not closed" in texts(page)


def test_stop_words_are_added_taken_away_and_kept_for_their_owner(folder: Path) -> None:
    page = open_page(folder, screen="word_cloud")
    page.text_input(key="words.stop").set_value("Red, boat")
    page.button(key="words.stop.True").click().run()
    page.text_input(key="words.stop").set_value("in")
    page.button(key="words.stop.False").click().run()
    press(page)
    assert "red" not in result(page).counts.counted
    assert result(page).counts.counted["in"] == 3
    again = loaded_page(folder)
    assert result(again).counts.counted["in"] == 3
    again.button(key="words.stop.reset").click().run()
    assert Preferences(settings().owner_folder("local")).stop_words() == (frozenset(), frozenset())


def test_words_that_were_left_out_and_are_counted_again_are_no_usual_ones(folder: Path) -> None:
    page = settle(open_page(folder, screen="word_cloud"))
    for words, button in (("dog", "words.stop.True"), ("dog, the", "words.stop.False")):
        page.text_input(key="words.stop").set_value(words)
        page.button(key=button).click().run()
    assert "Counted, though usually left out" in texts(page)
    assert [text.value for text in page.text if "the" in text.value.split(", ")] == ["the"]


@pytest.mark.parametrize(
    ("unit", "term", "names"),
    [
        ("words", "car", ["b.jpg", "sub/e.jpg"]),
        ("words", "red", ["a.jpg", "c.jpg", "d.jpg"]),
        ("tags", "red sofa", ["c.jpg", "d.jpg"]),
        ("pairs", "red boat", ["a.jpg"]),
    ],
)
def test_a_click_on_a_word_shows_the_samples_it_was_counted_in(
    folder: Path, unit: str, term: str, names: list[str]
) -> None:
    page = open_page(folder, screen="word_cloud")
    page.button_group(key="words.unit").set_value(unit)
    press(page)
    word_search.find_term(state_of(page), result(page), term)
    settle(page)
    assert found(page) == names
    assert f"“{term}”" in texts(page)
    page.button(key="words.close").click().run()
    assert found(page) == []


def test_plurals_and_long_tags_are_marked_or_not_but_never_in_the_way() -> None:
    marks = word_search.marks_of(word_search.Found("", "", (), ("dog", "dogs")))
    assert marks is not None
    assert marks("Dogs and a dog") == [(0, 4), (11, 14)]
    assert word_search.marks_of(word_search.Found("", "", (), (" ".join(map(str, range(500))),))) is None
    assert word_search.marks_of(word_search.Found("", "", ())) is None


def test_the_samples_of_a_word_become_the_scope_of_all_pages(folder: Path) -> None:
    page = loaded_page(folder)
    word_search.find_term(state_of(page), result(page), "sofa")
    settle(page)
    page.button(key="words.use").click().run()
    scope = state_of(page).scope
    assert scope == Scope(names=frozenset({"c.jpg", "d.jpg"}), label="with “sofa”")
    assert Preferences(settings().owner_folder("local")).selection(Selection(scope.names, scope.label).id)
    page.switch_page("../pages/bulk_ops.py").run()
    assert "with “sofa” · 2 of 5" in texts(page)


@pytest.mark.parametrize(("unit", "heading"), [("words", "Word"), ("pairs", "Pair"), ("tags", "Tag")])
def test_the_list_says_what_is_counted(folder: Path, unit: str, heading: str) -> None:
    page = open_page(folder, screen="word_cloud")
    page.button_group(key="words.unit").set_value(unit)
    assert list(press(page).dataframe[0].value.columns) == [heading, "Count", "Samples"]


def test_statistics_lead_to_openings_and_to_captions_that_are_the_same(folder: Path) -> None:
    page = loaded_page(folder)
    page.button_group(key="words.view").set_value("Statistics").run()
    assert result(page).openings == [("a man in", 3)]
    word_search.find_opening(state_of(page), result(page), "a man in")
    settle(page)
    assert found(page) == ["a.jpg", "b.jpg", "sub/e.jpg"]
    word_search.show_repeated(state_of(page), result(page), 0)
    settle(page)
    assert found(page) == ["b.jpg", "sub/e.jpg"]


def test_a_folder_without_captions_has_no_cloud_and_no_fault(tmp_path: Path) -> None:
    (tmp_path / "blank").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "blank" / "a.png")
    page = loaded_page(tmp_path / "blank")
    assert "There is no word to draw." in texts(page)
    assert "There is no word to count." in texts(page)
    assert not page.get("vega_lite_chart")
    page.button_group(key="words.view").set_value("Statistics").run()
    assert healthy(page)


def test_naughty_captions_are_counted_and_drawn(tmp_path: Path, test_data: Path) -> None:
    folder = tmp_path / "naughty"
    folder.mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "one.png")
    picture = (tmp_path / "one.png").read_bytes()
    for number, text in enumerate(naughty(test_data)):
        (folder / f"{number:03d}.png").write_bytes(picture)
        (folder / f"{number:03d}.txt").write_text(text, encoding="utf-8")
    page = open_page(folder, screen="word_cloud")
    for unit in ("words", "pairs", "tags"):
        page.button_group(key="words.unit").set_value(unit)
        press(page)
        assert result(page).counts.distinct > 300
        for term in list(result(page).counts.top(40))[::8]:
            word_search.find_term(state_of(page), result(page), term)
            settle(page)
            assert found(page), term
    page.button_group(key="words.view").set_value("Statistics").run()
    assert healthy(page)


def test_all_captions_that_are_the_same_are_counted(tmp_path: Path) -> None:
    page = loaded_page(image_folder(tmp_path / "pairs", {f"{n}.jpg": f"picture of {n // 2}" for n in range(420)}))
    page.button_group(key="words.view").set_value("Statistics").run()
    assert "Captions that are the same** (210)" in texts(page)


def test_no_word_in_the_csv_is_taken_for_a_formula() -> None:
    counts = count(["=HYPERLINK(1), cat", "@sum, cat"], Counting("tags"))
    rows = list(csv.reader(io.StringIO(word_counts.as_csv(counts).decode("utf-8-sig"))))
    assert sorted(rows[1:]) == [["'=hyperlink(1)", "1", "1"], ["'@sum", "1", "1"], ["cat", "2", "2"]]


def test_one_of_anything_is_not_said_as_many(tmp_path: Path) -> None:
    page = loaded_page(image_folder(tmp_path / "one", {"a.jpg": "cat"}))
    assert plain("All images: 1 caption, 1 word, 1 different one") in texts(page)


def test_a_mark_stands_where_the_last_click_was_and_nowhere_else(folder: Path) -> None:
    page = loaded_page(folder)

    def keys() -> list[str]:
        places = (word_search.LIST, word_search.BARS)
        return [word_search.key_of(state_of(page), place) for place in places]

    rows, bars = keys()
    word_search.find_term(state_of(page), result(page), "boat", word_search.BARS)
    settle(page)
    assert keys()[1] == bars
    assert keys()[0] != rows
    page.button(key="words.close").click().run()
    assert keys()[1] != bars
    before = keys()
    press(page)
    assert not set(before) & set(keys())


def test_the_words_of_the_charts_are_darker_than_the_faint_grey_of_the_theme(folder: Path) -> None:
    page = loaded_page(folder)
    charts = [json.loads(one.proto.spec) for one in page.get("vega_lite_chart")]
    assert charts
    assert all(chart["config"]["axis"]["labelColor"] == "#575b5e" for chart in charts)
