"""Archives that take more memory or time than they give bytes: sizes below nothing, dictionaries, empty streams."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from lib.archives import Limits, MemberDamaged, members
from lib.errors import ArchiveRefused

MEGABYTE = 1_000_000


def pax(**told: str) -> bytes:
    """A header that says something of the entry behind it."""
    entry = tarfile.TarInfo("a.txt")
    entry.pax_headers = told
    return entry.tobuf(tarfile.PAX_FORMAT)[:-512]


def header(name: str, size: int = 0) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.USTAR_FORMAT)


def peak_of(path: Path, limits: Limits | None = None) -> int:
    """Bytes of Python's at most while all of an archive is read, or as far as it can be."""
    tracemalloc.start()
    try:
        for member in members(path, limits):
            while not member.reason and member.read(1 << 20):
                pass
    except (ArchiveRefused, MemberDamaged):
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def test_an_entry_of_less_than_nothing_does_not_read_all_there_is(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(pax(size="-1") + header("a.txt") + bytes(200 * MEGABYTE), 1))
    assert peak_of(path) < 20 * MEGABYTE
    with pytest.raises(ArchiveRefused, match="broken"):
        list(members(path))


def test_headers_that_follow_one_another_are_not_gathered(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    much = "x" * 60_000
    path.write_bytes(gzip.compress(b"".join(pax(**{f"k{number}": much}) for number in range(700)), 1))
    assert peak_of(path) < 10 * MEGABYTE


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_entry_is_unpacked_piece_by_piece_however_it_is_packed(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.txt", bytes(45 * MEGABYTE))
        archive.writestr("b.txt", b"a caption")
    assert peak_of(path) < 20 * MEGABYTE
    assert [(member.name, len(member.read())) for member in members(path)] == [("a.txt", 45 * MEGABYTE), ("b.txt", 9)]
    damaged = bytearray(path.read_bytes())
    at = damaged.index(b"PK\x01\x02") + 16
    damaged[at] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(MemberDamaged):
        next(members(path)).read()


def test_a_zip_whose_entry_asks_for_a_dictionary_of_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", b"a caption")
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, 30 + len("a.txt") + 5, 1 << 31)
    # What it says of its size stands in the table of contents.
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 1 << 31)
    path.write_bytes(data)
    with pytest.raises(ArchiveRefused, match="dictionary"):
        list(members(path))


def test_a_tar_that_asks_for_a_dictionary_of_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.xz"
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 96 << 20}]
    path.write_bytes(lzma.compress(header("a.txt") + bytes(1024), filters=filters))
    with pytest.raises(ArchiveRefused, match="dictionary"):
        list(members(path))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_in_several_streams_is_read_and_streams_of_nothing_come_to_an_end(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    path = tmp_path / "a.tar"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"xyz"))
    parts = [pack(data.getvalue()[:700]), pack(b"") * 20, pack(data.getvalue()[700:])]
    path.write_bytes(b"".join(parts))
    assert [(member.name, member.read()) for member in members(path)] == [("a.txt", b"xyz")]
    with pytest.raises(ArchiveRefused, match="too many"):
        list(members(path, Limits(entries=20)))
