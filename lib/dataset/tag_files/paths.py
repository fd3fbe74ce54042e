"""Where the files of a record really lie, and that they lie inside the dataset."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from lib.errors import WriteFailed

KEPT = "Nothing was changed on disk."


def inside_root(root: Path, relative: str) -> Path:
    """The path of a file in a dataset, its folder resolved. Raises WriteFailed where that leads out of the root."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or "\0" in relative or not pure.name:
        raise WriteFailed(f"“{relative}” is not a file of this dataset.", KEPT)
    folder = Path(os.path.realpath(root / pure.parent))
    if not folder.is_relative_to(root):
        raise WriteFailed(f"“{relative}” is reached through a link that leads out of the dataset.", KEPT)
    return folder / pure.name


class Inside:
    """`inside_root` for many files, with each folder resolved once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: dict[str, Path] = {}

    def path(self, relative: str) -> Path:
        """Raises WriteFailed where it leads out of the root."""
        folder, slash, name = relative.rpartition("/")
        if name in ("", ".", "..") or "\0" in name:
            return inside_root(self._root, relative)
        if folder not in self._folders:
            self._folders[folder] = inside_root(self._root, f"{folder}{slash}x").parent
        return self._folders[folder] / name


def real_sidecar(root: Path, relative: str) -> Path:
    """The file behind a tag file's name: itself, or what it links to inside the dataset. Raises WriteFailed."""
    path = inside_root(root, relative)
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(root):
        raise WriteFailed(f"“{relative}” is a link that leads out of the dataset.", KEPT)
    return target
