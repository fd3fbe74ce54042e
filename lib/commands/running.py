"""`run`: a heavy stage by parts, on this machine or on a cluster; and how such a job stands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lib.caption_cost import seconds_for
from lib.commands.command import DryRun, command
from lib.commands.compacting import compacted
from lib.commands.cut_short import open_ledger
from lib.commands.folders import OWNER, open_home
from lib.commands.foreground import PROGRAM
from lib.commands.keys import KeyEnv, key_in
from lib.commands.models import model_of
from lib.commands.result import Failure, Result
from lib.commands.screen import Screen, duration
from lib.compacting import COMPACT
from lib.domain import By, Length, Style
from lib.engine import ENGINES, EngineOptions
from lib.errors import InvalidInput
from lib.part_claims import run_claimed
from lib.part_jobs import PART_SIZE, JobEnd, JobPlan, JobRequest, foresee_job, job_status
from lib.parts.stages import STAGES
from lib.providers.parameters import parse_parameters, with_defaults
from lib.providers.prompts import check_placeholders, default_prompt
from lib.settings import settings
from lib.text import counted
from lib.wishes import Wishes

_ENGINES = " or ".join(ENGINES)
_STAGES = f"{', '.join(STAGES)}; or status, compact."


@command()
def run(
    stage: Annotated[str, typer.Argument(help=_STAGES, metavar="STAGE", show_default=False)],
    source: Annotated[
        str,
        typer.Argument(
            help="A folder, or s3://, gs://, hf://: images, shards or Parquet.", metavar="SOURCE", show_default=False
        ),
    ],
    screen: Screen,
    sink: Annotated[
        str, typer.Argument(help="Where its table goes: an empty folder or address.", metavar="[SINK]")
    ] = "",
    engine: Annotated[str, typer.Option(help=f"{_ENGINES} (TOOLKIT_ENGINE).", metavar="NAME")] = "",
    workers: Annotated[int, typer.Option(min=0, help="Processes or actors (0: as many as fit).")] = 0,
    cpus_per_worker: Annotated[float, typer.Option(min=0.01, help="CPUs that each may take.")] = 1.0,
    gpus_per_worker: Annotated[float, typer.Option(min=0, help="GPUs that each is given.")] = 0.0,
    part_size: Annotated[int, typer.Option(min=1, help="Samples a part; a shard or table is one part.")] = PART_SIZE,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Make parts that hold a failed sample once more.")
    ] = False,
    model: Annotated[str, typer.Option(help="caption: a model's id or label.", show_default=False)] = "",
    base_url: Annotated[str, typer.Option("--base-url", help="caption: an OpenAI-compatible server.")] = "",
    length: Annotated[Length, typer.Option(help="caption: how much to say.")] = "short",
    style: Annotated[Style, typer.Option(help="caption: a sentence, or comma-separated tags.")] = "sentence",
    prompt: Annotated[str, typer.Option(help="caption: your own prompt.")] = "",
    params: Annotated[str, typer.Option(help='caption: for example "max_tokens=512".')] = "",
    must: Annotated[str, typer.Option(help="caption: words that each must hold.")] = "",
    must_not: Annotated[str, typer.Option(help="caption: words that none may hold.")] = "",
    starts_with: Annotated[str, typer.Option(help="caption: what each must begin with.")] = "",
    threads: Annotated[int, typer.Option(min=1, max=64, help="caption: images at a time in each worker.")] = 4,
    rpm: Annotated[int, typer.Option(min=0, help="caption: requests a minute of the whole job (0: usual).")] = 0,
    key_env: KeyEnv = "",
    by: Annotated[By, typer.Option(help="embed: what the images show, or the captions.")] = "images",
    method: Annotated[str, typer.Option(help="embed: resnet50v2, mobilenet or sbert.")] = "",
    model_path: Annotated[str, typer.Option(help="embed: the model's file, on every machine.")] = "",
    k: Annotated[int, typer.Option("--k", min=1, help="cluster: the number of clusters.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="cluster: the same seed gives the same clusters.")] = 0,
    checks: Annotated[str, typer.Option(help="review: captions, pictures.")] = "",
    max_side: Annotated[int, typer.Option(min=0, help="export: longest side in pixels (0: as it is).")] = 0,
    encoding: Annotated[str, typer.Option(help="export: keep, jpeg or webp.")] = "keep",
    uncaptioned: Annotated[bool, typer.Option("--uncaptioned", help="export: take images without a caption.")] = False,
    without_edits: Annotated[
        bool, typer.Option("--without-edits", help="A table's own captions, not what was edited in it since.")
    ] = False,
    dry_run: DryRun = False,
) -> Result:
    """Do a heavy stage by parts, each of which becomes one file of a table; or tell how a job stands: run status SINK.

    run compact SINK is the command compact.

    The files are all that is known of its progress: the same command makes what is missing, after Ctrl+C, a crash or
    a lost machine. No image and no tag file of the source is changed.
    """
    open_home()
    if stage == "status":
        return _status(source)
    if stage == COMPACT:
        return compacted(source, sink, screen, is_sure=False, dry_run=dry_run)
    STAGES.check(stage)
    if not sink:
        raise InvalidInput("Where the table is to go is missing.", "captioner run STAGE SOURCE SINK")
    if stage == "caption":
        key_in(key_env)
        wishes = Wishes.typed(must, must_not, starts_with)
        given = _captions(model, base_url, prompt or default_prompt(length, style), style, params, wishes)
        given |= {"threads": threads, "rpm": rpm, "key_env": key_env}
    else:
        of_stage: dict[str, dict[str, Any]] = {
            "embed": {"by": by, "method": method, "model_path": model_path},
            "cluster": {"k": k, "seed": seed},
            "review": {"checks": [name.strip() for name in checks.split(",") if name.strip()]},
            "export": {"max_side": max_side, "encoding": encoding, "uncaptioned": uncaptioned},
        }
        given = of_stage.get(stage, {})
    chosen = engine or settings().engine
    ENGINES.check(chosen)
    options = EngineOptions(workers, cpus_per_worker, gpus_per_worker, settings().ray_address)
    request = JobRequest(stage, given, source, sink, chosen, options, part_size, retry_failed, without_edits)
    if dry_run:
        with screen.progress("Looking") as progress:
            return _foreseen(foresee_job(request, progress), request)
    with screen.progress(stage.capitalize()) as progress:
        end = run_claimed(request, open_ledger(), OWNER, PROGRAM, progress)
    return _ended(end, sink, stage)


def _captions(model: str, base_url: str, prompt: str, style: Style, params: str, wishes: Wishes) -> dict[str, Any]:
    """What the stage `caption` is asked for. Raises InvalidInput, UnknownModel."""
    if not model:
        raise InvalidInput("No model is named.", "Name one with --model; “captioner models” lists them.")
    spec = model_of(model, base_url)
    check_placeholders(prompt)
    return {
        "model": spec.id,
        "base_url": base_url,
        "prompt": prompt,
        "style": style,
        "params": with_defaults(parse_parameters(params, spec), spec),
        "wishes": {"must": list(wishes.must), "must_not": list(wishes.must_not), "starts": wishes.starts},
    }


def _foreseen(plan: JobPlan, request: JobRequest) -> Result:
    """What would be made: nothing is."""
    unit = "file" if plan.by_files else "sample"
    sentence = f"{plan.missing:,} of {counted(plan.parts, 'part')} would be made in {request.sink}, of"
    sentence += f" {counted(plan.items, unit)} of {request.source} ({plan.kind})"
    counts = {"parts": plan.parts, "missing": plan.missing, f"{unit}s": plan.items}
    if request.stage == "caption" and not plan.by_files:
        counts["requests"] = plan.items
        seconds = seconds_for(plan.items, 0.0, 1, int(request.options["rpm"]))
        pace = f", in {duration(seconds)} at least" if seconds else ""
        sentence += f"; about {counted(plan.items, 'request')} to {request.options['model']}{pace}"
    more = {"stage": request.stage, "sink": request.sink, "dry_run": True}
    return Result(sentence, counts, more=more)


def _ended(end: JobEnd, sink: str, stage: str) -> Result:
    counts = {"done": end.done, "reused": end.reused, "failed": end.failed, "parts": end.parts, "made": end.made}
    sentence = f"{end.done:,} done, {end.reused:,} reused, {end.failed:,} failed; {end.made:,} of {end.parts:,} parts"
    sentence += f" were made, {end.items_per_s:,.1f} a second, in {sink}"
    if end.edited:
        sentence += f"; {counted(end.edited, 'part')} with failed samples stayed, since captions in them were edited"
    failed: list[Failure] = [(f"part {number}", "It was given up; its rows say why.") for number in end.given_up]
    if end.failed and not failed:
        failed = [(sink, f"{end.failed:,} samples have an error; the column “error” says which.")]
    more: dict[str, Any] = {
        "done": end.done,
        "reused": end.reused,
        "parts": end.parts,
        "items_per_s": round(end.items_per_s, 2),
    }
    more |= {"stage": stage, "sink": sink, "given_up": end.given_up}
    return Result(sentence, counts, failed, more=more, error=end.error, is_broken_off=end.is_cancelled)


def _status(sink: str) -> Result:
    found = job_status(sink)
    spec = found.spec
    missing = spec.parts - found.parts_done
    counts = {"parts": spec.parts, "parts_done": found.parts_done, "missing": missing}
    counts |= {"rows": found.rows, "failed": found.failed, "bytes": found.bytes}
    lines = [f"{spec.stage} of {spec.source}: {found.parts_done:,} of {spec.parts:,} parts, {found.rows:,} rows,"]
    lines[0] += f" {found.failed:,} of them failed, {found.bytes:,} bytes"
    lines += [f"{name} cannot be read; it is made again" for name in found.unreadable]
    more: dict[str, Any] = {
        "stage": spec.stage,
        "source": spec.source,
        "options": dict(spec.options),
        "toolkit": spec.toolkit,
    }
    more |= {"model": spec.id, "unreadable": list(found.unreadable), "is_whole": not missing}
    return Result("\n".join(lines), counts, more=more)
