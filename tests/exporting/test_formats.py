"""Every format is read by a program that nobody here wrote, and read back by our own."""

from __future__ import annotations

import contextlib
import csv
import functools
import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lib.archives import Limits
from lib.dataset.journal.journal import Journal
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import Origin
from lib.exporting.base import ExportOptions
from lib.exporting.planning import plan_export
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify
from lib.exporting.writing import export
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.exporting.conftest import HURTFUL, Exported, captions_of, names_in


def test_webdata_zip_holds_stored_images_and_labels(hurtful: Path, exported: Exported) -> None:
    with zipfile.ZipFile(exported(hurtful, "webdata-zip").path) as archive:
        labels = json.loads(archive.read("label.json"))
        assert all(set(row) == {"file_name", "text"} for row in labels)
        assert {row["file_name"]: row["text"] for row in labels} == HURTFUL
        for name in HURTFUL:
            assert archive.getinfo(name).compress_type == zipfile.ZIP_STORED
            assert archive.read(name) == (hurtful / name).read_bytes()


def shard_samples(path: Path) -> list[dict[str, Any]]:
    from webdataset.tariterators import group_by_keys, tar_file_expander

    found = []
    for shard in sorted(path.rglob("*.tar")):
        with shard.open("rb") as stream:
            found += list(group_by_keys(tar_file_expander([{"url": shard.name, "stream": stream}])))
    return found


def test_webdataset_reads_one_sample_an_image(hurtful: Path, exported: Exported) -> None:
    done = exported(hurtful, "webdataset", options=ExportOptions(shard_samples=5))
    assert [path.name for path in sorted(done.path.glob("*.tar"))] == ["00000.tar", "00001.tar", "00002.tar"]
    samples = shard_samples(done.path)
    assert len({sample["__key__"] for sample in samples}) == len(HURTFUL)
    for sample in samples:
        meta = json.loads(sample["json"])
        image = next(value for key, value in sample.items() if key in ("jpg", "png", "webp", "gif"))
        assert sample["txt"].decode() == HURTFUL[meta["file_name"]] == meta["caption"]
        assert image == (hurtful / meta["file_name"]).read_bytes()
        assert (meta["sha256"], meta["width"], meta["height"]) == (hashlib.sha256(image).hexdigest(), 48, 36)


def test_each_shard_has_an_index_and_counts(hurtful: Path, exported: Exported) -> None:
    import pyarrow.parquet

    done = exported(hurtful, "webdataset", options=ExportOptions(shard_samples=7))
    counts = [json.loads(path.read_bytes())["count"] for path in sorted(done.path.glob(".index/*_stats.json"))]
    assert counts == [7, 5]
    rows = pyarrow.parquet.read_table(done.path / ".index" / "00001.parquet").to_pylist()
    assert {row["file_name"]: row["caption"] for row in rows}.items() <= HURTFUL.items()


def test_shards_are_cut_by_bytes_too_shuffled_by_seed_and_split(tmp_path: Path, exported: Exported) -> None:
    root = image_folder(tmp_path / "photos", 40)
    one_each = exported(root, "webdataset", tmp_path / "a", ExportOptions(shard_bytes=1))
    assert len(list(one_each.path.glob("*.tar"))) == 40
    orders = [
        [s["txt"] for s in shard_samples(exported(root, "webdataset", tmp_path / name, ExportOptions(seed=seed)).path)]
        for name, seed in (("b", 1), ("c", 1), ("d", 2))
    ]
    assert orders[0] == orders[1] != orders[2]
    split = exported(root, "webdataset", tmp_path / "e", ExportOptions(validation=0.25)).path
    train, held = (shard_samples(split / name) for name in ("train", "validation"))
    assert (len(train), len(held)) == (30, 10)
    assert len({sample["txt"] for sample in train + held}) == 40


def test_larger_images_are_shrunk_and_written_anew(tmp_path: Path, exported: Exported) -> None:
    from PIL import Image

    root = image_folder(tmp_path / "photos", {"a.png": "x", "a b.jpg": "y"})
    done = exported(root, "webdataset", options=ExportOptions(max_side=20))
    for sample in shard_samples(done.path):
        assert max(Image.open(io.BytesIO(sample["jpg"])).size) == 20
    webp = exported(root, "imagefolder", options=ExportOptions(encoding="webp"))
    assert sorted(path.name for path in webp.path.rglob("*.webp")) == ["a b.webp", "a.webp"]


def test_shards_go_into_a_zip_where_asked(hurtful: Path, exported: Exported) -> None:
    done = exported(hurtful, "webdataset", options=ExportOptions(zipped=True))
    with zipfile.ZipFile(done.path) as archive:
        assert archive.namelist() == ["00000.tar", ".index/00000.parquet", ".index/00000_stats.json", "README.md"]
    assert verify(done.path).samples == len(HURTFUL)


