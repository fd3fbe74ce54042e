"""How captions of one picture stand to one another, and what they are together."""

from __future__ import annotations

import pytest

from lib.review.duplicates.captions import fullest, joined, relation


@pytest.mark.parametrize(
    ("captions", "expected"),
    [
        (["A red car.", "a red car"], "agree"),
        (["a dog on the grass", "the dogs on grass"], "agree"),
        (["a dog", "a brown dog on the grass"], "adds"),
        (["a red car on a road", "a blue car on a road"], "contradict"),
        (["two dogs run", "three dogs run"], "contradict"),
        (["a man with a hat", "a woman with a hat"], "contradict"),
        (["a man and a woman", "a woman and a man"], "agree"),
        (["a cat on a sofa", "a train in the snow"], "contradict"),
        (["a cat", ""], "lacks"),
        (["", " "], "lacks"),
        (["a cat", "a cat", ""], "adds"),
        (["a cat", "a cat", "a red cat", "a blue cat"], "contradict"),
    ],
)
def test_captions_of_twins(captions, expected):
    assert relation(captions) == expected


def test_other_words_of_the_same_meaning_do_not_contradict():
    captions = ["a puppy plays in the yard", "the little dog is having fun outside"]
    assert relation(captions) == "contradict"
    assert relation(captions, lambda one, other: True) == "adds"


def test_tags_are_joined_without_saying_one_twice():
    assert joined(["cat, red sofa", "Cat, window"]) == "cat, red sofa, window"


def test_sentences_are_joined_as_sentences():
    assert joined(["A cat sits on the sofa", "It rains outside of the window."]) == (
        "A cat sits on the sofa. It rains outside of the window."
    )
    assert joined(["A cat sits on the sofa", " A cat sits on the sofa "]) == "A cat sits on the sofa"


def test_the_fullest_caption_says_most():
    assert fullest(["a cat", "a red cat on a sofa", ""]) == 1
