"""What differs between two captions is told word by word, and no letter of either is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.diff import Part, word_diff

_TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(["cat", "dog", " ", "  ", "\n", ",", "猫", "don't"]), max_size=14).map("".join),
)


def sides(parts: list[Part]) -> tuple[str, str]:
    return (
        "".join(text for kind, text in parts if kind != "ins"),
        "".join(text for kind, text in parts if kind != "del"),
    )


@given(_TEXTS, _TEXTS)
def test_both_texts_can_be_put_together_again(before: str, after: str) -> None:
    parts = word_diff(before, after)
    assert sides(parts) == (before, after)
    assert all(text for _, text in parts)
    assert all(one[0] != next_[0] for one, next_ in pairwise(parts))


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("", "", []),
        ("a cat", "a cat", [("same", "a cat")]),
        ("", "cat", [("ins", "cat")]),
        ("a cat sits", "a dog sits", [("same", "a "), ("del", "cat"), ("ins", "dog"), ("same", " sits")]),
        ("a red sofa.", "a blue chair.", [("same", "a "), ("del", "red sofa"), ("ins", "blue chair"), ("same", ".")]),
        ("cat, dog", "pet, cat, dog", [("ins", "pet, "), ("same", "cat, dog")]),
        ("a  b", "a b", [("same", "a "), ("del", " "), ("same", "b")]),
        ("红猫坐", "红狗坐", [("same", "红"), ("del", "猫"), ("ins", "狗"), ("same", "坐")]),
    ],
)
def test_what_is_marked_is_what_differs(before: str, after: str, parts: list[Part]) -> None:
    assert word_diff(before, after) == parts


def test_very_long_texts_that_differ_all_over_are_one_replacement_between_what_they_share() -> None:
    before = "start " + "one two " * 60_000 + "end"
    after = "start " + "three four " * 60_000 + "end"
    parts = word_diff(before, after)
    assert [kind for kind, _ in parts] == ["same", "del", "ins", "same"]
    assert (parts[0][1], parts[-1][1]) == ("start ", " end")
    assert sides(parts) == (before, after)


def test_one_changed_word_of_a_very_long_text_is_marked_alone() -> None:
    text = "one two " * 60_000
    assert ("ins", "three") in word_diff(text, text[:240_000] + "three" + text[240_003:])


def test_two_texts_that_are_drawn_again_are_not_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = "one two three " * 20, "one 2 three 3 " * 20
    first = word_diff(before, after)
    monkeypatch.setattr("lib.diff.SequenceMatcher", None)
    again = word_diff(before, after)
    assert again == first
    again.clear()
    assert word_diff(before, after) == first


def test_very_long_texts_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = f"a{'x' * 20_000} b", f"c{'x' * 20_000} b c"
    word_diff(before, after)
    monkeypatch.setattr("lib.diff.SequenceMatcher", None)
    with pytest.raises(TypeError):
        word_diff(before, after)
