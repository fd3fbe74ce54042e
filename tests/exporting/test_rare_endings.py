"""JPEGs whose names end as browsers saved them go out with the ending that trainers look for."""

from __future__ import annotations

import json
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.doubles.image_folder import image_folder
from tests.doubles.rare_pictures import made
from tests.exporting.conftest import Exported, exported

__all__ = ["exported"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", {"a.jfif": "a", "b.JPE": "b", "c.jif": "c", "d.jpeg": "d"})


def test_images_in_an_export_have_an_ending_that_trainers_know(photos: Path, exported: Exported) -> None:
    with zipfile.ZipFile(exported(photos, "webdata-zip").path) as archive:
        names = {row["file_name"] for row in json.loads(archive.read("label.json"))}
        assert names == {"a.jpg", "b.jpg", "c.jpg", "d.jpeg"}
        assert names <= set(archive.namelist())


def test_shards_hold_them_as_jpegs(photos: Path, exported: Exported) -> None:
    with tarfile.open(exported(photos, "webdataset").path / "00000.tar") as shard:
        assert sum(name.endswith(".jpg") for name in shard.getnames()) == 4


def test_a_table_names_the_files_that_are_there(photos: Path, exported: Exported) -> None:
    assert "a.jfif" in exported(photos, "csv").path.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["heic", "jxl"])
@pytest.mark.skipif(not (find_spec("pillow_heif") and find_spec("pillow_jxl")), reason="their packages are missing")
def test_pictures_that_trainers_cannot_read_go_out_as_jpegs(tmp_path: Path, exported: Exported, ending: str) -> None:
    (tmp_path / "photos").mkdir()
    made(tmp_path / "photos" / f"a.{ending}")
    (tmp_path / "photos" / "a.txt").write_text("a red edge")
    with zipfile.ZipFile(exported(tmp_path / "photos", "webdata-zip").path) as archive:
        assert json.loads(archive.read("label.json")) == [{"file_name": "a.jpg", "text": "a red edge"}]
        assert archive.read("a.jpg").startswith(b"\xff\xd8")
