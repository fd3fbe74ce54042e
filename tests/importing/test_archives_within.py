"""Archives in an archive are read one level deep, within the limits of the outer one; names left open are guessed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from lib.archives import Limits
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import ImportOutcome, import_into
from lib.importing.tables.results import Reading
from lib.importing.zip_names import guessed
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder
from tests.exporting.conftest import Exported, captions_of, exported

__all__ = ["exported"]


def brought(source: Path, folder: Path, settings: Settings, **how: object) -> ImportOutcome:
    return import_into(source, ImportTarget(folder, settings, "local"), **how)  # type: ignore[arg-type]


def zipped(path: Path, **members: bytes) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return path.read_bytes()


def test_our_own_zipped_shards_come_back(tmp_path: Path, exported: Exported, configured: Settings) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": "a cat", "sub/b.jpg": "a dog"})
    folder = exported(root, "webdataset").path
    with zipfile.ZipFile(tmp_path / "webdataset.zip", "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(folder))
    done = brought(tmp_path / "webdataset.zip", tmp_path / "new", configured)
    assert (done.refused, done.account.not_understood) == ([], [])
    assert captions_of(tmp_path / "new") == {"a.jpg": "a cat", "sub/b.jpg": "a dog"}


def test_a_parquet_in_a_zip_is_read(tmp_path: Path, configured: Settings) -> None:
    image = draw_image(tmp_path / "a.jpg").read_bytes()
    rows = [{"image": {"bytes": image, "path": "a.jpg"}, "text": "a cat"}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    zipped(tmp_path / "a.zip", data__a_parquet=(tmp_path / "a.parquet").read_bytes())
    assert brought(tmp_path / "a.zip", tmp_path / "new", configured).refused == []
    assert captions_of(tmp_path / "new") == {"a.jpg": "a cat"}


def test_a_third_level_is_told_and_not_read(tmp_path: Path, configured: Settings) -> None:
    image = draw_image(tmp_path / "a.jpg").read_bytes()
    deep = zipped(tmp_path / "deep.zip", deep_jpg=image)
    inner = zipped(tmp_path / "inner.zip", inner_jpg=image, deep_zip=deep)
    zipped(tmp_path / "outer.zip", outer_jpg=image, inner_zip=inner)
    done = brought(tmp_path / "outer.zip", tmp_path / "new", configured)
    assert sorted(done.images) == ["inner.jpg", "outer.jpg"]
    assert [name for name, _ in done.account.not_understood] == ["inner.zip/deep.zip"]


def test_archives_within_share_the_limits_of_the_outer_one(tmp_path: Path, configured: Settings) -> None:
    """Each may be harmless by itself, and there may be thousands of them."""
    inner = zipped(tmp_path / "inner.zip", a_csv=b"file_name,text\n" + bytes(600_000))
    zipped(tmp_path / "outer.zip", **{f"n{number}_zip": inner for number in range(10)})
    done = brought(tmp_path / "outer.zip", tmp_path / "new", configured, limits=Limits(total_bytes=2_000_000))
    assert any("as bombs do" in reason for _, reason in done.refused)
    done = brought(tmp_path / "outer.zip", tmp_path / "new2", configured, limits=Limits(entries=15))
    assert any("too many entries" in reason for _, reason in done.refused)


class OldName(zipfile.ZipInfo):
    """A name as programs for Windows wrote it: in the code page of the country, and nothing that says so."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, self.flag_bits & ~0x800


def old_zip(path: Path, encoding: str, images: list[str], table: str = "") -> Path:
    image = draw_image(path.with_suffix(".jpg")).read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for name in images:
            info = OldName("x")
            info.raw = name.encode(encoding)
            archive.writestr(info, image)
        if table:
            archive.writestr("label.json", table)
    return path


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("gbk", "\u732b\u54aa \u6d77\u8fb9\u7684\u65e5\u843d \u7ea2\u8272\u6c7d\u8f66"),
        ("shift_jis", "\u306d\u3053 \u72ac\u3068\u6d77 \u5915\u713c\u3051\u306e\u5199\u771f"),
        ("cp866", "\u043a\u043e\u0448\u043a\u0430 \u0441\u043e\u0431\u0430\u043a\u0430 \u0437\u0430\u043a\u0430\u0442"),
        ("cp1251", "\u041a\u043e\u0448\u043a\u0430 \u0421\u043e\u0431\u0430\u043a\u0430"),
        ("cp437", "Caf\u00e9 K\u00f6ln stra\u00dfe"),
        ("utf-8", "Caf\u00e9 K\u00f6ln \u732b\u54aa"),
    ],
)
def test_names_of_which_a_zip_gives_bytes_only_are_read_as_they_were_written(encoding: str, words: str) -> None:
    names = [f"{word}.jpg".encode(encoding) for word in words.split()]
    found = guessed(names)
    assert [name.decode(found) for name in names] == [f"{word}.jpg" for word in words.split()]


@pytest.mark.parametrize("is_escaped", [True, False])
def test_what_a_table_calls_the_images_tells_how_their_names_are_read(
    tmp_path: Path, configured: Settings, is_escaped: bool
) -> None:
    """Of so few bytes nobody could tell."""
    table = json.dumps([{"file_name": "\u732b\u54aa.jpg", "text": "a cat"}], ensure_ascii=is_escaped)
    source = old_zip(tmp_path / "a.zip", "gbk", ["\u732b\u54aa.jpg"], table)
    done = brought(source, tmp_path / "new", configured)
    assert done.refused == []
    assert captions_of(tmp_path / "new") == {"\u732b\u54aa.jpg": "a cat"}
    ((name, words),) = done.account.notes
    assert name == "a.zip"
    assert "read as gb18030" in words


def test_how_the_names_of_a_zip_are_read_can_be_chosen(tmp_path: Path, configured: Settings) -> None:
    source = old_zip(tmp_path / "a.zip", "cp1252", ["\u00e9t\u00e9.jpg"])
    choices = ImportChoices(reading=Reading(encoding="cp1252"))
    assert brought(source, tmp_path / "new", configured, choices=choices).images == ["\u00e9t\u00e9.jpg"]


def test_names_that_a_zip_tells_need_no_guess(tmp_path: Path, configured: Settings) -> None:
    zipped(tmp_path / "a.zip", 猫_jpg=draw_image(tmp_path / "a.jpg").read_bytes())
    done = brought(tmp_path / "a.zip", tmp_path / "new", configured)
    assert (done.images, done.account.notes) == (["\u732b.jpg"], [])
