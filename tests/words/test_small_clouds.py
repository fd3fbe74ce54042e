"""Small word clouds: one scale, nothing over anything else, nothing that cannot be read."""

from __future__ import annotations

import re

import pytest

from lib.words import SmallClouds, count, largest_share, small_clouds
from lib.words.small_clouds import HEIGHT, WIDTH


def drawn(*groups: list[str]) -> SmallClouds:
    pairs = [(count(texts), len(texts)) for texts in groups]
    return small_clouds(pairs, largest_share(pairs))


def sizes(clouds: SmallClouds, place: int) -> dict[str, float]:
    return {one.word: one.size for one in clouds.clouds[place].placed}


def test_one_size_is_one_share_of_the_captions_in_all_clouds() -> None:
    few = ["dog barks", "dog", "cat", "cat"]
    clouds = drawn(few, few * 25, ["bird"] * 7)
    assert sizes(clouds, 0) == sizes(clouds, 1)
    assert sizes(clouds, 0)["dog"] == sizes(clouds, 0)["cat"]
    # Held by all of them, so twice the area of what half of them hold.
    assert sizes(clouds, 2)["bird"] == pytest.approx(2**0.5 * sizes(clouds, 0)["dog"], abs=0.1)


def test_a_word_said_often_in_few_captions_is_not_large() -> None:
    clouds = drawn(["dog dog dog dog", "cat", "cat", "cat"])
    assert sizes(clouds, 0)["cat"] > sizes(clouds, 0)["dog"]


def test_no_word_lies_over_another_or_outside() -> None:
    texts = [" ".join(f"word{number}" for number in range(first)) for first in range(1, 30)]
    clouds = drawn(texts, ["acknowledgement of a straightforward misunderstanding"] * 3)
    for cloud in clouds.clouds:
        boxes = []
        for one in cloud.placed:
            x, y = map(float, re.findall(r"-?[\d.]+", one.transform))
            width, height = 0.5 * one.size * len(one.word), 0.5 * one.size
            assert 0 <= x <= x + width <= WIDTH
            assert 0 <= y - height <= y <= HEIGHT
            boxes.append((x, y - height, x + width, y))
        for place, (left, top, right, bottom) in enumerate(boxes):
            for x, y, to_x, to_y in boxes[:place]:
                assert right <= x or left >= to_x or bottom <= y or top >= to_y
        assert boxes


def test_words_too_rare_to_be_read_are_left_out_and_an_empty_group_is_an_empty_cloud() -> None:
    clouds = drawn(["dog"] * 99 + ["unicorn"], [], ["", "the"])
    assert sizes(clouds, 0).keys() == {"dog"}
    assert [cloud.placed for cloud in clouds.clouds[1:]] == [(), ()]
    assert clouds.letters


def test_what_no_cloud_needs_of_its_picture_is_cut_off_all_alike() -> None:
    left, top, width, height = drawn(["dog"], ["dog", "cat"]).view
    assert 0 < top < HEIGHT / 3 + 1
    assert (2 * left + width, 2 * top + height) == pytest.approx((WIDTH, HEIGHT), abs=0.2)
    assert drawn([], []).view[2:] == (WIDTH / 3, HEIGHT / 3)


def test_clouds_without_a_word_need_no_letters() -> None:
    assert drawn([], ["the"]).letters == ""


def test_each_cloud_says_what_is_most_frequent_in_how_many_captions() -> None:
    assert drawn(["dog dog", "dog cat"]).clouds[0].most == (("dog", 2), ("cat", 1))
