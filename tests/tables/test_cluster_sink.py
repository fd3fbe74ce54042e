"""The sink of `run cluster` opens as the samples that it was made of, with its clusters joined by key."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from lib.clustering import OF_A_JOB, changes_since
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.workspace.roots import resolve_source
from lib.errors import InvalidInput
from lib.settings import Settings
from lib.tables.cluster_sink import ClusterSink, cluster_sink, take_clusters
from lib.tables.exported_map import map_along, map_named, real_path
from lib.tables.opening import open_table
from tests.doubles.embedded import cluster_sink_of
from tests.doubles.image_folder import draw_image, image_folder, settings_at
from tests.doubles.tables import write_picture_table

CAPTIONS = {
    "a/1.jpg": "dog dog",
    "a/2.jpg": "dog",
    "b/3.jpg": None,
    "b/4.jpg": "cat cat",
    "5.jpg": "cat",
    "6.jpg": "dog",
}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", CAPTIONS)


def stands_behind(sink: Path) -> ClusterSink:
    found = cluster_sink(str(sink), real_path)
    assert found is not None
    return found


def refusal(sink: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        cluster_sink(str(sink), real_path)
    return caught.value


def test_clusters_of_captions_are_those_of_the_folder_that_was_embedded(photos: Path, tmp_path: Path) -> None:
    sink = stands_behind(cluster_sink_of(photos, tmp_path / "clusters"))
    assert (sink.samples, sink.by, sink.method) == (photos, "tags", "sbert")
    dataset = open_dataset(photos)
    found = take_clusters(sink, dataset)
    assert found.model == OF_A_JOB
    of_dogs = found.labels[found.names.index("6.jpg")]
    dogs = dict(zip(found.names, (found.labels == of_dogs).tolist(), strict=True))
    assert dogs == {name: "dog" in text for name, text in CAPTIONS.items() if text}
    assert list(found.names) == [record.name for record in dataset.records if record.is_tagged]
    assert sorted(one.words[0] for one in found.clusters) == ["cat", "dog"]
    assert found.left_out == {"no caption": 1}
    assert not changes_since(found, photos, dataset.records, tmp_path / "vectors")


def test_what_was_edited_since_it_was_embedded_is_told(photos: Path, tmp_path: Path) -> None:
    sink = stands_behind(cluster_sink_of(photos, tmp_path / "clusters"))
    (photos / "6.txt").write_text("a wolf")
    (photos / "5.jpg").unlink()
    draw_image(photos / "7.jpg")
    (photos / "7.txt").write_text("new")
    dataset = open_dataset(photos)
    found = take_clusters(sink, dataset)
    assert found.left_out == {"no caption": 1, "no cluster in what was made": 1}
    assert "1 of its 6 samples are not here any more" in found.notes
    changes = changes_since(found, photos, dataset.records, tmp_path / "vectors")
    assert (changes.changed, changes.added, changes.gone) == (1, 1, 0)


def test_clusters_of_pictures_are_shown_with_pictures_that_have_no_caption(photos: Path, tmp_path: Path) -> None:
    sink = stands_behind(cluster_sink_of(photos, tmp_path / "clusters", "images"))
    dataset = open_dataset(photos)
    found = take_clusters(sink, dataset)
    assert (found.spec.by, found.spec.method, len(found.names)) == ("images", "mobilenet", 6)
    # What was hashed elsewhere is not known to be as it was, and not said to be another.
    assert not changes_since(found, photos, dataset.records, tmp_path / "vectors")


def test_clusters_of_a_table_are_those_of_its_rows(tmp_path: Path) -> None:
    table = write_picture_table(tmp_path / "set/pets.parquet", ["a dog", "", "a cat", "a dog", "a cat", "a dog"])
    sink = stands_behind(cluster_sink_of(table, tmp_path / "clusters", "images"))
    assert sink.samples == table
    dataset = open_table(table, Settings(home=tmp_path / "home"))
    found = take_clusters(sink, dataset)
    assert (found.spec.by, len(found.names), found.left_out) == ("tags", 5, {"no caption": 1})
    assert not changes_since(found, table, dataset.records, tmp_path / "vectors")


def test_columns_that_stand_beside_captions_open_as_a_table(photos: Path, tmp_path: Path) -> None:
    sink = cluster_sink_of(photos, tmp_path / "clusters")
    for part in sink.glob("part-*.parquet"):
        rows = pyarrow.parquet.read_table(part)
        pyarrow.parquet.write_table(rows.append_column("caption", pyarrow.array(["a"] * len(rows))), part)
    assert cluster_sink(str(sink), real_path) is None


def test_any_other_folder_or_sink_is_none(photos: Path, tmp_path: Path) -> None:
    sink = cluster_sink_of(photos, tmp_path / "clusters")
    assert cluster_sink(str(photos), real_path) is None
    assert cluster_sink(str(sink.with_name("clusters-vectors")), real_path) is None


def test_what_is_gone_or_elsewhere_is_told_by_name(photos: Path, tmp_path: Path) -> None:
    sink = cluster_sink_of(photos, tmp_path / "clusters")
    photos.rename(tmp_path / "moved")
    assert "“clusters” holds clusters, and no captions. Its samples lie in" in refusal(sink).message
    assert str(photos) in refusal(sink).message
    vectors = sink.with_name("clusters-vectors")
    facts = json.loads((vectors / "_job.json").read_text())
    (vectors / "_job.json").write_text(json.dumps(facts | {"source": "s3://bucket/photos"}))
    assert "s3://bucket/photos, which is no folder of this machine" in refusal(sink).message
    (vectors / "_job.json").unlink()
    assert f"“{vectors}” does not say whose vectors it holds" in refusal(sink).message
    shutil.rmtree(vectors)
    assert f"The vectors that it was made of lie in {vectors}" in refusal(sink).message


def test_shards_say_what_to_do_instead(photos: Path, tmp_path: Path) -> None:
    shards = tmp_path / "shards"
    shards.mkdir()
    with tarfile.open(shards / "0.tar", "w") as tar:
        for name in ("5.jpg", "5.txt", "6.jpg", "6.txt"):
            tar.add(photos / name, name)
    error = refusal(cluster_sink_of(shards, tmp_path / "clusters"))
    assert "WebDataset shards" in error.message
    assert "captioner run import" in error.hint


def test_other_samples_in_the_place_of_those_are_refused(photos: Path, tmp_path: Path) -> None:
    sink = stands_behind(cluster_sink_of(photos, tmp_path / "clusters"))
    shutil.rmtree(photos)
    image_folder(photos, {"new.jpg": "new"})
    with pytest.raises(InvalidInput, match="None of the 6 samples of “clusters”"):
        take_clusters(sink, open_dataset(photos))


def test_an_export_takes_along_a_sink_that_is_named_or_a_tables_own_columns(photos: Path, tmp_path: Path) -> None:
    sink = cluster_sink_of(photos, tmp_path / "clusters")
    dataset = open_dataset(photos)
    named = map_named(sink, dataset)
    assert named["6.jpg"].cluster == named["a/2.jpg"].cluster != named["5.jpg"].cluster
    assert map_along(tmp_path / "owner", dataset) == {}
    rows = {"key": ["a", "b"], "caption": ["a dog", "a cat"], "cluster": [1, 0], "x": [1.0, 2.0], "y": [3.0, 4.0]}
    pyarrow.parquet.write_table(pyarrow.table(rows), tmp_path / "own.parquet")
    own = map_along(tmp_path / "owner", open_table(tmp_path / "own.parquet", Settings(home=tmp_path / "home")))
    assert {name: (point.cluster, point.x, point.y) for name, point in own.items()} == {"a": (1, 1, 3), "b": (0, 2, 4)}


def test_samples_that_a_visitor_may_not_open_stay_closed(photos: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    sink = cluster_sink_of(photos, shared / "clusters")
    settings = settings_at(tmp_path / "home", roots=[shared])
    with pytest.raises(InvalidInput, match="This path cannot be opened here"):
        cluster_sink(str(sink), lambda path: resolve_source(path, settings, "visitor"))
