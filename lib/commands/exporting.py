"""`export`, `push` and `verify`: a dataset written for other programs, and read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from lib.commands.common import OWNER, Folder, Json, OnBar, Only, app, open_folder, progress, records_of, report
from lib.exporting.base import Encoding, ExportOptions, LeftOut, OptionGroup
from lib.exporting.hub import PushTarget
from lib.exporting.hub import push as push_to_hub
from lib.exporting.planning import plan_export
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify as verify_export
from lib.exporting.writing import export as write_export
from lib.hub import Hub
from lib.map_points import kept_points, points_in
from lib.settings import settings


def _having(group: OptionGroup) -> str:
    return ", ".join(name for name, format in EXPORTERS.items() if group in format.options)


_SHARDS, _SPLITS = _having("shards"), _having("splits")
_PATHS, _UNCAPTIONED = _having("paths"), _having("uncaptioned")
Paths = Literal["relative", "absolute"]
_FOLDERS = ", ".join(name for name, format in EXPORTERS.items() if format.is_folder)


@app.command()
def export(
    folder: Folder,
    out: Annotated[Path, typer.Argument(help="Where the export goes; made if absent.", metavar="OUT")],
    format: Annotated[str, typer.Option("--format", help=f"One of {', '.join(EXPORTERS)}.")],
    only: Only = "",
    shard_samples: Annotated[int, typer.Option(min=1, help=f"{_SHARDS}: samples a shard at most.")] = 10_000,
    shard_mb: Annotated[int, typer.Option("--shard-mb", min=1, help=f"{_SHARDS}: MB a shard, about.")] = 1_000,
    max_side: Annotated[
        int | None, typer.Option("--max-side", min=1, help="Shrink larger images to this many pixels.")
    ] = None,
    encoding: Annotated[
        Encoding, typer.Option(help="Write all images anew; else they are copied byte by byte.")
    ] = "keep",
    seed: Annotated[int | None, typer.Option(help="Shuffle the samples, the same way for the same number.")] = None,
    validation: Annotated[float, typer.Option(help=f"{_SPLITS}: this part (0.1) into a validation split.")] = 0.0,
    zipped: Annotated[bool, typer.Option("--zip", help=f"{_FOLDERS}: one zip round the folder.")] = False,
    paths: Annotated[Paths, typer.Option(help=f"{_PATHS}: how the table names images.")] = "relative",
    uncaptioned: Annotated[
        bool, typer.Option("--uncaptioned", help=f"{_UNCAPTIONED}: images without a caption go along.")
    ] = False,
    clusters: Annotated[
        Path | None,
        typer.Option(help="csv, parquet: the map to go along, as `cluster --out` wrote it; else the page's."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the tagged images, or their captions alone, for other programs; tells how they are started on it."""
    EXPORTERS.check(format)
    dataset, store = open_folder(folder)
    options = ExportOptions(
        shard_samples,
        shard_mb * 1_000_000,
        seed,
        validation,
        max_side,
        encoding,
        zipped,
        paths == "absolute",
        uncaptioned,
    )
    records = records_of(dataset, only)
    plan = plan_export(dataset.root, records, dataset.unreadable, options, store.journal)
    points = points_in(clusters) if clusters else kept_points(settings().owner_folder(OWNER), dataset)
    plan = replace(plan, places=points)
    with progress("Exporting", hidden=as_json) as bar:
        done = write_export(format, plan, out, OnBar(bar, "Exporting"))
    left = _left(done.left_out)
    values = {"files": list(map(str, done.files)), "samples": done.samples, "left_out": left, "bytes": done.bytes}
    values |= {"renamed": [{"image": name, "name": new} for name, new in done.renamed]}
    values |= {"use": [{"program": program, "line": line} for program, line in done.use]}
    report(values, as_json, f"{done.samples} samples in {done.path}, {done.bytes:,} bytes, {len(left)} left out")
    if not as_json:
        for name, new in done.renamed:
            typer.echo(f"{name}: its name is too long for a file, and is {new} there", err=True)
        for program, line in done.use:
            typer.echo(f"{program}:\n  {line}", err=True)


@app.command()
def push(
    folder: Folder,
    repository: Annotated[str, typer.Argument(help="owner/name on the Hugging Face Hub.", metavar="REPO")],
    public: Annotated[bool, typer.Option("--public", help="Let everybody see it. It is private unless given.")] = False,
    only: Only = "",
    license: Annotated[str, typer.Option(help="For the dataset's card, as in cc-by-4.0; else “unknown”.")] = "",
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove what an earlier push has put there and this one does not hold.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Push the tagged images to the Hugging Face Hub, with the token in HF_TOKEN. Push again to renew them."""
    dataset, store = open_folder(folder)
    plan = plan_export(dataset.root, records_of(dataset, only), dataset.unreadable, journal=store.journal)
    target = PushTarget(Hub(settings().hf_token), repository, public, license, may_remove=lambda names: remove)
    with progress("Pushing", hidden=as_json) as bar:
        done = push_to_hub(plan, target, settings().home / "pushes", progress=OnBar(bar, "Pushing"))
    left = _left(done.left_out)
    seen = "private" if done.private else "public"
    sentence = f"{done.samples} samples at {done.url} ({seen}), {len(left)} left out"
    report({"url": done.url, "samples": done.samples, "left_out": left}, as_json, sentence)


def _left(left_out: Sequence[LeftOut]) -> list[dict[str, str]]:
    return [{"image": name, "reason": reason} for name, reason in left_out]


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(help="What was exported, or the folder it lies in.", metavar="EXPORT")],
    as_json: Json = False,
) -> None:
    """Read an export back and compare it with what was written."""
    with progress("Reading back", hidden=as_json) as bar:
        found = verify_export(path, OnBar(bar, "Reading back"))
    bad = [{"name": name, "reason": reason} for name, reason in found.bad]
    report({"samples": found.samples, "bad": bad}, as_json, f"{found.samples} samples are whole, {len(bad)} faults")
    for name, reason in found.bad:
        typer.echo(f"{name}: {reason}", err=True)
    if bad:
        raise typer.Exit(1)
