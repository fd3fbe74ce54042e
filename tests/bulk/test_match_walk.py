"""Walking through matches, replacing one of them, and carrying a plan out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.bulk import Change, Find, Matches, apply_changes, find_matches, plan_replace, replace_one
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ImageRecord, SidecarState
from lib.errors import Cancelled, InvalidInput
from lib.settings import Settings
from tests.doubles.image_folder import image_folder
from tests.doubles.onlooker import Onlooker, stop_at


def records(*texts: str) -> list[ImageRecord]:
    return [ImageRecord(f"{place}.jpg", text=text, state=SidecarState.TEXT) for place, text in enumerate(texts)]


def visited(matches: Matches, steps: int, way: int = 1) -> list[tuple[str, int]]:
    """Where `steps` steps lead: the image and the match in it."""
    places = []
    for _ in range(steps):
        matches.step(way)
        places.append((matches.name, matches.hit))
    return places


@pytest.mark.parametrize("find", [Find("cat"), Find("CAT", ignore_case=True), Find("c.t", regex=True)])
def test_matches_are_counted_by_caption(find: Find) -> None:
    matches = find_matches(records("cat cat", "dog", "a cat"), find)
    assert (matches.names, matches.counts) == (["0.jpg", "2.jpg"], [2, 1])
    assert (matches.total, matches.files, matches.number) == (3, 2, 1)


def test_captions_that_cannot_be_edited_are_not_searched() -> None:
    locked = [
        ImageRecord("a.jpg", text="cat", state=SidecarState.UNDECODABLE),
        ImageRecord("b.jpg", text="cat", state=SidecarState.TEXT, shared=True),
    ]
    assert find_matches(locked, Find("cat")).total == 0


def test_a_walk_goes_round_both_ways() -> None:
    matches = find_matches(records("cat cat", "dog", "a cat"), Find("cat"))
    assert visited(matches, 3) == [("0.jpg", 1), ("2.jpg", 0), ("0.jpg", 0)]
    assert visited(matches, 3, -1) == [("2.jpg", 0), ("0.jpg", 1), ("0.jpg", 0)]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.lists(st.sampled_from([1, -1]), max_size=12))
def test_every_step_leads_to_a_match_with_the_next_number(counts: list[int], ways: list[int]) -> None:
    matches = Matches(Find("x"), [str(place) for place in range(len(counts))], counts)
    matches.recount(matches.name, counts[0])
    for way in ways:
        before = matches.number
        matches.step(way)
        if matches.total:
            assert 0 <= matches.hit < matches.counts[matches.file]
            assert matches.number == (before - 1 + way) % matches.total + 1


def test_a_caption_that_lost_its_matches_is_passed_over() -> None:
    matches = find_matches(records("cat", "cat", "cat"), Find("cat"))
    matches.recount("0.jpg", 0)
    assert (matches.name, matches.number, matches.total, matches.files) == ("1.jpg", 1, 2, 2)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=12))
def test_the_total_follows_what_is_recounted_and_replaced(news: list[tuple[int, int, bool]]) -> None:
    matches = Matches(Find("x"), ["0", "1", "2", "3"], [1, 2, 0, 3])
    for place, count, was_replaced in news:
        if was_replaced:
            matches.replaced(str(place), list(range(count)), 1)
        else:
            matches.recount(str(place), count)
        assert matches.total == sum(matches.counts)
        assert matches.counts[place] == count


def test_a_walk_without_matches_stands_still() -> None:
    matches = find_matches(records("cat"), Find("cat"))
    matches.recount("0.jpg", 0)
    matches.step(1)
    assert matches.total == 0


def test_a_replacement_that_holds_the_words_is_not_met_again_at_once() -> None:
    text, end = replace_one("cat, cat", Find("cat"), "cats", 0)
    assert text == "cats, cat"
    matches = find_matches(records("cat, cat", "cat"), Find("cat"))
    matches.replaced("0.jpg", [start for start, _ in Find("cat").find_all(text)], end)
    assert (matches.name, matches.hit) == ("0.jpg", 1)


def test_after_the_last_match_of_a_caption_comes_the_next_caption() -> None:
    text, end = replace_one("cat, cat", Find("cat"), "dog", 1)
    assert text == "cat, dog"
    matches = find_matches(records("cat, cat", "cat"), Find("cat"))
    matches.replaced("0.jpg", [start for start, _ in Find("cat").find_all(text)], end)
    assert (matches.name, matches.hit, matches.number) == ("1.jpg", 0, 2)


def test_a_match_that_begins_where_the_replacement_ends_comes_next() -> None:
    text, end = replace_one("aa", Find("a"), "b", 0)
    matches = find_matches(records("aa", "a"), Find("a"))
    matches.replaced("0.jpg", [start for start, _ in Find("a").find_all(text)], end)
    assert (matches.name, matches.hit, matches.number) == ("0.jpg", 0, 1)


def test_one_match_is_replaced_with_its_groups() -> None:
    find = Find(r"(\w+) sofa", regex=True)
    assert replace_one("red sofa, blue sofa", find, r"\1 bench", 1) == ("red sofa, blue bench", 20)


def test_a_match_that_is_gone_is_not_replaced() -> None:
    with pytest.raises(InvalidInput, match="not there any more"):
        replace_one("cat", Find("cat"), "dog", 1)


@given(st.text("ab ", max_size=30), st.text("abc\\", max_size=3))
def test_one_by_one_from_the_end_is_all_at_once(text: str, replacement: str) -> None:
    find = Find("ab")
    at_once = plan_replace(records(text), find, replacement)
    new = text
    for number in reversed(range(len(find.find_all(text)))):
        new, _ = replace_one(new, find, replacement, number)
    assert new == (at_once[0].after if at_once else text)


def opened(tmp_path: Path, captions: dict[str, str | bytes | None]) -> Store:
    root = image_folder(tmp_path / "photos", captions)
    settings = Settings(home=tmp_path / "home")
    return Store(root, journal_for(root, settings), "local", settings, open_dataset(root))


def test_a_plan_is_carried_out_as_one_operation(tmp_path: Path) -> None:
    store = opened(tmp_path, {"a.jpg": b"\xef\xbb\xbfcat\r\n", "b.jpg": None, "c.jpg": "dog"})
    done = apply_changes(store, [Change("a.jpg", "cat\n", "cats\n"), Change("b.jpg", "", "new")], "replace")
    assert (done.changed, done.left_alone) == (2, ())
    assert (store.root / "a.txt").read_bytes() == b"\xef\xbb\xbfcats\r\n"
    assert (store.root / "b.txt").read_text() == "new"
    assert [(entry.kind, entry.files) for entry in Operations(store).history()] == [("replace", 2)]


def test_carrying_out_a_plan_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    store = opened(tmp_path, {"a.jpg": "cat", "b.jpg": "cat"})
    plan = [Change(name, "cat", "dog") for name in ("a.jpg", "b.jpg")]
    with pytest.raises(Cancelled):
        apply_changes(store, plan, "replace", progress=stop_at(1))
    assert (store.root / "a.txt").read_text() == "cat"
    onlooker = Onlooker()
    apply_changes(store, plan, "replace", progress=onlooker)
    assert onlooker.told[-1] == (2, 2)


def test_what_is_not_as_it_was_planned_is_left_alone_with_its_reason(tmp_path: Path) -> None:
    store = opened(tmp_path, {"a.jpg": "cat", "b.jpg": "cat", "c.jpg": "cat", "d.jpg": "cat"})
    (store.root / "a.txt").write_text("by another program")
    (store.root / "b.txt").write_bytes(b"caf\xe9")
    (store.root / "c.txt").unlink()
    names = ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "gone.jpg")
    done = apply_changes(store, [Change(name, "cat", "dog") for name in names], "replace")
    assert done.changed == 1
    assert (store.root / "d.txt").read_text() == "dog"
    reasons = dict(done.left_alone)
    assert sorted(reasons) == ["a.jpg", "b.jpg", "c.jpg", "gone.jpg"]
    assert "changed after the preview" in reasons["a.jpg"]
    assert "not text" in reasons["b.jpg"]
    assert "no longer in the dataset" in reasons["gone.jpg"]
    assert (store.root / "a.txt").read_text() == "by another program"
    assert not (store.root / "c.txt").exists()
