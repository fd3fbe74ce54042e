"""What a dataset may show of the disk: what lies below its root, and nothing of the toolkit's own folder."""

from __future__ import annotations

import os
from dataclasses import dataclass


def inside(path: str, root: str) -> bool:
    """True where a real path is the root or lies in it."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a dataset may show: what lies in `root`, but nothing in the folders that are `private`. All real paths.

    A root that lies in a private folder itself was opened by the one who may.
    """

    root: str
    private: tuple[str, ...] = ()

    def hold(self, real: str) -> bool:
        return inside(real, self.root) and not any(
            inside(real, folder) and not inside(self.root, folder) for folder in self.private
        )


def real_path_of(handle: int, path: str | os.PathLike[str]) -> str:
    """Where the file lies that is open, whatever its path leads to by now; "" where that cannot be told."""
    try:
        return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115 - string paths, as everywhere here
    except OSError:
        real = os.path.realpath(path)
        try:
            return real if os.path.samestat(os.stat(real), os.fstat(handle)) else ""  # noqa: PTH116
        except OSError:
            return ""
