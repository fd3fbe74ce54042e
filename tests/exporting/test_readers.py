"""Each export is loaded by the programs that it is for, as their users start them, whatever the folders are called."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from huggingface_hub import constants
from pydantic import SecretStr

from lib.dataset.scan.scanner import open_dataset
from lib.exporting.base import ExportOptions
from lib.exporting.hub import PushTarget, push
from lib.exporting.planning import plan_export
from lib.exporting.registry import EXPORTERS
from lib.exporting.writing import ExportSummary, export
from lib.hub import Hub
from tests.doubles.hub_server import TOKEN, HubServer
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import Exported

PLAIN = {"a.jpg": "a cat", "b.v2.png": "a dog, lying", "deep/er/c.jpg": "two\nlines"}
LIKE_SPLITS = {
    "a.jpg": "a cat",
    "test/b.jpg": "a dog",
    "val/c.png": "=1+1",
    "dev shots/d.jpg": "'=quoted",
    "x/eval-2/e.jpg": "first\nsecond",
    "test/val/f.jpg": "a bird",
    "train/g.jpg": "a train",
    "__raw/h.jpg": "a fish, 猫",
    "eval.jpg": "a name is no folder",
}
ALL_IN_VAL = {"val/a.jpg": "a cat", "val/b.jpg": "a dog", "val/c d.jpg": "a bird"}
SETS = {"plain": PLAIN, "like splits": LIKE_SPLITS, "all in val": ALL_IN_VAL}

# As a user types it, plain and streaming, and with the builder's name.
_LOAD = """
import json, sys
import datasets

datasets.disable_progress_bars()
picture = lambda row: next((value for value in row.values() if hasattr(value, "convert")), None)

def rows(call):
    try:
        return {
            split: [(row.get("text", row.get("txt", row.get("title"))), picture(row) is not None) for row in rows]
            for split, rows in call().items()
        }
    except Exception as exc:
        return {f"{type(exc).__name__}: {exc}": []}

def calls(folder, builder):
    return {
        "plain": lambda: datasets.load_dataset(folder),
        "streaming": lambda: datasets.load_dataset(folder, streaming=True),
        "named": lambda: datasets.load_dataset(builder, data_dir=folder),
        "named, streaming": lambda: datasets.load_dataset(builder, data_dir=folder, streaming=True),
    }

asked = json.load(open(sys.argv[1]))
found = {name: {call: rows(do) for call, do in calls(*one).items()} for name, one in asked.items()}
json.dump(found, open(sys.argv[2], "w"))
"""

Loaded = dict[str, dict[str, dict[str, list[tuple[str, bool]]]]]
"""By export, call and split: each row's caption, and whether it has a picture."""


