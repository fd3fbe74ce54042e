"""An owner's exports: listed, kept within a size, deleted and expired, and nobody else's."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lib.errors import InvalidInput, QuotaExceeded
from lib.exporting.base import ExportOptions
from lib.exporting.space import ExportSpace, expire_exports
from lib.settings import Settings
from tests.doubles.image_folder import image_folder, settings_at
from tests.exporting.conftest import Exported, names_in


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return settings_at(tmp_path / "home")


def test_exports_are_listed_newest_first_and_to_their_owner_alone(
    tmp_path: Path, here: Settings, exported: Exported
) -> None:
    photos = image_folder(tmp_path / "photos")
    space = ExportSpace(here, "cookie:ann")
    old = exported(photos, "csv", space.folder_for(photos))
    new = exported(photos, "imagefolder", space.folder_for(photos))
    os.utime(old.manifest, (1, 1))
    assert [(export.dataset, export.path.name) for export in space.kept()] == [
        ("photos", "imagefolder"),
        ("photos", "captions.csv"),
    ]
    assert not ExportSpace(here, "cookie:ben").kept()
    with pytest.raises(InvalidInput):
        ExportSpace(here, "cookie:ben").delete(new.path)
    with pytest.raises(InvalidInput):
        space.delete(photos)
    space.delete(new.path)
    assert [export.path for export in space.kept()] == [old.path]
    assert names_in(new.path.parent) == [old.manifest.name, old.path.name]


def test_a_dataset_of_any_name_has_its_folder_below_the_owners(here: Settings) -> None:
    space = ExportSpace(here, "local")
    for name in ("/", "/a/..", "/a/.hidden", "/a/con", "/a/" + "x" * 300):
        assert space.folder_for(Path(name)).parent == space.root


def test_more_than_the_space_is_refused_before_anything_is_written(
    tmp_path: Path, here: Settings, exported: Exported
) -> None:
    photos = image_folder(tmp_path / "photos")
    small = settings_at(here.home, upload_quota_mb=1)
    space = ExportSpace(small, "local")
    exported(photos, "imagefolder", space.folder_for(photos))
    space.make_room(900_000)
    with pytest.raises(QuotaExceeded, match="exports take 0 of 1 MB"):
        space.make_room(999_900)


def test_exports_older_than_uploads_may_be_are_removed(tmp_path: Path, here: Settings, exported: Exported) -> None:
    photos = image_folder(tmp_path / "photos")
    out = ExportSpace(here, "local").folder_for(photos)
    old, new = exported(photos, "imagefolder", out), exported(photos, "csv", out)
    month = time.time() - 30 * 86_400
    for path in (old.path, old.manifest):
        os.utime(path, (month, month))
    assert set(expire_exports(here)) == {old.path, old.manifest}
    assert names_in(out) == [new.manifest.name, new.path.name]
    assert [export.path for export in ExportSpace(here, "local").kept()] == [new.path]


def test_an_imagefolder_in_a_zip_is_read_back_sample_by_sample(tmp_path: Path, exported: Exported) -> None:
    import zipfile

    from lib.exporting.imagefolder import ImageFolder

    done = exported(
        image_folder(tmp_path / "photos"), "imagefolder", options=ExportOptions(zipped=True, validation=0.34)
    )
    assert [reason for _, reason in ImageFolder().read_back(done.path)] == [""] * 3
    with zipfile.ZipFile(done.path) as whole, zipfile.ZipFile(tmp_path / "less.zip", "w") as less:
        for entry in whole.infolist():
            if entry.filename != "train/photo0.jpg":
                less.writestr(entry.filename.replace("photo1", "other"), whole.read(entry))
    assert [reason for _, reason in ImageFolder().read_back(tmp_path / "less.zip") if reason]
    data = bytearray(done.path.read_bytes())
    data[data.index(b"JFIF") + 200] ^= 1
    (tmp_path / "flipped.zip").write_bytes(data)
    assert [reason for _, reason in ImageFolder().read_back(tmp_path / "flipped.zip") if reason]
    (tmp_path / "cut.zip").write_bytes(done.path.read_bytes()[:500])
    assert [reason for _, reason in ImageFolder().read_back(tmp_path / "cut.zip") if reason]


def test_what_was_put_elsewhere_counts_for_as_long_as_it_lies_there(
    tmp_path: Path, here: Settings, exported: Exported
) -> None:
    small = settings_at(here.home, upload_quota_mb=1)
    (tmp_path / "out").mkdir()
    large = tmp_path / "out" / "webdata\n.zip"
    large.write_bytes(bytes(900_000))
    ExportSpace(small, "cookie:ann").count(large)
    with pytest.raises(QuotaExceeded):
        ExportSpace(small, "cookie:ann").make_room(200_000)
    ExportSpace(small, "cookie:ben").make_room(200_000)
    large.unlink()
    ExportSpace(small, "cookie:ann").make_room(200_000)
    assert not ExportSpace(small, "cookie:ann").kept()


def test_an_export_goes_off_the_list_before_anything_of_it_goes(
    tmp_path: Path, here: Settings, exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, space = image_folder(tmp_path / "photos"), ExportSpace(here, "cookie:ann")
    done = exported(photos, "csv", space.folder_for(photos))
    unlink, listed = os.unlink, []

    def cut_short(path: Path, **options: object) -> None:
        listed.append(len(space.kept()))
        if path == done.path:
            raise KeyboardInterrupt
        unlink(path)

    monkeypatch.setattr(os, "unlink", cut_short)
    with pytest.raises(KeyboardInterrupt):
        space.delete(done.path)
    # Listed while its manifest is there, and no longer.
    assert (listed[0], set(listed[1:])) == (1, {0})
    assert done.path.exists()
    assert space.kept() == []
