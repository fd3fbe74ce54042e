"""The models themselves, with real weights where the machine has them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lib.embedding.mobilenet import MobileNet
from lib.embedding.resnet50v2 import ResNet50V2
from lib.embedding.sbert import SentenceBert
from lib.errors import ModelUnavailable
from lib.images import load_square
from lib.settings import Settings
from tests.doubles.minilm import flickr_captions, minilm

# TensorFlow and torch warn about their own insides.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def network() -> Any:
    """ResNet50V2 with random weights."""
    import keras

    keras.utils.set_random_seed(7)
    return keras.applications.ResNet50V2(include_top=False, weights=None, pooling="avg", input_shape=(224, 224, 3))


@pytest.fixture(scope="module")
def random_resnet(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "resnet.weights.h5"
    network.save_weights(path)
    return path


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (count, 224, 224, 3), np.uint8)


def test_resnet50v2_gives_the_same_2048_values_in_any_batch_as_keras_itself_does(
    network: Any, random_resnet: Path, configured: Settings
) -> None:
    import keras

    embedder = ResNet50V2(configured, random_resnet)
    images = pictures(5)
    found = embedder.embed(images)
    assert found.shape == (5, 2_048) == (5, embedder.dimensions)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert np.std(found, axis=0).max() > 0
    np.testing.assert_array_equal(found, embedder.embed(images))
    np.testing.assert_allclose(found[2:3], embedder.embed(images[2:3]), rtol=1e-3, atol=1e-4)
    prepared = keras.applications.resnet_v2.preprocess_input(images.astype(np.float32))
    np.testing.assert_allclose(found, network.predict(prepared, verbose=0), rtol=1e-3, atol=1e-4)


def test_the_weights_of_another_network_are_refused(random_resnet: Path, configured: Settings, test_data: Path) -> None:
    with pytest.raises(ModelUnavailable, match="ResNet50V2"):
        ResNet50V2(configured, test_data / "weights" / MobileNet.file).load()
    with pytest.raises(ModelUnavailable, match="MobileNet"):
        MobileNet(configured, test_data / "weights" / "README.md").load()
    broken = random_resnet.parent / "broken.h5"
    broken.write_bytes(b"no weights")
    for kind in (ResNet50V2, MobileNet):
        with pytest.raises(ModelUnavailable, match=r"broken\.h5"):
            kind(configured, broken).load()


def test_the_neighbours_of_dog_photos_are_dogs(test_data: Path, configured: Settings) -> None:
    folder = test_data / "photos" / "flickr8k_224"
    captions: dict[str, str] = {}
    for photo, caption in flickr_captions(test_data):
        captions[photo] = f"{captions.get(photo, '')} {caption.lower()}"
    names = sorted(captions)
    is_dog = np.array([captions[name].count("dog") >= 3 for name in names])
    embedder = MobileNet(configured, test_data / "weights" / MobileNet.file)
    assert embedder.dimensions == 256
    images = [np.asarray(load_square(folder / "Images" / name, embedder.side)) for name in names]
    batches = [images[start : start + embedder.batch] for start in range(0, len(images), embedder.batch)]
    found = np.concatenate([embedder.embed(np.stack(batch)) for batch in batches])
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    likeness = found @ found.T
    np.fill_diagonal(likeness, -1)
    neighbours = np.argsort(-likeness, axis=1)[:, :5]
    assert 0.1 < is_dog.mean() < 0.4
    assert is_dog[neighbours[is_dog]].mean() > 2.5 * is_dog.mean()


@pytest.mark.slow
def test_sentence_bert_agrees_with_the_plain_model(test_data: Path, configured: Settings) -> None:
    from sentence_transformers import SentenceTransformer

    captions = [caption for _, caption in flickr_captions(test_data)]
    texts = [*captions[::5], "", "a " * 600, "雪の中の犬", "\x00"]
    embedder = SentenceBert(configured, minilm())
    found = embedder.embed(texts)
    assert found.shape == (len(texts), 384) == (len(texts), embedder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-3)
    plain = SentenceTransformer(str(minilm()), device="cpu").encode(texts, normalize_embeddings=True)
    cosines = (found * plain).sum(axis=1)
    assert cosines.mean() >= 0.995
    assert cosines.min() >= 0.99


def test_a_page_that_ends_does_not_clear_the_state_under_a_loaded_network(
    test_data: Path, configured: Settings
) -> None:
    from streamlit.runtime.scriptrunner.script_runner import _clean_problem_modules

    MobileNet(configured, next((test_data / "weights").glob("mobilenet*.h5"))).load()
    from keras.src.backend.common import global_state

    global_state.set_global_attribute("of_a_model", 1)
    _clean_problem_modules()
    assert global_state.get_global_attribute("of_a_model") == 1


@pytest.mark.slow
def test_a_network_whose_weights_were_exchanged_gives_the_vectors_of_the_new_ones(
    random_resnet: Path, configured: Settings, tmp_path: Path
) -> None:
    import keras

    path = tmp_path / "resnet.weights.h5"
    shutil.copyfile(random_resnet, path)
    embedder = ResNet50V2(configured, path)
    images = pictures(1)
    before, first = embedder.embed(images), embedder.id
    keras.utils.set_random_seed(8)
    other = keras.applications.ResNet50V2(include_top=False, weights=None, pooling="avg", input_shape=(224, 224, 3))
    path.unlink()
    other.save_weights(path)
    after = embedder.embed(images, embedder.id)
    assert embedder.id != first
    assert not np.allclose(before, after, atol=1e-3)
    np.testing.assert_allclose(after, ResNet50V2(configured, path).embed(images), rtol=1e-3, atol=1e-4)
