"""Pictures that EXIF turns, images without a caption, and names that are too long: the same rule in each format."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from lib.errors import InvalidInput
from lib.exporting.base import ExportOptions
from lib.exporting.file_names import MOST_BYTES
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify
from lib.exporting.writing import ExportSummary
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import Exported, captions_of
from tests.exporting.test_formats import shard_samples

WITH_IMAGES = [name for name, entry in EXPORTERS.items() if entry.has_images]
WITHOUT_CAPTIONS = [name for name, entry in EXPORTERS.items() if "uncaptioned" in entry.options]
TURNS = range(1, 9)


@pytest.fixture
def turned(tmp_path: Path) -> Path:
    """Red above, white below, as people see it: 40 wide, 60 high; stored turned in each of EXIF's ways."""
    root = tmp_path / "turned"
    root.mkdir()
    upright = Image.new("RGB", (40, 60), "white")
    ImageDraw.Draw(upright).rectangle((0, 0, 40, 24), fill="red")
    ways: dict[int, Any] = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    for turn in TURNS:
        exif = Image.Exif()
        exif[0x0112] = turn
        stored = upright.transpose(ways[turn]) if turn in ways else upright
        stored.save(root / f"{turn}.jpg", quality=95, exif=exif)
        (root / f"{turn}.txt").write_text(f"turn {turn}")
    return root


def pictures(done: ExportSummary, format: str) -> dict[str, tuple[bytes, tuple[int, int] | None]]:
    """By caption: the file of the picture, and the width and height that are told of it, if they are."""
    if format == "parquet":
        import pyarrow.parquet

        rows = pyarrow.parquet.read_table(done.path).to_pylist()
        return {row["text"]: (row["image"]["bytes"], (row["width"], row["height"])) for row in rows}
    if format == "webdataset":
        notes = ((sample, json.loads(sample["json"])) for sample in shard_samples(done.path))
        return {note["caption"]: (sample["jpg"], (note["width"], note["height"])) for sample, note in notes}
    if format == "webdata-zip":
        with zipfile.ZipFile(done.path) as archive:
            rows = json.loads(archive.read("label.json"))
            return {row["text"]: (archive.read(row["file_name"]), None) for row in rows}
    lines = (done.path / "train" / "metadata.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["text"]: ((done.path / "train" / row["file_name"]).read_bytes(), None) for row in rows}


@pytest.mark.parametrize("format", WITH_IMAGES)
def test_who_turns_and_who_does_not_sees_the_same_upright_picture(
    turned: Path, exported: Exported, format: str
) -> None:
    found = pictures(exported(turned, format), format)
    assert len(found) == len(TURNS)
    for caption, (data, told) in found.items():
        with Image.open(io.BytesIO(data)) as image:
            assert image.getexif().get(0x0112, 1) == 1
            # As it is stored, which is how webdataset decodes it.
            assert image.size == (40, 60)
            assert told in (None, image.size)
            top, bottom = image.getpixel((20, 8)), image.getpixel((20, 50))
        assert top[0] > 200, caption
        assert top[1] < 60, caption
        assert min(bottom) > 200, caption


def test_who_is_upright_is_copied_byte_by_byte_and_who_is_not_keeps_its_profile(
    turned: Path, exported: Exported
) -> None:
    profile = b"as if it were a profile of colours"
    with Image.open(turned / "6.jpg") as image:
        exif = image.getexif()
        image.save(turned / "6.jpg", exif=exif, icc_profile=profile, quality=95)
    found = pictures(exported(turned, "webdataset"), "webdataset")
    assert found["turn 1"][0] == (turned / "1.jpg").read_bytes()
    with Image.open(io.BytesIO(found["turn 6"][0])) as image, Image.open(turned / "6.jpg") as before:
        assert image.info["icc_profile"] == profile
        assert image.quantization == before.quantization


@pytest.mark.parametrize("format", ["csv", "coco"])
def test_tables_tell_the_size_of_the_upright_picture(turned: Path, exported: Exported, format: str) -> None:
    import pandas

    path = exported(turned, format).path
    rows = pandas.read_csv(path).to_dict("records") if format == "csv" else json.loads(path.read_bytes())["images"]
    assert {(row["width"], row["height"]) for row in rows} == {(40, 60)}


@pytest.mark.parametrize("format", EXPORTERS)
def test_images_without_a_caption_go_along_where_that_is_legal(
    tmp_path: Path, exported: Exported, configured: Settings, format: str
) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": "a cat", "b.jpg": None, "sub/c.jpg": ""})
    assert exported(root, format, tmp_path / "without").samples == 1
    options = ExportOptions(uncaptioned=True)
    if format not in WITHOUT_CAPTIONS:
        with pytest.raises(InvalidInput, match="wants a caption"):
            exported(root, format, tmp_path / "with", options)
        return
    done = exported(root, format, tmp_path / "with", options)
    assert (done.samples, done.left_out) == (3, ())
    assert (verify(done.path).samples, verify(done.path).bad) == (3, ())
    if EXPORTERS[format].has_images:
        report = import_into(done.path, ImportTarget(tmp_path / "new", configured, "local"))
        assert (report.added, report.refused) == (3, [])
        assert captions_of(tmp_path / "new") == {"a.jpg": "a cat"}


LONG = {
    "a" * 247 + ".jpg": "first",
    "a" * 246 + "b.jpg": "second",
    "é" * 120 + "/c.jpg": "third",
    "short.jpg": "fourth",
}


@pytest.mark.parametrize("format", ["webdata-zip", "imagefolder"])
@pytest.mark.parametrize("options", [ExportOptions(), ExportOptions(encoding="webp")], ids=["kept", "webp"])
def test_names_too_long_for_a_file_are_shortened_and_told(
    tmp_path: Path, exported: Exported, format: str, options: ExportOptions
) -> None:
    root = image_folder(tmp_path / "photos", LONG)
    done = exported(root, format, options=options)
    assert sorted(name for name, _ in done.renamed) == sorted(name for name in LONG if "a" * 200 in name)
    found = pictures(done, format)
    assert found.keys() == set(LONG.values())
    with zipfile.ZipFile(done.path) if format == "webdata-zip" else _Folder(done.path) as archive:
        parts = {part for name in archive.namelist() for part in name.split("/")}
    assert max(len(part.encode()) for part in parts) <= MOST_BYTES
    assert verify(done.path).bad == ()


class _Folder:
    """The names in a folder, asked for as those of a zip are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> _Folder:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def namelist(self) -> list[str]:
        return [path.relative_to(self._folder).as_posix() for path in self._folder.rglob("*")]


@pytest.mark.parametrize("format", ["csv", "kohya", "parquet", "webdataset"])
def test_where_names_are_no_files_they_stay_as_long_as_they_are(
    tmp_path: Path, exported: Exported, format: str
) -> None:
    done = exported(image_folder(tmp_path / "photos", LONG), format)
    assert (done.samples, done.renamed) == (len(LONG), ())
