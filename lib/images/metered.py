"""A file of which only so much is read: what stands before its pixels is bounded, in bytes and in pieces."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

from lib.images.cost import MAX_HEADER
from lib.images.slow import MOST_PIECES


class Metered(io.BufferedReader):
    """A file of whose bytes only so many are given until `left` is None, in so many pieces until `pieces` is None."""

    left: int | None = MAX_HEADER
    pieces: int | None = MOST_PIECES

    def read(self, size: int | None = -1, /) -> bytes:
        if self.pieces is not None:
            self.pieces -= 1
            if self.pieces < 0:
                raise TooManyPiecesError
        data = super().read(size)
        if self.left is not None:
            self.left -= len(data)
            if self.left < 0:
                raise HeaderTooLargeError
        return data


class HeaderTooLargeError(Exception):
    """More bytes than a header may have."""


class TooManyPiecesError(Exception):
    """It was read in more pieces than any honest file."""


_FORWARD = (b"\xff\xd8\xff", b"\x89PNG")
"""How files begin that are read from their beginning on, so that each piece takes a byte at the least."""


def source_of(file: Metered, size: int, at_once: int) -> BinaryIO:
    """The file itself, or what it holds where that is up to `at_once` bytes; in both its pieces are counted.

    But for a photo with too few bytes for too many pieces: it is held, and nothing of it is counted. To count in
    Python took a tenth of an export's time.
    """
    if size <= MOST_PIECES and file.peek(4).startswith(_FORWARD):
        return io.BytesIO(file.read())
    if size > at_once:
        return cast(BinaryIO, file)
    held = Metered(cast(io.RawIOBase, io.BytesIO(file.read())))
    held.left = None
    return cast(BinaryIO, held)
