"""Two changes of one text become one where they do not touch the same words, and none where they do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.three_way import merge_changes

_TEXTS = st.lists(st.sampled_from(["cat", "dog", " ", ", ", "猫", "red"]), max_size=10).map("".join)


@pytest.mark.parametrize(
    ("base", "one", "other", "merged"),
    [
        ("a dog runs", "a big dog runs", "a dog runs, photo", "a big dog runs, photo"),
        ("a dog runs", "a big dog runs", "photo of a dog runs", "photo of a big dog runs"),
        ("dog, cat", "dog, cat, red", "dog, cat, best", "dog, cat, red, best"),
        ("dog, cat", "my dog, cat", "best, dog, cat", "best, my dog, cat"),
        ("dog, cat, sofa", "dog, cat, sofa, red", "dog, sofa", "dog, sofa, red"),
        ("a gray cat sat", "a gray cat sat down", "a grey cat sat", "a grey cat sat down"),
        ("a dog", "two dogs", "two dogs", "two dogs"),
    ],
)
def test_changes_of_different_words_are_both_made(base: str, one: str, other: str, merged: str) -> None:
    assert merge_changes(base, one, other) == merged


@pytest.mark.parametrize(
    ("base", "one", "other"),
    [
        ("a dog runs", "a cat runs", "a puppy runs"),
        ("a dog runs fast", "a dog sleeps", "a dog runs very fast"),
        ("", "a dog", "photo"),
        (" ", "a dog", "photo"),
        ("a dog runs", "", "a dog runs, photo of it"),
    ],
)
def test_changes_of_the_same_words_are_not_made_one(base: str, one: str, other: str) -> None:
    assert merge_changes(base, one, other) is None


@given(_TEXTS, _TEXTS)
def test_beside_no_change_the_other_one_is_what_counts(base: str, changed: str) -> None:
    assert merge_changes(base, changed, base) == changed
    assert merge_changes(base, base, changed) == changed
    assert merge_changes(base, changed, changed) == changed


@given(_TEXTS, _TEXTS, _TEXTS)
def test_no_letter_comes_from_nowhere(base: str, one: str, other: str) -> None:
    merged = merge_changes(base, one, other)
    if merged is not None:
        known = base + one + other
        assert all(merged.count(letter) <= known.count(letter) for letter in set(merged))
