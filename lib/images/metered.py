"""A file of which only so much is read: what stands before its pixels is bounded, in bytes and in pieces."""

from __future__ import annotations

import io
from typing import cast

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


def in_memory(data: bytes) -> Metered:
    """A file that was read whole: its pieces alone are counted."""
    file = Metered(cast(io.RawIOBase, io.BytesIO(data)))
    file.left = None
    return file