def test_the_json_member_tells_where_a_caption_came_from(tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "photos", 2)
    journal = Journal(tmp_path / "journal.sqlite")
    dataset = open_dataset(root)
    store = Store(root, journal, "local", configured, dataset)
    origin = Origin("generate", "a-model", "Describe it.", {"temperature": 0.3}, edited=True)
    store.save(dataset.records[0], "written by a model", store.read(dataset.records[0]).hash, origin)
    done = export("webdataset", plan_export(root, dataset.records, journal=journal), tmp_path / "out")
    first, second = (json.loads(sample["json"])["origin"] for sample in shard_samples(done.path))
    time = first.pop("time")
    assert first == {
        "kind": "generate",
        "model": "a-model",
        "prompt": "Describe it.",
        "params": {"temperature": 0.3},
        "edited": True,
    }
    assert time.startswith("20")
    assert second == {}
    journal.close()


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "hf"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("offline")
def test_datasets_reads_shards_imagefolder_and_parquet(hurtful: Path, exported: Exported, tmp_path: Path) -> None:
    import datasets

    cache = str(tmp_path / "cache")
    shards = exported(hurtful, "webdataset").path
    rows = datasets.load_dataset("webdataset", data_files=str(shards / "*.tar"), split="train", cache_dir=cache)
    assert sorted(row["txt"] for row in rows) == sorted(HURTFUL.values())
    assert any(row["jpg"] for row in rows)
    folder = exported(hurtful, "imagefolder").path
    rows = datasets.load_dataset("imagefolder", data_dir=str(folder), split="train", cache_dir=cache)
    assert sorted(row["text"] for row in rows) == sorted(HURTFUL.values())
    assert all(row["image"].size == (48, 36) for row in rows)
    table = exported(hurtful, "parquet").path
    rows = datasets.load_dataset("parquet", data_files=str(table), split="train", cache_dir=cache)
    assert {row["file_name"]: row["text"] for row in rows} == HURTFUL
    assert all(row["image"].size == (48, 36) for row in rows)


def test_imagefolder_has_a_row_a_file_and_a_file_a_row(hurtful: Path, exported: Exported) -> None:
    folder = exported(hurtful, "imagefolder").path / "train"
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_bytes().splitlines()]
    assert {row["file_name"]: row["text"] for row in rows} == HURTFUL
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {*HURTFUL, "metadata.jsonl"}


def test_pycocotools_reads_every_caption(hurtful: Path, exported: Exported) -> None:
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(exported(hurtful, "coco").path)
    found = {}
    for image in coco.loadImgs(coco.getImgIds()):
        (note,) = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
        found[image["file_name"]] = note["caption"]
        assert (image["width"], image["height"]) == (48, 36)
    assert found == HURTFUL


def test_pyarrow_reads_images_and_captions(hurtful: Path, exported: Exported) -> None:
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(exported(hurtful, "parquet").path).to_pylist()
    assert {row["file_name"]: row["text"] for row in rows} == HURTFUL
    assert all(row["image"]["bytes"] == (hurtful / row["file_name"]).read_bytes() for row in rows)
    assert {(row["width"], row["height"]) for row in rows} == {(48, 36)}
    # No model wrote any of these.
    assert {row["model"] for row in rows} == {""}


def test_no_cell_of_the_csv_for_spreadsheets_begins_like_a_formula(hurtful: Path, exported: Exported) -> None:
    with exported(hurtful, "csv-spreadsheet").path.open(newline="", encoding="utf-8") as file:
        # Excel takes a file without this mark for another encoding.
        assert file.read(1) == "\ufeff"
        rows = list(csv.reader(file))
    assert rows[0][:3] == ["file_name", "text", "width"]
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert ["'=cmd|A1.png", "'=1+1"] in [row[:2] for row in rows]


def test_the_csv_for_programs_holds_each_text_as_it_is(hurtful: Path, exported: Exported) -> None:
    import pandas

    table = pandas.read_csv(exported(hurtful, "csv").path, keep_default_na=False)
    assert dict(zip(table["file_name"], table["text"], strict=True)) == HURTFUL
    assert (set(table["width"]), set(table["height"]), set(table["origin"])) == ({48}, {36}, {""})
    sizes = dict(zip(table["file_name"], table["bytes"], strict=True))
    assert sizes == {name: (hurtful / name).stat().st_size for name in HURTFUL}


@pytest.mark.parametrize("absolute", [False, True])
def test_kohya_keys_are_paths_with_their_ending_below_the_folder_or_whole(
    hurtful: Path, exported: Exported, absolute: bool
) -> None:
    content = json.loads(exported(hurtful, "kohya", options=ExportOptions(absolute=absolute)).path.read_bytes())
    assert content == {str(hurtful / name) if absolute else name: {"caption": text} for name, text in HURTFUL.items()}
    # As sd-scripts joins them, be they whole or not.
    assert all((hurtful / key).is_file() for key in content)


