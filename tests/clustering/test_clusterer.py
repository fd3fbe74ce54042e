"""From a folder to clusters: who takes part, what is computed again, and how good the clusters are."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lib.clustering import Clusterer, ClusterResult
from lib.clustering.kmeans import partition
from lib.clustering.reduce import reduce
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ClusterSpec, ImageRecord, SidecarState
from lib.embedding.base import Embedder
from lib.embedding.sbert import SentenceBert
from lib.errors import Cancelled, InvalidInput
from lib.settings import Settings
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.image_folder import image_folder
from tests.doubles.minilm import flickr_captions, minilm
from tests.doubles.onlooker import Onlooker, stop_at

CAPTIONS = {
    **{f"dog{n}.jpg": f"a dog runs, number {'x' * n}" for n in range(6)},
    **{f"sea{n}.jpg": f"the sea, boats {'y' * n}" for n in range(4)},
    "none.jpg": None,
    "blank.jpg": "  \n",
    "odd.jpg": b"caf\xe9",
}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", CAPTIONS)


def clusterer(embedder: Embedder, tmp_path: Path) -> Clusterer:
    return Clusterer(lambda name: embedder, tmp_path / "vectors", {"a", "the"})


def run(made: Clusterer, photos: Path, spec: ClusterSpec, **options: object) -> ClusterResult:
    dataset = open_dataset(photos)
    return made.run(dataset.root, dataset.records, spec, **options)  # type: ignore[arg-type]


def test_tagged_samples_are_clustered_and_the_others_are_counted_with_the_reason(photos: Path, tmp_path: Path) -> None:
    result = run(clusterer(WordEmbedder(), tmp_path), photos, ClusterSpec(k=2))
    assert [cluster.size for cluster in result.clusters] == [6, 4]
    assert set(result.members(0)) == {name for name in CAPTIONS if name.startswith("dog")}
    assert set(result.members(1)) == {name for name in CAPTIONS if name.startswith("sea")}
    assert "dog" in result.clusters[0].name
    assert "sea" in result.clusters[1].name
    assert result.left_out == {"no tags": 2, "tags that are not readable text": 1}
    assert result.points.shape == (10, 2)
    assert result.silhouette > 0.3
    assert 0.9 < result.explained_variance <= 1.0001
    assert set(result.clusters[1].typical) == set(result.clusters[1].unusual)
    assert result.clusters[1].typical == result.clusters[1].unusual[::-1]


def test_another_k_embeds_nothing_and_an_edited_caption_alone_is_embedded_again(photos: Path, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    made = clusterer(embedder, tmp_path)
    run(made, photos, ClusterSpec(k=2))
    embedder.batches.clear()
    assert len(run(made, photos, ClusterSpec(k=3)).clusters) == 3
    assert embedder.batches == []
    (photos / "dog1.txt").write_text("the sea, boats yyyyy")
    result = run(made, photos, ClusterSpec(k=2))
    assert embedder.batches == [["the sea, boats yyyyy"]]
    assert "dog1.jpg" in result.members(1) + result.members(0)
    assert [cluster.size for cluster in result.clusters] == [5, 5]


def test_another_k_does_not_read_the_vectors_again(photos: Path, tmp_path: Path) -> None:
    made = clusterer(WordEmbedder(), tmp_path)
    run(made, photos, ClusterSpec(k=2))
    for path in (tmp_path / "vectors").rglob("*.*"):
        path.unlink()
    assert len(run(made, photos, ClusterSpec(k=4)).clusters) == 4


def test_images_are_clustered_by_what_they_show_and_named_by_their_captions(tmp_path: Path) -> None:
    captions = {f"{n}.jpg": ("fire engine", "blue lake")[n % 2] for n in range(10)}
    folder = image_folder(tmp_path / "photos", {})
    from tests.doubles.image_folder import draw_image

    for name, caption in captions.items():
        draw_image(folder / name, number=int(name[0]) % 2, size=(40 + int(name[0]), 36))
        (folder / name).with_suffix(".txt").write_text(caption)
    (folder / "broken.jpg").write_bytes(b"no picture")
    (folder / "broken.txt").write_text("a caption")
    result = run(clusterer(ColourEmbedder(), tmp_path), folder, ClusterSpec("images", "mobilenet", 2))
    assert sorted(result.members(0)) in (["0.jpg", "2.jpg", "4.jpg", "6.jpg", "8.jpg"], sorted(captions)[1::2])
    assert {cluster.name for cluster in result.clusters} == {"fire, engine", "blue, lake"}
    assert result.left_out == {"images that cannot be opened": 1}
    assert [outcome.name for outcome in result.failed] == ["broken.jpg"]


def test_by_images_all_take_part_captioned_or_not(photos: Path, tmp_path: Path) -> None:
    result = run(clusterer(ColourEmbedder(), tmp_path), photos, ClusterSpec("images", "mobilenet", 2))
    assert set(result.names) == set(CAPTIONS)
    assert result.left_out == {}
    bare = image_folder(tmp_path / "bare", {"a.jpg": None, "b.jpg": None})
    result = run(clusterer(ColourEmbedder(), tmp_path), bare, ClusterSpec("images", "mobilenet", 2))
    assert [cluster.name for cluster in result.clusters] == ["cluster 0", "cluster 1"]


@pytest.mark.parametrize("k", [0, 11])
def test_a_number_of_clusters_that_cannot_be_made_is_told_before_any_work(photos: Path, tmp_path: Path, k: int) -> None:
    embedder = WordEmbedder()
    with pytest.raises(InvalidInput, match=str(k)):
        run(clusterer(embedder, tmp_path), photos, ClusterSpec(k=k))
    assert embedder.batches == []


def test_as_many_clusters_as_samples_can_be_made(photos: Path, tmp_path: Path) -> None:
    result = run(clusterer(WordEmbedder(), tmp_path), photos, ClusterSpec(k=10))
    assert sum(cluster.size for cluster in result.clusters) == 10


def test_a_folder_without_tags_and_a_method_that_does_not_fit_are_told(photos: Path, tmp_path: Path) -> None:
    bare = image_folder(tmp_path / "bare", {"a.jpg": None})
    with pytest.raises(InvalidInput, match="no tags"):
        run(clusterer(WordEmbedder(), tmp_path), bare, ClusterSpec(k=1))
    with pytest.raises(InvalidInput, match="resnet50v2"):
        run(clusterer(WordEmbedder(), tmp_path), photos, ClusterSpec("tags", "resnet50v2", 2))


def test_one_sample_is_one_cluster(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "photos", {"a.jpg": "a dog"})
    result = run(clusterer(WordEmbedder(), tmp_path), folder, ClusterSpec(k=1))
    assert (result.clusters[0].size, result.clusters[0].name, result.silhouette) == (1, "dog", 0.0)


def test_a_cancelled_run_keeps_its_vectors(photos: Path, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    made = clusterer(embedder, tmp_path)
    with pytest.raises(Cancelled):
        run(made, photos, ClusterSpec(k=2), progress=Onlooker(lambda who: bool(who.told)))
    with pytest.raises(Cancelled):
        run(made, photos, ClusterSpec(k=2), progress=Onlooker(lambda who: len(embedder.batches) == 3))
    embedder.batches.clear()
    run(made, photos, ClusterSpec(k=2))
    assert embedder.batches == []


def test_a_suggestion_uses_what_was_prepared(photos: Path, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    made = clusterer(embedder, tmp_path)
    dataset = open_dataset(photos)
    run(made, photos, ClusterSpec(k=2))
    embedder.batches.clear()
    found = made.suggest(dataset.root, dataset.records, "tags", "sbert")
    assert found.recommended == 2
    assert embedder.batches == []


def agreement(labels: np.ndarray, photos: list[str]) -> float:
    """The chance that two captions of one photo share a cluster, corrected for chance."""
    order = np.unique(photos, return_inverse=True)[1]
    same_photo = order[:, None] == order[None]
    same_cluster = labels[:, None] == labels[None]
    others = ~np.eye(len(labels), dtype=bool)
    found, chance = same_cluster[same_photo & others].mean(), same_cluster[others].mean()
    return float((found - chance) / (1 - chance))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_captions_of_one_photo_share_a_cluster_far_more_often_than_by_the_plotted_dimensions(
    test_data: Path, configured: Settings
) -> None:
    captions = flickr_captions(test_data)
    photos = [photo for photo, _ in captions]
    vectors = SentenceBert(configured, minilm()).embed([caption for _, caption in captions])
    points = reduce(vectors).points
    assert points.shape == (1_500, 50)
    ours = [agreement(partition(points, 20, seed).labels, photos) for seed in range(4)]
    plotted = [agreement(partition(points[:, :2].copy(), 20, seed).labels, photos) for seed in range(4)]
    assert ours[0] >= 0.69
    assert np.mean(ours) >= 0.69
    assert np.mean(plotted) < 0.5 < np.mean(ours) - 0.15


@pytest.mark.parametrize("k", [0, 501])
def test_a_number_of_clusters_that_nobody_can_use_is_refused(k: int, tmp_path: Path) -> None:
    records = [ImageRecord(f"{n}.jpg", text=f"caption {n}", state=SidecarState.TEXT) for n in range(600)]
    embedder = WordEmbedder()
    with pytest.raises(InvalidInput) as caught:
        clusterer(embedder, tmp_path).run(tmp_path, records, ClusterSpec(k=k))
    assert ("500" if k else "1") in caught.value.hint
    assert embedder.batches == []


def test_a_cancel_is_heard_between_the_starts_of_k_means(photos: Path, tmp_path: Path) -> None:
    made = clusterer(WordEmbedder(), tmp_path)
    run(made, photos, ClusterSpec(k=2))
    third = stop_at(3)
    with pytest.raises(Cancelled):
        run(made, photos, ClusterSpec(k=3), progress=third)
    assert third.asked == 3


class Whole(WordEmbedder):
    """Takes all captions at once, and waits in the midst of it until it may go on."""

    whole = True

    def __init__(self) -> None:
        super().__init__()
        self.is_at_work, self.may_go_on = threading.Event(), threading.Event()

    def _embed(self, model: Any, batch: list[str]) -> np.ndarray:
        self.is_at_work.set()
        assert self.may_go_on.wait(20)
        return super()._embed(model, batch)


def test_who_wants_what_is_being_prepared_waits_for_it(photos: Path, tmp_path: Path) -> None:
    embedder = Whole()
    made = clusterer(embedder, tmp_path)
    dataset = open_dataset(photos)
    with ThreadPoolExecutor(2) as pool:
        ahead = pool.submit(made.make_ready, dataset.root, dataset.records, ClusterSpec("tags", "tfidf", 2))
        assert embedder.is_at_work.wait(20)
        asked = threading.Event()

        def wants_a_map() -> ClusterResult:
            asked.set()
            return run(made, photos, ClusterSpec("tags", "tfidf", 2))

        wanted = pool.submit(wants_a_map)
        assert asked.wait(20)
        # Who does not want it any longer need not wait.
        with pytest.raises(Cancelled):
            run(made, photos, ClusterSpec("tags", "tfidf", 2), progress=stop_at(1))
        embedder.may_go_on.set()
        ahead.result(20)
        assert len(wanted.result(20).clusters) == 2
    assert len(embedder.batches) == 1


def test_what_could_not_be_prepared_is_prepared_by_the_next_one(photos: Path, tmp_path: Path) -> None:
    embedder = Whole()
    embedder.may_go_on.set()
    made = clusterer(embedder, tmp_path)
    dataset = open_dataset(photos)
    with pytest.raises(Cancelled):
        made.make_ready(dataset.root, dataset.records, ClusterSpec("tags", "tfidf", 2), stop_at(1))
    assert len(run(made, photos, ClusterSpec("tags", "tfidf", 2)).clusters) == 2


def test_a_number_of_clusters_that_was_made_lately_is_not_made_anew(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = clusterer(WordEmbedder(), tmp_path)
    dataset = open_dataset(photos)
    made.make_ready(dataset.root, dataset.records, ClusterSpec(k=2))
    three = run(made, photos, ClusterSpec(k=3))
    first = run(made, photos, ClusterSpec(k=2))
    assert three.inertia < first.inertia
    monkeypatch.setattr("lib.clustering.clusterer.partition", lambda *_: pytest.fail("K-Means was run"))
    # Numbered as others were before, they are still the same, each with its own quality.
    again = run(made, photos, ClusterSpec(k=2), before=replace(first, labels=1 - first.labels))
    assert again.labels.tolist() == (1 - first.labels).tolist()
    assert [one.silhouette for one in again.clusters] == [one.silhouette for one in first.clusters][::-1]
    with pytest.raises(pytest.fail.Exception):
        run(made, photos, ClusterSpec(k=4))
