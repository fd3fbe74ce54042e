"""What pages and tools ask of an opened dataset, however its samples are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lib.domain import ImageRecord


class Dataset(Protocol):
    """Images with their captions in one lasting order, shared by sessions and threads.

    Nobody above the rooms of lib/dataset asks for more than this. Everything may be read from any thread at any time.
    Caches hang on it, so it must allow to be held weakly.
    """

    def __hash__(self) -> int:
        """Of the very object: an opening is equal to itself alone."""

    @property
    def root(self) -> Path:
        """The real path of the folder that the names of the records are relative to."""

    @property
    def recursive(self) -> bool:
        """Whether it was opened with its subfolders."""

    @property
    def suffix(self) -> str:
        """The ending of its tag files, dot included."""

    @property
    def version(self) -> int:
        """Grows with every change of a record or of `unreadable`, so that what was derived is known to be stale."""

    @property
    def records(self) -> Sequence[ImageRecord]:
        """All images as they stand now, in natural order by folder and name.

        Alive: a save puts another record in the same place. Whoever needs records that belong together asks for a
        `snapshot`. The number and the order of the images stay.
        """

    def __len__(self) -> int:
        """How many images there are."""

    def snapshot(self) -> Sequence[ImageRecord]:
        """The records as they are at this moment, which stay as they are."""

    def get(self, name: str) -> ImageRecord | None:
        """The record of an image by its name, None where there is none."""

    def index_of(self, name: str) -> int | None:
        """The place of an image among the records, from 0, None where there is none."""

    @property
    def tagged(self) -> int:
        """How many images have a caption that is more than blanks."""

    @property
    def read_only(self) -> bool:
        """True where the folder could not be written to when it was looked through."""

    @property
    def empty(self) -> int:
        """How many images have a tag file with nothing in it."""

    @property
    def folders(self) -> Mapping[str, int]:
        """How many images lie in each relative folder itself ("" for the root), those without any left out."""

    @property
    def shared_stems(self) -> Mapping[str, tuple[str, ...]]:
        """The images that have one tag file together, by their stem (the name without its last suffix)."""

    def unsettled(self) -> list[tuple[str, ...]]:
        """Those groups of `shared_stems` of which nobody has said that they may share."""

    @property
    def undecodable(self) -> Sequence[str]:
        """The images whose tag file is not text in a known encoding, in the order of the records."""

    @property
    def unreadable(self) -> Mapping[str, str]:
        """The images that cannot be opened, by name, with the reason in words; as far as they were checked."""

    @property
    def orphans(self) -> Sequence[str]:
        """The tag files (relative paths) that have no image."""

    @property
    def unlistable(self) -> Mapping[str, str]:
        """The relative folders that could not be looked into, with the reason in words."""

    def report(self, unreadable: Mapping[str, str]) -> None:
        """Takes over which images a check could not open, in the place of what the check before found."""
