"""The Keyword Filter page's logic, from app/main.py down to the files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.clusters.state import ClustersState, Contents
from app.samples.cluster_choices import ClusterChoice
from app.samples.editing import rename
from app.samples.kept_clusters import KeptClusters
from app.samples.sample_gallery import open_sample, parts
from app.samples.state import Galleries
from app.session.messages import plain
from app.session.open_dataset import current_name
from lib.dataset.saving.rename import rename_image
from lib.domain import Selection
from lib.errors import InvalidInput
from lib.find import Search
from lib.last_review import LastReviews
from lib.preferences import Preferences
from lib.scope import Scope
from lib.settings import settings
from tests.doubles.clusters import keep_clusters
from tests.doubles.dashboard import healthy, open_page, open_scope, texts
from tests.doubles.image_folder import image_folder


def filtered(folder: Path, query: str = "") -> AppTest:
    page = open_page(folder, screen="keyword_filter")
    if query:
        page.text_input(key="scope.query").set_value(query).run()
    assert healthy(page)
    return page


def state_of(page: AppTest) -> Any:
    return page.session_state["app_state"]


def cards(page: AppTest) -> list[dict[str, Any]]:
    """What the gallery was given to show."""
    found = [json.loads(element.proto.json) for element in page.get("bidi_component")]
    return next((data["items"] for data in found if "ticked" in data), [])


def names(page: AppTest) -> list[str]:
    return [card["name"] for card in cards(page)]


def test_without_a_folder_the_page_offers_one_and_stays_itself(photos: Path) -> None:
    page = open_page(screen="keyword_filter")
    page.text_input(key="picker.path").set_value(str(photos)).run()
    page.button(key="picker.select").click().run()
    assert healthy(page)
    assert [title.value for title in page.title] == ["Keyword Filter"]


def test_any_keyword_matches_and_its_hits_are_marked(photos: Path) -> None:
    page = filtered(photos, "CAT, sofa")
    assert names(page) == ["a.jpg", "b.jpg"]
    assert [card["parts"] for card in cards(page)] == [
        [[False, "A "], [True, "cat"], [False, " on a mat."]],
        [[False, "dog, red "], [True, "sofa"]],
    ]
    assert "matches CAT, sofa · 2 of 5" in texts(page)


def test_the_switch_asks_for_every_keyword_and_counts_stand_beside_each(photos: Path) -> None:
    page = filtered(photos, "a, cat")
    counts = next(json.loads(e.proto.json) for e in page.get("bidi_component") if "Captions for each" in e.proto.json)
    assert [(item["text"], item["note"]) for item in counts["items"]] == [("a", "3"), ("cat", "1")]
    open_scope(page).checkbox(key="scope.every_keyword").check().run()
    assert names(page) == ["a.jpg"]


def test_keywords_are_counted_within_the_rest_of_the_scope(photos: Path) -> None:
    page = filtered(photos, "a, cat")
    assert "Each keyword alone, of 5 images\n" in texts(page)
    open_scope(page).selectbox(key="scope.folder").select("sub").run()
    assert "Each keyword alone, of 1 image · in sub\n" in texts(page)
    counts = next(json.loads(e.proto.json) for e in page.get("bidi_component") if "Captions for each" in e.proto.json)
    assert [(item["text"], item["note"]) for item in counts["items"]] == [("a", "1"), ("cat", "0")]


def test_marks_that_take_too_long_cost_the_marks_and_not_the_page(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in many.glob("*.txt"):
        path.write_text(f"cat {'a' * 60}!")
    looked: list[str] = []
    real = Search._all

    def look(self: Search, text: str, timeout: float) -> Any:
        looked.append(text)
        return real(self, text, timeout)

    monkeypatch.setattr(Search, "_all", look)
    page = open_page(many, screen="keyword_filter")
    open_scope(page).checkbox(key="scope.regex").check()
    page.text_input(key="scope.query").set_value("cat|(a|aa)+$").run()
    assert healthy(page)
    assert len(names(page)) == 24
    assert "too slow to mark" in texts(page)
    tried = len(looked)
    assert 0 < tried <= 3
    page.run()
    assert "too slow to mark" in texts(page)
    assert len(looked) == tried


def test_a_keyword_is_letters_unless_regular_expressions_are_switched_on(photos: Path) -> None:
    page = filtered(photos, "c.t")
    assert names(page) == []
    assert "No sample is in this scope." in texts(page)
    open_scope(page).checkbox(key="scope.regex").check().run()
    assert names(page) == ["a.jpg"]


def test_a_wrong_query_says_where_and_the_last_good_result_stays(photos: Path) -> None:
    page = filtered(photos, "cat")
    page.text_input(key="scope.query").set_value('cat, "dog').run()
    assert "cannot be read at character 6" in texts(page)
    assert names(page) == ["a.jpg"]
    page.button(key="filter.load").click().run()
    assert healthy(page)
    assert names(page) == ["a.jpg"]
    page.text_input(key="scope.query").set_value("dog").run()
    assert "cannot be read" not in texts(page)
    assert names(page) == ["b.jpg"]


def test_the_gallery_has_pages_of_the_chosen_size(many: Path) -> None:
    page = filtered(many)
    assert len(names(page)) == 24
    page.selectbox(key="filter.size").select(12).run()
    assert len(names(page)) == 12
    assert names(page)[0] == "p00.jpg"
    page.selectbox(key="filter.size").select(96).run()
    assert len(names(page)) == 30


def test_samples_are_sorted_by_name_length_and_newest_change(many: Path) -> None:
    os.utime(many / "p07.txt", (4e9, 4e9))
    page = filtered(many)
    for order, first in (("Shortest text", "p00.jpg"), ("Longest text", "p11.jpg"), ("Newest change", "p07.jpg")):
        page.selectbox(key="filter.order").select(order).run()
        assert names(page)[0] == first, order
    page.selectbox(key="filter.order").select("Name").run()
    assert names(page)[:2] == ["p00.jpg", "p01.jpg"]


def test_samples_are_sorted_by_cluster_where_clusters_are_kept(many: Path, tmp_path: Path) -> None:
    page = filtered(many)
    assert "Clusters of tags" not in page.selectbox(key="filter.order").options
    keep_clusters(settings(), many, [["p03.jpg", "p09.jpg"], ["p01.jpg"]])
    page = filtered(many)
    page.selectbox(key="filter.order").select("Clusters of tags").run()
    assert [(card["name"], card["note"]) for card in cards(page)[:4]] == [
        ("p03.jpg", "cluster 0"),
        ("p09.jpg", "cluster 0"),
        ("p01.jpg", "cluster 1"),
        ("p00.jpg", "no cluster"),
    ]
    page.text_input(key="scope.query").set_value("dog").run()
    assert names(page)[:4] == ["p03.jpg", "p09.jpg", "p01.jpg", "p05.jpg"]
    other = image_folder(tmp_path / "other", 2)
    page.button(key="shell.close").click().run()
    page.text_input(key="picker.path").set_value(str(other)).run()
    page.button(key="picker.select").click().run()
    assert healthy(page)
    assert (page.selectbox(key="filter.order").value, names(page)) == ("Name", ["photo0.jpg", "photo1.jpg"])


def test_new_clusters_make_a_new_order(many: Path) -> None:
    keep_clusters(settings(), many, [["p03.jpg"]])
    page = filtered(many)
    page.selectbox(key="filter.order").select("Clusters of tags").run()
    assert names(page)[:2] == ["p03.jpg", "p00.jpg"]
    state_of(page).of(KeptClusters).results["tags"] = keep_clusters(settings(), many, [["p04.jpg"]])
    assert names(page.run())[:2] == ["p04.jpg", "p00.jpg"]


def test_a_filter_combines_with_chosen_images_freely(many: Path) -> None:
    page = filtered(many, "dog")
    state_of(page).scope = Scope(query="dog", names=frozenset({"p01.jpg", "p02.jpg"}), label="Cluster 4")
    page.run()
    assert names(page) == ["p01.jpg"]
    assert "Cluster 4 · matches dog · 1 of 30" in texts(page)


def test_ticked_samples_become_the_scope_of_all_pages(many: Path) -> None:
    page = filtered(many, "dog")
    page.selectbox(key="filter.size").select(12).run()
    page.button(key="filter.all").click().run()
    assert page.button(key="filter.use").label == "Use 12 samples as scope"
    page.button(key="filter.use").click().run()
    assert len(state_of(page).scope.names) == 12
    assert "12 chosen images · 12 of 30" in texts(page)
    chosen = Selection(state_of(page).scope.names, "")
    assert Preferences(settings().owner_folder("local")).selection(chosen.id) == chosen
    page.switch_page("../pages/bulk_ops.py").run()
    assert "12 chosen images · 12 of 30" in texts(page)


def test_a_saved_filter_is_kept_for_its_owner_and_brings_everything_back(photos: Path) -> None:
    page = filtered(photos, "cat")
    open_scope(page).checkbox(key="scope.whole_words").check().run()
    page.text_input(key="filter.name").set_value("my [cats](http://127.0.0.1:9)").run()
    page.button(key="filter.save").click().run()
    assert healthy(page)
    fresh = filtered(photos)
    assert "my [cats](http://127.0.0.1:9)" in texts(fresh)
    from app.keyword_filter.filters import use_filter

    use_filter(state_of(fresh), "my [cats](http://127.0.0.1:9)")
    fresh.run()
    assert names(fresh) == ["a.jpg"]
    assert open_scope(fresh).checkbox(key="scope.whole_words").value
    fresh.selectbox(key="filter.gone").select("my [cats](http://127.0.0.1:9)").run()
    fresh.button(key="filter.delete").click().run()
    assert Preferences(settings().owner_folder("local")).filters() == {}


def test_a_saved_filter_says_what_it_holds_and_comes_back_after_delete(photos: Path) -> None:
    page = filtered(photos, "cat")
    page.text_input(key="filter.name").set_value("pets").run()
    page.button(key="filter.save").click().run()
    kept = Preferences(settings().owner_folder("local"))
    before = kept.filters()
    assert '"note": "matches cat"' in texts(page)
    page.selectbox(key="filter.gone").select("pets").run()
    page.button(key="filter.delete").click().run()
    assert kept.filters() == {}
    assert plain("“pets” was deleted.") in texts(page)
    page.button(key="filter.back").click().run()
    assert healthy(page)
    assert kept.filters() == before
    assert "was deleted" not in texts(page)


def test_a_filter_that_comes_back_takes_no_name_from_another(photos: Path) -> None:
    page = filtered(photos, "cat")
    page.text_input(key="filter.name").set_value("pets").run()
    page.button(key="filter.save").click().run()
    page.selectbox(key="filter.gone").select("pets").run()
    page.button(key="filter.delete").click().run()
    kept = Preferences(settings().owner_folder("local"))
    kept.save_filter("pets", {"q": "dog"})
    page.button(key="filter.back").click().run()
    assert "There is another filter “pets” by now." in texts(page)
    assert kept.filters() == {"pets": {"q": "dog"}}


def test_a_name_that_is_taken_is_asked_about_and_no_filter_is_lost(photos: Path) -> None:
    page = filtered(photos, "cat")
    page.text_input(key="filter.name").set_value("my *pets*").run()
    page.button(key="filter.save").click().run()
    kept = Preferences(settings().owner_folder("local"))
    page.text_input(key="scope.query").set_value("dog").run()
    page.text_input(key="filter.name").set_value("my *pets*").run()
    page.button(key="filter.save").click().run()
    assert kept.filters() == {"my *pets*": {"q": "cat"}}
    assert "There is a filter “my *pets*” already: matches cat" in texts(page)
    page.button(key="filter.both").click().run()
    assert healthy(page)
    assert kept.filters() == {"my *pets*": {"q": "cat"}, "my *pets* 2": {"q": "dog"}}
    assert "filter.both" not in {button.key for button in page.button}
    page.text_input(key="filter.name").set_value("my *pets*").run()
    page.button(key="filter.save").click().run()
    page.button(key="filter.replace").click().run()
    assert kept.filters() == {"my *pets*": {"q": "dog"}, "my *pets* 2": {"q": "dog"}}


def test_a_filter_that_changed_meanwhile_is_not_replaced_unseen(photos: Path) -> None:
    page = filtered(photos, "cat")
    kept = Preferences(settings().owner_folder("local"))
    kept.save_filter("pets", {"q": "dog"})
    page.text_input(key="filter.name").set_value("pets").run()
    page.button(key="filter.save").click().run()
    kept.save_filter("pets", {"q": "bird"}, over={"q": "dog"})
    page.button(key="filter.replace").click().run()
    assert kept.filters() == {"pets": {"q": "bird"}}
    assert "There is a filter “pets” already: matches bird" in texts(page)


def test_a_filter_without_a_name_is_not_saved(photos: Path) -> None:
    page = filtered(photos, "cat")
    page.button(key="filter.save").click().run()
    assert "This filter has no name yet." in texts(page)


def test_a_sample_opens_beside_the_gallery_with_the_text_box(photos: Path) -> None:
    from app.samples.sample_gallery import open_sample

    page = filtered(photos, "sofa")
    open_sample(state_of(page), state_of(page).of(Galleries).at("filter"), "b.jpg")
    page.run()
    assert healthy(page)
    assert '"text": "dog, red sofa"' in texts(page)
    assert page.button(key="tagging.save").label == "Save"
    page.button(key="sample.close").click().run()
    assert "tagging.save" not in {button.key for button in page.button}


def test_an_open_sample_stays_when_nothing_is_listed_any_more(photos: Path) -> None:
    page = filtered(photos, "sofa")
    open_sample(state_of(page), state_of(page).of(Galleries).at("filter"), "b.jpg")
    page.run()
    page.text_input(key="scope.query").set_value("no such word").run()
    assert healthy(page)
    assert names(page) == []
    assert '"text": "dog, red sofa"' in texts(page)
    assert "The open one is not in scope any more." in texts(page)
    page.button(key="sample.close").click().run()
    assert "tagging.save" not in {button.key for button in page.button}
    assert "not in scope any more" not in texts(page)


def test_a_cluster_is_a_condition_like_the_others(many: Path) -> None:
    keep_clusters(settings(), many, [["p00.jpg", "p01.jpg", "p03.jpg"], ["p05.jpg", "p06.jpg"]])
    page = filtered(many, "dog")
    assert open_scope(page).selectbox(key="filter.cluster").options == [
        "All",
        "Tags: 0 – word0 (3)",
        "Tags: 1 – word1 (2)",
    ]
    open_scope(page).selectbox(key="filter.cluster").select(ClusterChoice("tags", 0)).run()
    assert names(page) == ["p01.jpg", "p03.jpg"]
    assert "Cluster 0 – word0 · matches dog · 2 of 30" in texts(page)
    scope = state_of(page).scope
    assert Preferences(settings().owner_folder("local")).selection(Selection(scope.names, scope.label).id)
    open_scope(page).selectbox(key="filter.cluster").select(ClusterChoice("tags", 1)).run()
    assert names(page) == ["p05.jpg"]
    open_scope(page).selectbox(key="filter.cluster").select("").run()
    assert state_of(page).scope == Scope(query="dog")


def test_a_cluster_waits_for_a_query_that_can_be_used_as_all_conditions_do(many: Path) -> None:
    keep_clusters(settings(), many, [["p00.jpg", "p01.jpg"]])
    page = filtered(many, "dog")
    page.text_input(key="scope.query").set_value("(cat").run()
    open_scope(page).selectbox(key="filter.cluster").select(ClusterChoice("tags", 0)).run()
    assert healthy(page)
    assert open_scope(page).selectbox(key="filter.cluster").value == ClusterChoice("tags", 0)
    assert "cannot be read" in texts(page)
    assert state_of(page).scope == Scope(query="dog")
    page.text_input(key="scope.query").set_value("(cat)").run()
    assert names(page) == ["p00.jpg"]


def test_other_chosen_images_are_named_beside_the_clusters_and_can_be_left(many: Path) -> None:
    keep_clusters(settings(), many, [["p00.jpg", "p01.jpg"]])
    page = filtered(many)
    state_of(page).scope = Scope(query="dog", names=frozenset({"p01.jpg"}), label="with *boat*")
    page.run()
    box = open_scope(page).selectbox(key="filter.cluster")
    assert (box.options[-1], box.value) == ("with *boat*", "chosen")
    box.select("").run()
    assert state_of(page).scope == Scope(query="dog")
    assert "chosen" not in open_scope(page).selectbox(key="filter.cluster").options


def test_a_cluster_that_was_made_anew_meanwhile_is_not_taken_for_the_one_in_scope(many: Path) -> None:
    keep_clusters(settings(), many, [["p00.jpg", "p01.jpg"]])
    page = filtered(many)
    open_scope(page).selectbox(key="filter.cluster").select(ClusterChoice("tags", 0)).run()
    state_of(page).of(KeptClusters).results["tags"] = keep_clusters(settings(), many, [["p04.jpg"]])
    page.run()
    assert open_scope(page).selectbox(key="filter.cluster").value == "chosen"
    assert names(page) == ["p00.jpg", "p01.jpg"]


def test_a_long_text_is_shown_round_its_first_hit() -> None:
    text = "x" * 1000 + " cat " + "y" * 1000
    shown = parts(text, [(1001, 1004)])
    assert shown[0] == (False, "…")
    assert (True, "cat") in shown
    assert shown[-1] == (False, "…")
    assert sum(len(piece) for _, piece in shown) < 400
    assert parts("a cat", [(2, 5)]) == [(False, "a "), (True, "cat")]
    assert parts("", []) == []


def test_naughty_captions_are_filtered_and_shown(tmp_path: Path, test_data: Path) -> None:
    strings = naughty(test_data)
    folder = tmp_path / "naughty"
    folder.mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "one.png")
    picture = (tmp_path / "one.png").read_bytes()
    for number, text in enumerate(strings):
        (folder / f"{number:03d}.png").write_bytes(picture)
        (folder / f"{number:03d}.txt").write_text(text, encoding="utf-8")
    page = filtered(folder)
    page.selectbox(key="filter.size").select(96).run()
    for number in range(2, 7):
        page.session_state["filter.page.6"] = number
        page.run()
        assert healthy(page)
        assert names(page)
    for text in strings[::25]:
        page.text_input(key="scope.query").set_value(text[:200]).run()
        assert healthy(page), text
    page.text_input(key="scope.query").set_value("").run()
    page.button_group(key="filter.view").set_value("Table").run()
    assert healthy(page)


def naughty(test_data: Path) -> list[str]:
    found = next((test_data / "hostile" / "strings").rglob("blns.json"))
    return [text for text in json.loads(found.read_text(encoding="utf-8")) if text]


def test_a_card_of_an_image_that_is_gone_opens_no_other_one(many: Path) -> None:
    page = filtered(many, "cat")
    state = state_of(page)
    before = current_name(state)
    rename_image(state.store, state.dataset.get("p04.jpg"), "elsewhere")
    here = state.of(Galleries).at("filter")
    with pytest.raises(InvalidInput, match=r"p04\.jpg"):
        open_sample(state, here, "p04.jpg")
    assert not here.is_open
    assert current_name(state) == before


def test_a_renamed_image_stays_chosen_ticked_and_loaded(many: Path) -> None:
    page = filtered(many)
    state = state_of(page)
    state.scope = Scope(names=frozenset({"p00.jpg", "p01.jpg"}), label="Cluster 0")
    state.of(Galleries).at("filter").ticked = {"p00.jpg", "p02.jpg"}
    state.of(ClustersState).contents = Contents("Cluster 0", ("p00.jpg", "p01.jpg"), 0)
    rename(state, "p00.jpg", "zebra")
    page.run()
    assert healthy(page)
    assert state.scope.names == {"zebra.jpg", "p01.jpg"}
    assert sorted(names(page)) == ["p01.jpg", "zebra.jpg"]
    assert state.of(Galleries).at("filter").ticked == {"zebra.jpg", "p02.jpg"}
    assert state.of(ClustersState).contents.names == ("zebra.jpg", "p01.jpg")
    chosen = Selection(frozenset({"zebra.jpg", "p01.jpg"}), "Cluster 0")
    assert Preferences(settings().owner_folder("local")).selection(chosen.id) == chosen


def test_captions_that_changed_since_the_review_are_told_where_fit_is_asked_for(photos: Path) -> None:
    texts_then = {"a.jpg": "Another cat.", "b.jpg": "dog, red sofa"}
    scores = {"agreement": {"a.jpg": 2.0, "b.jpg": 3.0}}
    LastReviews(settings().home).add(photos.resolve(), texts_then, ["agreement"], scores, [], texts_then)
    page = filtered(photos, "agreement:<10%")
    assert names(page) == ["b.jpg"]
    assert "1 caption changed since the review" in texts(page)
    page.text_input(key="scope.query").set_value("dog").run()
    assert "changed since the review" not in texts(page)
