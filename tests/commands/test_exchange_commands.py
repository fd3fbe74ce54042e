"""`python -m lib export, import, verify`: out and in again without a browser."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest

from lib.exporting.registry import EXPORTERS
from tests.commands.test_command_line import answer, lib, lib_anew
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import captions_of

CAPTIONS = {"a.jpg": "a cat", "sub/a.jpg": "a dog", "b.v2.png": "=a, cat", "none.jpg": None}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", CAPTIONS)


@pytest.mark.parametrize("format", ["webdata-zip", "webdataset", "imagefolder", "parquet"])
def test_out_and_in_again(tmp_path: Path, photos: Path, format: str) -> None:
    done = answer(lib("export", photos, tmp_path / "out", "--format", format, "--json"))
    assert done["samples"] == 3
    assert done["left_out"] == [{"image": "none.jpg", "reason": "It has no caption."}]
    assert done["bytes"] == sum(Path(file).stat().st_size for file in done["files"])
    checked = answer(lib("verify", tmp_path / "out", "--json"))
    assert (checked["samples"], checked["bad"]) == (3, [])
    taken = lib("import", tmp_path / "out", tmp_path / "new", "--json")
    assert taken.returncode == 0
    account = answer(taken)
    assert {name: account[name] for name in ("added", "captioned", "uncaptioned", "skipped", "conflicts")} == {
        "added": 3, "captioned": 3, "uncaptioned": 0, "skipped": 0, "conflicts": 0,
    }  # fmt: skip
    assert [account[name] for name in ("refused", "not_understood", "notes")] == [[], [], []]
    assert captions_of(tmp_path / "new") == captions_of(photos)
    again = answer(lib("import", tmp_path / "out", tmp_path / "new", "--existing", "both", "--json"))
    assert (again["added"], again["skipped"]) == (0, 3)
    undone = answer(lib("undo", tmp_path / "new", "--json"))
    assert (undone["restored"], undone["images"]) == (3, 3)
    assert [path.name for path in (tmp_path / "new").iterdir() if not path.name.startswith(".")] == []


def test_only_shards_size_and_seed(tmp_path: Path, photos: Path) -> None:
    flags = ["--format", "webdataset", "--only", "cat", "--shard-samples", 1, "--max-side", 16, "--seed", 3]
    done = answer(lib("export", photos, tmp_path / "out", *flags, "--json"))
    assert done["samples"] == 2
    assert sum(file.endswith(".tar") for file in done["files"]) == 2


def test_splits_encoding_and_one_zip(tmp_path: Path, photos: Path) -> None:
    flags = ["--format", "webdataset", "--validation", 0.34, "--encoding", "webp", "--shard-mb", 1, "--zip"]
    (file,) = answer(lib("export", photos, tmp_path / "out", *flags, "--json"))["files"]
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        assert {name.partition("/")[0] for name in names} == {"train", "validation", "README.md"}
        with archive.open("train/00000.tar") as shard, tarfile.open(fileobj=shard) as tar:
            assert "000000000.webp" in tar.getnames()


def test_a_damaged_export_is_told_with_exit_status_1(tmp_path: Path, photos: Path) -> None:
    (shard, *_) = answer(lib_anew("export", photos, tmp_path / "out", "--format", "webdataset", "--json"))["files"]
    data = Path(shard).read_bytes()
    Path(shard).write_bytes(data[: len(data) // 4])
    found = lib_anew("verify", tmp_path / "out", "--json")
    assert found.returncode == 1
    assert "00000.tar" in {entry["name"] for entry in answer(found)["bad"]}
    assert "cut short" in lib("verify", tmp_path / "out").stderr
    taken = lib_anew("import", shard, tmp_path / "new", "--json")
    assert taken.returncode == 1
    assert answer(taken)["refused"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "photos", "out", "--format", "nonsense"],
        ["export", "nowhere", "out", "--format", "csv"],
        ["export", "photos", "out", "--format", "csv", "--only", "giraffe"],
        ["export", "photos", "out", "--format", "webdataset", "--validation", "1"],
        ["export", "photos", "out", "--format", "webdataset", "--encoding", "bmp"],
        ["import", "nowhere", "new"],
        ["verify", "nowhere"],
    ],
)
def test_what_cannot_be_done_is_wrong_usage_and_a_sentence(tmp_path: Path, photos: Path, arguments: list[str]) -> None:
    places = {"photos": photos, "nowhere": tmp_path / "nowhere", "out": tmp_path / "out", "new": tmp_path / "new"}
    done = lib(*(places.get(argument, argument) for argument in arguments))
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_every_format_is_named_in_the_help() -> None:
    shown = "".join(lib("export", "--help", COLUMNS="200").stdout.split())
    assert not [format for format in EXPORTERS if format not in shown]


def test_an_import_tells_what_became_of_everything_and_its_status_is_1_where_captions_were_not_understood(
    tmp_path: Path,
) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": None, "b.jpg": None})
    (source / "readme.txt").write_text("what this is")
    (source / "words.csv").write_text("pic;where;words\na.jpg;at home;a cat on a sofa\nb.jpg;outside;a dog runs\n")
    columns = ["--image-column", "pic", "--caption-column", "where", "--delimiter", "semicolon", "--encoding", "utf-8"]
    done = answer(lib("import", source, tmp_path / "new", *columns, "--json"))
    assert done["tables"] == [{"name": "words.csv", "captions": 2, "reason": ""}]
    assert (done["captioned"], done["ignored"]) == (2, {".txt": 1})
    assert captions_of(tmp_path / "new") == {"a.jpg": "at home", "b.jpg": "outside"}
    wrong = lib("import", source, tmp_path / "other", "--caption-column", "nowhere", "--json")
    assert wrong.returncode == 1
    assert [entry["name"] for entry in answer(wrong)["not_understood"]] == ["words.csv"]
    assert "words.csv" in lib("import", source, tmp_path / "again", "--caption-column", "nowhere").stderr
    said = lib("import", source, tmp_path / "third", *columns).stdout
    assert "2 with a caption, 0 without" in said
    assert "words.csv: 2 captions" in said
    assert "not read: 1 .txt" in said


def test_the_line_that_starts_each_program_is_told(tmp_path: Path, photos: Path) -> None:
    done = answer(lib("export", photos, tmp_path / "out", "--format", "webdataset", "--json"))
    shard = tmp_path / "out" / "webdataset" / "00000.tar"
    lines = {entry["program"]: entry["line"] for entry in done["use"]}
    assert str(shard) in lines["webdataset"]
    assert f"--train-data {shard} --train-num-samples 3" in lines["open_clip"]
    assert lines["load_dataset"] == f'datasets.load_dataset("{tmp_path}/out/webdataset")'
    told = lib("export", photos, tmp_path / "out", "--format", "kohya", "--paths", "absolute")
    assert f"--train_data_dir {photos} --in_json {tmp_path}/out/meta_cap.json" in told.stderr
    assert str(photos / "a.jpg") in (tmp_path / "out" / "meta_cap.json").read_text()


def test_images_without_a_caption_go_along_when_asked_for(tmp_path: Path, photos: Path) -> None:
    done = answer(lib("export", photos, tmp_path / "out", "--format", "csv", "--uncaptioned", "--json"))
    assert (done["samples"], done["left_out"]) == (4, [])
    refused = lib("export", photos, tmp_path / "out", "--format", "kohya", "--uncaptioned")
    assert refused.returncode != 0
    assert "wants a caption for each image" in refused.stderr


def test_the_map_of_clusters_goes_along(tmp_path: Path) -> None:
    import pandas

    photos = image_folder(tmp_path / "photos", {f"{n}.jpg": f"a {what}" for n, what in enumerate(("cat", "dog") * 4)})
    clusters = tmp_path / "clusters.csv"
    assert lib("cluster", photos, "--k", 2, "--method", "tfidf", "--out", clusters).returncode == 0
    for format in ("csv", "parquet"):
        (file,) = answer(lib("export", photos, tmp_path / "out", "--format", format, "--clusters", clusters, "--json"))[
            "files"
        ]
        table = pandas.read_csv(file) if format == "csv" else pandas.read_parquet(file)
        expected = pandas.read_csv(clusters).set_index("image")
        assert table.set_index("file_name")["cluster"].to_dict() == expected["cluster"].to_dict()
        assert table["x"].dtype == table["y"].dtype == "float64"
        assert answer(lib("verify", tmp_path / "out", "--json"))["bad"] == []
    wrong = lib("export", photos, tmp_path / "out2", "--format", "csv", "--clusters", tmp_path / "none.csv")
    assert "is no map of clusters" in wrong.stderr
