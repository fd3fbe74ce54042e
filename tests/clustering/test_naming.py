"""Clusters are called by what their captions say and others' do not."""

from __future__ import annotations

import tracemalloc

import numpy as np

from lib.clustering.naming import count_terms, name_clusters


def test_words_that_set_a_cluster_apart_name_it() -> None:
    texts = ["A dog runs on the grass.", "Two dogs, one dog in grass", "A boat on the sea!", "The sea and a BOAT"]
    terms = count_terms(texts, {"a", "the", "on", "in", "and"})
    first, second = name_clusters(terms, np.array([0, 0, 1, 1]), 2)
    assert set(first[:2]) == {"dog", "grass"}
    assert set(second) == {"boat", "sea"}


def test_a_word_that_all_clusters_share_comes_last() -> None:
    texts = ["photo dog", "photo dog", "photo cat", "photo cat", "photo bird"]
    names = name_clusters(count_terms(texts), np.array([0, 0, 1, 1, 2]), 3)
    assert [name[0] for name in names] == ["dog", "cat", "bird"]


def test_tags_are_taken_whole() -> None:
    texts = ["1girl, red sofa, smile", "1girl, red sofa", "night sky, stars", "night sky, moon"]
    first, second = name_clusters(count_terms(texts), np.array([0, 0, 1, 1]), 2)
    assert set(first[:2]) == {"1girl", "red sofa"}
    assert second[0] == "night sky"


def test_letters_numbers_and_stop_words_are_no_names() -> None:
    (name,) = name_clusters(count_terms(["a 12 b of the dog is running there"], {"of", "the", "is"}), np.array([0]), 1)
    assert set(name) == {"dog", "running", "there"}


def test_captions_without_words_have_no_name() -> None:
    assert name_clusters(count_terms(["!!!", "?"]), np.array([0, 1]), 2) == [(), ()]


def test_a_vocabulary_of_its_own_in_every_caption_needs_little_memory() -> None:
    count, k = 20_000, 500
    terms = count_terms([f"tag {n % k}, only {n}, alone {n}" for n in range(count)])
    tracemalloc.start()
    try:
        names = name_clusters(terms, np.arange(count) % k, k)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [name[0] for name in names] == [f"tag {number}" for number in range(k)]
    # As a full array the counts alone would take 160 MB.
    assert peak < 30_000_000


def test_terms_that_weigh_the_same_come_in_the_order_of_the_texts() -> None:
    (name,) = name_clusters(count_terms(["zebra, apple, moon", "apple, zebra, moon"]), np.array([0, 0]), 1)
    assert name == ("zebra", "apple", "moon")


def test_two_clusters_about_one_thing_are_told_apart_by_their_first_words() -> None:
    texts = ["dog grass", "dog grass", "dog grass", "dogs beach", "dog beach", "dog beach dog", "cat sofa", "cat sofa"]
    names = name_clusters(count_terms(texts), np.array([0, 0, 0, 1, 1, 1, 2, 2]), 3)
    firsts = [name[0] for name in names]
    assert len(set(firsts)) == 3
    assert sum(first in ("dog", "dogs") for first in firsts) <= 1
    assert not any({"dog", "dogs"} <= set(name) for name in names)


def test_a_plural_does_not_stand_beside_its_word() -> None:
    (name,) = name_clusters(count_terms(["dogs dog puppies puppy", "dogs boxes box"]), np.array([0, 0]), 1)
    assert name == ("dogs", "puppies", "boxes")


def test_clusters_with_the_very_same_captions_are_numbered() -> None:
    names = name_clusters(count_terms(["a dog", "a dog", "dogs"]), np.array([0, 1, 2]), 3)
    assert sorted(name[0] for name in names) == ["dog 2", "dog 3", "dogs"]
