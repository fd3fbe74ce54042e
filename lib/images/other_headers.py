"""HEIC and JPEG XL, known to Pillow by their header alone: their size is read here, by a few lines without native code.

The packages that decode them read the whole file when it is merely opened, and one of them decodes it then, whatever it
takes. So that is done in a process of its own, within a limit; nothing of them is imported here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image, ImageFile

MOST_BYTES = 4_000_000
"""Bytes at the beginning of a file in which its size must be told."""

HEADERS = {"HEIF": "HEIF-HEADER", "JXL": "JXL-HEADER"}
"""What is tried by Pillow in the place of each format."""

_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_ANY_HEIF = frozenset({b"mif1", b"msf1", b"mif2"})
_JXL_BOX = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_JXL_CODE = b"\xff\x0a"


def is_heif(head: bytes) -> bool:
    """True for what begins as a HEIC file; an AVIF is none."""
    if head[4:8] != b"ftyp":
        return False
    brands = {head[at : at + 4] for at in range(8, min(len(head), int.from_bytes(head[:4]) or 8), 4)}
    return head[8:12] in _HEIC or (head[8:12] in _ANY_HEIF and b"avif" not in brands and bool(brands & _HEIC))


def is_jxl(head: bytes) -> bool:
    """True for what begins as a JPEG XL file, in its container or bare."""
    return head.startswith((_JXL_BOX, _JXL_CODE))


class _SizeOnly(ImageFile.ImageFile):  # type: ignore[misc]
    """An image of which nothing is read but how large it is, upright."""

    def _open(self) -> None:
        data = self.fp.read(MOST_BYTES)
        if not self.is_this(data):
            raise SyntaxError("it is of another kind")
        try:
            self._size = self.size_in(data)
        except (IndexError, KeyError, StopIteration, ZeroDivisionError, struct.error) as exc:
            raise SyntaxError("its header is broken") from exc
        if min(self._size) < 1:
            raise SyntaxError("it says nothing of its size")
        self._mode = "RGB"

    def is_this(self, data: bytes) -> bool:
        """Whether it is of this kind; Pillow asks with fewer bytes than tell."""
        raise NotImplementedError

    def size_in(self, data: bytes) -> tuple[int, int]:
        """Width and height in pixels. Raises SyntaxError, IndexError, struct.error where it does not say."""
        raise NotImplementedError


class HeifHeader(_SizeOnly):
    """HEIC: boxes in boxes (ISO/IEC 14496-12, 23008-12)."""

    format = "HEIF"

    def is_this(self, data: bytes) -> bool:
        return is_heif(data)

    def size_in(self, data: bytes) -> tuple[int, int]:
        meta = next(body for kind, body in _boxes(data) if kind == b"meta")[4:]
        inner = dict(_boxes(meta))
        of_it = dict(_boxes(inner[b"iprp"]))
        properties = list(_boxes(of_it[b"ipco"]))
        pitm = inner[b"pitm"]
        main = int.from_bytes(pitm[4:8] if pitm[0] else pitm[4:6])
        size, turned = (0, 0), False
        for place in _properties_of(of_it[b"ipma"], main):
            kind, body = properties[place - 1]
            if kind == b"ispe":
                size = struct.unpack(">II", body[4:12])
            elif kind == b"clap":
                wide, of_wide, high, of_high = struct.unpack(">4I", body[:16])
                size = wide // of_wide, high // of_high
            elif kind == b"irot":
                turned = bool(body[0] & 1)
        return (size[1], size[0]) if turned else size


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16]), 16
        length = length or len(data) - at
        if length < head:
            raise SyntaxError("a box of it is broken")
        yield kind, data[at + head : at + length]
        at += length


def _properties_of(ipma: bytes, item: int) -> list[int]:
    """The places, from 1, of the properties of an item."""
    version, flags = ipma[0], ipma[3]
    wide, large = (4 if version else 2), (2 if flags & 1 else 1)
    at = 8
    for _ in range(int.from_bytes(ipma[4:8])):
        here, count = int.from_bytes(ipma[at : at + wide]), ipma[at + wide]
        at += wide + 1
        if here == item:
            places = (ipma[at + large * number : at + large * (number + 1)] for number in range(count))
            return [int.from_bytes(place) & (0x7FFF if large == 2 else 0x7F) for place in places]
        at += large * count
    raise SyntaxError("it says nothing of its main picture")


class JxlHeader(_SizeOnly):
    """JPEG XL: the size stands in the first bits of the codestream (ISO/IEC 18181-1, 18181-2)."""

    format = "JXL"

    def is_this(self, data: bytes) -> bool:
        return is_jxl(data)

    def size_in(self, data: bytes) -> tuple[int, int]:
        if data.startswith(_JXL_BOX):
            # The codestream may come in pieces, each with its number before it.
            data = b"".join(body[_CODE_BOXES[kind] :] for kind, body in _boxes(data) if kind in _CODE_BOXES)
        if not data.startswith(_JXL_CODE):
            raise SyntaxError("its codestream is missing")
        bits = _Bits(data[2:40])
        small = bits.take(1)
        height = _side(bits, small)
        ratio = bits.take(3)
        width = _side(bits, small) if ratio == 0 else height * _RATIOS[ratio][0] // _RATIOS[ratio][1]
        turn = 0
        if not bits.take(1) and bits.take(1):
            turn = bits.take(3)
        return (height, width) if turn >= 4 else (width, height)


_CODE_BOXES = {b"jxlc": 0, b"jxlp": 4}
_RATIOS = ((0, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def _side(bits: _Bits, small: int) -> int:
    return 8 * (bits.take(5) + 1) if small else bits.take((9, 13, 18, 30)[bits.take(2)]) + 1


class _Bits:
    """Bits from the lowest of the first byte on."""

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError
        value = self._bits & ((1 << count) - 1)
        self._bits >>= count
        return value


def know_headers() -> None:
    """Makes Pillow know both by their header, beside whatever a package may have registered by its own name."""
    Image.register_open(HEADERS["HEIF"], HeifHeader, lambda head: head[4:8] == b"ftyp")
    Image.register_open(HEADERS["JXL"], JxlHeader, is_jxl)


def ends_well(file: BinaryIO) -> bool:
    """True where the outermost boxes of a file end where it ends; false says nothing."""
    end = file.seek(0, 2)
    at = 0
    while at < end:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return False
        length = int.from_bytes(head[:4])
        length = int.from_bytes(head[8:16]) if length == 1 else length
        if length < 8:
            return length == 0 and at > 0
        at += length
    return at == end
