"""Only what is new is embedded, one bad image spoils nothing, and a cancel keeps what was done."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lib.domain import By
from lib.embedding.hashes import FileHash
from lib.embedding.many import Embedded, Pictures, embed_pictures, embed_texts
from lib.errors import Cancelled, ImageRefused, ModelUnavailable
from lib.images import load_square
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.image_folder import age, draw_image
from tests.doubles.onlooker import Onlooker

CAPTIONS = [(f"{n}.jpg", f"a caption number {n} of {'many ' * (n % 7)}words") for n in range(10)]


def opened(path: Path, side: int) -> np.ndarray:
    return np.asarray(load_square(path, side))


def nothing_opened(path: Path, side: int) -> np.ndarray:
    raise AssertionError(f"{path} was opened")


def nothing_hashed(path: Path) -> FileHash:
    raise AssertionError(f"{path} was read")


def embed(photos: Path, vectors: Path, embedder: ColourEmbedder, open_picture=opened) -> Embedded:  # type: ignore[no-untyped-def]
    names = sorted(path.name for path in photos.iterdir())
    return embed_pictures(Pictures(photos, names, open_picture), embedder, vectors)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for number in range(10):
        draw_image(folder / f"photo{number}.jpg", size=(40 + number, 30), number=number)
    age(folder)
    return folder


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    return tmp_path / "vectors"


def test_equal_captions_are_embedded_once_and_an_edited_one_alone_again(vectors: Path) -> None:
    embedder = WordEmbedder()
    samples = [*CAPTIONS, ("copy.jpg", f"  {CAPTIONS[3][1]}\n")]
    first = embed_texts(samples, embedder, vectors)
    assert (first.done, first.reused) == (10, 1)
    np.testing.assert_array_equal(first.vectors[3:4], first.vectors[10:11])
    edited = [("renamed.jpg", samples[0][1]), ("1.jpg", "something new"), *samples[2:]]
    embedder.batches.clear()
    second = embed_texts(edited, embedder, vectors)
    assert embedder.batches == [["something new"]]
    assert (second.done, second.reused) == (1, 10)
    assert second.names[0] == "renamed.jpg"
    np.testing.assert_array_equal(second.vectors[:1], first.vectors[:1])


def test_captions_of_a_length_go_together_in_full_batches(vectors: Path) -> None:
    embedder = WordEmbedder()
    found = embed_texts(CAPTIONS, embedder, vectors)
    assert [len(batch) for batch in embedder.batches] == [4, 4, 2]
    lengths = [len(text) for batch in embedder.batches for text in batch]
    assert lengths == sorted(lengths, reverse=True)
    for row, (_, text) in enumerate(CAPTIONS):
        np.testing.assert_array_equal(found.vectors[row : row + 1], embedder.embed([text]))


def test_each_model_has_vectors_of_its_own(vectors: Path) -> None:
    embed_texts(CAPTIONS, WordEmbedder("one"), vectors)
    other = WordEmbedder("other")
    assert embed_texts(CAPTIONS, other, vectors).done == 10


@pytest.mark.parametrize("by", ["tags", "images"])
def test_what_was_embedded_before_a_cancel_is_kept(photos: Path, vectors: Path, by: By) -> None:
    words, colours = WordEmbedder(), ColourEmbedder()
    names = sorted(path.name for path in photos.iterdir())

    def run(watch: Onlooker) -> Embedded:
        if by == "tags":
            return embed_texts(CAPTIONS, words, vectors, progress=watch)
        return embed_pictures(Pictures(photos, names, opened), colours, vectors, progress=watch)

    with pytest.raises(Cancelled, match="kept"):
        run(Onlooker(lambda who: who.told[-1][0] >= 4))
    whole = Onlooker()
    again = run(whole)
    assert (again.done, again.reused) == (6, 4)
    assert whole.told[-1] == (10, 10)


def test_pictures_fill_batches_and_come_back_in_order(photos: Path, vectors: Path) -> None:
    embedder = ColourEmbedder()
    found = embed(photos, vectors, embedder)
    assert embedder.sizes == [4, 4, 2]
    assert (found.done, found.reused, found.failed) == (10, 0, ())
    for row, name in enumerate(found.names):
        pixels = opened(photos / name, 8)
        np.testing.assert_allclose(found.vectors[row : row + 1][0], pixels.mean(axis=(0, 1)), rtol=1e-5)


def test_a_new_name_or_a_copy_costs_nothing(photos: Path, vectors: Path) -> None:
    embed(photos, vectors, ColourEmbedder())
    (photos / "photo0.jpg").rename(photos / "other.jpg")
    shutil.copyfile(photos / "photo1.jpg", photos / "copy.jpg")
    again = embed(photos, vectors, ColourEmbedder(), nothing_opened)
    assert (again.done, again.reused) == (0, 11)


def test_a_second_run_reads_no_file_that_has_not_changed(
    photos: Path, vectors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed(photos, vectors, ColourEmbedder())
    monkeypatch.setattr("lib.embedding.many.hash_file", nothing_hashed)
    assert embed(photos, vectors, ColourEmbedder(), nothing_opened).reused == 10


def test_a_changed_image_is_embedded_again(photos: Path, vectors: Path) -> None:
    embed(photos, vectors, ColourEmbedder())
    draw_image(photos / "photo4.jpg", size=(90, 60), number=1)
    again = embed(photos, vectors, ColourEmbedder())
    assert (again.done, again.reused) == (1, 9)


def test_images_that_cannot_be_opened_are_outcomes_and_so_are_their_copies(photos: Path, vectors: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture")
    (photos / "broken too.jpg").write_bytes(b"no picture")
    (photos / "gone.jpg").symlink_to(photos / "nowhere")
    found = embed(photos, vectors, ColourEmbedder())
    assert [(o.name, o.status) for o in found.failed] == [
        ("broken too.jpg", "failed"),
        ("broken.jpg", "failed"),
        ("gone.jpg", "failed"),
    ]
    assert all(outcome.reason for outcome in found.failed)
    assert len(found.names) == len(found.keys) == found.vectors.shape[0] == 10


def test_an_image_that_changes_while_it_is_read_is_not_filed_under_its_old_content(photos: Path, vectors: Path) -> None:
    def overwritten(path: Path, side: int) -> np.ndarray:
        pixels = opened(path, side)
        if path.name == "photo2.jpg":
            draw_image(path, size=(99, 66), number=3)
        return pixels

    found = embed(photos, vectors, ColourEmbedder(), overwritten)
    assert [outcome.name for outcome in found.failed] == ["photo2.jpg"]
    assert embed(photos, vectors, ColourEmbedder()).done == 1


def test_nothing_to_embed_is_no_failure(photos: Path, vectors: Path) -> None:
    assert embed_texts([], WordEmbedder(), vectors).vectors.shape[0] == 0
    assert embed_pictures(Pictures(photos, [], opened), ColourEmbedder(), vectors).vectors.shape[0] == 0


def test_hostile_images_become_vectors_or_outcomes(test_data: Path, vectors: Path) -> None:
    root = test_data / "hostile" / "images"
    names = sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())
    found = embed_pictures(Pictures(root, names, opened), ColourEmbedder(), vectors)
    assert sorted([*found.names, *(outcome.name for outcome in found.failed)]) == names
    assert len(found.failed) > 5
    for outcome in found.failed:
        with pytest.raises(ImageRefused):
            load_square(root / outcome.name, 8)


@pytest.mark.parametrize("by", ["tags", "images"])
def test_no_vector_is_filed_under_another_model_than_made_it(photos: Path, vectors: Path, by: By) -> None:
    class Exchanged(WordEmbedder if by == "tags" else ColourEmbedder):  # type: ignore[misc]
        """Its files are exchanged while its first batch is at work."""

        name = "old"

        @property
        def id(self) -> str:
            return self.name

        def _embed(self, model: Any, batch: Any) -> np.ndarray:
            self.name = "new"
            found: np.ndarray = super()._embed(model, batch)
            return found

    embedder = Exchanged()

    def run() -> Embedded:
        if by == "images":
            return embed(photos, vectors, embedder)
        return embed_texts([(str(n), f"caption {n}") for n in range(10)], embedder, vectors)

    with pytest.raises(ModelUnavailable, match="exchanged"):
        run()
    assert not (vectors / "new").exists()
    assert run().done == 10


def test_a_file_with_a_time_in_the_future_is_hashed_once(
    photos: Path, vectors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in photos.iterdir():
        os.utime(path, (time.time() + 5 * 3_600,) * 2)
    embed(photos, vectors, ColourEmbedder())
    monkeypatch.setattr("lib.embedding.many.hash_file", nothing_hashed)
    assert embed(photos, vectors, ColourEmbedder()).reused == 10


def test_files_that_change_names_are_told_apart_though_size_and_time_are_equal(photos: Path, vectors: Path) -> None:
    picture = (photos / "photo0.jpg").read_bytes()
    for name, end in (("photo0.jpg", b"x"), ("photo1.jpg", b"y")):
        (photos / name).write_bytes(picture + end)
        os.utime(photos / name, (1e9, 1e9))
    before = embed(photos, vectors, ColourEmbedder())
    (photos / "photo0.jpg").rename(photos / "other")
    (photos / "photo1.jpg").rename(photos / "photo0.jpg")
    (photos / "other").rename(photos / "photo1.jpg")
    after = embed(photos, vectors, ColourEmbedder())
    assert after.keys == (before.keys[1], before.keys[0], *before.keys[2:])
    assert after.done == 0
