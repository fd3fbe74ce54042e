"""A look tells what an import would bring, and leaves the dataset as it is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from lib.errors import InvalidInput
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.captions import as_caption
from lib.importing.import_into import import_into
from lib.importing.look import Look, look_into
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.exporting.conftest import Exported, captions_of, exported

__all__ = ["exported"]


def files_below(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = image_folder(tmp_path / "source", {"a.jpg": "a cat", "b.jpg": None, "c.jpg": None, "d.jpg": None})
    (root / "a.caption").write_text("A cat sits.")
    (root / "metadata.csv").write_text("file_name,text\nb.jpg,of a table\nold.jpg,of one that was there\n")
    (root / "film.mp4").write_text("x")
    return root


@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_look_tells_what_an_import_then_brings(
    tmp_path: Path, source: Path, configured: Settings, is_zipped: bool
) -> None:
    target = image_folder(tmp_path / "target", {"old.jpg": None})
    before, whole = files_below(target), source
    if is_zipped:
        whole = tmp_path / "source.zip"
        with zipfile.ZipFile(whole, "w") as archive:
            for path in sorted(source.iterdir()):
                archive.write(path, path.name)
    place = ImportTarget(target, configured, "local")
    look = look_into(whole, place)
    assert files_below(target) == before
    assert not list(configured.workspace("local").glob(".*"))
    assert (look.images, look.captioned, look.several, look.there) == (4, 2, 1, 1)
    assert [(name, as_caption(said)) for name, said in look.rows] == [
        ("a.jpg", "A cat sits.\na cat"),
        ("b.jpg", "of a table"),
        ("old.jpg", "of one that was there"),
        ("c.jpg", ""),
        ("d.jpg", ""),
    ]
    assert [(table.name, bool(table.label)) for table in look.tables] == [("metadata.csv", True)]
    assert look.account.ignored == {".mp4": 1}
    done = import_into(whole, place)
    assert (done.added, done.captioned, done.uncaptioned) == (5, 3, 2)
    assert captions_of(target) == {name: as_caption(said) for name, said in look.rows if said}


def test_an_import_that_is_stopped_at_what_was_found_writes_nothing(
    tmp_path: Path, source: Path, configured: Settings
) -> None:
    target = image_folder(tmp_path / "target", {"old.jpg": None})
    before = files_below(target)
    seen: list[Look] = []

    def stop(look: Look) -> None:
        seen.append(look)
        raise InvalidInput("Look first.")

    with pytest.raises(InvalidInput, match="Look first"):
        import_into(source, ImportTarget(target, configured, "local"), found=stop)
    assert files_below(target) == before
    assert seen[0].captioned == look_into(source, ImportTarget(target, configured, "local")).captioned


def test_a_look_into_every_export_finds_its_captions(tmp_path: Path, exported: Exported, configured: Settings) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": "a cat", "sub/b.jpg": "a dog"})
    for format in ("webdata-zip", "webdataset", "imagefolder", "parquet"):
        look = look_into(exported(root, format).path, ImportTarget(tmp_path / "new", configured, "local"))
        assert (look.images, look.captioned) == (2, 2), format
        assert look.account.refused == [], format
    assert not (tmp_path / "new").exists()


def test_a_look_reads_no_pixel_and_copies_no_image(tmp_path: Path, configured: Settings) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": "a cat"})
    (source / "a.jpg").write_bytes(b"no image at all")
    assert look_into(source, ImportTarget(tmp_path / "new", configured, "local")).images == 1


def test_what_holds_nothing_is_told_by_a_look_too(tmp_path: Path, configured: Settings) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="nothing that can be imported"):
        look_into(tmp_path / "empty", ImportTarget(tmp_path / "new", configured, "local"), ImportChoices())


def test_a_table_beside_which_images_lie_is_looked_into_with_them(tmp_path: Path, configured: Settings) -> None:
    draw_image(tmp_path / "photos" / "a.jpg")
    (tmp_path / "photos" / "label.json").write_text(json.dumps([{"file_name": "a.jpg", "text": "a cat"}]))
    look = look_into(tmp_path / "photos" / "label.json", ImportTarget(tmp_path / "new", configured, "local"))
    assert [(name, as_caption(said)) for name, said in look.rows] == [("a.jpg", "a cat")]
