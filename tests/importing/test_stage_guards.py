"""What comes from a source is copied up to a size, once for each name, and without links."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.importing import parquet
from lib.importing.stage import Stage
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.exporting.conftest import names_in
from tests.importing.test_round_trips import taken


class Endless(io.RawIOBase):
    """A file without an end."""

    given = 0

    def read(self, size: int = -1, /) -> bytes:
        assert self.given < 100_000_000, "it is read on and on"
        self.given += size
        return bytes(size)


def test_an_image_is_read_no_further_than_images_are_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.importing.stage.MAX_IMAGE_BYTES", 3_000_000)
    stage = Stage(tmp_path)
    stage.image("a.jpg", Endless())
    assert stage.account.refused == [("a.jpg", "It is too large for an image.")]
    assert (stage.images, names_in(tmp_path)) == ({}, [])


def test_a_real_image_is_too_large_by_its_bytes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = draw_image(tmp_path / "a.png").read_bytes()
    (tmp_path / "stage").mkdir()
    stage = Stage(tmp_path / "stage")
    for name, most in (("fits.png", len(data)), ("large.png", len(data) - 1)):
        monkeypatch.setattr("lib.importing.stage.MAX_IMAGE_BYTES", most)
        stage.image(name, io.BytesIO(data))
    assert list(stage.images) == ["fits.png"]
    assert stage.account.refused == [("large.png", "It is too large for an image.")]


def test_of_two_images_of_one_name_the_first_stays_and_the_other_is_told(tmp_path: Path) -> None:
    first, second = (draw_image(tmp_path / f"{side}.png", size=(side, 30)).read_bytes() for side in (40, 50))
    (tmp_path / "stage").mkdir()
    stage = Stage(tmp_path / "stage")
    for data in (first, second):
        stage.image("a.png", io.BytesIO(data))
    assert stage.images["a.png"].path.read_bytes() == first
    assert stage.account.refused == [("a.png", "an image of this name came before")]
    assert len(names_in(tmp_path / "stage")) == 1


def test_links_in_a_folder_are_passed_over_wherever_they_lead(tmp_path: Path, configured: Settings) -> None:
    outside = draw_image(tmp_path / "private.jpg", number=2)
    source = image_folder(tmp_path / "source", 1)
    (source / "link.jpg").symlink_to(outside)
    (source / "link.txt").symlink_to("/etc/hostname")
    (source / "inside.jpg").symlink_to("photo0.jpg")
    report = taken(source, tmp_path / "new", configured)
    assert report.added == 1
    assert names_in(tmp_path / "new") == ["photo0.jpg", "photo0.txt"]


@pytest.mark.parametrize("folder", [".git", "sub/.cache"])
def test_nothing_in_a_hidden_folder_comes_in_not_even_what_an_archive_there_holds(
    tmp_path: Path, configured: Settings, folder: str
) -> None:
    source = image_folder(tmp_path / "source", {"photo.jpg": "seen", f"{folder}/hidden.jpg": "not seen"})
    with zipfile.ZipFile(source / folder / "packed.zip", "w") as archive:
        archive.write(draw_image(tmp_path / "packed.jpg", number=2), "packed.jpg")
    report = taken(source, tmp_path / "new", configured)
    assert (report.added, report.refused) == (1, [])
    assert names_in(tmp_path / "new") == ["photo.jpg", "photo.txt"]


@pytest.mark.parametrize("name", ["__MACOSX/a.jpg", "sub/.thumbs/a.jpg", "._a.jpg"])
def test_what_systems_hide_in_an_archive_is_passed_over_without_a_word(
    tmp_path: Path, configured: Settings, name: str
) -> None:
    image = draw_image(tmp_path / "a.jpg").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for each in ("photo.jpg", name):
            archive.writestr(each, image)
    report = taken(tmp_path / "a.zip", tmp_path / "new", configured)
    assert (report.added, report.refused) == (1, [])
    assert names_in(tmp_path / "new") == ["photo.jpg"]


def test_a_source_that_holds_the_toolkits_own_folder_brings_nothing_of_it(tmp_path: Path, configured: Settings) -> None:
    source = image_folder(tmp_path / "source", 1)
    home = configured.model_copy(update={"home": source / "toolkit"})
    draw_image(home.home / "workspace" / "ann" / "uploads" / "set" / "hers.jpg", number=3)
    report = taken(source, tmp_path / "new", home)
    assert report.added == 1
    assert names_in(tmp_path / "new") == ["photo0.jpg", "photo0.txt"]


def test_a_name_in_an_archive_that_leads_out_is_refused_with_the_reason(tmp_path: Path, configured: Settings) -> None:
    path, image = tmp_path / "a.zip", draw_image(tmp_path / "a.jpg").read_bytes()
    names = ["../up.jpg", "sub/../../up.jpg", "/root.jpg", "..\\up.jpg", "\\\\server\\up.jpg"]
    with zipfile.ZipFile(path, "w") as archive:
        for name in [*names, "good.jpg", "dots..in.it.jpg"]:
            archive.writestr(name, image)
    report = taken(path, tmp_path / "below" / "new", configured)
    assert [(name, "leads out" in reason) for name, reason in report.refused] == [(name, True) for name in names]
    assert names_in(tmp_path / "below" / "new") == ["dots..in.it.jpg", "good.jpg"]
    assert names_in(tmp_path / "below") == ["new"]


def test_a_tag_file_larger_than_a_caption_is_refused_and_its_image_comes_alone(
    tmp_path: Path, configured: Settings
) -> None:
    source = image_folder(tmp_path / "source", {"fits.jpg": "x" * MAX_BYTES, "large.jpg": "x" * (MAX_BYTES + 1)})
    report = taken(source, tmp_path / "new", configured)
    assert [(name, "too large for a caption" in reason) for name, reason in report.refused] == [("large.txt", True)]
    assert names_in(tmp_path / "new") == ["fits.jpg", "fits.txt", "large.jpg"]


def table(path: Path, **columns: list[str]) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def test_the_words_of_a_table_without_images_are_held_up_to_a_size(
    tmp_path: Path, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"photo{number}.jpg" for number in range(20)]
    source = table(tmp_path / "t.parquet", file_name=names, text=["word " * 20] * 20)
    target = image_folder(tmp_path / "photos", dict.fromkeys(names))
    monkeypatch.setattr("lib.importing.parquet.MAX_TABLE_BYTES", 10 * (len(names[0]) + 120 + 100))
    report = taken(source, target, configured)
    assert [("unpacks to far more" in reason) for _, reason in report.refused] == [True]
    assert 5 < report.added < 12


@pytest.mark.parametrize(("most", "refused"), [(330, False), (329, True)])
def test_words_of_just_that_size_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, refused: bool
) -> None:
    """A row takes 5 bytes for its name, 5 for its list of captions, and 100 beside."""
    source = table(tmp_path / "t.parquet", file_name=["a.jpg"] * 3, text=["x"] * 3)
    monkeypatch.setattr("lib.importing.parquet.MAX_TABLE_BYTES", most)
    stage = Stage(tmp_path)
    rows = parquet.read(source, "t.parquet", stage).rows
    assert (len(rows), bool(stage.account.refused)) == ((2, True) if refused else (3, False))


@pytest.mark.parametrize(("length", "refused"), [(3_900_000, False), (4_000_001, True)])
def test_a_row_with_more_words_than_any_caption_has_is_refused(
    tmp_path: Path, configured: Settings, length: int, refused: bool
) -> None:
    source = table(tmp_path / "t.parquet", file_name=["a.jpg"], text=["x" * length])
    stage = Stage(tmp_path)
    rows = parquet.read(source, "t.parquet", stage).rows
    assert [row.key for row in rows] == ([] if refused else ["a.jpg"])
    assert ["too large" in reason for _, reason in stage.account.refused] == ([True] if refused else [])
