"""Embedders by name, made without loading anything, and the errors where a model is missing."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# Read when it is first imported, and for good: not within a test that forbids downloads.
import huggingface_hub.constants  # noqa: F401
import numpy as np
import pytest

from lib.embedding.base import Embedder
from lib.embedding.mobilenet import MobileNet
from lib.embedding.registry import EMBEDDERS, check_method, make_embedder, methods
from lib.embedding.tfidf import TfIdf
from lib.errors import InvalidInput, ModelUnavailable, WriteFailed
from lib.settings import Settings
from tests.doubles.embedder import WordEmbedder
from tests.doubles.image_folder import settings_at
from tests.doubles.repository import ROOT
from tests.doubles.unwilling_disk import refusing

MODELS = [name for name, entry in EMBEDDERS.items() if entry.is_model]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings on a machine that has no model."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return settings_at(tmp_path / "home", sbert_repository="nobody/has-this")


@pytest.mark.parametrize("name", EMBEDDERS)
def test_every_entry_makes_an_embedder_of_what_it_says(name: str, bare: Settings) -> None:
    embedder = make_embedder(name, bare)
    assert isinstance(embedder, Embedder)
    assert embedder.by == EMBEDDERS[name].by
    assert name in methods(embedder.by)
    assert not embedder.is_loaded


@pytest.mark.parametrize("name", MODELS)
def test_a_missing_model_names_the_ways_out(name: str, bare: Settings) -> None:
    embedder = make_embedder(name, bare)
    assert not embedder.is_here()
    for use in (lambda: embedder.id, embedder.load):
        with pytest.raises(ModelUnavailable) as caught:
            use()
        assert "internet" in caught.value.hint
        assert f"TOOLKIT_{name.upper()}" in caught.value.hint
        assert "TF-IDF" in caught.value.hint


@pytest.mark.parametrize("name", MODELS)
def test_a_path_that_holds_no_model_is_not_replaced_by_another_model(name: str, bare: Settings, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="nothing here"):
        make_embedder(name, bare, tmp_path / "nothing here").load()


def test_a_model_that_is_only_a_pickle_is_not_taken(bare: Settings, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelUnavailable, match="safetensors"):
        make_embedder("sbert", bare, tmp_path).load()


def test_paths_come_from_the_settings(bare: Settings, tmp_path: Path) -> None:
    file = tmp_path / "own" / "weights.h5"
    file.parent.mkdir()
    file.write_bytes(b"x")
    for path in (file, file.parent):
        assert make_embedder("resnet50v2", bare.model_copy(update={"resnet50v2": path})).is_here()
    named = tmp_path / "models" / MobileNet.file
    named.parent.mkdir()
    named.write_bytes(b"x")
    assert make_embedder("mobilenet", bare.model_copy(update={"models_folder": named.parent})).is_here()


def test_the_id_follows_the_weights_and_not_their_place(bare: Settings, tmp_path: Path) -> None:
    ids = []
    for place, data in (("a", b"one"), ("b", b"one"), ("c", b"two")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "w.h5").write_bytes(data)
        ids.append(make_embedder("resnet50v2", bare, tmp_path / place).id)
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(("name", "by"), [("mobilenet", "tags"), ("sbert", "images"), ("word2vec", "tags")])
def test_a_method_that_does_not_fit_is_refused_with_the_list(name: str, by: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_method(name, by)  # type: ignore[arg-type]
    assert methods(by)[0] in caught.value.hint  # type: ignore[arg-type]


def test_tfidf_takes_no_path(bare: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no path"):
        make_embedder("tfidf", bare, tmp_path)


def test_a_model_is_loaded_once_and_again_after_it_was_let_go() -> None:
    embedder = WordEmbedder()
    threads = [threading.Thread(target=embedder.embed, args=(["a"],)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert embedder.loads == 1
    embedder.release(idle_s=3_600)
    assert embedder.is_loaded
    embedder.release()
    assert not embedder.is_loaded
    embedder.embed(["a"])
    assert embedder.loads == 2


def test_an_idle_model_is_let_go_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.idle.IDLE_S", 0.05)
    embedder = WordEmbedder()
    embedder.embed(["a"])
    while embedder.is_loaded and (timer := embedder._idle.timer):
        timer.join(10)
    assert not embedder.is_loaded


def test_tfidf_puts_captions_of_the_same_words_together() -> None:
    texts = ["A black dog runs", "the black DOG, running", "two boats at sea", "boats on the sea", "?!", "🎈"]
    found = TfIdf().embed(texts)
    assert found.dtype == np.float32
    assert found[0] @ found[1] > found[0] @ found[2]
    assert found[2] @ found[3] > found[1] @ found[3]
    assert not found[4:].any()
    assert TfIdf().embed(["!", "?"]).shape == (2, 1)


def test_tfidf_keeps_to_a_hundred_values_and_repeats_itself() -> None:
    draw = np.random.default_rng(0)
    texts = [" ".join(f"w{n}" for n in draw.integers(0, 400, 9)) for _ in range(500)]
    found = TfIdf().embed(texts)
    assert found.shape == (500, 100)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-4)
    np.testing.assert_array_equal(found, TfIdf().embed(texts))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine, and the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()
        thread.join()


def test_weights_are_downloaded_once_and_only_if_they_are_the_pinned_ones(
    host: tuple[str, Path], bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    address, folder = host
    (folder / "weights.h5").write_bytes(b"the weights")

    class Served(MobileNet):
        url = f"{address}/weights.h5"
        checksum = f"sha256:{hashlib.sha256(b'the weights').hexdigest()}"

    class Forged(Served):
        checksum = f"md5:{hashlib.md5(b'other weights').hexdigest()}"

    for unreachable in (Forged(bare), type("Gone", (Served,), {"url": f"{address}/none.h5"})(bare)):
        with pytest.raises(ModelUnavailable, match="download failed"):
            _ = unreachable.id
        assert list(bare.weights.iterdir()) == []
    first = Served(bare).id
    (folder / "weights.h5").unlink()
    assert Served(bare).id == first
    assert Served(bare).is_here()


def test_weights_that_the_disk_refuses_are_told_as_that(
    host: tuple[str, Path], bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    address, folder = host
    (folder / "weights.h5").write_bytes(b"the weights")
    served = type("Served", (MobileNet,), {"url": f"{address}/weights.h5"})(bare)
    for after in range(2):
        with refusing(bare.weights, after) as refusal, pytest.raises(WriteFailed, match="the disk is full"):
            _ = served.id
        assert refusal.refused
        assert not bare.weights.exists() or list(bare.weights.iterdir()) == []


def test_knowing_the_embedders_loads_no_heavy_package() -> None:
    probe = (
        "import sys, lib.embedding.registry, lib.clustering, lib.embedding.many;"
        "print([name for name in 'tensorflow keras torch transformers sentence_transformers sklearn scipy h5py'.split()"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_model_whose_files_were_exchanged_is_read_again() -> None:
    embedder = WordEmbedder("old")
    embedder.embed(["a"])
    embedder._name = "new"
    embedder.load()
    assert embedder.loads == 2
    embedder.embed(["a"], "new")
    assert embedder.loads == 2
