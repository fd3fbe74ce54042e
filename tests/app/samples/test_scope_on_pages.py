"""One scope for all pages: set on any of them, carried in the link, walked through on the Tagging page, cleared."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.bulk_ops.state import BulkState
from app.samples import scope
from app.session.messages import plain
from lib.domain import Selection
from lib.find import Find, Search
from lib.keywords import Haystack
from lib.preferences import Preferences
from lib.scope import Scope
from lib.settings import settings
from tests.doubles.dashboard import MAIN, healthy, open_page, open_scope, texts


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Ten photos, every third of them a dog; two of those in a subfolder."""
    folder = tmp_path / "many"
    (folder / "sub").mkdir(parents=True)
    for number in range(10):
        path = folder / ("sub" if number > 5 else "") / f"p{number}.jpg"
        Image.new("RGB", (40, 30), (20 * number, 90, 120)).save(path)
        path.with_suffix(".txt").write_text("a dog runs" if number % 3 == 0 else "a cat sits")
    return folder


def linked(folder: Path, screen: str = "", **params: str) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=30)
    page.query_params["folder"] = str(folder)
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    if screen:
        page.switch_page(f"../pages/{screen}.py").run()
    assert healthy(page)
    return page


def scope_of(page: AppTest) -> Scope:
    return page.session_state["app_state"].scope


def showing(page: AppTest) -> str:
    return next(element.value for element in page.markdown if "Showing" in element.value)


def test_a_link_brings_the_scope_back_and_every_page_shows_it(many: Path) -> None:
    for screen in ("bulk_ops", "keyword_filter", "word_cloud"):
        page = linked(many, screen, q="dog", tagged="tagged")
        assert "tagged · matches dog · 4 of 10" in texts(page).replace("\\", "")
        assert open_scope(page).text_input(key="scope.query").value == "dog"
    assert "tagged · matches dog · 4 of 10" in texts(linked(many, q="dog", tagged="tagged"))


def test_previous_and_next_walk_inside_the_scope_and_round_its_ends(many: Path) -> None:
    page = linked(many, q="dog")
    seen = [showing(page)]
    for _ in range(4):
        page.button(key="tagging.next").click().run()
        seen.append(showing(page))
    assert [text.split()[2] for text in seen] == ["1", "4", "7", "10", "1"]
    page.button(key="tagging.previous").click().run()
    assert "Showing 10 of 10" in showing(page)


def test_a_button_leads_from_the_tagging_page_to_the_choice_of_images(many: Path) -> None:
    page = linked(many, q="dog", q_whole="1")
    page.button(key="tagging.scope").click().run()
    assert [title.value for title in page.title] == ["Keyword Filter"]
    assert open_scope(page).text_input(key="scope.query").value == "dog"
    open_scope(page).checkbox(key="scope.every_keyword").check().run()
    assert scope_of(page) == Scope(query="dog", every_keyword=True, whole_words=True)


def test_from_an_image_outside_the_scope_the_next_one_inside_follows(many: Path) -> None:
    page = linked(many, q="dog", image="p1.jpg")
    assert "Showing 2 of 10" in showing(page)
    page.button(key="tagging.next").click().run()
    assert "Showing 4 of 10" in showing(page)
    page = linked(many, q="dog", image="p1.jpg")
    page.button(key="tagging.previous").click().run()
    assert "Showing 1 of 10" in showing(page)


def test_clear_is_one_click_on_every_page(many: Path) -> None:
    for screen in ("", "bulk_ops", "keyword_filter", "word_cloud"):
        page = linked(many, screen, q="dog", **{"in": "sub"})
        page.button(key="scope.clear").click().run()
        assert healthy(page)
        assert scope_of(page) == Scope()
        assert "scope.clear" not in {button.key for button in page.button}


