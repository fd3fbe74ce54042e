"""What every place can do, whether it is a folder or a bucket."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from lib.errors import InvalidInput
from lib.urls import Url


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: its path below the place, its size in bytes, and a stamp that changes with its content."""

    name: str
    size: int
    stamp: str


class DataPlace(ABC):
    """A folder, here or elsewhere. Names are relative, with forward slashes; none leads out of it.

    Safe to share between threads. Whatever reads raises PlaceFailed or InvalidInput, whatever writes raises
    WriteFailed; neither tells of keys.
    """

    def __init__(self, url: Url) -> None:
        self.url = url

    def __str__(self) -> str:
        return str(self.url)

    @property
    def folder(self) -> Path | None:
        """Where it lies on this machine, None for what lies elsewhere."""
        return None

    @abstractmethod
    def files(self, under: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        """Its files as they are come upon, in a lasting order: those of a folder by name, then its subfolders'.

        Hidden names are passed over. A place that is not there has none.
        """

    @abstractmethod
    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file for reading, which can be sought in. Raises FileNotFoundError where there is none."""

    @abstractmethod
    def put(self, name: str, data: bytes | Path) -> None:
        """Writes a file whole or not at all, durable when it returns. `data`: its bytes, or a file to be copied."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Removes a file; that it is not there is no fault."""

    def read(self, name: str) -> bytes | None:
        """A file's bytes, None where there is none."""
        try:
            with self.open(name) as file:
                return file.read()
        except FileNotFoundError:
            return None


def checked(name: str) -> str:
    """The name. Raises InvalidInput where it leads out of its place."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise InvalidInput(f"“{name}” leads out of its folder.", "It was not opened.")
    return path.as_posix()


def is_hidden(name: str) -> bool:
    """True for what programs and systems hide: a beginning with a dot anywhere in a path."""
    return name.startswith(".") or "/." in name
