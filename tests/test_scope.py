"""Which samples an action is about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import MarkWish
from lib.dataset.saving.marking import leave_out
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ImageRecord, Origin, Selection, SidecarState
from lib.errors import InvalidInput
from lib.last_review import LastReviews
from lib.preferences import KEPT_SELECTIONS, Preferences
from lib.scope import (
    Scope,
    changed_since_review,
    count_in,
    from_params,
    haystack,
    in_words,
    look_in,
    select,
    select_in,
    to_params,
    version_of,
)
from lib.settings import settings
from tests.doubles.image_folder import image_folder
from tests.doubles.memory_dataset import MemoryDataset

RECORDS = [
    ImageRecord("a.jpg", text="a dog", state=SidecarState.TEXT),
    ImageRecord("b.jpg", text=" \n"),
    ImageRecord("train/c.jpg", text="a red dog", state=SidecarState.TEXT, shared=True),
    ImageRecord("train/x/d.jpg", text="cats", state=SidecarState.TEXT),
    ImageRecord("trains/e.jpg", state=SidecarState.UNDECODABLE),
]

FULL = Scope(
    tagged="tagged",
    query="dog, cat -red",
    every_keyword=True,
    whole_words=True,
    regex=True,
    names=frozenset({"a.jpg", "b.jpg"}),
    label="Cluster 3 beach, sand, water",
    folder="train/x",
    has_problems=True,
)


def nothing_kept(id: str) -> None:
    return None


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        (Scope(), "abcde"),
        (Scope(query="  "), "abcde"),
        (Scope(tagged="tagged"), "acd"),
        (Scope(tagged="untagged"), "be"),
        (Scope(query="dog"), "ac"),
        (Scope(query="dog, cat", tagged="tagged"), "acd"),
        (Scope(query="red, dog", every_keyword=True), "c"),
        (Scope(query="cat", whole_words=True), ""),
        (Scope(query="c.t", regex=True), "d"),
        (Scope(folder="train"), "cd"),
        (Scope(folder="train/x"), "d"),
        (Scope(names=frozenset({"a.jpg", "train/c.jpg", "gone.jpg"})), "ac"),
        (Scope(names=frozenset({"a.jpg"}), query="red"), ""),
        (Scope(names=frozenset()), ""),
        (Scope(has_problems=True), "ace"),
        (Scope(has_problems=True, query="-dog"), "e"),
    ],
)
def test_every_condition_that_is_set_must_be_met(scope: Scope, wanted: str) -> None:
    found = select(scope, RECORDS, unreadable={"a.jpg"})
    assert found == [record for record in RECORDS if Path(record.name).stem in wanted]


def test_a_scope_needs_no_more_of_a_dataset_than_what_it_is_asked_for() -> None:
    dataset = MemoryDataset(RECORDS, unreadable={"b.jpg": "broken"})
    assert select_in(Scope(folder="train"), dataset) == RECORDS[2:4]
    assert select_in(Scope(has_problems=True), dataset) == [RECORDS[1], RECORDS[2], RECORDS[4]]
    assert select_in(Scope(query="dog, -red"), dataset) == RECORDS[:1]
    assert count_in(Scope(query="dog, cat", tagged="tagged"), dataset).counts == [("dog", 2), ("cat", 1)]
    dataset.records[0] = replace(RECORDS[0], text="a cat")
    dataset.version += 1
    assert [record.name for record in select_in(Scope(query="cat"), dataset)] == ["a.jpg", "train/x/d.jpg"]


def test_a_query_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidInput, match="character 5"):
        select(Scope(query="cat AND"), RECORDS)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope(), "All images"),
        (Scope(tagged="untagged"), "Untagged"),
        (Scope(query=" dog "), "matches dog"),
        (Scope(query="dog, red", every_keyword=True), "matches every keyword of dog, red"),
        (Scope(query="d.g", regex=True, whole_words=True), "matches d.g (whole words, regular expression)"),
        (
            Scope(names=frozenset({"a"}), label="Cluster 3 beach, sand, water", query="dog"),
            "Cluster 3 beach, sand, water · matches dog",
        ),
        (Scope(names=frozenset({"a", "b"}), tagged="tagged"), "2 chosen images · tagged"),
        (Scope(names=frozenset({"a"})), "1 chosen image"),
        (Scope(folder="train", has_problems=True), "in train · with problems"),
    ],
)
def test_a_scope_is_said_in_words(scope: Scope, words: str) -> None:
    assert in_words(scope) == words


def test_a_link_carries_a_scope(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    assert FULL.names is not None
    kept.keep_selection(Selection(FULL.names, FULL.label))
    params = to_params(FULL)
    assert from_params(params, kept.selection) == FULL
    assert all(len(value) < 40 for value in params.values())
    assert to_params(Scope()) == {}
    assert from_params({}, nothing_kept) == Scope()


def test_a_link_with_an_unknown_selection_is_about_no_image() -> None:
    scope = from_params(to_params(FULL), nothing_kept)
    assert select(replace(scope, query=""), RECORDS) == []
    assert scope.label


def test_a_link_with_something_else_in_it_is_read_all_the_same() -> None:
    assert from_params({"q_regex": "0", "other": "1", "q": "dog"}, nothing_kept) == Scope(query="dog")


def test_only_the_newest_selections_are_kept(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    selections = [Selection(frozenset({f"{number}.jpg"})) for number in range(KEPT_SELECTIONS + 1)]
    for selection in selections:
        kept.keep_selection(selection)
    assert kept.selection(selections[0].id) is None
    assert kept.selection(selections[-1].id) == selections[-1]


def test_an_opened_folder_is_searched_as_it_is_now(tmp_path: Path) -> None:
    dataset = open_dataset(image_folder(tmp_path / "photos", {"a.jpg": "a cat", "b.jpg": "a dog", "c.jpg": None}))
    assert [record.name for record in select_in(Scope(query="cat"), dataset)] == ["a.jpg"]
    before = haystack(dataset)
    assert haystack(dataset) is before
    dataset.replace(replace(dataset.records[1], text="a second Cat"))
    dataset.report({"c.jpg": "broken"})
    assert [record.name for record in select_in(Scope(query="cat"), dataset)] == ["a.jpg", "b.jpg"]
    assert [record.name for record in select_in(Scope(has_problems=True), dataset)] == ["c.jpg"]
    assert select_in(Scope(query="cat", tagged="untagged"), dataset) == []


def test_what_a_saved_filter_names_is_kept_until_the_filter_goes(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    named = Selection(frozenset({"a.jpg"}), "Cluster 1")
    kept.keep_selection(named)
    kept.save_filter("mine", to_params(Scope(names=named.names, label=named.label)))
    kept.save_filter("without", {"q": "dog"})

    def keep_many(first: int) -> None:
        for number in range(first, first + KEPT_SELECTIONS):
            kept.keep_selection(Selection(frozenset({f"{number}.jpg"})))

    keep_many(0)
    assert kept.selection(named.id) == named
    assert from_params(kept.filters()["mine"], kept.selection).names == named.names
    kept.delete_filter("mine")
    keep_many(100)
    assert kept.selection(named.id) is None


@pytest.mark.parametrize(
    "params",
    [
        {"tagged": "maybe"},
        {"problems": "yes"},
        {"tagged": "Tagged", "q": "dog"},
        {"q": "d.g", "q_regex": "true"},
        {"q": "dog, red", "q_every": "yes"},
        {"q": "dog", "q_whole": "2"},
    ],
)
def test_a_link_with_an_unknown_condition_is_about_no_image(params: dict[str, str]) -> None:
    scope = from_params(params, nothing_kept)
    assert select(scope, RECORDS) == []
    assert "not known" in in_words(scope)


def test_keywords_are_counted_among_what_meets_the_other_conditions(tmp_path: Path) -> None:
    captions = {"a.jpg": "a cat", "train/b.jpg": "a red dog", "train/c.jpg": "a dog", "train/d.jpg": None}
    dataset = open_dataset(image_folder(tmp_path / "photos", captions))
    counted = count_in(Scope(query="dog, cat, -red", every_keyword=True, folder="train"), dataset)
    assert (counted.counts, counted.images) == ([("dog", 2), ("cat", 0)], 3)


def test_an_opened_folder_is_asked_who_wrote_its_captions(tmp_path: Path, toolkit_home: Path) -> None:
    dataset = open_dataset(image_folder(tmp_path / "photos", {"a.jpg": None, "b.jpg": "theirs", "c.jpg": None}))
    store = Store(dataset.root, journal_for(dataset.root, settings()), "local", settings(), dataset)
    store.save(dataset.records[0], "a cat", "", Origin("generate", "gemma-4-31b"))
    assert [record.name for record in select_in(Scope(query="by:gemma"), dataset)] == ["a.jpg"]
    assert [record.name for record in select_in(Scope(query="by:nobody"), dataset)] == ["b.jpg"]
    store.save(dataset.records[2], "a dog", "", Origin("generate", "gemma-4-31b"))
    store.save(dataset.records[0], "a cat, asleep", store.read(dataset.records[0]).hash)
    assert [record.name for record in select_in(Scope(query="by:gemma"), dataset)] == ["a.jpg", "c.jpg"]
    assert [record.name for record in select_in(Scope(query="by:gemma by:hand"), dataset)] == ["a.jpg"]
    Operations(store).undo()
    assert select_in(Scope(query="by:gemma by:hand"), dataset) == []


def test_a_review_that_another_process_has_made_is_searched_at_once(tmp_path: Path, toolkit_home: Path) -> None:
    dataset = open_dataset(image_folder(tmp_path / "photos", {"a.jpg": "a cat", "b.jpg": "a dog"}))
    small = Scope(query="width:<512")
    with pytest.raises(InvalidInput, match="not reviewed yet"):
        select_in(small, dataset)
    # Searched for words meanwhile, so that what is made ready for searching is kept.
    assert len(select_in(Scope(query="cat"), dataset)) == 1
    for width, names in ((300.0, ["a.jpg"]), (600.0, [])):
        reviews = LastReviews(settings().home)
        reviews.add(dataset.root, ["a.jpg"], ["pictures"], {"width": {"a.jpg": width}}, [])
        assert [record.name for record in select_in(small, dataset)] == names


def test_an_edited_caption_has_no_agreement_until_the_next_review(tmp_path: Path, toolkit_home: Path) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": "a cat", "b.jpg": "a dog"})
    scores = {"agreement": {"a.jpg": 2.0, "b.jpg": 3.0}}
    texts = {"a.jpg": "a cat", "b.jpg": "a dog"}
    LastReviews(settings().home).add(root, texts, ["agreement"], scores, [], texts)
    dataset = open_dataset(root)
    worst = Scope(query="agreement:<10%")
    assert [record.name for record in select_in(worst, dataset)] == ["a.jpg", "b.jpg"]
    assert changed_since_review(dataset) == 0
    (root / "a.txt").write_text("a bird")
    dataset = open_dataset(root)
    assert [record.name for record in select_in(worst, dataset)] == ["b.jpg"]
    assert changed_since_review(dataset) == 1


def marked_folder(root: Path) -> Store:
    """Four images: a and c are left out, b has four stars."""
    captions = {"a.jpg": "a cat", "b.jpg": "a cat", "sub/c.jpg": "a dog", "sub/d.jpg": "a dog"}
    dataset = open_dataset(image_folder(root, captions))
    store = Store(dataset.root, journal_for(dataset.root, settings()), "local", settings(), dataset)
    leave_out(store, ["a.jpg", "sub/c.jpg"])
    store.journal.marks.set(MarkWish("b.jpg", "rating", 4))
    return store


@pytest.mark.parametrize(
    ("scope", "selected", "left"),
    [
        (Scope(), "bd", "ac"),
        (Scope(query="cat"), "b", "a"),
        (Scope(folder="sub"), "d", "c"),
        (Scope(names=frozenset({"a.jpg", "sub/d.jpg"})), "d", "a"),
        (Scope(query="left_out:yes"), "ac", ""),
        (Scope(query="cat AND left_out:yes"), "a", ""),
        (Scope(query="left_out:no"), "bd", ""),
        (Scope(query="rating:>=4"), "b", ""),
        (Scope(query="rating:none"), "d", "ac"),
    ],
)
def test_what_is_left_out_is_passed_over_and_told_unless_it_is_asked_for(
    tmp_path: Path, scope: Scope, selected: str, left: str
) -> None:
    dataset = marked_folder(tmp_path / "photos").dataset
    assert dataset is not None
    found = look_in(scope, dataset)
    assert "".join(one.name[-5] for one in found.records) == selected
    assert "".join(one.name[-5] for one in found.left_out) == left
    assert select_in(scope, dataset) == found.records


def test_keywords_are_counted_without_what_is_left_out(tmp_path: Path) -> None:
    dataset = marked_folder(tmp_path / "photos").dataset
    assert dataset is not None
    counted = count_in(Scope(query="cat, dog"), dataset)
    assert (counted.counts, counted.images) == ([("cat", 1), ("dog", 1)], 2)


def test_a_mark_makes_what_was_derived_stale_whichever_process_sets_it(tmp_path: Path) -> None:
    store = marked_folder(tmp_path / "photos")
    assert store.dataset is not None
    before, ready = version_of(store.dataset), haystack(store.dataset)
    assert haystack(store.dataset) is ready
    Journal(store.journal.path).marks.set(MarkWish("sub/d.jpg", "rating", 5))
    assert version_of(store.dataset) != before
    assert [one.name for one in select_in(Scope(query="rating:5"), store.dataset)] == ["sub/d.jpg"]


def test_a_mark_that_cannot_be_read_lets_nothing_pass_as_kept(tmp_path: Path) -> None:
    store = marked_folder(tmp_path / "photos")
    assert store.dataset is not None
    store.journal.close()
    store.journal.path.unlink()
    store.journal.path.mkdir()
    with pytest.raises(InvalidInput, match="left out"):
        look_in(Scope(), store.dataset)