def test_an_empty_scope_stays_where_it_is_and_says_so(many: Path) -> None:
    page = linked(many, q="no such word", image="p2.jpg")
    page.button(key="tagging.next").click().run()
    assert healthy(page)
    assert "Showing 3 of 10" in showing(page)
    assert [toast.value for toast in page.toast] == ["No image is in scope"]


def test_a_link_whose_query_cannot_be_read_selects_nothing_and_says_why(many: Path) -> None:
    for screen in ("", "bulk_ops", "keyword_filter", "word_cloud"):
        page = linked(many, screen, q="(dog")
        assert "this bracket is not closed" in texts(page)
        assert "0 of 10" in texts(page)
        page.button(key="scope.clear").click().run()
        assert "this bracket is not closed" not in texts(page)


def test_a_wrong_query_keeps_the_last_good_result_and_no_action_takes_it(many: Path) -> None:
    page = linked(many, "bulk_ops", q="dog")
    page.button_group(key="bulk.tool").set_value("Add to all tags").run()
    page.text_input(key="bulk.prefix").set_value("photo").run()
    open_scope(page).text_input(key="scope.query").set_value("dog AND").run()
    assert "AND needs a keyword after it" in texts(page)
    assert "matches dog · 4 of 10" in texts(page)
    assert open_scope(page).text_input(key="scope.query").value == "dog AND"
    assert scope_of(page).query == "dog"
    page.button(key="bulk.preview").click().run()
    assert page.session_state["app_state"].of(BulkState).preview is None
    open_scope(page).text_input(key="scope.query").set_value("cat").run()
    assert "AND needs a keyword" not in texts(page)
    assert "matches cat · 6 of 10" in texts(page)


@pytest.mark.parametrize("odd", [{"q_regex": "yes"}, {"q_every": "true"}, {"q_whole": "2"}, {"tagged": "some"}])
def test_a_link_with_a_condition_that_is_not_known_selects_nothing_and_says_so(many: Path, odd: dict[str, str]) -> None:
    page = linked(many, "keyword_filter", q="dog", **odd)
    assert "A condition in the link that is not known here" in texts(page)
    assert "0 of 10" in texts(page)
    page.button(key="scope.clear").click().run()
    assert scope_of(page) == Scope()


@pytest.mark.parametrize("odd", [{"tags": ".docx"}, {"subfolders": "maybe"}])
def test_a_link_that_says_oddly_how_to_open_a_folder_opens_none(many: Path, odd: dict[str, str]) -> None:
    page = linked(many, **odd)
    assert "in a way that is not known here" in texts(page)
    assert page.session_state["app_state"].dataset is None


