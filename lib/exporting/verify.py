"""Reads an export back and compares it with what was written: every byte by its hash, every sample by its content."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lib.archives import NO_LIMITS, Limits
from lib.errors import Cancelled, InvalidInput
from lib.exporting.base import ExportedFile, Exporter, FileVerdict
from lib.exporting.registry import EXPORTERS
from lib.files import file_hash
from lib.progress import NOBODY, Progress
from lib.text import counted

MANIFEST = ".manifest.json"
"""How a manifest's name ends. It begins with a dot, so that nobody who reads the folder takes it for data: `datasets`
would make rows of it. Earlier versions wrote it without."""
CHANGED = "its bytes are not those that were exported"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export consists of. File names are relative to the export, "." where it is one file."""

    format: type[Exporter]
    samples: int
    files: tuple[ExportedFile, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """`samples` counts those that are whole; `bad` holds (sample or file, what is wrong)."""

    samples: int
    bad: tuple[FileVerdict, ...]


def manifest_for(export: Path) -> Path:
    """Where the manifest of an export goes."""
    return export.with_name(f".{export.name}{MANIFEST}")


def manifest_of(export: Path) -> Path | None:
    """The manifest that lies beside an export, whichever version wrote it; None where there is none."""
    if not export.name:
        return None
    both = manifest_for(export), export.with_name(export.name + MANIFEST)
    return next((manifest for manifest in both if manifest.is_file()), None)


def exports_in(folder: Path) -> dict[Path, Path]:
    """What was exported into a folder: each with its manifest, by name. What lies there without one is not among it."""
    found: dict[Path, Path] = {}
    for manifest in sorted(folder.glob(f"*{MANIFEST}")):
        export = manifest.with_name(manifest.name.removeprefix(".").removesuffix(MANIFEST))
        found.setdefault(export, manifest)
    return found


def load_manifest(path: Path) -> Manifest:
    """Raises InvalidInput for what is no manifest."""
    try:
        content = json.loads(path.read_bytes())
        files = tuple(ExportedFile(file["name"], file["bytes"], file["sha256"]) for file in content["files"])
        samples, format = content["samples"], content["format"]
    except (OSError, ValueError, TypeError, KeyError) as exc:
        raise InvalidInput(f"“{path.name}” is not a manifest that can be read.", "Export again.") from exc
    return Manifest(EXPORTERS[format], samples, files)


def verify(
    path: Path,
    progress: Progress = NOBODY,
) -> Verified:
    """Checks an export by its manifest: a file or folder that was exported, or a folder that holds exports.

    A shard or a webdata.zip without a manifest is checked by what it holds. `progress` hears of the samples
    read so far. Raises InvalidInput where there is nothing to check, Cancelled.
    """
    run = _Run(progress)
    exports = _exports(path)
    for export, manifest in exports.items():
        run.check(export, load_manifest(manifest), path if path.is_file() else export)
    if not exports:
        run.check_unknown(path)
    return Verified(run.samples, tuple(run.bad))


def _exports(path: Path) -> dict[Path, Path]:
    """The exports in a folder, or this export, or the folder export that this file is in, each with its manifest."""
    if path.is_dir() and (inside := exports_in(path)):
        return inside
    above = ((place, manifest_of(place)) for place in [path, *path.parents][:3])
    return next(({export: manifest} for export, manifest in above if manifest is not None), {})


class _Run:
    def __init__(self, progress: Progress) -> None:
        self.samples = 0
        self.bad: list[FileVerdict] = []
        self._progress = progress

    def check(self, export: Path, manifest: Manifest, asked: Path) -> None:
        """Checks an export, or only the one file of it that was asked for."""
        before, known = self.samples, len(self.bad)
        for file in manifest.files:
            self._step()
            place = export / file.name
            if asked in (export, place) and (reason := _fault(place, file)):
                self.bad.append((file.name if place != export else export.name, reason))
        # What is byte by byte what was written here is no stranger's, and may be as large as it is.
        faults = self._read(manifest.format, asked, NO_LIMITS if len(self.bad) == known else None)
        if asked == export and (missing := manifest.samples - (self.samples - before) - faults) > 0:
            self.bad.append((export.name, f"{counted(missing, 'sample')} {'is' if missing == 1 else 'are'} missing"))

    def check_unknown(self, path: Path) -> None:
        found = next((format for format in EXPORTERS.values() if format.recognises(path)), None)
        if found is None:
            raise InvalidInput(f"There is no export at “{path}”.", "Give the folder or the file that was exported.")
        self._read(found, path)

    def _read(self, format: type[Exporter], path: Path, limits: Limits | None = None) -> int:
        faults = 0
        if not path.exists():
            return 0
        for name, reason in format().read_back(path, limits):
            self._step()
            if reason:
                faults += 1
                self.bad.append((name, reason))
            else:
                self.samples += 1
        return faults

    def _step(self) -> None:
        if self._progress.is_cancelled():
            raise Cancelled("The check was stopped.", "Nothing was changed.")
        self._progress.advance(self.samples, 0)


def _fault(path: Path, file: ExportedFile) -> str:
    try:
        size = path.stat().st_size
        if size < file.bytes:
            return f"it is cut short: {size:,} of {file.bytes:,} bytes"
        return "" if size == file.bytes and file_hash(path) == file.sha256 else CHANGED
    except FileNotFoundError:
        return "it is missing"
    except OSError as exc:
        return exc.strerror or "it cannot be read"
