"""The files of an export: what is written, hashed and still changed at the end, and a disk that fails behind it."""

import errno
import hashlib
import io
import zipfile
from pathlib import Path
from typing import cast

import pytest

from lib.exporting.hashed_files import _PIECE, ExportFolder, HashingFile, HeldEnd, zip_entry


def test_a_file_written_in_the_background_is_whole_and_its_hash_is_that_of_the_disk(tmp_path: Path) -> None:
    target, pieces = ExportFolder(tmp_path), [bytes([number]) * (_PIECE // 3 + number) for number in range(40)]
    with target.create("large.bin") as file:
        for piece in pieces:
            file.write(piece)
    written = (tmp_path / "large.bin").read_bytes()
    assert written == b"".join(pieces)
    assert target.files[0].sha256 == hashlib.sha256(written).hexdigest()
    assert target.files[0].bytes == len(written)


def test_a_held_zip_is_byte_for_byte_the_one_that_is_written_straight_to_a_file(tmp_path: Path) -> None:
    target, plain = ExportFolder(tmp_path), io.BytesIO()
    with target.create("held.zip") as file, zipfile.ZipFile(plain, "x") as expected:
        end = HeldEnd(file)
        with zipfile.ZipFile(end, "x") as archive:
            for number in range(30):
                data = bytes([number]) * 100_000
                archive.writestr(zip_entry(f"{number}.jpg"), data)
                expected.writestr(zip_entry(f"{number}.jpg"), data)
                end.settle()
        end.settle()
    assert (tmp_path / "held.zip").read_bytes() == plain.getvalue()


def test_what_the_disk_refuses_in_the_background_reaches_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda *_: Full())
    target = ExportFolder(tmp_path)

    def write_much() -> None:
        with target.create("large.bin") as file:
            for _ in range(40):
                file.write(bytes(_PIECE))

    with pytest.raises(OSError, match="No space"):
        write_much()
    assert not target.files


def test_settled_bytes_are_out_of_reach(tmp_path: Path) -> None:
    with ExportFolder(tmp_path).create("a.zip") as file:
        end = HeldEnd(file)
        end.write(b"settled")
        end.settle()
        end.write(b"held")
        with pytest.raises(ValueError, match="negative"):
            end.seek(3)
        assert cast(int, end.seek(7)) == 7


def test_however_large_a_write_is_only_a_few_megabytes_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[int] = []

    class Watched(io.BytesIO):
        def write(self, data: object, /) -> int:
            waiting.append(cast(HashingFile, file).size - self.tell())
            return super().write(data)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", lambda *_: Watched())
    with ExportFolder(tmp_path).create("large.bin") as file:
        for _ in range(6):
            file.write(bytes(20 * _PIECE))
    assert max(waiting) < 10 * _PIECE
