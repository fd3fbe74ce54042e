"""The map stands still: a new k moves nothing, new samples find a place, and the rest stays where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lib.clustering import Clusterer, ClusterResult, load_result, save_result
from lib.clustering import placing as placing_module
from lib.clustering.layouts import LAYOUTS
from lib.clustering.placing import laid_out
from lib.clustering.reduce import reduce
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ClusterSpec
from lib.errors import Cancelled, InvalidInput
from tests.doubles.embedder import WordEmbedder
from tests.doubles.image_folder import draw_image, image_folder
from tests.doubles.neighbours_kept import drawn_vectors, neighbours_kept
from tests.doubles.onlooker import Onlooker

WORDS = ("apple bread", "cloud door", "egg fire", "goose hill", "ink jar")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", {f"{n:02d}.jpg": f"{WORDS[n % 5]} {'z' * (n // 5)}" for n in range(40)})


def run(photos: Path, spec: ClusterSpec, before: ClusterResult | None = None, **options: object) -> ClusterResult:
    """A run in a process of its own, so to say: nothing is in memory."""
    dataset = open_dataset(photos)
    maker = Clusterer(lambda name: WordEmbedder(), photos.parent / "vectors")
    return maker.run(dataset.root, dataset.records, spec, before=before, **options)  # type: ignore[arg-type]


def places(result: ClusterResult) -> dict[str, tuple[float, float]]:
    return dict(zip(result.names, map(tuple, result.points.tolist()), strict=True))  # type: ignore[arg-type]


def test_a_new_number_of_clusters_moves_no_point(photos: Path, tmp_path: Path) -> None:
    first = run(photos, ClusterSpec(k=5))
    assert first.layout == "umap"
    save_result(tmp_path / "kept.npz", first)
    kept = load_result(tmp_path / "kept.npz")
    second = run(photos, ClusterSpec(k=3), kept)
    np.testing.assert_array_equal(second.points, first.points)
    assert (second.layout, second.layout_id) == (first.layout, first.layout_id)
    assert second.id != first.id


def test_clusters_keep_number_and_colour_when_one_more_is_made(photos: Path) -> None:
    first = run(photos, ClusterSpec(k=4))
    turned = first.labels.max() - first.labels
    first = replace(first, labels=turned, clusters=first.clusters[::-1])
    second = run(photos, ClusterSpec(k=5), first)
    whole = [number for number in range(4) if set(first.members(number)) == set(second.members(number))]
    assert len(whole) >= 3
    assert {second.clusters[number].colour for number in range(5)} == set(range(5))


def test_a_new_sample_lies_among_its_neighbours_and_the_others_stay(photos: Path) -> None:
    first = run(photos, ClusterSpec(k=3))
    for number, words in enumerate(WORDS):
        draw_image(photos / f"new{number}.jpg").with_suffix(".txt").write_text(f"{words} zzzzzzzzz")
    (photos / "07.jpg").unlink()
    second = run(photos, ClusterSpec(k=3), first)
    assert second.layout_id == first.layout_id
    before, after = places(first), places(second)
    assert {name: after[name] for name in after if not name.startswith("new")} == {
        name: before[name] for name in before if name != "07.jpg"
    }
    for group in range(5):
        own = np.array([after[f"{number:02d}.jpg"] for number in range(group, 40, 5) if number != 7])
        new = np.array(after[f"new{group}.jpg"])
        assert (own.min(axis=0) <= new).all()
        assert (new <= own.max(axis=0)).all()


def test_a_folder_that_is_mostly_new_has_a_new_map(photos: Path) -> None:
    first = run(photos, ClusterSpec(k=3))
    for number in range(20):
        (photos / f"{number:02d}.txt").write_text(f"knife lamp {number}")
    assert run(photos, ClusterSpec(k=3), first).layout_id != first.layout_id


@pytest.mark.parametrize("spec", [ClusterSpec(k=3, layout="axes"), ClusterSpec(k=3, seed=1)])
def test_another_layout_or_seed_is_another_map(photos: Path, spec: ClusterSpec) -> None:
    first = run(photos, ClusterSpec(k=3))
    second = run(photos, spec, first)
    assert second.layout == spec.layout
    assert second.layout_id != first.layout_id


def test_an_unknown_layout_is_told_before_any_work(photos: Path) -> None:
    with pytest.raises(InvalidInput, match="globe"):
        run(photos, ClusterSpec(k=3, layout="globe"))


def test_where_the_layout_takes_long_there_is_a_map_at_once_and_cancel_leaves_it_at_that(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing_module, "_SLOW", 10)
    early: list[ClusterResult] = []
    result = run(photos, ClusterSpec(k=3), early=early.append)
    assert [one.layout for one in early] == ["axes"]
    assert [cluster.name for cluster in early[0].clusters] == [cluster.name for cluster in result.clusters]
    assert early[0].layout_id != result.layout_id
    stopped = run(photos, ClusterSpec(k=3), early=early.append, progress=Onlooker(lambda who: len(early) == 2))
    assert (stopped.layout, stopped.spec.layout) == ("axes", "umap")
    # The next run does what was put off.
    assert run(photos, ClusterSpec(k=3), stopped).layout == "umap"


def test_without_a_quick_map_a_cancel_is_a_cancel(photos: Path) -> None:
    with pytest.raises(Cancelled):
        run(photos, ClusterSpec(k=3), progress=Onlooker(lambda who: len(who.told) > 20))


@pytest.mark.slow
def test_of_many_samples_some_are_laid_out_and_the_others_stand_among_their_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors = drawn_vectors(2_000)
    points = reduce(vectors).points
    whole = LAYOUTS["umap"]().place(points, 0)
    np.testing.assert_array_equal(laid_out("umap", points, 0, Onlooker()), whole)
    monkeypatch.setattr(placing_module, "MANY", 1_500)
    monkeypatch.setattr(placing_module, "FITTED", 1_000)
    places = laid_out("umap", points, 0, Onlooker())
    np.testing.assert_array_equal(places, laid_out("umap", points, 0, Onlooker()))
    chosen = np.sort(np.random.default_rng(0).choice(2_000, 1_000, replace=False))
    np.testing.assert_array_equal(places[chosen], LAYOUTS["umap"]().place(points[chosen], 0))
    assert neighbours_kept(vectors, places) > 0.6 * neighbours_kept(vectors, whole)
    # The axes cost nothing: they are those of all.
    np.testing.assert_array_equal(laid_out("axes", points, 0, Onlooker()), points[:, :2])


def test_what_was_made_of_a_sample_is_noted_and_stays_noted(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(photos, ClusterSpec(k=3)).notes == ()
    monkeypatch.setattr(placing_module, "MANY", 30)
    monkeypatch.setattr(placing_module, "FITTED", 20)
    assert run(photos, ClusterSpec(k=3, layout="axes")).notes == ()
    result = run(photos, ClusterSpec(k=3))
    assert [note.split(",")[0] for note in result.notes] == ["the map places a sample of 20"]
    save_result(tmp_path / "kept.npz", result)
    kept = load_result(tmp_path / "kept.npz")
    assert kept is not None
    assert kept.notes == result.notes
