"""What a person is told of an export: that nothing is left of it, which sample is damaged, and how it is cut up."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lib.dataset.scan.scanner import open_dataset
from lib.errors import Cancelled, InvalidInput
from lib.exporting.base import ExportOptions
from lib.exporting.planning import plan_export
from lib.exporting.space import ExportSpace, expire_exports
from lib.exporting.verify import CHANGED, verify
from lib.exporting.writing import export
from tests.doubles.image_folder import image_folder, settings_at
from tests.doubles.onlooker import stop_at
from tests.exporting.conftest import Exported


def test_who_stops_an_export_is_told_that_nothing_is_left_of_it(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "photos", 2)
    plan = plan_export(root, open_dataset(root).records)
    with pytest.raises(Cancelled, match="The export was stopped") as caught:
        export("csv", plan, tmp_path / "out", stop_at(1))
    assert caught.value.hint == "Nothing of it is left on the disk."


def test_a_folder_without_any_export_is_told_from_one_that_is_whole(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no export at"):
        verify(image_folder(tmp_path / "photos", 2))
    with pytest.raises(InvalidInput, match="There is no export at"):
        verify(tmp_path / "nowhere.tar")


def test_a_file_of_an_export_that_is_gone_is_told_as_missing(tmp_path: Path, exported: Exported) -> None:
    done = exported(image_folder(tmp_path / "photos", 2), "webdataset")
    (done.path / "00000.tar").unlink()
    assert ("00000.tar", "it is missing") in [(Path(name).name, reason) for name, reason in verify(done.path).bad]


def test_the_image_that_is_damaged_in_a_zip_is_named(tmp_path: Path, exported: Exported) -> None:
    root = image_folder(tmp_path / "photos", 2)
    done = exported(root, "webdata-zip")
    done.manifest.unlink()
    picture = (root / "photo1.jpg").read_bytes()
    done.path.write_bytes(done.path.read_bytes().replace(picture, picture[:-1] + bytes([picture[-1] ^ 1])))
    found = verify(done.path)
    assert [name for name, _ in found.bad] == ["photo1.jpg"]
    assert found.samples == 1


def test_a_kohya_entry_without_a_caption_is_damage_and_no_crash(tmp_path: Path, exported: Exported) -> None:
    done = exported(image_folder(tmp_path / "photos", 2), "kohya")
    done.path.write_text('{"photo0": {"tags": "a cat"}}')
    assert (done.path.name, "it is damaged") in verify(done.path).bad


def test_the_sample_of_a_table_whose_picture_was_changed_is_named(tmp_path: Path, exported: Exported) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": "one", "b.jpg": "two"})
    done = exported(root, "parquet")
    picture = (root / "b.jpg").read_bytes()
    done.path.write_bytes(done.path.read_bytes().replace(picture, picture[:-1] + bytes([picture[-1] ^ 1])))
    found = verify(done.path)
    assert (done.path.name, CHANGED) in found.bad
    assert ("b.jpg", "its image is not the one that was exported") in found.bad
    assert found.samples == 1


def test_the_sample_of_a_shard_whose_json_is_damaged_is_named(tmp_path: Path, exported: Exported) -> None:
    done = exported(image_folder(tmp_path / "photos", 2), "webdataset")
    shard = done.path / "00000.tar"
    done.manifest.unlink()
    shard.write_bytes(shard.read_bytes().replace(b'{"key": "000000001"', b'["key": "000000001"'))
    found = verify(shard)
    assert found.bad == (("000000001", "its text or json is damaged"),)
    assert found.samples == 1


def test_few_images_are_one_piece_of_a_table_and_many_are_several(
    tmp_path: Path, exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet

    def pieces(name: str) -> list[int]:
        table = pyarrow.parquet.read_metadata(exported(root, "parquet", tmp_path / name).path)
        return [table.row_group(number).num_rows for number in range(table.num_row_groups)]

    root = image_folder(tmp_path / "photos", 5)
    assert pieces("few") == [5]
    monkeypatch.setattr("lib.exporting.parquet._GROUP_ROWS", 2)
    assert pieces("by rows") == [2, 2, 1]
    monkeypatch.setattr("lib.exporting.parquet._GROUP_BYTES", 1)
    assert pieces("by bytes") == [1, 1, 1, 1, 1]


def test_an_export_expires_when_its_days_are_over_and_not_before(tmp_path: Path, exported: Exported) -> None:
    settings = settings_at(tmp_path / "home", upload_days=7)
    photos = image_folder(tmp_path / "photos", 1)
    done = exported(photos, "csv", ExportSpace(settings, "local").folder_for(photos), ExportOptions())
    assert expire_exports(settings, time.time() + 6.9 * 86_400) == []
    assert set(expire_exports(settings, time.time() + 7.1 * 86_400)) == {done.path, done.manifest}
