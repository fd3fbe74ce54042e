"""`push`: the tagged images as a dataset on the Hugging Face Hub."""

from __future__ import annotations

from typing import Annotated

import typer

from lib.commands.command import DryRun, Folder, command
from lib.commands.exporting import failures_in, planned
from lib.commands.folders import open_folder
from lib.commands.keys import key_named
from lib.commands.result import Result, entries
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.exporting.hub import PushTarget
from lib.exporting.hub import push as push_to_hub
from lib.exporting.planning import plan_export
from lib.hub import Hub
from lib.settings import settings


@command()
def push(
    folder: Folder,
    repository: Annotated[
        str, typer.Argument(help="owner/name on the Hugging Face Hub.", metavar="REPO", show_default=False)
    ],
    selector: Selector,
    screen: Screen,
    public: Annotated[bool, typer.Option("--public", help="Let everybody see it. It is private unless given.")] = False,
    license: Annotated[str, typer.Option(help="For the dataset's card, as in cc-by-4.0; else “unknown”.")] = "",
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove what an earlier push has put there and this one does not hold.")
    ] = False,
    dry_run: DryRun = False,
) -> Result:
    """Push the tagged images to the Hugging Face Hub, with the token in HF_TOKEN. Push again to renew them."""
    dataset, store = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    plan = plan_export(
        dataset.root, selected.records, dataset.unreadable, journal=store.journal, marked=selected.left_out
    )
    target = PushTarget(Hub(settings().hf_token), repository, public, license, may_remove=lambda names: remove)
    target.checked()
    if dry_run:
        return planned(plan, f"would be pushed to {repository}", images=True)
    with screen.progress("Pushing") as progress, key_named("HF_TOKEN"):
        done = push_to_hub(plan, target, settings().home / "pushes", progress=progress)
    left, failed = entries(done.left_out), failures_in(done.left_out)
    seen = "private" if done.private else "public"
    sentence = f"{done.samples:,} samples at {done.url} ({seen}), {len(left):,} not pushed"
    counts = {"samples": done.samples, "left_out": len(left), "failed": len(failed)}
    more = {"url": done.url, "private": done.private, "samples": done.samples, "left_out": left}
    return Result(sentence, counts, (*selected.missing, *failed), more=more)
