"""Carries out a planned export: under a hidden name, read back, and only then given its name."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from lib.dataset.tag_files.locks import locked
from lib.dataset.workspace.hidden import hidden_folder
from lib.errors import InvalidInput, WriteFailed
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, LeftOut, Renamed, SampleSource, Use
from lib.exporting.earlier import moved_aside
from lib.exporting.loading import renew_card, rows_for
from lib.exporting.planning import MARKED
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import manifest_for, manifest_of, verify
from lib.files import FILES, write_errors
from lib.progress import NOBODY, Portion, Progress
from lib.settings import settings


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What an export became. `path` is the file or folder that was made, `manifest` lies beside it.

    `use`: how programs are started on it, each a line to copy. `renamed`: images whose names were too long for files.
    """

    path: Path
    manifest: Path
    files: tuple[Path, ...]
    samples: int
    bytes: int
    left_out: tuple[LeftOut, ...]
    renamed: tuple[Renamed, ...] = ()
    use: tuple[Use, ...] = ()


def export(
    format: str,
    plan: ExportPlan,
    out: Path,
    progress: Progress = NOBODY,
    *,
    name: str = "",
    replacing: Sequence[Path] = (),
) -> ExportSummary:
    """Writes what is planned into the folder `out`, which is made where needed.

    Nothing in `out` is overwritten: where the name is taken, the export gets a number. `name`: what the file is called
    in the place of the format's own name. `replacing`: exports that are removed once the new one is complete.
    `progress` hears of every sample twice, as it is written and as it is read back. Raises InvalidInput where nothing
    is left to export, or the images would come to lie among those that are exported; WriteFailed, Cancelled; then
    nothing of the export is left.
    """
    exporter = EXPORTERS[format]()
    _refuse_inside(exporter, plan, out)
    if plan.options.uncaptioned and "uncaptioned" not in exporter.options:
        raise InvalidInput(
            f"{exporter.label}: who reads it wants a caption for each image.", "Leave out the images that have none."
        )
    total = 2 * len(plan.records)
    source = SampleSource(plan, Portion(progress, 0, total))
    refused = write_errors("The export could not be written", f"Nothing of it is left in “{out}”.")
    with refused, hidden_folder(out) as folder:
        target = ExportFolder(folder)
        written = exporter.write(source, target)
        if not source.written:
            raise InvalidInput("There is nothing to export.", "None of these images can go out; see the reasons.")
        target.sync()
        if name and Path(written).suffix != Path(name).suffix.lower():
            raise InvalidInput(f"{exporter.label} makes “{written}”, and no “{name}”.", "Give a folder.")
        _write_manifest(target, format, written, source)
        _check(target.folder, Portion(progress, len(plan.records), total))
        with moved_aside(replacing, target.folder):
            return _publish(target, written, out / (name or written), source, exporter)


def _refuse_inside(exporter: Exporter, plan: ExportPlan, out: Path) -> None:
    loose = exporter.loose_images and not plan.options.zipped
    if loose and out.resolve().is_relative_to(plan.root.resolve()):
        raise InvalidInput(
            f"“{out}” lies in the folder that is exported, so its images would be there twice.",
            "Nothing was written. Choose a folder outside of it.",
        )


def _check(written: Path, progress: Progress) -> None:
    found = verify(written, progress)
    if found.bad:
        raise WriteFailed(
            f"The export was read back and is not what was written: “{found.bad[0][0]}”, {found.bad[0][1]}.",
            "Nothing of it was kept. Check the disk.",
        )


def _write_manifest(target: ExportFolder, format: str, name: str, source: SampleSource) -> None:
    files = [asdict(file) | {"name": file.name.removeprefix(f"{name}/")} for file in target.files]
    if [file["name"] for file in files] == [name]:
        files[0]["name"] = "."
    content = {
        "format": format,
        "samples": source.written,
        "left_out": len(source.plan.left_out) + len(source.left_out),
        "marked_left_out": [name for name, reason in source.plan.left_out if reason == MARKED],
        "ratings": {r.name: stars for r in source.plan.records if (stars := source.marks.ratings.get(r.name))},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
    }
    path = manifest_for(target.folder / name)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    FILES.sync_many([path])


def _publish(target: ExportFolder, name: str, wanted: Path, source: SampleSource, format: Exporter) -> ExportSummary:
    out = wanted.parent
    with locked(settings().locks, out.resolve()):
        path, manifest = _free_names(out.resolve(), wanted.name)
        try:
            # The manifest first: an export never stands without it.
            manifest_for(target.folder / name).rename(manifest)
            (target.folder / name).rename(path)
            FILES.sync_folder(out)
            renew_card(path.parent, path)
        except OSError:
            # Whoever made them a moment ago under these names takes them away again.
            shutil.rmtree(path, ignore_errors=True)
            for published in (path, manifest, rows_for(path)):
                with suppress(OSError):
                    published.unlink()
            raise
    names = [file.name.removeprefix(name).lstrip("/") for file in target.files]
    return ExportSummary(
        path,
        manifest,
        tuple(path / inner for inner in names),
        source.written,
        sum(file.bytes for file in target.files),
        source.plan.left_out + tuple(source.left_out),
        tuple(source.renamed),
        tuple(format.uses(path, source.plan)),
    )


def _free_names(out: Path, name: str) -> tuple[Path, Path]:
    """Where an export goes and its manifest: under a number where the name is taken."""
    number = 1
    path = out / name
    while True:
        if not os.path.lexists(path) and manifest_of(path) is None and not os.path.lexists(manifest_for(path)):
            return path, manifest_for(path)
        number += 1
        stem, dot, ending = name.partition(".")
        path = out / f"{stem}-{number}{dot}{ending}"
