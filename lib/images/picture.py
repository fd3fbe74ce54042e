"""An image of a dataset, which may have become a link to something else since the dataset was opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from lib.bounds import Bounds, real_path_of
from lib.errors import ImageRefused
from lib.settings import settings


@dataclass(frozen=True, slots=True)
class Picture(os.PathLike[str]):
    """An image by its dataset's root and its path below it. It is opened only where it leads to what the root holds."""

    root: Path
    below: str

    @property
    def path(self) -> Path:
        return self.root / self.below

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.name

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def stat(self) -> os.stat_result:
        return self.path.stat()

    def check(self, handle: int) -> None:
        """Raises ImageRefused unless the file that was opened lies in the dataset."""
        bounds = Bounds(os.path.realpath(self.root), (os.path.realpath(settings().home),))
        if not bounds.hold(real_path_of(handle, os.fspath(self))):
            raise ImageRefused(
                f"“{self.name}” is a link that leads out of the dataset.", "It is not shown, sent or copied."
            )


AnyPicture: TypeAlias = Path | Picture
"""A picture of a dataset, or a file that the toolkit itself has just put where it is."""
