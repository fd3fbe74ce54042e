"""Results survive a restart, tell what changed since, and can be taken away as CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from lib.clustering import (
    Clusterer,
    ClusterResult,
    as_csv,
    changes_since,
    crosstab,
    load_result,
    rename_in_kept,
    result_path,
    save_result,
)
from lib.dataset.scan.scanner import open_dataset
from lib.domain import By, ClusterSpec
from lib.errors import WriteFailed
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.image_folder import age, draw_image, image_folder, settings_at
from tests.doubles.unwilling_disk import refusing

CAPTIONS = {"a,b.jpg": "a dog", '"q".jpg': "the dog", "sub/c.jpg": "sea boats", "d.jpg": "sea boat", "e.jpg": "a cat"}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    folder = image_folder(tmp_path / "photos", CAPTIONS)
    (folder / "broken.jpg").write_bytes(b"no picture")
    (folder / "broken.txt").write_text("broken")
    age(folder)
    return folder


def run(photos: Path, tmp_path: Path, by: By, k: int = 2) -> ClusterResult:
    dataset = open_dataset(photos)
    embedder = WordEmbedder() if by == "tags" else ColourEmbedder()
    made = Clusterer(lambda name: embedder, tmp_path / "vectors")
    return made.run(dataset.root, dataset.records, ClusterSpec(by, "sbert" if by == "tags" else "mobilenet", k))


@pytest.mark.parametrize("by", ["tags", "images"])
def test_a_result_comes_back_as_it_was(photos: Path, tmp_path: Path, by: By) -> None:
    result = run(photos, tmp_path, by)
    path = result_path(settings_at(tmp_path / "home").owner_folder("local"), photos, by)
    assert load_result(path) is None
    save_result(path, result)
    kept = load_result(path)
    assert kept is not None
    for name in ClusterResult.__slots__:
        np.testing.assert_equal(getattr(kept, name), getattr(result, name), err_msg=name)


def test_owners_folders_kinds_and_ways_to_open_a_folder_have_results_of_their_own(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    paths = {
        result_path(settings.owner_folder(owner), root, by)
        for owner in ("local", "someone@example.org")
        for root in (Path("/a"), Path("/b"))
        for by in ("tags", "images")
    }
    assert len(paths) == 8
    paths |= {
        result_path(settings.owner_folder("local"), Path("/a"), "tags", recursive=recursive, suffix=suffix)
        for recursive, suffix in ((False, ".txt"), (True, ".caption"))
    }
    assert len(paths) == 10


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 torn", b"\x80\x04pickle"])
def test_a_damaged_result_is_none(photos: Path, tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "result.npz"
    path.write_bytes(damage)
    assert load_result(path) is None


def test_whichever_change_is_refused_the_former_result_stays(photos: Path, tmp_path: Path) -> None:
    former, newer = run(photos, tmp_path, "tags"), run(photos, tmp_path, "tags", k=3)
    path = tmp_path / "kept" / "result.npz"
    after = 0
    while True:
        path.unlink(missing_ok=True)
        if after:
            save_result(path, former)
        failure = None
        with refusing(path.parent, after) as refusal:
            try:
                save_result(path, newer)
            except WriteFailed as exc:
                failure = exc
        if not refusal.refused:
            break
        assert failure is not None
        assert "cannot be kept: the disk is full" in failure.message
        assert "on the screen" in failure.hint
        kept = load_result(path)
        assert (kept is None) if not after else (kept is not None and kept.spec == former.spec)
        after += 1
    kept = load_result(path)
    assert after > 1
    assert kept is not None
    assert kept.spec == newer.spec


def test_a_result_tells_which_captions_changed_since(photos: Path, tmp_path: Path) -> None:
    result = run(photos, tmp_path, "tags")

    def changes() -> tuple[int, int, int]:
        found = changes_since(result, photos, open_dataset(photos).records, tmp_path / "vectors")
        assert bool(found) == any((found.changed, found.added, found.gone))
        return found.changed, found.added, found.gone

    assert changes() == (0, 0, 0)
    (photos / "d.txt").write_text("sea boat\n")
    assert changes() == (0, 0, 0)
    (photos / "d.txt").write_text("something else")
    (photos / "e.txt").unlink()
    draw_image(photos / "new.jpg").with_suffix(".txt").write_text("new")
    assert changes() == (1, 1, 1)


def test_by_images_one_without_a_caption_counts_too(photos: Path, tmp_path: Path) -> None:
    result = run(photos, tmp_path, "images")
    (photos / "d.txt").unlink()
    assert not changes_since(result, photos, open_dataset(photos).records, tmp_path / "vectors")
    draw_image(photos / "bare.jpg")
    assert changes_since(result, photos, open_dataset(photos).records, tmp_path / "vectors").added == 1


def test_a_result_of_before_there_were_layouts_is_a_map_by_principal_axes(photos: Path, tmp_path: Path) -> None:
    path = tmp_path / "result.npz"
    save_result(path, run(photos, tmp_path, "tags"))
    with np.load(path) as kept:
        content = dict(kept)
    meta = json.loads(content["meta"].tobytes())
    former = {name: value for name, value in meta.items() if not name.startswith("layout")} | {"format": 1}
    del former["spec"]["layout"]
    for cluster in former["clusters"]:
        del cluster["colour_kept"]
    np.savez(path, **content | {"meta": np.frombuffer(json.dumps(former).encode(), np.uint8)})
    kept_result = load_result(path)
    assert kept_result is not None
    assert (kept_result.layout, kept_result.layout_id) == ("axes", "")
    assert [cluster.colour for cluster in kept_result.clusters] == [0, 1]


def test_a_result_tells_which_images_changed_since(photos: Path, tmp_path: Path) -> None:
    result = run(photos, tmp_path, "images")

    def changes() -> tuple[int, int, int]:
        found = changes_since(result, photos, open_dataset(photos).records, tmp_path / "vectors")
        return found.changed, found.added, found.gone

    assert changes() == (0, 0, 0)
    (photos / "d.txt").write_text("a caption does not change a picture")
    draw_image(photos / "e.jpg", size=(99, 66))
    assert changes() == (1, 0, 0)


def test_what_has_another_name_is_renamed_and_neither_gone_nor_added(photos: Path, tmp_path: Path) -> None:
    (photos / "e.txt").write_text("the dog")
    results = {by: run(photos, tmp_path, by) for by in ("tags", "images")}
    renamed = {"d.jpg": "sub/new.jpg", "e.jpg": "f.jpg"}
    for old, new in renamed.items():
        for path in (photos / old, (photos / old).with_suffix(".txt")):
            path.rename((photos / new).with_suffix(path.suffix))
    # Of the size of one that is gone, but not of its time; and one that is gone for good.
    draw_image(photos / "another.jpg").with_suffix(".txt").write_text("all new")
    (photos / "sub" / "c.jpg").unlink()
    for result in results.values():
        found = changes_since(result, photos, open_dataset(photos).records, tmp_path / "vectors")
        assert (found.changed, found.added, found.gone) == (0, 1, 1)
        assert found.renamed == renamed
        followed = result.renamed(found.renamed)
        assert set(result.names) - set(followed.names) == set(renamed)
        again = changes_since(followed, photos, open_dataset(photos).records, tmp_path / "vectors")
        assert (again.changed, again.added, again.gone, again.renamed) == (0, 1, 1, {})


def test_a_kept_result_follows_new_names(photos: Path, tmp_path: Path) -> None:
    path, result = tmp_path / "result.npz", run(photos, tmp_path, "tags")
    rename_in_kept(path, {"d.jpg": "new.jpg"})
    assert not path.exists()
    save_result(path, result)
    rename_in_kept(path, {"d.jpg": "new.jpg", "other.jpg": "x.jpg"})
    kept = load_result(path)
    assert kept is not None
    assert kept.names == tuple("new.jpg" if name == "d.jpg" else name for name in result.names)


def test_the_csv_holds_every_sample_once_under_its_relative_path(photos: Path, tmp_path: Path) -> None:
    result = run(photos, tmp_path, "tags")
    rows = list(csv.DictReader(io.StringIO(as_csv(result, captions=[f"of {name}" for name in result.names]))))
    assert list(rows[0]) == ["image", "cluster", "x", "y", "name", "caption"]
    assert {row["image"] for row in rows} == {*CAPTIONS, "broken.jpg"}
    for row, label, point in zip(rows, result.labels, result.points, strict=True):
        assert int(row["cluster"]) == label
        assert row["name"] == result.clusters[label].name
        assert row["caption"] == f"of {row['image']}"
        assert (float(row["x"]), float(row["y"])) == pytest.approx(point.tolist(), rel=1e-4, abs=1e-6)


def test_no_name_in_the_csv_is_taken_for_a_formula(photos: Path, tmp_path: Path) -> None:
    draw_image(photos / "=1+1.jpg").with_suffix(".txt").write_text("sea boat")
    rows = list(csv.DictReader(io.StringIO(as_csv(run(photos, tmp_path, "tags")))))
    assert "'=1+1.jpg" in {row["image"] for row in rows}
    assert not any(row["image"].startswith("=") for row in rows)


def test_a_result_with_half_of_its_facts_is_none(photos: Path, tmp_path: Path) -> None:
    path = tmp_path / "result.npz"
    save_result(path, run(photos, tmp_path, "tags"))
    with np.load(path) as kept:
        content = dict(kept)
    meta = json.loads(content["meta"].tobytes())
    for lost in set(meta) - {"format"}:
        rest = {name: value for name, value in meta.items() if name != lost}
        np.savez(path, **content | {"meta": np.frombuffer(json.dumps(rest).encode(), np.uint8)})
        assert load_result(path) is None, lost
    np.savez(path, **content | {"meta": np.frombuffer(json.dumps(meta | {"clusters": [{}]}).encode(), np.uint8)})
    assert load_result(path) is None


def test_the_table_of_images_against_tags_counts_every_sample_of_both_once(photos: Path, tmp_path: Path) -> None:
    images, tags = run(photos, tmp_path, "images"), run(photos, tmp_path, "tags", k=3)
    table = crosstab(images, tags)
    assert table.counts.shape == (2, 3)
    assert table.counts.sum() == len(CAPTIONS)
    cells = [table.cell(row, column) for row in range(2) for column in range(3)]
    assert [len(cell) for cell in cells] == table.counts.ravel().tolist()
    assert sorted(name for cell in cells for name in cell) == sorted(CAPTIONS)
    for row in range(2):
        for column in range(3):
            assert set(table.cell(row, column)) == set(images.members(row)) & set(tags.members(column))
