"""What an archive may ask for before anything of it is read, and entries that say more than they hold."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.archives import Limits, members
from lib.errors import ArchiveRefused

TOO_MANY = "too many entries"


def zip_of(path: Path, entries: int) -> int:
    """Writes a zip of empty files; gives the size of its table of contents."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(entries):
            archive.writestr(f"{number:04d}.txt", b"")
    with zipfile.ZipFile(path) as archive:
        return path.stat().st_size - archive.start_dir - 22


def in_64_bits(data: bytes, entries: int, size: int, *, told: int) -> bytes:
    """A zip with the 64-bit end (APPNOTE 4.3.14, 4.3.15) before its own, which says `told` of the size."""
    start = len(data) - 22 - size
    end = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
    return data[:-22] + end + locator + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, told, start, 0)


@contextmanager
def contents_not_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails where a zip's table of contents is gone through, which takes memory of many times its size."""

    def reading(*_: object) -> None:
        raise AssertionError("its table of contents was read")

    with monkeypatch.context() as patch:
        patch.setattr(zipfile, "ZipInfo", reading)
        yield


def test_a_table_of_contents_over_its_cap_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    size = zip_of(path, 300)
    assert len(list(members(path, Limits(contents_bytes=size)))) == 300
    with contents_not_read(monkeypatch), pytest.raises(ArchiveRefused, match=TOO_MANY):
        list(members(path, Limits(contents_bytes=size - 1)))


@pytest.mark.parametrize("told", [0xFFFFFFFF, 100], ids=["told", "told wrong"])
@pytest.mark.parametrize("comment", [b"", b"PK\x06\x06" + bytes(52)], ids=["bare", "with a comment"])
def test_the_cap_is_that_of_the_table_that_is_read_whatever_else_the_end_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: int, comment: bytes
) -> None:
    path = tmp_path / "a.zip"
    size = zip_of(path, 300)
    data = in_64_bits(path.read_bytes(), 300, size, told=told)
    path.write_bytes(data[:-2] + struct.pack("<H", len(comment)) + comment)
    assert len(list(members(path, Limits(contents_bytes=size)))) == 300
    with contents_not_read(monkeypatch), pytest.raises(ArchiveRefused, match=TOO_MANY):
        list(members(path, Limits(contents_bytes=size - 1)))


@pytest.mark.parametrize(("size", "refused"), [(24_000_001, True), (24_000_000, False)])
def test_a_strangers_table_of_contents_may_take_24_megabytes(tmp_path: Path, size: int, refused: bool) -> None:
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        file.seek(size)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0))
    # Where the size is allowed it goes on, and finds nothing but zeros.
    with pytest.raises(ArchiveRefused, match=TOO_MANY if refused else "broken"):
        list(members(path))


def test_200_000_entries_of_usual_names_fit_into_it() -> None:
    assert Limits().entries * (46 + 70) < Limits().contents_bytes


@pytest.mark.parametrize(
    "headers",
    [
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "1000000"},
        {"GNU.sparse.map": "0,3", "GNU.sparse.size": "1000000"},
    ],
)
def test_a_sparse_entry_is_no_regular_file_and_the_next_one_is(tmp_path: Path, headers: dict[str, str]) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, said in (("sparse.txt", headers), ("plain.txt", {})):
            entry = tarfile.TarInfo(name)
            entry.size, entry.pax_headers = 3, said
            archive.addfile(entry, io.BytesIO(b"xyz"))
    found = [(member.name, member.reason, member.read()) for member in members(path) if not member.reason]
    assert found == [("plain.txt", "", b"xyz")]
    assert [member.reason for member in members(path)] == ["it is not a regular file", ""]


def test_the_cap_on_the_table_of_contents_is_none_on_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("large.txt", bytes(2_000_000))
    assert [len(member.read()) for member in members(path, Limits(contents_bytes=100))] == [2_000_000]


def test_the_entries_of_a_tar_are_counted_too(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for number in range(5):
            archive.addfile(tarfile.TarInfo(f"{number}.txt"))
    assert len(list(members(path, Limits(entries=5)))) == 5
    with pytest.raises(ArchiveRefused, match=TOO_MANY):
        list(members(path, Limits(entries=4)))


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    size = zip_of(path, 2)
    data = bytearray(path.read_bytes())
    assert len(list(members(path))) == 2
    # The second entry of the table says that it begins a little into the first one. (APPNOTE 4.3.12)
    table = len(data) - 22 - size
    struct.pack_into("<L", data, table + size // 2 + 42, 8)
    path.write_bytes(data)
    with pytest.raises(ArchiveRefused, match="lie over one another"):
        list(members(path))


@pytest.mark.parametrize(("length", "refused"), [(60_000, False), (70_000, True)])
def test_a_tars_headers_are_read_up_to_a_size(tmp_path: Path, length: int, refused: bool) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.pax_headers = {"comment": "x" * length}
        archive.addfile(entry)
    if refused:
        with pytest.raises(ArchiveRefused):
            list(members(path))
    else:
        assert [member.name for member in members(path)] == ["a.txt"]


def test_an_encrypted_entry_is_not_to_be_read_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    size = zip_of(path, 1)
    data = bytearray(path.read_bytes())
    # Bit 0 of the flags of both headers. (APPNOTE 4.4.4)
    data[6] |= 1
    data[len(data) - 22 - size + 8] |= 1
    path.write_bytes(data)
    assert [(member.name, member.reason) for member in members(path)] == [("0000.txt", "it is encrypted")]
