"""One file that may be a table: its text a piece or a line at a time, and the images that it may speak of."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lib.importing.base import ImageNames
from lib.importing.tables.image_keys import spellings
from lib.importing.tables.json_stream import Outline
from lib.importing.tables.results import Reading
from lib.importing.tables.text_encoding import encoding_of

MAX_LINE = 2_000_000
"""Characters of a line. One that is longer holds no caption, and would take the memory of many."""

_PIECE = 1 << 20


@dataclass
class TableFile:
    """A file at `path`, which a person knows by `name`; `names` are the images there, `reading` what was chosen."""

    path: Path
    name: str
    names: ImageNames
    reading: Reading

    @property
    def folder(self) -> str:
        return self.name.rpartition("/")[0]

    @cached_property
    def encoding(self) -> str | None:
        """The one that was chosen, or else by content; None where it is no text. Raises OSError."""
        return self.reading.encoding or encoding_of(self.path)

    @cached_property
    def outline(self) -> Outline:
        """What it holds, if it is JSON. Raises what `Outline` does."""
        return Outline(self.pieces())

    def pieces(self) -> Iterator[str]:
        """Its text. A byte that is none of its encoding becomes U+FFFD. Raises OSError, ValueError where it is none."""
        if self.encoding is None:
            raise ValueError("it is no text")
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        with self.path.open("rb") as file:
            while data := file.read(_PIECE):
                yield decoder.decode(data)
        yield decoder.decode(b"", final=True)

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """Its lines with their ends and their numbers from 1, None for each that is too long to be read."""
        number, rest, is_long = 1, "", False
        for piece in self.pieces():
            first, *others = self._unified(piece).split("\n")
            rest += first
            for line in others:
                yield number, None if is_long or len(rest) > MAX_LINE else f"{rest}\n"
                number, rest, is_long = number + 1, line, False
            if len(rest) > MAX_LINE:
                rest, is_long = "", True
        if rest or is_long:
            yield number, None if is_long else rest

    def _unified(self, piece: str) -> str:
        return piece.replace("\r", "\n") if self._is_of_old_mac else piece

    @cached_property
    def _is_of_old_mac(self) -> bool:
        head = next(self.pieces(), "")
        return "\r" in head and "\n" not in head

    @cached_property
    def image_beside(self) -> str:
        """The image that it lies beside and is called like, with that one's ending or without; "" for none."""
        stem = self.name.rpartition("/")[2].rpartition(".")[0]
        found = self.names.find(stem, self.folder)
        return next((name for name in found if name.rpartition("/")[0] == self.folder), "")

    def find(self, key: str) -> list[str]:
        """The images that a table in its place means by `key`."""
        return next((found for one in spellings(key) if (found := self.names.find(one, self.folder))), [])

    def key_of(self, key: str) -> str:
        """The spelling of a key by which `ImageNames` finds an image; as it is where none does."""
        return next((one for one in spellings(key) if self.names.find(one, self.folder)), key)
