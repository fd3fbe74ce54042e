"""Where things go: never among what is exported, where they were said to go, and once."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.program import captioner, result_of
from tests.commands.test_command_line import lib
from tests.doubles.image_folder import image_folder

IMAGES = {f"{number}.jpg": f"a {('cat', 'dog')[number % 2]}" for number in range(8)}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", IMAGES)


def export(photos: Path, out: Path, format: str, *more: object) -> dict[str, object]:
    return result_of(lib("export", photos, out, "--format", format, *more, "--json"))


@pytest.mark.parametrize("where", ["sub", "", "sub/../deeper/still"])
def test_images_are_not_exported_into_the_folder_that_they_are_in(photos: Path, where: str) -> None:
    done = lib("export", photos, photos / where, "--format", "imagefolder")
    assert done.returncode == 2
    assert "twice" in done.stderr
    assert result_of(lib("scan", photos, "--json"))["counts"]["images"] == len(IMAGES)
    assert [path.name for path in photos.iterdir() if path.is_dir()] == []


def test_a_link_does_not_lead_an_export_into_its_source(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(photos)
    assert lib("export", photos, tmp_path / "elsewhere" / "out", "--format", "imagefolder").returncode == 2


@pytest.mark.parametrize("format", ["csv", "webdataset", "imagefolder"])
def test_what_no_scan_takes_for_images_may_lie_beside_them(photos: Path, format: str) -> None:
    zipped = ["--zip"] if format == "imagefolder" else []
    export(photos, photos / "out", format, *zipped)
    assert result_of(lib("scan", photos, "--json"))["counts"]["images"] == len(IMAGES)


@pytest.mark.parametrize(
    ("format", "option"),
    [
        ("kohya", ["--validation", "0.1"]),
        ("csv", ["--zip"]),
        ("csv", ["--shard-mb", "5"]),
        ("imagefolder", ["--shard-samples", "5"]),
        ("csv", ["--max-side", "50"]),
        ("kohya", ["--encoding", "webp"]),
        ("webdataset", ["--paths", "absolute"]),
    ],
)
def test_an_option_that_means_nothing_for_a_format_is_wrong_usage(
    photos: Path, tmp_path: Path, format: str, option: list[str]
) -> None:
    done = lib("export", photos, tmp_path / "out", "--format", format, *option)
    assert done.returncode == 2
    assert f"{option[0]} means nothing" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("format", "name"), [("csv", "x.csv"), ("webdata-zip", "my.zip"), ("kohya", "meta.json")])
def test_a_file_that_is_named_is_the_file_that_is_made(photos: Path, tmp_path: Path, format: str, name: str) -> None:
    (tmp_path / "out").mkdir()
    done = export(photos, tmp_path / "out" / name, format)
    assert done["files"] == [str(tmp_path / "out" / name)]
    assert (tmp_path / "out" / name).is_file()
    checked = result_of(lib("verify", tmp_path / "out" / name, "--json"))
    assert (checked["counts"]["samples"], checked["failed"]) == (len(IMAGES), [])


def test_a_name_that_does_not_fit_is_told(photos: Path, tmp_path: Path) -> None:
    for format, name in (("imagefolder", "x.zip"), ("csv", "x.parquet"), ("webdataset", "x.csv")):
        done = lib("export", photos, tmp_path / name, "--format", format)
        assert done.returncode == 2
        assert name in done.stderr
        assert not (tmp_path / name).exists()
    (tmp_path / "mine.csv").write_text("my own")
    assert lib("export", photos, tmp_path / "mine.csv", "--format", "csv", "--replace").returncode == 2
    assert (tmp_path / "mine.csv").read_text() == "my own"


@pytest.mark.parametrize("format", ["csv", "imagefolder", "webdataset", "kohya"])
def test_a_second_export_takes_the_place_of_the_first_only_when_told(photos: Path, tmp_path: Path, format: str) -> None:
    out = tmp_path / "out"
    first = export(photos, out, format)
    refused = lib("export", photos, out, "--format", format, "--only", "cat")
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    done = export(photos, out, format, "--only", "cat", "--replace")
    assert (done["path"], done["counts"]) == (first["path"], done["counts"])
    checked = result_of(lib("verify", out, "--json"))
    assert (checked["counts"]["samples"], checked["failed"]) == (4, [])
    assert not [path for path in out.iterdir() if path.name.startswith(".~")]


def test_an_export_that_fails_leaves_the_earlier_one(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(photos, out, "imagefolder")
    assert lib("export", photos, out, "--format", "imagefolder", "--only", "giraffe", "--replace").returncode == 2
    assert result_of(lib("verify", out, "--json"))["counts"]["samples"] == len(IMAGES)
    (out / "imagefolder" / "notes.txt").write_text("mine")
    kept = lib("export", photos, out, "--format", "imagefolder", "--replace")
    assert kept.returncode == 2
    assert "notes.txt" in kept.stderr
    assert (out / "imagefolder" / "notes.txt").read_text() == "mine"


def test_two_formats_lie_in_one_folder(photos: Path, tmp_path: Path) -> None:
    export(photos, tmp_path / "out", "csv")
    export(photos, tmp_path / "out", "kohya")
    assert result_of(lib("verify", tmp_path / "out", "--json"))["counts"]["samples"] == 2 * len(IMAGES)


def test_an_image_that_cannot_go_out_is_a_failure_and_one_without_a_caption_is_none(
    photos: Path, tmp_path: Path
) -> None:
    (photos / "0.txt").unlink()
    done = lib("export", photos, tmp_path / "out", "--format", "csv", "--json")
    assert done.returncode == 0
    assert result_of(done)["counts"]["left_out"] == 1
    (photos / "1.txt").write_bytes(b"caf\xe9")
    done = lib("export", photos, tmp_path / "out2", "--format", "csv", "--json")
    assert done.returncode == 1
    assert [one["image"] for one in result_of(done)["failed"]] == ["1.jpg"]


def test_a_dry_run_of_an_export_tells_its_size_and_writes_nothing(photos: Path, tmp_path: Path) -> None:
    told = export(photos, tmp_path / "out", "imagefolder", "--validation", 0.25, "--dry-run")
    assert told["counts"] == {**told["counts"], "samples": 8, "train": 6, "validation": 2}  # type: ignore[dict-item]
    assert told["bytes"] > 8 * 500  # type: ignore[operator]
    assert not (tmp_path / "out").exists()


def test_a_dry_run_of_an_import_takes_nothing_in(photos: Path, tmp_path: Path) -> None:
    told = result_of(lib("import", photos, tmp_path / "new", "--dry-run", "--json"))
    assert told["counts"]["images"] == len(IMAGES)
    assert not (tmp_path / "new").exists() or list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("quiet", [True, False])
def test_clusters_go_to_stdout_with_names_and_captions(photos: Path, quiet: bool) -> None:
    done = captioner("cluster", photos, "--k", 2, "--method", "tfidf", "--out", "-", *(["-q"] if quiet else []))
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["image", "cluster", "x", "y", "name", "caption"]
    assert {row["image"]: row["caption"] for row in rows} == IMAGES
    assert {row["name"] for row in rows} == {"cat", "dog"}
    assert not Path("-").exists()


def test_json_and_a_table_cannot_both_be_on_stdout(photos: Path) -> None:
    done = lib("cluster", photos, "--k", 2, "--method", "tfidf", "--out", "-", "--json")
    assert (done.returncode, done.stdout) == (2, "")
