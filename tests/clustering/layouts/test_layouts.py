"""Maps keep who is near whom, come out the same again, and can be stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lib.clustering.layouts import LAYOUTS, QUICK
from lib.clustering.reduce import reduce
from lib.embedding.sbert import SentenceBert
from lib.errors import Cancelled, InvalidInput
from lib.settings import Settings
from tests.doubles.minilm import minilm
from tests.doubles.neighbours_kept import drawn_vectors, first_captions, neighbours_kept
from tests.doubles.onlooker import Onlooker, stop_at


def place(vectors: np.ndarray, layout: str = "umap", seed: int = 0, progress: Onlooker | None = None) -> np.ndarray:
    return LAYOUTS[layout]().place(reduce(vectors).points, seed, progress or Onlooker())


def test_neighbours_stay_near_far_more_often_than_by_principal_axes() -> None:
    vectors = drawn_vectors(1_200)
    kept, crude = (neighbours_kept(vectors, place(vectors, layout)) for layout in ("umap", "axes"))
    assert kept >= 0.5
    assert crude < 0.35


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_of_the_captions_of_real_photos_a_third_of_the_neighbours_stay_near(
    test_data: Path, configured: Settings
) -> None:
    vectors = SentenceBert(configured, minilm()).embed(first_captions(test_data))
    assert vectors.shape == (1_900, 384)
    assert neighbours_kept(vectors, place(vectors)) >= 0.33


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_the_same_vectors_and_seed_give_the_same_map(layout: str) -> None:
    vectors = drawn_vectors(300)
    np.testing.assert_array_equal(place(vectors, layout), place(vectors, layout))


def test_another_seed_gives_another_map() -> None:
    vectors = drawn_vectors(300)
    assert not np.allclose(place(vectors, seed=0), place(vectors, seed=1), atol=0.1)


def test_how_far_a_map_is_can_be_told() -> None:
    onlooker = Onlooker()
    place(drawn_vectors(100), progress=onlooker)
    done, total = zip(*onlooker.told, strict=True)
    assert list(done) == list(range(total[0] + 1))
    assert set(total) == {done[-1]}


@pytest.mark.parametrize("question", [1, 2, 30])
def test_a_map_is_stopped_at_the_next_step(question: int) -> None:
    onlooker = stop_at(question)
    with pytest.raises(Cancelled):
        place(drawn_vectors(100), progress=onlooker)
    assert onlooker.asked == question


@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("count", [1, 2, 4, 5, 13])
def test_a_handful_of_samples_and_equal_ones_have_places(layout: str, count: int) -> None:
    for vectors in (drawn_vectors(count), np.ones((count, 8), np.float32)):
        places = place(vectors, layout)
        assert places.shape == (count, 2)
        assert places.dtype == np.float32
        assert np.isfinite(places).all()


def test_many_equal_samples_among_others_do_not_tear_the_map_apart() -> None:
    vectors = drawn_vectors(400)
    vectors[:200] = vectors[0]
    places = place(vectors)
    assert np.abs(places).max() < 100


def test_the_layout_that_costs_nothing_is_one_of_them_and_an_unknown_one_is_told() -> None:
    assert QUICK in LAYOUTS
    with pytest.raises(InvalidInput, match="globe"):
        LAYOUTS["globe"]
