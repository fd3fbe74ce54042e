"""Real photos and the sample: by processes, by a Ray of two CPUs and by the folder's commands the same comes out."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from lib.dataset.sample.folder import make_sample
from lib.embedding.store import VectorStore
from lib.settings import settings
from tests.doubles.minilm import minilm
from tests.doubles.part_run import rows
from tests.doubles.provider_server import ProviderServer, Received
from tests.doubles.ray_cluster import Cluster

pytestmark = pytest.mark.ray

ENGINES = (("ray", 2), ("local", 2))


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return make_sample(tmp_path / "images", 40)


@pytest.fixture
def photos(tmp_path: Path, test_data: Path) -> Path:
    """300 real photos."""
    shutil.copytree(test_data / "photos" / "flickr8k_224" / "Images", tmp_path / "images")
    return tmp_path / "images"


def by_engines(cluster: Cluster, stage: str, images: Path, scratch: Path, *options: object) -> None:
    """Fills `ray` and `local` in a folder."""
    for engine, workers in ENGINES:
        words = ("run", stage, images, scratch / engine, "--engine", engine, "--workers", workers, "--part-size", 64)
        done = cluster.captioner(*words, *options)
        assert "parts were made" in done.stdout, done.stderr


def _told(request: Received) -> str:
    """A fixed answer for each picture and prompt: whatever was sent, to the byte."""
    sent = json.dumps(request.body["messages"], sort_keys=True)
    return f"Picture {hashlib.sha256(sent.encode()).hexdigest()[:16]}."


@pytest.mark.parametrize("source", ["sample", "photos"])
def test_captions_are_equal_and_are_what_the_folders_command_writes(
    cluster: Cluster, tmp_path: Path, source: str, request: pytest.FixtureRequest
) -> None:
    images: Path = request.getfixturevalue(source)
    with ProviderServer(_told) as server:
        options = ("--model", "tiny-vision", "--base-url", f"{server.url}/v1", "--prompt", "Say {name}.")
        by_engines(cluster, "caption", images, tmp_path, *options, "--threads", 4)
        found = rows(tmp_path / "ray", "time")
        assert found == rows(tmp_path / "local", "time")
        folder = cluster.captioner("caption", images, *options, "--existing", "overwrite")
        assert folder.returncode == 0, folder.stderr
    assert not any(row["error"] for row in found)
    assert len({row["caption"] for row in found}) == len(found)
    pictures = [path for path in images.rglob("*") if path.suffix in (".jpg", ".png", ".webp")]
    written = {path.relative_to(images).as_posix(): path.with_suffix(".txt").read_text() for path in pictures}
    assert {row["key"]: row["caption"] for row in found} == written


def test_vectors_of_the_samples_captions_are_those_that_the_folders_command_keeps(
    cluster: Cluster, sample: Path, tmp_path: Path
) -> None:
    check_vectors(cluster, sample, tmp_path, "--by", "tags", "--method", "sbert", "--model-path", minilm())


def test_vectors_of_photos_are_those_that_the_folders_command_keeps(
    cluster: Cluster, photos: Path, tmp_path: Path, test_data: Path
) -> None:
    weights = test_data / "weights" / "mobilenet_2_5_224_tf_no_top.h5"
    check_vectors(cluster, photos, tmp_path, "--by", "images", "--method", "mobilenet", "--model-path", weights)


def check_vectors(cluster: Cluster, images: Path, tmp_path: Path, *options: object) -> None:
    by_engines(cluster, "embed", images, tmp_path, *options)
    found = rows(tmp_path / "ray")
    assert {row["error"] for row in found} <= {"", "it has no caption"}
    assert found == rows(tmp_path / "local")
    folder = cluster.captioner("embed", images, *options)
    assert folder.returncode == 0, folder.stderr
    made = {row["hash"]: np.array(row["vector"], np.float32) for row in found if row["hash"]}
    (kept,) = (index.parent for index in settings().vectors.rglob("index.sqlite"))
    with closing(VectorStore(kept)) as store:
        assert store.keys() == set(made)
        vectors = store.load(list(made))
        assert vectors is not None
        assert np.array_equal(np.stack(list(made.values())), vectors[0 : len(made)])
