"""Reads a stranger's zip or tar member by member, within caps on entries, real bytes and ratio; writes nothing."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from lib.errors import ArchiveRefused
from lib.unpacking import NeedsMemory, ZipEntry, open_unpacked

TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
ENDINGS = (".zip", *TAR_ENDINGS)

KEPT = "What came before is whole; the rest was left alone."

_HEADER_BYTES = 64_000
"""A tar's long names and further headers; real ones take a few hundred bytes."""

_BLOCK = 512
_UTF8 = 0x800  # of the flags of a zip's entry
_CHUNK = 1 << 20
_DAMAGED = "it is damaged"
_FAULTS = (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, lzma.LZMAError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold. Bytes are counted as they come out, whatever the archive says of itself.

    All members together may be `ratio` times as large as the archive, and `allowance` bytes beyond that. A zip's table
    of contents is held in memory, so its size has a limit of its own.
    """

    entries: int = 200_000
    total_bytes: int = 100_000_000_000
    ratio: int = 100
    allowance: int = 50_000_000
    contents_bytes: int = 24_000_000


NO_LIMITS = Limits(sys.maxsize, sys.maxsize, sys.maxsize, sys.maxsize, sys.maxsize)
"""For what was written here, and is known to be that: it may be as large as it is."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Member:
    """One regular file of an archive, to be read before the next one is asked for.

    `name` is as the archive spells it, which may lead anywhere; `is_guessed` where it does not say in what encoding.
    Where `reason` is not empty, the member is not to be read: a link, a device, an encrypted file.
    """

    name: str
    size: int
    reason: str = ""
    is_guessed: bool = False
    _read: Callable[[int], bytes] = field(default=lambda size: b"", repr=False)

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, all that is left by default. Raises ArchiveRefused over a cap, MemberDamaged."""
        if size >= 0:
            return self._read(size)
        return b"".join(iter(lambda: self._read(_CHUNK), b""))


class MemberDamaged(Exception):
    """This member's bytes are not what they were; the others may be."""


def is_archive(path: Path) -> bool:
    """True for a file that is a zip or a tar by its name."""
    return path.name.lower().endswith(ENDINGS) and path.is_file()


def members(path: Path, limits: Limits | None = None, budget: Budget | None = None) -> Iterator[Member]:
    """The files in a zip or tar, in their order; folders are passed over.

    `budget`: what is left for an archive and those in it, which share it; by default it has `limits` for itself.
    Raises ArchiveRefused when it comes upon something broken or over a limit: what was read before is whole.
    """
    reader = _zip_members if path.name.lower().endswith(".zip") else _tar_members
    with _refusals(path):
        for member in reader(path, budget or Budget(path, limits or Limits())):
            member._read = _refusals(path)(member._read)
            yield member


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except _Over as exc:
        raise ArchiveRefused(f"“{path.name}” {exc}.", KEPT) from exc
    except NeedsMemory as exc:
        raise ArchiveRefused(f"“{path.name}” needs a dictionary of more than 64 MiB.", KEPT) from exc
    except (*_FAULTS, tarfile.TarError) as exc:
        raise ArchiveRefused(f"“{path.name}” is broken or cut short.", KEPT) from exc
    except OSError as exc:
        raise ArchiveRefused(f"“{path.name}” cannot be read ({exc.strerror or exc}).", KEPT) from exc


class _Over(Exception):
    """The archive is over a limit, in words that follow its name."""


class Budget:
    """What an archive may still give, together with those that lie in it."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Raises OSError."""
        self.contents_bytes = limits.contents_bytes
        self._entries = limits.entries
        self._bytes = min(limits.total_bytes, limits.ratio * path.stat().st_size + limits.allowance)

    def entry(self) -> None:
        self._entries -= 1
        if self._entries < 0:
            raise _Over("holds too many entries")

    def take(self, data: bytes) -> bytes:
        self._bytes -= len(data)
        if self._bytes < 0:
            raise _Over("unpacks to far more than its size, as bombs do")
        return data


class _ZipFile(io.BufferedReader):
    """Refuses to read more than `most` bytes at once.

    zipfile reads the table of contents in one go. How large it will take it to be cannot be told beforehand: of the
    several places that say so, each version of zipfile believes another.
    """

    most = sys.maxsize

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.most:
            raise _Over("holds too many entries")
        return super().read(size)


def _zip_members(path: Path, budget: Budget) -> Iterator[Member]:
    with _ZipFile(path.open("rb", buffering=0)) as file:
        file.most = budget.contents_bytes
        with zipfile.ZipFile(file) as archive:
            file.most = sys.maxsize
            infos = archive.infolist()
            for _ in infos:
                budget.entry()
            _refuse_overlaps(infos)
            for info in infos:
                if info.is_dir():
                    continue
                is_guessed = not (info.flag_bits & _UTF8 or info.filename.isascii())
                if reason := _zip_reason(info):
                    yield Member(info.filename, 0, reason, is_guessed)
                    continue
                with _opened_in(archive, info, file) as stream:
                    yield Member(info.filename, info.file_size, "", is_guessed, _careful(stream, budget))


@contextmanager
def _opened_in(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: BinaryIO) -> Iterator[_Readable | None]:
    try:
        stream = archive.open(info)
        bounded = ZipEntry(file, info) if info.compress_type in ZipEntry.METHODS else stream
    except _FAULTS:
        # Its own header is damaged, which says nothing of the others.
        yield None
        return
    with stream:
        yield bounded


def _careful(stream: _Readable | None, budget: Budget) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        if stream is None:
            raise MemberDamaged(_DAMAGED)
        try:
            data = stream.read(size)
        except (*_FAULTS, OSError) as exc:
            raise MemberDamaged(_DAMAGED) from exc
        return budget.take(data)

    return read


def _refuse_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """Entries that share bytes are how a small zip becomes a huge one."""
    reached = -1
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < reached:
            raise _Over("has entries that lie over one another, as bombs do")
        reached = info.header_offset + 30 + info.compress_size


def _zip_reason(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is a link" if kind == stat.S_IFLNK else "it is not a regular file"
    return "it is encrypted" if info.flag_bits & 1 else ""


def _tar_members(path: Path, budget: Budget) -> Iterator[Member]:
    # tarfile takes a broken header in the middle for the end, and says nothing.
    # Each packed stream counts as an entry: millions of empty ones take hours, and give nothing.
    with open_unpacked(path, budget.entry) as file:
        further: dict[str, str] = {}
        while any(block := _exactly(file, _BLOCK, budget)):
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            budget.entry()
            if info.size < 0 or info.type == tarfile.GNUTYPE_SPARSE:
                raise tarfile.ReadError
            if info.type in _HEADERS:
                further |= _further(info, file, budget)
                continue
            name = further.get("path", info.name)
            info.size = int(further.get("size", info.size)) if info.isreg() else 0
            if info.size < 0:
                raise tarfile.ReadError  # To read as much as that would be to read all there is.
            sparse = _SPARSE in further
            further = {}
            data = _Stretch(file, info.size, budget)
            if not info.isdir():
                yield Member(name, info.size, _tar_reason(info, sparse), False, data.read)
            data.finish()


_SPARSE = "GNU.sparse"
_HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


def _further(info: tarfile.TarInfo, file: BinaryIO, budget: Budget) -> dict[str, str]:
    """What a header says of the entry that follows it. (POSIX pax; GNU tar's long names.)"""
    if info.size > _HEADER_BYTES:
        raise tarfile.ReadError
    data = _exactly(file, info.size + -info.size % _BLOCK, budget)[: info.size]
    if info.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": data.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    found: dict[str, str] = {}
    while data and info.type == tarfile.XHDTYPE:
        length = int(data.partition(b" ")[0])
        if length < 5:
            raise tarfile.ReadError
        key, _, value = data[:length].partition(b" ")[2].rstrip(b"\n").partition(b"=")
        # What is not asked for is not kept: headers without an end may follow one another.
        if key in (b"path", b"size"):
            found[key.decode()] = value.decode("utf-8", "surrogateescape")
        elif key.startswith(_SPARSE.encode()):
            found[_SPARSE] = ""
        data = data[length:]
    return found


def _tar_reason(info: tarfile.TarInfo, sparse: bool) -> str:
    if info.islnk() or info.issym():
        return "it is a link"
    return "" if info.isreg() and not sparse else "it is not a regular file"


def _exactly(file: BinaryIO, size: int, budget: Budget) -> bytes:
    if len(data := budget.take(file.read(size))) < size:
        raise tarfile.ReadError
    return data


class _Stretch:
    """The bytes of one tar entry, and the filling up to the next block."""

    def __init__(self, file: BinaryIO, size: int, budget: Budget) -> None:
        self._file = file
        self._budget = budget
        self._left = size
        self._filling = -size % _BLOCK

    def read(self, size: int) -> bytes:
        data = _exactly(self._file, min(size, self._left), self._budget)
        self._left -= len(data)
        return data

    def finish(self) -> None:
        while self.read(_CHUNK):
            pass
        _exactly(self._file, self._filling, self._budget)
