"""`scan` and `caption`."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from lib.captioning import Batch, Brief, caption_many, left_out
from lib.commands.common import Folder, Json, OnBar, app, open_folder, progress
from lib.commands.dry_run import tell_cost
from lib.dataset.base import Dataset
from lib.dataset.saving.store import Store
from lib.dataset.scan.problems import check_images
from lib.domain import Existing, Length, Outcome, Style
from lib.errors import InvalidInput, ProviderError
from lib.providers import registry
from lib.providers.base import Captioner
from lib.providers.http import Http
from lib.providers.parameters import parse_parameters, with_defaults
from lib.providers.prompts import default_prompt
from lib.settings import settings
from lib.wishes import Wishes

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,60}")


@app.command()
def scan(folder: Folder, as_json: Json = False) -> None:
    """Count images, tagged ones, and what is wrong with a folder."""
    dataset, _ = open_folder(folder)
    with progress("Checking images", hidden=as_json) as bar:
        check_images(dataset, progress=OnBar(bar, "Checking images"))
    report = _scan_report(dataset)
    if as_json:
        typer.echo(json.dumps(report))
    else:
        for name, value in report.items():
            if name != "problems":
                typer.echo(f"{name:>13}: {value}")
        for kind, entries in report["problems"].items():
            for entry in entries:
                typer.echo(f"{kind}: {entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)}")


def _scan_report(dataset: Dataset) -> dict[str, Any]:
    problems: dict[str, list[Any]] = {
        "orphans": list(dataset.orphans),
        "shared_stems": [{"stem": stem, "images": list(names)} for stem, names in dataset.shared_stems.items()],
        "undecodable": list(dataset.undecodable),
        "unreadable": [{"image": name, "reason": reason} for name, reason in dataset.unreadable.items()],
        "unlistable": [{"folder": name, "reason": reason} for name, reason in dataset.unlistable.items()],
    }
    images = len(dataset.records)
    counts = {"images": images, "tagged": dataset.tagged, "untagged": images - dataset.tagged}
    return counts | {kind: len(entries) for kind, entries in problems.items()} | {"problems": problems}


@app.command()
def caption(
    folder: Folder,
    model: Annotated[
        str, typer.Option("--model", help="A model's id or label, nim:owner/model; with --base-url, the id served.")
    ],
    length: Annotated[Length, typer.Option(help="How much to say.")] = "short",
    style: Annotated[Style, typer.Option(help="A sentence, or comma-separated tags.")] = "sentence",
    prompt: Annotated[str, typer.Option(help="Your own prompt; {name}, {directory} and {tags} are filled in.")] = "",
    params: Annotated[str, typer.Option(help='For example "max_tokens=512, temperature=0.30".')] = "",
    existing: Annotated[Existing, typer.Option(help="What to do where a caption is there already.")] = "skip",
    must: Annotated[str, typer.Option(help="Words that each caption must hold: “dog, beach”.")] = "",
    must_not: Annotated[str, typer.Option(help="Words that none may hold.")] = "",
    starts_with: Annotated[str, typer.Option(help="What each caption must begin with.")] = "",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Images at a time.")] = 4,
    rpm: Annotated[int, typer.Option(min=0, help="Requests a minute at most (0: the service's usual pace).")] = 0,
    base_url: Annotated[str, typer.Option("--base-url", help="An OpenAI-compatible server.")] = "",
    key_env: Annotated[str, typer.Option(help="The environment variable whose key is sent, to any address.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try three images, save nothing, tell the cost.")] = False,
    as_json: Json = False,
) -> None:
    """Write captions for the images of a folder, into the tag file beside each."""
    try:
        captioner = _captioner(model, base_url, rpm, key_env)
    except ProviderError as error:
        # No key, or an address that may not be called: nothing was begun, so the command itself was wrong.
        raise InvalidInput(error.message, error.hint) from error
    dataset, store = open_folder(folder)
    given = with_defaults(parse_parameters(params, captioner.model), captioner.model)
    wishes = Wishes.typed(must, must_not, starts_with)
    brief = Brief(prompt or default_prompt(length, style), style, given, existing, wishes)
    if dry_run:
        tell_cost(dataset, captioner, brief, Batch(workers), rpm, as_json=as_json)
        return
    outcomes = _run(dataset, store, captioner, brief, workers, hidden=as_json)
    _tell_left_out(outcomes, brief)
    _finish(outcomes, len(dataset.records), wishes, as_json)


def _captioner(name: str, base_url: str, rpm: int, key_env: str) -> Captioner:
    http, key = Http.of(settings(), at_this_machine=True), _key(key_env)
    if not base_url:
        return registry.captioner(registry.find_model(name), key=key, http=http, rpm=rpm)
    model = registry.served_model(registry.find_model(registry.TEMPLATE), name)
    if key is None and (withheld := registry.withheld_key(model, base_url)):
        typer.echo(f"The key in {withheld} is not sent to {base_url}; --key-env {withheld} sends it.", err=True)
    return registry.captioner(model, key=key, base_url=base_url, http=http, rpm=rpm)


def _key(name: str) -> SecretStr | None:
    if not name:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        what = "holds nothing" if name in os.environ else "is not set"
        # What was given may be the key itself, which nobody wants to see again.
        said = f"“{name}”" if _VARIABLE.fullmatch(name) else "What --key-env names"
        raise InvalidInput(f"{said} {what}.", "--key-env takes the name of an environment variable that holds a key.")
    return SecretStr(key)


def _run(
    dataset: Dataset, store: Store, captioner: Captioner, brief: Brief, workers: int, *, hidden: bool
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with progress("Captioning", hidden=hidden) as bar:
        task = bar.add_task("Captioning", total=len(dataset.records))
        for outcome in caption_many(dataset.records, store, captioner, brief, Batch(workers)):
            outcomes.append(outcome)
            bar.advance(task)
            if said := outcome.reason or outcome.mark:
                bar.console.print(f"{outcome.name}: {said}", markup=False, highlight=False)
    return outcomes


def _tell_left_out(outcomes: list[Outcome], brief: Brief) -> None:
    said = {left_out(outcome.caption, brief) for outcome in outcomes if outcome.caption is not None}
    for sentence in sorted(said - {""}):
        typer.echo(sentence, err=True)


def _finish(outcomes: list[Outcome], total: int, wishes: Wishes, as_json: bool) -> None:
    counts = Counter(outcome.status for outcome in outcomes)
    report: dict[str, Any] = {
        "done": counts["done"],
        "skipped": counts["skipped"],
        "failed": counts["failed"],
        "not_tried": total - len(outcomes),
        "errors": [{"image": o.name, "reason": o.reason} for o in outcomes if not o.ok],
    }
    if wishes:
        marked = [(o.name, o.caption.unmet) for o in outcomes if o.caption is not None and o.caption.unmet]
        report["not_as_wished"] = len(marked)
        report["marked"] = [{"image": name, "unmet": list(unmet)} for name, unmet in marked]
    if as_json:
        typer.echo(json.dumps(report))
    else:
        shown = [key for key in report if key not in ("errors", "marked")]
        typer.echo(", ".join(f"{report[key]} {key.replace('_', ' ')}" for key in shown))
    if counts["failed"] or report["not_tried"]:
        raise typer.Exit(1)