def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every time that a pattern is begun with, from now on."""
    begun: list[str] = []
    real = Search.__init__

    def begin(self: Search, find: Find, *args: Any, **options: Any) -> None:
        begun.append(find.pattern)
        real(self, find, *args, **options)

    monkeypatch.setattr(Search, "__init__", begin)
    return begun


def slow_captions(folder: Path) -> Path:
    for path in folder.rglob("*.txt"):
        path.write_text(f"cat {'a' * 60}!")
    return folder


def test_a_slow_pattern_of_a_link_is_tried_once_and_told_once(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = looks(monkeypatch)
    page = linked(slow_captions(many), "keyword_filter", q="(a|aa)+$", q_regex="1")
    # What the check finds out may change what is in scope.
    page.session_state["app_state"].check.wait(20)
    page.run()
    assert 0 < len(begun) <= 2
    begun.clear()
    page.button(key="filter.load").click().run()
    page.run()
    assert texts(page).count("is too slow for these captions") == 1
    assert begun == []


def test_a_slow_pattern_that_is_typed_is_tried_once(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = linked(slow_captions(many), "keyword_filter", q="cat", q_regex="1")
    page.session_state["app_state"].check.wait(20)
    begun = looks(monkeypatch)
    # The field's own callback and that of the button come in one run.
    open_scope(page).text_input(key="scope.query").set_value("(a|aa)+$")
    page.button(key="filter.load").click().run()
    page.run()
    assert begun.count("(a|aa)+$") == 1
    assert texts(page).count("is too slow for these captions") == 1
    assert plain("matches cat (regular expression) · 10 of 10") in texts(page)


def test_a_query_waits_for_its_counts_of_tokens_and_goes_on_by_itself(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, go, real = linked(many, "keyword_filter", q="dog"), threading.Event(), Haystack.tokens

    def slow(self: Haystack, place: int) -> int:
        go.wait(20)
        return real(self, place)

    monkeypatch.setattr(Haystack, "tokens", slow)
    monkeypatch.setattr(scope, "SOON", 0.05)
    open_scope(page).text_input(key="scope.query").set_value("tokens:>2").run()
    assert "still being counted" in texts(page)
    assert "matches dog · 4 of 10" in texts(page)
    go.set()
    assert page.session_state["app_state"].refused.waits_for.wait(20)
    page.run()
    assert "still being counted" not in texts(page)
    assert plain("matches tokens:>2 · 10 of 10") in texts(page)


def test_chosen_images_travel_in_the_link_by_their_id(many: Path) -> None:
    chosen = Selection(frozenset({"p1.jpg", "sub/p8.jpg"}), "Cluster 3 beach")
    Preferences(settings().owner_folder("local")).keep_selection(chosen)
    page = linked(many, "keyword_filter", chosen=chosen.id)
    assert "Cluster 3 beach · 2 of 10" in texts(page)
    unknown = linked(many, "keyword_filter", chosen="0" * 16)
    assert "0 of 10" in texts(unknown)


def test_the_link_of_the_menu_carries_the_scope(many: Path) -> None:
    from app.session.open_dataset import link

    page = linked(many, "keyword_filter", q="dog")
    open_scope(page).checkbox(key="scope.whole_words").check().run()
    parts = link(page.session_state["app_state"])
    assert parts == {"folder": str(many), "q": "dog", "q_whole": "1"}


def test_another_folder_begins_with_all_its_images_and_a_reload_keeps_the_scope(many: Path, photos: Path) -> None:
    page = linked(many, "keyword_filter", q="dog")
    page.button(key="shell.reload").click().run()
    assert scope_of(page).query == "dog"
    page.button(key="shell.close").click().run()
    page.text_input(key="picker.path").set_value(str(photos)).run()
    page.button(key="picker.select").click().run()
    assert healthy(page)
    assert scope_of(page) == Scope()


def test_an_edit_that_leaves_the_scope_is_noticed_at_the_next_turn(many: Path) -> None:
    page = linked(many, q="dog")
    (many / "p3.txt").write_text("a cat now")
    page.session_state["app_state"].store.read(page.session_state["app_state"].dataset.get("p3.jpg"))
    page.button(key="tagging.next").click().run()
    assert "Showing 7 of 10" in showing(page)
    assert "matches dog · 3 of 10" in texts(page)


def test_steps_go_round_the_ends_and_need_not_begin_inside() -> None:
    assert [scope.step([2, 5, 9], place, 1) for place in (0, 2, 3, 9, 11)] == [2, 5, 5, 2, 2]
    assert [scope.step([2, 5, 9], place, -1) for place in (0, 2, 3, 9, 11)] == [9, 9, 2, 5, 9]
    assert [scope.step(range(3), place, 1) for place in range(3)] == [1, 2, 0]
    assert scope.step([], 4, 1) is None


def test_the_folder_is_offered_only_where_there_are_several(many: Path, tmp_path: Path) -> None:
    page = linked(many, "keyword_filter")
    open_scope(page).selectbox(key="scope.folder").select("sub").run()
    assert "in sub · 4 of 10" in texts(page)
    flat = tmp_path / "flat"
    flat.mkdir()
    Image.new("RGB", (8, 8)).save(flat / "a.png")
    assert "scope.folder" not in {box.key for box in open_page(flat, screen="keyword_filter").selectbox}
