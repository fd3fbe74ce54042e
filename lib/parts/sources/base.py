"""What every source can do: be cut, and lay a part's samples out on this machine."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, ClassVar

from lib.errors import ImageRefused
from lib.importing.stage import MAX_IMAGE_BYTES
from lib.parts.base import DataPart, PartSamples
from lib.places import DataPlace, Entry

StampedPart = tuple[DataPart, str]
"""A part, and what the names, sizes and times of its files stand for."""


class Source(ABC):
    """Samples with an order that lasts. Listing streams: it never holds all names."""

    kind: ClassVar[str]
    """What sentences call it."""

    def __init__(self, place: DataPlace, only: str = "") -> None:
        """`only`: the one file of the place that is meant, "" for all."""
        self.place = place
        self.only = only

    def __str__(self) -> str:
        return f"{self.place}/{self.only}" if self.only else str(self.place)

    @classmethod
    @abstractmethod
    def recognises(cls, names: Sequence[str], place: DataPlace) -> bool:
        """Whether it is of this kind, by the first of its names."""

    @abstractmethod
    def parts(self, size: int) -> Iterator[StampedPart]:
        """Its parts in order, `size` samples each where the samples can be told apart by name. Raises PlaceFailed."""

    @abstractmethod
    def samples(self, part: DataPart) -> AbstractContextManager[PartSamples]:
        """The samples of a part on this machine, as long as the context lasts. Raises ToolkitError."""


class FileSource(Source):
    """A source whose files are its parts."""

    endings: ClassVar[tuple[str, ...]]
    passed_over: ClassVar[tuple[str, ...]] = ()
    """What the names of files begin with that are none of it."""

    @classmethod
    def recognises(cls, names: Sequence[str], place: DataPlace) -> bool:
        return any(name.lower().endswith(cls.endings) for name in names)

    def parts(self, size: int) -> Iterator[StampedPart]:
        number = 0
        for entry in self.place.files():
            if entry.name.startswith(self.passed_over):
                continue
            if entry.name.lower().endswith(self.endings) and self.only in ("", entry.name):
                yield DataPart(number, (entry.name,)), stamp_of([entry])
                number += 1


def stamp_of(entries: Sequence[Entry]) -> str:
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(f"{entry.name}\0{entry.size}\0{entry.stamp}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def image_bytes(file: BinaryIO, name: str) -> Iterator[bytes]:
    """A file piece by piece. Raises ImageRefused where it is too large for an image."""
    size = 0
    while piece := file.read(1 << 20):
        size += len(piece)
        if size > MAX_IMAGE_BYTES:
            raise ImageRefused(f"“{name}” is too large for an image.", "It was left where it is.")
        yield piece
