"""What only saves time is cleared while others use it, and nobody notices but by the clock."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.caches import ClearableCache, kept_things
from lib.embedding.many import Embedded, Pictures, embed_pictures, embed_texts
from lib.errors import WriteFailed
from lib.images import load_square
from lib.images.thumbnails import thumbnail
from lib.kept_measures import KeptMeasures
from lib.settings import Settings
from tests.doubles.embedder import ColourEmbedder, WordEmbedder

CAPTIONS = [(f"{number}.jpg", f"{'abcdefgh'[number]} caption") for number in range(8)]


def kept(settings: Settings, name: str) -> ClearableCache:
    return next(one for one in kept_things(settings) if one.name == name)


class Clearing(WordEmbedder):
    """Somebody clears the vectors while it is at work, so many times."""

    def __init__(self, settings: Settings, times: int) -> None:
        super().__init__()
        self._settings, self._times = settings, times

    def _embed(self, model: object, batch: list[str]) -> np.ndarray:
        if self._times and self.batches:
            self._times -= 1
            kept(self._settings, "vectors").clear()
        return super()._embed(model, batch)


def same(one: Embedded, other: Embedded) -> None:
    np.testing.assert_array_equal(one.vectors[:], other.vectors[:])
    assert one.names == other.names


@pytest.fixture
def slowly_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch is written down at once, so that there is something to be cleared."""
    monkeypatch.setattr("lib.embedding.many._FLUSH_S", -1.0)


@pytest.mark.usefixtures("slowly_kept")
def test_vectors_that_are_cleared_while_they_are_made_are_made_again(configured: Settings, tmp_path: Path) -> None:
    whole = embed_texts(CAPTIONS, WordEmbedder(), tmp_path / "elsewhere")
    same(embed_texts(CAPTIONS, Clearing(configured, 1), configured.vectors), whole)
    again = embed_texts(CAPTIONS, WordEmbedder(), configured.vectors)
    assert (again.done, again.reused) == (0, 8)


@pytest.mark.usefixtures("slowly_kept")
def test_vectors_that_are_cleared_again_and_again_end_in_words(configured: Settings) -> None:
    with pytest.raises(WriteFailed, match="were cleared"):
        embed_texts(CAPTIONS, Clearing(configured, 99), configured.vectors)


def test_vectors_that_were_loaded_outlast_a_clearing(configured: Settings) -> None:
    found = embed_texts(CAPTIONS, WordEmbedder(), configured.vectors)
    before = found.vectors[:]
    vectors = kept(configured, "vectors")
    assert vectors.size > 0
    vectors.clear()
    np.testing.assert_array_equal(found.vectors[:], before)
    assert embed_texts(CAPTIONS, WordEmbedder(), configured.vectors).done == 8


def test_vectors_of_pictures_are_made_again_after_a_clearing_too(configured: Settings, tmp_path: Path) -> None:
    for number in range(6):
        Image.new("RGB", (30, 20), (40 * number, 90, 9)).save(tmp_path / f"{number}.png")
    pictures = Pictures(
        tmp_path, [f"{number}.png" for number in range(6)], lambda path, side: np.asarray(load_square(path, side))
    )
    first = embed_pictures(pictures, ColourEmbedder(), configured.vectors)
    before = first.vectors[:]
    kept(configured, "vectors").clear()
    again = embed_pictures(pictures, ColourEmbedder(), configured.vectors)
    assert again.done == 6
    np.testing.assert_array_equal(again.vectors[:], before)


def test_a_cleared_thumbnail_is_made_anew_and_the_cap_still_holds(configured: Settings, tmp_path: Path) -> None:
    picture, folder = tmp_path / "a.png", configured.thumbnails
    Image.effect_noise((400, 300), 90).save(picture)
    first = thumbnail(picture, 200, folder, 1)
    kept(configured, "thumbnails").clear()
    assert kept(configured, "thumbnails").size == 0
    assert thumbnail(picture, 200, folder, 1) == first
    for side in range(200, 320, 2):
        thumbnail(picture, side, folder, 1)
    assert 0 < kept(configured, "thumbnails").size <= 1_000_000


def test_what_is_no_cache_stays(configured: Settings) -> None:
    others = [configured.home / name for name in ("journals/a.sqlite", "owners/x/preferences.sqlite", "weights/w.h5")]
    for path in others:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    lists = configured.home / "cache" / "model-lists"
    lists.mkdir(parents=True)
    (lists / "a.json").write_bytes(b"{}")
    for one in kept_things(configured):
        one.clear()
        assert one.size == 0
    assert [path.read_bytes() for path in others] == [b"x"] * 3


def test_measures_of_reviews_are_cleared_and_what_was_found_right_stays(configured: Settings, tmp_path: Path) -> None:
    folder, key = configured.home / "review", b"0123456789abcdef"
    review = kept(configured, "review")
    with closing(KeptMeasures(folder)) as measures:
        measures.add("pictures-1", {bytes([number]) * 16: "x" * 4_000 for number in range(100)})
        measures.add("asked-1:one", {key: "yes"})
        measures.judge(tmp_path, [key], right=True)
        # What is in use counts as well.
        assert review.size > 400_000
    review.clear()
    assert 0 < review.size < 40_000
    with closing(KeptMeasures(folder)) as measures:
        assert measures.load("asked-1:one", [key]) == {}
        assert measures.found_right(tmp_path) == {key}


def test_clearing_measures_makes_no_file_where_nobody_has_reviewed(configured: Settings) -> None:
    kept(configured, "review").clear()
    assert not (configured.home / "review").exists()