def loaded(asked: dict[str, tuple[Path | str, str]], scratch: Path, **environment: str) -> Loaded:
    """What `datasets` finds in folders, each given with the builder that its name calls. In one process."""
    quiet = {"HF_HOME": str(scratch / "hf"), "HF_HUB_OFFLINE": "1"} | environment
    paths = scratch / "asked.json", scratch / "found.json"
    paths[0].write_text(json.dumps({name: (str(folder), builder) for name, (folder, builder) in asked.items()}))
    command = [sys.executable, "-W", "ignore", "-c", _LOAD, *map(str, paths)]
    done = subprocess.run(command, env=os.environ | quiet, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    return {
        name: {
            call: {split: [(text, picture) for text, picture in rows] for split, rows in splits.items()}
            for call, splits in calls.items()
        }
        for name, calls in json.loads(paths[1].read_bytes()).items()
    }


def rows_of(captions: dict[str, str], *, pictures: bool) -> list[tuple[str, bool]]:
    return sorted((text, pictures) for text in captions.values())


def folder_of(done: ExportSummary, unpacked: Path) -> Path:
    """What a user gives to `load_dataset`: a zip is unpacked, a file lies in a folder."""
    if done.path.suffix == ".zip":
        with zipfile.ZipFile(done.path) as archive:
            archive.extractall(unpacked)
        return unpacked
    return done.path if done.path.is_dir() and (done.path / "README.md").exists() else done.path.parent


BUILDERS = {
    "webdata-zip": "imagefolder",
    "imagefolder": "imagefolder",
    "webdataset": "webdataset",
    "parquet": "parquet",
    "csv": "csv",
    "csv-spreadsheet": "csv",
    "open-clip": "csv",
    "coco": "json",
    "jsonl": "json",
    "kohya": "json",
    "diffusion-pipe": "json",
}
BY_NAME = {"imagefolder", "webdataset", "parquet", "csv"}
"""Those that the second form loads, too. It asks no README.md: of others it makes one row, or misses the table."""


@pytest.fixture(scope="module", params=SETS)
def every_export(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Loaded]:
    """All formats of one set, each in a folder of its own, on a way that is none of the readers' business."""
    scratch = tmp_path_factory.mktemp("readers")
    root = image_folder(scratch / "photos", SETS[request.param])
    asked = {}
    for format, builder in BUILDERS.items():
        done = written(root, format, scratch / "test set" / "val" / format)
        asked[format] = folder_of(done, scratch / format), builder
    return request.param, loaded(asked, scratch)


def written(root: Path, format: str, out: Path, options: ExportOptions | None = None) -> ExportSummary:
    return export(format, plan_export(root, open_dataset(root).records, options=options), out)


@pytest.mark.slow
@pytest.mark.parametrize("format", BUILDERS)
def test_load_dataset_gives_every_row_with_its_caption_and_its_picture(
    every_export: tuple[str, Loaded], format: str
) -> None:
    captions, found = every_export
    texts = {
        name: f"'{text}" if format == "csv-spreadsheet" and text[0] in "='" else text
        for name, text in SETS[captions].items()
    }
    expected = rows_of(texts, pictures=EXPORTERS[format].has_images)
    for call, splits in found[format].items():
        if call in ("plain", "streaming"):
            assert list(splits) == ["train"], call
        if call in ("plain", "streaming") or format in BY_NAME:
            assert sorted(splits.get("train", list(splits))) == expected, call


@pytest.mark.slow
def test_splits_and_zips_and_several_exports_are_loaded(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "photos", LIKE_SPLITS)
    asked = {}
    for format in ("imagefolder", "webdataset"):
        for zipped in (False, True):
            options = ExportOptions(validation=0.34, zipped=zipped, shard_samples=2)
            name = f"{format}, zipped {zipped}"
            done = written(root, format, tmp_path / name, options)
            asked[name] = folder_of(done, tmp_path / f"{name} unpacked"), BUILDERS[format]
    split = list(asked)
    for format in ("kohya", "parquet", "imagefolder", "csv"):
        done = written(root, format, tmp_path / "several")
    asked["several"] = done.path.parent, "csv"
    found = loaded(asked, tmp_path)
    for name in split:
        for call in ("plain", "streaming"):
            splits = found[name][call]
            assert {split: len(rows) for split, rows in splits.items()} == {"train": 6, "validation": 3}, name
            assert sorted(splits["train"] + splits["validation"]) == rows_of(LIKE_SPLITS, pictures=True)
    # The newest is loaded unless another is asked for by its name.
    assert sorted(found["several"]["plain"]["train"]) == rows_of(LIKE_SPLITS, pictures=False)
    card = (tmp_path / "several" / "README.md").read_text()
    names = [entry["config_name"] for entry in json.loads(card.splitlines()[1].partition(": ")[2])]
    assert names == ["captions.csv", "captions.parquet", "imagefolder", "meta_cap.json"]


def test_a_folder_that_holds_other_things_gets_no_readme(tmp_path: Path, exported: Exported) -> None:
    root = image_folder(tmp_path / "photos", PLAIN)
    done = exported(root, "kohya", root)
    assert done.path.parent == root
    assert not (root / "README.md").exists()
    (out := tmp_path / "out").mkdir()
    (out / "README.md").write_text("mine")
    exported(root, "kohya", out)
    assert (out / "README.md").read_text() == "mine"


# It closes its files when they are forgotten.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_webdataset_reads_each_sample_as_it_is_stored(tmp_path: Path, exported: Exported) -> None:
    import webdataset

    root = image_folder(tmp_path / "photos", LIKE_SPLITS)
    done = exported(root, "webdataset", options=ExportOptions(shard_samples=4))
    shards = [str(path) for path in sorted(done.path.glob("*.tar"))]
    pipeline = webdataset.WebDataset(shards, shardshuffle=False, empty_check=False).decode("pil")
    samples = [(sample["txt"], sample["jpg"].size) for sample in pipeline]
    assert sorted(samples) == sorted((text, (48, 36)) for text in LIKE_SPLITS.values())


def test_pycocotools_reads_every_caption_of_folders_like_splits(tmp_path: Path, exported: Exported) -> None:
    from pycocotools.coco import COCO

    root = image_folder(tmp_path / "photos", LIKE_SPLITS)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(exported(root, "coco").path)
    images = {image["id"]: image["file_name"] for image in coco.loadImgs(coco.getImgIds())}
    notes = coco.loadAnns(coco.getAnnIds())
    assert {images[note["image_id"]]: note["caption"] for note in notes} == LIKE_SPLITS


def test_pandas_and_pyarrow_read_the_tables(tmp_path: Path, exported: Exported) -> None:
    import pandas
    import pyarrow.csv
    import pyarrow.parquet

    root = image_folder(tmp_path / "photos", LIKE_SPLITS)
    table = exported(root, "parquet").path
    for rows in (pandas.read_parquet(table).to_dict("records"), pyarrow.parquet.read_table(table).to_pylist()):
        assert {row["file_name"]: row["text"] for row in rows} == LIKE_SPLITS
        assert all(row["bytes"] == len(row["image"]["bytes"]) for row in rows)
    text = exported(root, "csv").path
    lines = pyarrow.csv.ParseOptions(newlines_in_values=True)
    for rows in (
        pandas.read_csv(text, keep_default_na=False).to_dict("records"),
        pyarrow.csv.read_csv(text, parse_options=lines).to_pylist(),
    ):
        assert {row["file_name"]: row["text"] for row in rows} == LIKE_SPLITS


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")
@pytest.mark.parametrize("captions", ["like splits", "all in val"])
def test_what_was_pushed_is_loaded_by_its_name(tmp_path: Path, captions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    root = image_folder(tmp_path / "photos", SETS[captions])
    with HubServer() as server:
        target = PushTarget(Hub(SecretStr(TOKEN), server.url), "ada/birds", public=True)
        push(plan_export(root, open_dataset(root).records), target, tmp_path / "workshop")
        there = {"HF_ENDPOINT": server.url, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1"}
        found = loaded({"hub": ("ada/birds", "imagefolder")}, tmp_path, **there)["hub"]
    for call in ("plain", "streaming"):
        assert list(found[call]) == ["train"], call
        assert sorted(found[call]["train"]) == rows_of(SETS[captions], pictures=True)
