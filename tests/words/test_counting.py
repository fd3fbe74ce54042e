"""Counts of words, pairs and tags against counts made the plain way; what is typical, what repeats."""

from __future__ import annotations

import json
import re
from collections import Counter
from math import log
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain import ImageRecord
from lib.text import split_tags, words
from lib.words import (
    Bar,
    Counting,
    Typical,
    Unit,
    compare,
    count,
    count_each,
    duplicates,
    lengths,
    opening,
    openings,
    stop_words,
)

NO_STOP: frozenset[str] = frozenset()
UNITS: tuple[Unit, ...] = ("words", "pairs", "tags")

captions = st.lists(
    st.lists(st.sampled_from(["Dog", "dogs", "glass", "the", "a", ", ", "it's", "café", "cafés", "2"]), max_size=8).map(
        " ".join
    ),
    max_size=8,
)
countings = st.builds(
    Counting,
    st.sampled_from(UNITS),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([stop_words(), NO_STOP]),
)


def records_of(texts: list[str]) -> list[ImageRecord]:
    return [ImageRecord(f"{number}.jpg", text=text) for number, text in enumerate(texts)]


def compared(here: list[str], there: list[str]) -> list[Typical]:
    return compare(*count_each([here, there]))


def naughty(test_data: Path) -> list[str]:
    strings: list[str] = json.loads((test_data / "hostile/strings/blns/blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 500
    return strings


def test_words_are_counted_as_often_as_they_stand_there() -> None:
    counts = count(["A dog, a Dog!", "The dog’s bone; dog's", ""])
    assert list(counts.counted.items()) == [("dog", 2), ("dog's", 2), ("bone", 1)]
    assert (counts.total, counts.distinct) == (5, 3)
    assert counts.top(1) == {"dog": 2}


def test_the_plain_way_gives_the_same_counts(test_data: Path) -> None:
    lines = (test_data / "photos/flickr8k_224/captions.txt").read_text(encoding="utf-8").splitlines()[1:5000]
    texts = [line.partition(",")[2] for line in lines]
    plain = Counter(
        word
        for text in texts
        for word in re.findall(r"[a-z0-9_]+(?:'[a-z0-9_]+)*", text.lower())
        if word not in stop_words()
    )
    assert all(text.isascii() for text in texts)
    assert dict(count(texts).counted) == dict(plain)


@pytest.mark.parametrize(
    ("counting", "text", "wanted"),
    [
        (Counting(fold_case=False), "Dog dog", {"Dog": 1, "dog": 1}),
        (Counting(drop_punctuation=False), "dog, dog", {"dog,": 1, "dog": 1}),
        (Counting(), "dog dogs", {"dog": 1, "dogs": 1}),
        (Counting(fold_plurals=True), "dog dogs Dogs", {"dog": 3}),
        (Counting(fold_plurals=True), "dogs", {"dogs": 1}),
        (Counting(fold_plurals=True), "glas glass", {"glas": 1, "glass": 1}),
        (Counting("pairs"), "a red dog runs", {"dog runs": 1, "red dog": 1}),
        (Counting("pairs"), "dog on dog", {}),
        (Counting("pairs", stop=NO_STOP), "dog on dog", {"dog on": 1, "on dog": 1}),
        (Counting("pairs", fold_plurals=True), "red car, red cars", {"car red": 1, "red car": 2}),
        (Counting("tags"), "Red Sofa, cat, red sofa , the", {"red sofa": 2, "cat": 1}),
        (Counting("tags", fold_plurals=True), "cats, cat", {"cat": 2}),
        (Counting(stop=stop_words(frozenset({"Dog"}), frozenset({"the"}))), "the dog barks", {"barks": 1, "the": 1}),
        (Counting("tags"), "caf\u00e9, cafe\u0301", {"caf\u00e9": 2}),
        (Counting(drop_punctuation=False), "Caf\u00c9! cafe\u0301!", {"caf\u00e9!": 2}),
        (Counting(stop=stop_words(frozenset({"cafe\u0301"}))), "caf\u00e9 dog", {"dog": 1}),
        (Counting(), "हिन्दी 白い猫 ελληνικά Мышь", {"ελληνικά": 1, "мышь": 1, "हिन्दी": 1, "白い猫": 1}),
    ],
)
def test_what_counts_as_the_same(counting: Counting, text: str, wanted: dict[str, int]) -> None:
    assert dict(count([text], counting).counted) == wanted


def test_pairs_do_not_reach_from_one_caption_to_the_next() -> None:
    assert dict(count(["red dog", "blue cat"], Counting("pairs")).counted) == {"blue cat": 1, "red dog": 1}


@settings(deadline=None)
@given(captions, countings)
def test_the_samples_of_a_word_are_those_that_it_was_counted_in(texts: list[str], counting: Counting) -> None:
    records = records_of(texts)
    counts = count(texts, counting)
    for term, total in counts.counted.items():
        as_counted = {term, *(plural for plural, single in counts.plurals.items() if single == term)}
        plain = {record.name: sum(t in as_counted for t in counting.terms(record.text)) for record in records}
        assert sum(plain.values()) == total
        holding = [record.name for record in counts.holding(term, records)]
        assert holding == [name for name, n in plain.items() if n]
    assert counts.total == sum(counts.counted.values())


def test_a_word_that_was_not_counted_is_held_by_nothing() -> None:
    assert count(["the dog"]).holding("the", records_of(["the dog"])) == []


def test_groups_are_counted_alike() -> None:
    one, two = count_each([["dogs"], ["dog"]], Counting(fold_plurals=True))
    assert dict(one.counted) == dict(two.counted) == {"dog": 1}
    assert one.holding("dog", records_of(["dogs", "cat"])) == records_of(["dogs"])


def test_typical_words_come_first_and_those_of_the_others_last() -> None:
    here = ["dog beach", "dog sand", "dog sea"] * 20
    there = ["cat sofa", "cat sand", "cat chair"] * 20
    typical = compared(here, there)
    assert typical[0].term == "dog"
    assert typical[-1].term == "cat"
    assert (typical[0].here, typical[0].there) == (60, 0)
    assert next(one for one in typical if one.term == "sand").score == pytest.approx(0)


def test_the_score_is_that_of_the_formula() -> None:
    typical = {one.term: one for one in compared(["dog dog cat"], ["cat cat bird"])}
    # y = 2 of 3 here, 0 of 3 there; the prior weighs 3, of which dog has 2/6.
    odds_here, odds_there = 3 / (6 - 3), 1 / (6 - 1)
    expected = log(odds_here / odds_there) / (1 / 3 + 1 / 1) ** 0.5
    assert typical["dog"].score == pytest.approx(expected)


def test_a_rare_word_is_less_typical_than_a_frequent_one() -> None:
    typical = compared(["dog dog dog owl"] + ["dog"] * 20, ["cat"] * 20)
    assert [one.term for one in typical[:2]] == ["dog", "owl"]


@pytest.mark.parametrize(("here", "there"), [([], ["cat"]), (["cat"], []), ([], []), (["the"], ["cat"])])
def test_nothing_is_typical_against_nothing(here: list[str], there: list[str]) -> None:
    assert compared(here, there) == []


def test_groups_of_one_and_the_same_word_are_alike() -> None:
    assert [one.score for one in compared(["cat"], ["cat cat"])] == [0.0]


def test_lengths_have_no_gaps_and_leave_empty_captions_out() -> None:
    assert lengths(["one", "one two three", "three more words.", " "]) == [Bar(1, 1, 1), Bar(2, 2, 0), Bar(3, 3, 2)]
    assert lengths([]) == []
    wide = lengths(["word " * size for size in range(1, 700)])
    assert len(wide) <= 31
    assert sum(bar.captions for bar in wide) == 699
    assert all(bar.first <= bar.last for bar in wide)


def test_openings_are_told_with_their_number() -> None:
    texts = ["A man in a hat", "a man, in a car", "A dog runs", "A dog", "a dog runs fast", "a man in red"]
    assert openings(texts) == [("a man in", 3), ("a dog runs", 2)]
    assert opening("A dog") == ""


def test_captions_that_say_the_same_are_found() -> None:
    texts = ["A dog.", "a  Dog", "a cat", "", " ", "A CAT!", "a dog", "!!!", "!!! ", "??"]
    found = [[record.name for record in group] for group in duplicates(records_of(texts))]
    assert found == [["0.jpg", "1.jpg", "6.jpg"], ["2.jpg", "5.jpg"], ["7.jpg", "8.jpg"]]


def test_naughty_strings_are_counted_like_all_others(test_data: Path) -> None:
    texts = naughty(test_data)
    records = records_of(texts)
    for unit in UNITS:
        counting = Counting(unit, fold_plurals=True, stop=NO_STOP)
        counts = count(texts, counting)
        assert counts.total == sum(len(counting.terms(text)) for text in texts)
        for term in counts.counted:
            assert counts.holding(term, records)
    assert count(texts, Counting(fold_case=False, stop=NO_STOP)).total == sum(
        len(words(text.replace("’", "'"))) for text in texts
    )
    assert count(texts, Counting("tags", stop=NO_STOP)).total == sum(len(split_tags(text.lower())) for text in texts)
    assert sum(bar.captions for bar in lengths(texts)) == sum(bool(text.strip()) for text in texts)
    assert all(len(group) > 1 for group in duplicates(records))
    assert compared(texts[:250], texts[250:])
    openings(texts)


@given(captions, countings)
def test_a_term_is_said_to_be_in_as_many_captions_as_it_is_found_in(texts: list[str], counting: Counting) -> None:
    counts, records = count(texts, counting), records_of(texts)
    assert counts.samples == {term: len(counts.holding(term, records)) for term in counts.counted}


def test_a_caption_that_holds_a_word_twice_or_with_its_plural_is_one_caption() -> None:
    counts = count(["dog and dogs", "dog dog", "dogs", "cat"], Counting(fold_plurals=True))
    assert (counts.counted["dog"], counts.samples["dog"]) == (5, 3)
