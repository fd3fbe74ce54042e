"""`export` and `verify`: a dataset written for other programs, and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.commands.command import DryRun, Folder, command
from lib.commands.export_options import (
    Clusters,
    EncodedAs,
    Format,
    MaxSide,
    Out,
    Paths,
    Replaces,
    Seed,
    ShardMegabytes,
    ShardSamples,
    Uncaptioned,
    Validation,
    Zipped,
)
from lib.commands.folders import OWNER, open_folder
from lib.commands.result import Failure, Result, entries
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.commands.sink import Sink, sink_of
from lib.exporting.base import ExportOptions, ExportPlan, LeftOut
from lib.exporting.planning import MARKED, UNTAGGED, estimate_bytes, plan_export
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify as verify_export
from lib.exporting.writing import ExportSummary
from lib.exporting.writing import export as write_export
from lib.settings import settings
from lib.tables.exported_map import map_along, map_named


@command()
def export(
    folder: Folder,
    out: Out,
    format: Format,
    selector: Selector,
    screen: Screen,
    replace_earlier: Replaces = False,
    shard_samples: ShardSamples = None,
    shard_mb: ShardMegabytes = None,
    max_side: MaxSide = None,
    encoding: EncodedAs = "keep",
    seed: Seed = None,
    validation: Validation = 0.0,
    zipped: Zipped = False,
    paths: Paths = "relative",
    uncaptioned: Uncaptioned = False,
    clusters: Clusters = None,
    dry_run: DryRun = False,
) -> Result:
    """Write the tagged images, or their captions alone, for other programs; tells how they are started on it.

    Images without a caption stay behind, unless --uncaptioned takes them along.
    """
    options = ExportOptions(
        shard_samples or ExportOptions().shard_samples,
        shard_mb * 1_000_000 if shard_mb else ExportOptions().shard_bytes,
        seed,
        validation,
        max_side,
        encoding,
        zipped,
        absolute=paths == "absolute",
        uncaptioned=uncaptioned,
    )
    sink = sink_of(format, out, options, replaces=replace_earlier)
    dataset, store = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    plan = plan_export(dataset.root, selected.records, dataset.unreadable, options, store.journal, selected.left_out)
    points = map_named(clusters, dataset) if clusters else map_along(settings().owner_folder(OWNER), dataset)
    plan = replace(plan, places=points)
    if dry_run:
        return planned(plan, f"would be written to {out}", images=EXPORTERS[format].has_images)
    with screen.progress("Exporting") as progress:
        done = write_export(format, plan, sink.folder, progress, name=sink.name, replacing=sink.earlier)
    return _exported(done, sink, selected.missing, screen)


def _exported(done: ExportSummary, sink: Sink, missing: tuple[Failure, ...], screen: Screen) -> Result:
    left, failed = entries(done.left_out), failures_in(done.left_out)
    counts = {"samples": done.samples, "bytes": done.bytes, "files": len(done.files), "replaced": len(sink.earlier)}
    counts |= {"left_out": len(left), "failed": len(failed)}
    more: dict[str, Any] = {"files": list(map(str, done.files)), "samples": done.samples, "left_out": left}
    more |= {"bytes": done.bytes, "path": str(done.path)}
    more |= {"renamed": [{"image": name, "name": new} for name, new in done.renamed]}
    more |= {"use": [{"program": program, "line": line} for program, line in done.use]}
    if not screen.as_json:
        for name, new in done.renamed:
            screen.note(f"{name}: its name is too long for a file, and is {new} there")
        for program, line in done.use:
            screen.note(f"{program}:\n  {line}")
    sentence = f"{done.samples:,} samples in {done.path}, {done.bytes:,} bytes, {len(left):,} not exported"
    return Result(sentence, counts, (*missing, *failed), more=more)


def planned(plan: ExportPlan, where: str, *, images: bool) -> Result:
    """What would go out: nothing is written."""
    size = estimate_bytes(plan, images=images)
    left, failed = entries(plan.left_out), failures_in(plan.left_out)
    samples = len(plan.records)
    counts = {"samples": samples, "bytes": size, "left_out": len(left), "failed": len(failed)}
    counts |= {name: len(records) for name, records in plan.splits.items()}
    more = {"samples": samples, "left_out": left, "bytes": size, "dry_run": True}
    sentence = f"{samples:,} samples, about {size:,} bytes, {where}; {len(left):,} would not be exported"
    return Result(sentence, counts, failed, more=more)


def failures_in(left_out: tuple[LeftOut, ...]) -> list[Failure]:
    """Those that something is wrong with: one without a caption, or marked as left out, is left out on purpose."""
    return [(name, reason) for name, reason in left_out if reason not in (UNTAGGED, MARKED)]


@command()
def verify(
    path: Annotated[
        Path,
        typer.Argument(help="What was exported, or the folder it lies in.", metavar="EXPORT", show_default=False),
    ],
    screen: Screen,
) -> Result:
    """Read an export back and compare it with what was written."""
    with screen.progress("Reading back") as progress:
        found = verify_export(path, progress)
    counts = {"samples": found.samples, "faults": len(found.bad)}
    more = {"samples": found.samples, "bad": entries(found.bad, "name")}
    return Result(f"{found.samples:,} samples are whole, {len(found.bad):,} faults", counts, found.bad, more=more)
