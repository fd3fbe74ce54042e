"""Where hits stand in a caption, how many captions a keyword is in, and haystacks that follow edits."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.find import Allowance
from lib.keywords import Haystack, parse, quoted
from lib.keywords import haystack as haystack_module


def record(text: str, name: str = "a.jpg") -> ImageRecord:
    return ImageRecord(name, text=text)


def marked(query: str, text: str, **switches: bool) -> list[str]:
    return [text[start:end] for start, end in parse(query, **switches).spans(text)]


@pytest.mark.parametrize(
    ("query", "text", "hits"),
    [
        ("cat", "Cat, cats", ["Cat", "cat"]),
        ("cat, cats", "cats", ["cats"]),
        ("red, sofa -cat", "a red sofa", ["red", "sofa"]),
        ("red AND NOT sofa", "a red chair", ["red"]),
        ("-cat", "a cat", []),
        ("c*t", "a coat, coats", ["coat"]),
        ("tag:cat", "a cat,  Cat , cat", ["Cat", "cat"]),
        ("strasse", "Die STRAßE!", ["STRAßE"]),
        ("s", "ß", ["ß"]),
        ("ß", "ss", ["ss"]),
        ("i\u0307", "İstanbul", ["İ"]),
        ("tanbul", "İstanbul", ["tanbul"]),
        ("bul", "ßİßİstanbul", ["bul"]),
        ("café", "un cafe\u0301 noir", ["cafe\u0301"]),
        ("noir", "un cafe\u0301 noir", ["noir"]),
        ("tokens:<9 name:a", "cat", []),
        ("한", "\u1112\u1161\u11ab", ["\u1112\u1161\u11ab"]),
    ],
)
def test_hits_are_marked_where_they_stand(query: str, text: str, hits: list[str]) -> None:
    assert marked(query, text) == hits


def test_hits_of_patterns_are_marked_without_empty_ones() -> None:
    assert marked("c.t, x*", "Cut cat", regex=True) == ["Cut", "cat"]


def test_whole_words_are_marked_alone() -> None:
    assert marked("cat", "cats cat", whole_words=True) == ["cat"]
    assert parse("cat", whole_words=True).spans("cats cat") == [(5, 8)]


@pytest.mark.parametrize("before", ["❤️", "👩\u200d", "\ufe0f"])
def test_what_an_emoji_is_made_of_is_no_letter_beside_a_word(before: str) -> None:
    assert marked("cat", f"a {before}cat", whole_words=True) == ["cat"]
    assert marked("c*t", f"a {before}cat") == ["cat"]


@pytest.mark.parametrize("before", ["x\ufe0f", "क्\u200d", "e\u0301", "_"])
def test_letters_with_marks_and_joiners_go_on_in_a_word(before: str) -> None:
    assert marked("cat", f"a {before}cat", whole_words=True) == []


@settings(deadline=None)
@given(st.text(min_size=1, max_size=4), st.text(max_size=12), st.booleans())
def test_a_keyword_that_is_found_is_marked(needle: str, text: str, whole: bool) -> None:
    query = parse(quoted(needle), whole_words=whole)
    for caption in (text, text + needle, needle.upper() + text):
        spans = query.spans(caption)
        assert query.matches(record(caption)) is bool(spans)
        assert all(0 <= start < end <= len(caption) for start, end in spans)
        assert all(end < start for (_, end), (start, _) in pairwise(spans))


def test_counts_are_told_for_each_keyword_alone() -> None:
    haystack = Haystack([record("a cat"), record("a dog"), record("cat and dog"), record("")])
    assert parse("dog, cat, -tree, dog").counts(haystack) == [("dog", 2), ("cat", 2)]


def test_records_come_in_their_order() -> None:
    records = [record("cat", "b.jpg"), record("dog", "a.jpg"), record("bird", "c.jpg")]
    assert parse("bird, cat").find(Haystack(records)) == [records[0], records[2]]


def test_only_changed_captions_are_folded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [record("A Cat", "a.jpg"), record("A Dog", "b.jpg"), record("A Bird", "c.jpg")]
    before = Haystack(records)
    records[1] = replace(records[1], text="A Tree")
    folded: list[str] = []
    fold = haystack_module.fold
    monkeypatch.setattr(haystack_module, "fold", lambda text: folded.append(text) or fold(text))
    after = Haystack(records, before)
    assert folded == ["A Tree"]
    assert parse("tree").find(after) == [records[1]]
    assert parse("dog").find(after) == []
    assert [found.name for found in parse("dog").find(before)] == ["b.jpg"]


def test_token_counts_follow_edits() -> None:
    records = [record("cat " * 80, "a.jpg"), record("cat", "b.jpg")]
    before = Haystack(records)
    assert len(parse("tokens:>75").find(before)) == 1
    records[1] = replace(records[1], text="dog " * 90)
    assert len(parse("tokens:>75").find(Haystack(records, before))) == 2


def test_a_pattern_that_explodes_is_stopped() -> None:
    with pytest.raises(InvalidInput, match="too slow"):
        parse("(a|aa)+$", regex=True).find(Haystack([record("a" * 60 + "!")]))


def test_captions_that_share_an_allowance_stop_when_it_is_used_up() -> None:
    query, allowance = parse("(a|aa)+$, cat", regex=True), Allowance(0.1)
    with pytest.raises(InvalidInput, match="too slow"):
        query.spans("a" * 60 + "!", allowance)
    assert allowance.left < 0
    with pytest.raises(InvalidInput, match="too slow"):
        query.spans("cat", allowance)
    assert query.spans("cat") == [(0, 3)]


def test_patterns_that_explode_come_to_an_end(test_data: Path) -> None:
    for pattern, text in json.loads((test_data / "hostile/strings/made/redos.json").read_text(encoding="utf-8")):
        with suppress(InvalidInput):
            parse(pattern.replace(",", "\\,"), regex=True).find(Haystack([record(text)] * 20))


def test_a_row_of_stars_takes_time_in_proportion_to_the_text() -> None:
    query = parse("*a" * 30 + "*b")
    assert not query.matches(record("a" * 5_000))


def test_naughty_strings_are_found_by_themselves_and_marked_whole(test_data: Path) -> None:
    strings: list[str] = json.loads((test_data / "hostile/strings/blns/blns.json").read_text(encoding="utf-8"))
    records = [record(text, f"{number}.jpg") for number, text in enumerate(strings)]
    haystack = Haystack(records)
    assert len(strings) > 500
    for number, text in enumerate(strings):
        for switches in ({}, {"regex": True}, {"whole_words": True}):
            try:
                query = parse(text, **switches)
            except InvalidInput:
                continue
            query.find(haystack)
            query.spans(text)
        if text:
            query = parse(quoted(text))
            assert records[number] in query.find(haystack)
            assert query.spans(text) == [(0, len(text))]
