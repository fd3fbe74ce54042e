"""Unpacks what strangers packed: no more comes out at once than was asked for, and no dictionary fills the memory."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol

DICTIONARY_BYTES = 80_000_000
"""`xz -9` takes 64 MiB; a file may ask for 4 GB, and fill them from a few kilobytes."""

_PIECE = 1 << 14


class NeedsMemory(Exception):
    """It was packed with a larger dictionary than is unpacked here."""


class _Stream(Protocol):
    """What the standard library's objects for bzip2 and xz have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """The same for gzip."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


class Unpacked(io.RawIOBase):
    """The bytes of one packed stream after the other. `on_stream` is told of each; what it raises ends the reading.

    Raises EOFError where the file breaks off, NeedsMemory, and whatever says that a stream is damaged.
    """

    def __init__(self, read: Callable[[int], bytes], begin: Callable[[], _Stream], on_stream: Callable[[], None]):
        self._read = read
        self._begin = begin
        self._on_stream = on_stream
        self._stream = begin()
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def some(self, most: int) -> bytes:
        """At least a byte and no more than `most`, which is one at least; none at the end."""
        while not self._stream.eof or self._is_followed():
            more = self._more() if self._stream.needs_input else b""
            is_at_end = self._stream.needs_input and not more
            if data := self._unpack(more, most):
                return data
            if is_at_end and not self._stream.eof:
                raise EOFError
        return b""

    def _unpack(self, data: bytes, most: int) -> bytes:
        try:
            return self._stream.decompress(data, most)
        except lzma.LZMAError as exc:
            if "Memory usage limit" in str(exc):
                raise NeedsMemory from exc
            raise

    def _more(self) -> bytes:
        more, self._rest = self._rest or self._read(_PIECE), b""
        return more

    def _is_followed(self) -> bool:
        """Whether another stream begins behind the one that ended; between them there may be zeros."""
        rest = self._stream.unused_data or self._read(_PIECE)
        while rest and not (after := rest.lstrip(b"\0")):
            rest = self._read(_PIECE)
        if not rest:
            return False
        self._on_stream()
        self._stream, self._rest = self._begin(), after
        return True


_KINDS: dict[bytes, Callable[[], _Stream]] = {
    b"\x1f\x8b": _Gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=DICTIONARY_BYTES),
}


def open_unpacked(path: Path, on_stream: Callable[[], None]) -> BinaryIO:
    """A file's bytes, unpacked as they are read where its first ones say that it is packed. Raises OSError."""
    file = path.open("rb", buffering=1 << 18)
    magic = file.read(6)
    file.seek(0)
    for sign, begin in _KINDS.items():
        if magic.startswith(sign):
            unpacked = Unpacked(file.read, begin, on_stream)
            return _Closing(unpacked, file)
    return file


class _Closing(io.BufferedReader):
    def __init__(self, unpacked: Unpacked, file: BinaryIO) -> None:
        super().__init__(unpacked, 1 << 16)
        self._file = file

    def close(self) -> None:
        super().close()
        self._file.close()


class ZipEntry:
    """An entry packed as bzip2 or LZMA. zipfile unpacks a megabyte of these in one go, into terabytes.

    Raises as zipfile does, and NeedsMemory.
    """

    METHODS = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)

    def __init__(self, file: BinaryIO, info: zipfile.ZipInfo) -> None:
        self._file = file
        self._info = info
        file.seek(info.header_offset)
        name, extra = struct.unpack("<26x2H", file.read(30))
        self._at = info.header_offset + 30 + name + extra
        self._packed = info.compress_size
        self._left = info.file_size
        self._crc = 0
        self._unpacked = Unpacked(self._raw, self._begin(), lambda: None)

    def read(self, size: int, /) -> bytes:
        data = self._unpacked.some(min(size, self._left)) if size and self._left else b""
        self._left -= len(data)
        self._crc = zlib.crc32(data, self._crc)
        is_short = bool(size and self._left) and not data
        if is_short or (not self._left and self._crc != self._info.CRC):
            raise zipfile.BadZipFile
        return data

    def _raw(self, size: int) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(min(size, self._packed))
        self._at += len(data)
        self._packed -= len(data)
        return data

    def _begin(self) -> Callable[[], _Stream]:
        if self._info.compress_type == zipfile.ZIP_BZIP2:
            return bz2.BZ2Decompressor
        # APPNOTE 5.8.8: the version, the size of what follows, and that: a byte of options and the dictionary's size.
        size, options, dictionary = struct.unpack("<2xHBL", self._raw(9))
        if size != 5 or options >= 9 * 5 * 5:
            raise zipfile.BadZipFile
        # Of the dictionary no more is filled than comes out.
        if min(dictionary, self._info.file_size) > DICTIONARY_BYTES:
            raise NeedsMemory
        lc, lp, pb = options % 9, options // 9 % 5, options // 45
        made = {"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": lc, "lp": lp, "pb": pb}
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[made])