def test_diffusion_pipe_finds_a_table_beside_the_images_of_each_folder(hurtful: Path, exported: Exported) -> None:
    done = exported(hurtful, "diffusion-pipe").path
    found = {}
    for table in done.rglob("*"):
        if table.is_file():
            # It looks for this name in the folder of the images, and for theirs in it.
            assert table.name == "captions.json"
            folder = table.parent.relative_to(done)
            captions = json.loads(table.read_bytes())
            found |= {(folder / name).as_posix(): texts for name, texts in captions.items()}
    assert found == {name: [text] for name, text in HURTFUL.items()}


@pytest.mark.parametrize("absolute", [False, True])
def test_open_clip_reads_its_table_with_the_choices_that_it_has(
    hurtful: Path, exported: Exported, absolute: bool
) -> None:
    import pandas

    # As open_clip_train.data.CsvDataset reads it.
    path = exported(hurtful, "open-clip", options=ExportOptions(absolute=absolute)).path
    table = pandas.read_csv(path, sep="\t")
    found = dict(zip(table["filepath"].tolist(), table["title"].tolist(), strict=True))
    assert found == {str(hurtful / name) if absolute else name: text for name, text in HURTFUL.items()}


def test_sidecars_are_byte_by_byte_what_lies_beside_the_images(tmp_path: Path, exported: Exported) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": "é, x\r\ny".encode("utf-16"), "b/c.jpg": b"\xef\xbb\xbfbom"})
    with zipfile.ZipFile(exported(root, "sidecars").path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a.txt": "é, x\r\ny".encode("utf-16"),
            "b/c.txt": b"\xef\xbb\xbfbom",
        }


@pytest.mark.parametrize("format", EXPORTERS)
def test_every_format_reads_back_whole_and_again_gets_a_name_of_its_own(
    hurtful: Path, exported: Exported, format: str
) -> None:
    first, second = exported(hurtful, format), exported(hurtful, format)
    assert first.path != second.path
    for done in (first, second):
        assert (done.samples, done.left_out) == (len(HURTFUL), ())
        assert all(file.exists() for file in done.files)
        found = verify(done.path)
        assert (found.samples, found.bad) == (len(HURTFUL), ())
    both = verify(first.path.parent)
    assert (both.samples, both.bad) == (2 * len(HURTFUL), ())
    there = [path.name for done in (first, second) for path in (done.path, done.manifest)]
    assert [name for name in names_in(first.path.parent) if name != "README.md" and "rows" not in name] == sorted(there)


@pytest.mark.parametrize("format", ["webdata-zip", "sidecars", "webdataset", "imagefolder"])
@pytest.mark.parametrize("cap", ["entries", "total_bytes", "contents_bytes"])
def test_an_export_larger_than_a_strangers_archive_may_be_is_read_back(
    hurtful: Path, exported: Exported, monkeypatch: pytest.MonkeyPatch, format: str, cap: str
) -> None:
    monkeypatch.setattr("lib.archives.Limits", functools.partial(Limits, **{cap: 5}))
    done = exported(hurtful, format, options=ExportOptions(shard_samples=3, zipped=True))
    assert (verify(done.path).samples, verify(done.path).bad) == (len(HURTFUL), ())
    # Without its manifest anybody may have made it.
    done.manifest.unlink()
    if format == "webdata-zip":
        assert verify(done.path).bad


@pytest.mark.parametrize("format", EXPORTERS)
def test_a_flipped_byte_and_a_cut_are_told_by_verify(hurtful: Path, exported: Exported, format: str) -> None:
    for damage in (lambda data: data[: len(data) // 4], flipped):
        done = exported(hurtful, format)
        file = max(done.files, key=lambda path: path.stat().st_size)
        file.write_bytes(damage(file.read_bytes()))
        assert verify(done.path).bad
        assert verify(done.path.parent).bad
        done.manifest.unlink()


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def test_a_damaged_shard_is_told_by_what_it_holds_where_the_manifest_is_lost(hurtful: Path, exported: Exported) -> None:
    done = exported(hurtful, "webdataset")
    shard = done.path / "00000.tar"
    whole = shard.read_bytes()
    done.manifest.unlink()
    assert verify(shard).samples == len(HURTFUL)
    for damaged in (whole[: len(whole) // 4], whole.replace(b"another cat", b"another dog", 1)):
        shard.write_bytes(damaged)
        assert verify(shard).bad


def test_a_shard_of_another_program_is_not_held_to_a_hash_of_what_it_downloaded(tmp_path: Path) -> None:
    image = draw_image(tmp_path / "a.jpg").read_bytes()
    note = {"caption": "a cat", "url": "https://example.org/a.jpg", "sha256": "0" * 64, "key": "000000000"}
    with tarfile.open(tmp_path / "00000.tar", "w") as shard:
        for ending, data in (("jpg", image), ("json", json.dumps(note).encode()), ("txt", b"a cat")):
            member = tarfile.TarInfo(f"000000000.{ending}")
            member.size = len(data)
            shard.addfile(member, io.BytesIO(data))
    found = verify(tmp_path / "00000.tar")
    assert (found.samples, list(found.bad)) == (1, [])


def test_captions_of_the_folder_are_those_of_the_table(hurtful: Path) -> None:
    assert captions_of(hurtful) == HURTFUL
