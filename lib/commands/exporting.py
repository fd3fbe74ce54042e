"""`export` and `verify`: a dataset written for other programs, and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from lib.commands.command import DryRun, Folder, command
from lib.commands.folders import OWNER, open_folder
from lib.commands.result import Failure, Result, entries
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.commands.sink import Sink, sink_of
from lib.exporting.base import Encoding, ExportOptions, ExportPlan, LeftOut, OptionGroup
from lib.exporting.planning import UNTAGGED, estimate_bytes, plan_export
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify as verify_export
from lib.exporting.writing import ExportSummary
from lib.exporting.writing import export as write_export
from lib.map_points import kept_points, points_in
from lib.settings import settings


def _having(group: OptionGroup) -> str:
    return ", ".join(name for name, format in EXPORTERS.items() if group in format.options)


_SHARDS, _SPLITS = _having("shards"), _having("splits")
_PATHS, _UNCAPTIONED = _having("paths"), _having("uncaptioned")
Paths = Literal["relative", "absolute"]
_FOLDERS = ", ".join(name for name, format in EXPORTERS.items() if format.is_folder)


@command()
def export(
    folder: Folder,
    out: Annotated[
        Path,
        typer.Argument(
            help="The folder that it goes into, made if absent; or the file, where the format is one (x.csv).",
            metavar="OUT",
            show_default=False,
        ),
    ],
    format: Annotated[
        str,
        typer.Option(
            "--format",
            help=f"One of {', '.join(EXPORTERS)}.",
            autocompletion=lambda: list(EXPORTERS),
            show_default=False,
        ),
    ],
    selector: Selector,
    screen: Screen,
    replace_earlier: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of an earlier export of this format in OUT.")
    ] = False,
    shard_samples: Annotated[
        int | None, typer.Option(min=1, help=f"{_SHARDS}: samples a shard at most (10,000).", show_default=False)
    ] = None,
    shard_mb: Annotated[
        int | None, typer.Option("--shard-mb", min=1, help=f"{_SHARDS}: MB a shard, about (1,000).", show_default=False)
    ] = None,
    max_side: Annotated[
        int | None,
        typer.Option("--max-side", min=1, help="Shrink larger images to this many pixels.", show_default=False),
    ] = None,
    encoding: Annotated[
        Encoding, typer.Option(help="Write all images anew; else they are copied byte by byte.")
    ] = "keep",
    seed: Annotated[
        int | None, typer.Option(help="Shuffle the samples, the same way for the same number.", show_default=False)
    ] = None,
    validation: Annotated[float, typer.Option(help=f"{_SPLITS}: this part (0.1) into a validation split.")] = 0.0,
    zipped: Annotated[bool, typer.Option("--zip", help=f"{_FOLDERS}: one zip round the folder.")] = False,
    paths: Annotated[Paths, typer.Option(help=f"{_PATHS}: how the table names images.")] = "relative",
    uncaptioned: Annotated[
        bool, typer.Option("--uncaptioned", help=f"{_UNCAPTIONED}: images without a caption go along.")
    ] = False,
    clusters: Annotated[
        Path | None,
        typer.Option(
            help="csv, parquet: the map to go along, as “cluster --out” wrote it; else the page's.", show_default=False
        ),
    ] = None,
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
        paths == "absolute",
        uncaptioned,
    )
    sink = sink_of(format, out, options, replaces=replace_earlier)
    dataset, store = open_folder(folder, screen)
    selected = selector.select(dataset)
    plan = plan_export(dataset.root, selected.records, dataset.unreadable, options, store.journal)
    points = points_in(clusters) if clusters else kept_points(settings().owner_folder(OWNER), dataset)
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
    sentence = f"{done.samples} samples in {done.path}, {done.bytes:,} bytes, {len(left)} left out"
    return Result(sentence, counts, (*missing, *failed), more=more)


def planned(plan: ExportPlan, where: str, *, images: bool) -> Result:
    """What would go out: nothing is written."""
    size = estimate_bytes(plan, images=images)
    left, failed = entries(plan.left_out), failures_in(plan.left_out)
    samples = len(plan.records)
    counts = {"samples": samples, "bytes": size, "left_out": len(left), "failed": len(failed)}
    counts |= {name: len(records) for name, records in plan.splits.items()}
    more = {"samples": samples, "left_out": left, "bytes": size, "dry_run": True}
    sentence = f"{samples} samples, about {size:,} bytes, {where}; {len(left)} left out"
    return Result(sentence, counts, failed, more=more)


def failures_in(left_out: tuple[LeftOut, ...]) -> list[Failure]:
    """Those that something is wrong with: an image without a caption is left out on purpose."""
    return [(name, reason) for name, reason in left_out if reason != UNTAGGED]


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
    return Result(f"{found.samples} samples are whole, {len(found.bad)} faults", counts, found.bad, more=more)
