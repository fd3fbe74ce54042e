"""An owner's exports: where the page writes them, what is there, and what goes when nobody needs it any more."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lib.dataset.workspace.server_space import server_space
from lib.dataset.workspace.upload_names import clean_part
from lib.errors import InvalidInput, QuotaExceeded
from lib.exporting.loading import renew_card, rows_for
from lib.exporting.verify import exports_in, manifest_for, manifest_of
from lib.files import write_errors
from lib.settings import Settings

_EXPORTS = "exports"
_ELSEWHERE = "elsewhere.jsonl"
"""The paths of exports that an owner has put outside of the space."""


@dataclass(frozen=True, slots=True)
class KeptExport:
    """An export that lies there: a file or a folder. `at` is when it was made, in seconds since the epoch."""

    path: Path
    at: float

    @property
    def manifest(self) -> Path:
        return manifest_of(self.path) or manifest_for(self.path)

    @property
    def dataset(self) -> str:
        """The name of the dataset that it was made of."""
        return self.path.parent.name


class ExportSpace:
    """The exports of one owner, in a folder for each dataset."""

    def __init__(self, settings: Settings, owner: str) -> None:
        self.root = settings.workspace(owner) / _EXPORTS
        self._settings = settings
        self._quota = settings.upload_quota_mb * 1_000_000

    def folder_for(self, dataset: Path) -> Path:
        """Where the exports of the dataset in that folder go."""
        return self.root / (clean_part(dataset.name) or "dataset")

    def kept(self) -> list[KeptExport]:
        """What was exported and not deleted, the newest first."""
        return sorted(_kept_in(self.root), key=lambda export: export.at, reverse=True)

    def make_room(self, size: int) -> None:
        """Raises QuotaExceeded where the exports would take more than the settings allow with `size` bytes more."""
        used = sum(_bytes(path) for path in (*(export.path for export in self.kept()), *self._elsewhere()))
        if used + size > self._quota:
            raise QuotaExceeded(
                f"This export would take about {size / 1e6:,.0f} MB; "
                f"your exports take {used / 1e6:,.0f} of {self._quota / 1e6:,.0f} MB.",
                "Delete an earlier export, those in folders of this server too, or export fewer or smaller images.",
            )
        if size > (left := server_space(self._settings).left):
            raise QuotaExceeded(
                f"This export would take about {size / 1e6:,.0f} MB; all who use this server may still take"
                f" {left / 1e6:,.0f} MB together.",
                "Delete an export or an upload, or ask the administrator, who sets how much (TOOLKIT_TOTAL_MB).",
            )

    def count(self, path: Path) -> None:
        """Counts an export that lies outside of this space as one of the owner's, for as long as it lies there."""
        with write_errors("The export was not counted as yours", f"It is whole, at “{path}”."):
            self.root.mkdir(parents=True, exist_ok=True)
            with (self.root / _ELSEWHERE).open("a", encoding="utf-8") as file:
                file.write(json.dumps(str(path)) + "\n")

    def _elsewhere(self) -> set[Path]:
        with contextlib.suppress(FileNotFoundError):
            lines = (self.root / _ELSEWHERE).read_text(encoding="utf-8").splitlines()
            return {Path(json.loads(line)) for line in lines}
        return set()

    def delete(self, path: Path) -> None:
        """Removes one export with its manifest. Raises InvalidInput for anything else."""
        export = next((export for export in self.kept() if export.path == path), None)
        if export is None:
            raise InvalidInput("This export is gone.", "It was deleted before.")
        # Without its manifest it is off the list in one step; what is cut short goes when it is old.
        with write_errors("The export could not be deleted", "It stays as it is."):
            export.manifest.unlink(missing_ok=True)
            rows_for(path).unlink(missing_ok=True)
            _remove(export.path)
            renew_card(path.parent)


def expire_exports(settings: Settings, now: float | None = None) -> list[Path]:
    """Removes, for all owners, what was exported more than `upload_days` days ago; gives the files and folders.

    `now` is in seconds since the epoch.
    """
    oldest = (time.time() if now is None else now) - settings.upload_days * 86_400
    removed = []
    for entry in sorted((settings.home / "workspace").glob(f"*/{_EXPORTS}/*/*")):
        with contextlib.suppress(FileNotFoundError):
            if entry.lstat().st_mtime < oldest:
                _remove(entry)
                removed.append(entry)
    for folder in {entry.parent for entry in removed}:
        with contextlib.suppress(OSError):
            renew_card(folder)
    return removed


def _kept_in(root: Path) -> Iterator[KeptExport]:
    """An export stands where its manifest does."""
    for folder in root.glob("*"):
        for path, manifest in exports_in(folder).items():
            with contextlib.suppress(OSError):
                if path.exists():
                    yield KeptExport(path, manifest.stat().st_mtime)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _bytes(path: Path) -> int:
    total = 0
    below = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    for file in [path] if path.is_file() else below:
        with contextlib.suppress(OSError):
            total += file.lstat().st_size
    return total
