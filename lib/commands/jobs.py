"""`jobs`: the runs of captions and of parts that are under way or wait, in terminals and on pages alike."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from pydantic import SecretStr

from lib.caption_cost import seconds_for
from lib.caption_runs import CaptionPlan
from lib.commands.captioning_run import captioner_for, told_of
from lib.commands.command import DryRun, command
from lib.commands.cut_short import join_cut_short, open_ledger
from lib.commands.folders import OWNER, open_folder, open_home
from lib.commands.foreground import work_on
from lib.commands.keys import KeyEnv, key_in
from lib.commands.result import Result
from lib.commands.screen import Screen, duration
from lib.errors import Busy, InvalidInput
from lib.jobs.holder import held_by
from lib.jobs.ledger import Ledger, Run
from lib.part_claims import KIND as PARTS
from lib.text import counted

Action = Literal["list", "resume", "pause", "cancel", "dismiss"]

_VERBS = {"pause": "Would be paused", "cancel": "Would be cancelled", "dismiss": "Would be taken off the list"}


@command()
def jobs(
    screen: Screen,
    action: Annotated[Action, typer.Argument(help="What to do; ID says with which run.")] = "list",
    id: Annotated[str, typer.Argument(help="The run, or the first letters of its id.", metavar="[ID]")] = "",
    key_env: KeyEnv = "",
    dry_run: DryRun = False,
) -> Result:
    """List the runs that are under way or wait; resume, pause, cancel or dismiss one.

    Those that a page of the dashboard has started are listed, too, and a page lists those of a terminal. `resume` does
    what is left, here. `pause` and `cancel` are heard between two images; what is written stays. `dismiss` takes a run
    off the list. A job of “captioner run” is listed while it runs or where it was killed; the same command resumes it.
    """
    open_home()
    ledger = open_ledger()
    if action == "list":
        return _listed(ledger)
    run = _found(ledger, id)
    if dry_run and action != "resume":
        is_held = " and is under way" if ledger.is_held(run.id) else ""
        sentence = f"{_VERBS[action]}: run {run.id[:8]}, which has {run.waiting:,} of {run.total:,} left{is_held}"
        return Result(sentence, {"runs": 1}, more={"dry_run": True, "run": run.id})
    if action == "resume":
        if run.kind == PARTS:
            raise InvalidInput(
                f"{run.title} is made by parts.", "“captioner run” as it was begun makes what is missing."
            )
        return _resumed(ledger, run, key_in(key_env), screen, dry_run=dry_run)
    if action == "dismiss":
        if ledger.is_held(run.id):
            raise Busy(f"This run is under way, by {held_by(run)}.", "Cancel it first.")
        ledger.forget(run.id, OWNER)
        return Result(f"Run {run.id[:8]} is taken off the list", {"runs": 1})
    return _asked(ledger, run, action)


def _listed(ledger: Ledger) -> Result:
    found = [_told(ledger, run) for run in ledger.of(OWNER)]
    lines = [_line(one) for one in found]
    counts = {"runs": len(found), "under_way": sum(one["state"] == "running" for one in found)}
    return Result("\n".join(lines) or "Nothing runs or waits", counts, more={"runs": found})


def _told(ledger: Ledger, run: Run) -> dict[str, Any]:
    held = run.state == "running" and ledger.is_held(run.id)
    return {
        "id": run.id,
        "state": "interrupted" if run.state == "running" and not held else run.state,
        "title": run.title,
        "folder": run.spec.get("root") or run.spec.get("sink", ""),
        "model": run.spec.get("model", ""),
        "begun": run.at,
        "holder": held_by(run) if held and run.holder else "",
        "total": run.total,
        "waiting": run.waiting,
        "done": run.done,
        "skipped": run.skipped,
        "failed": run.failed,
        "reason": run.reason,
    }


def _line(one: dict[str, Any]) -> str:
    counts = f"{one['total'] - one['waiting']:,} of {one['total']:,}"
    failed = f", {one['failed']:,} failed" if one["failed"] else ""
    holder = f"  ({one['holder']})" if one["holder"] else ""
    reason = f"\n          {one['reason']}" if one["reason"] else ""
    return f"{one['id'][:8]}  {one['state']:<11}  {counts}{failed}  {one['title']}{holder}{reason}"


def _found(ledger: Ledger, id: str) -> Run:
    known = ledger.of(OWNER)
    found = [run for run in known if id and run.id.startswith(id)]
    if len(found) == 1:
        return found[0]
    if not id and len(known) == 1:
        return known[0]
    names = ", ".join(run.id[:8] for run in (found or known)) or "there is none"
    what = "More than one run begins so" if found else f"There is no run “{id}”" if id else "No run is named"
    raise InvalidInput(f"{what}.", f"Known: {names}. “captioner jobs” lists them.")


def _resumed(ledger: Ledger, run: Run, key: SecretStr | None, screen: Screen, *, dry_run: bool) -> Result:
    plan = CaptionPlan.from_json(run.spec)
    if dry_run:
        number = run.waiting or run.failed
        seconds = seconds_for(number, 0.0, 1, plan.rpm)
        pace = f", in {duration(seconds)} at least" if seconds else ""
        sentence = f"About {counted(number, 'request')} to {plan.model} would be sent{pace}"
        return Result(sentence, {"images": number}, more={"dry_run": True, "run": run.id})
    _, store = open_folder(plan.root, screen)
    if not run.waiting and not run.failed:
        return Result("Nothing of it is left to do", {"done": 0})
    join_cut_short(store)
    run = ledger.find(run.id, OWNER) or run
    captioner = captioner_for(plan, key, screen)
    ended = work_on(ledger, run, plan, store, lambda: captioner, screen, again=not run.waiting)
    return told_of(ended, plan, captioner, ledger, screen)


def _asked(ledger: Ledger, run: Run, action: Literal["pause", "cancel"]) -> Result:
    if ledger.is_held(run.id):
        ledger.ask(run.id, action)
        return Result(f"Run {run.id[:8]} is asked to stop: it does so at its next {_next(run)}", {"runs": 1})
    if run.state in ("done", "cancelled"):
        return Result(f"Run {run.id[:8]} is over; “captioner jobs dismiss” takes it off the list", {"runs": 0})
    if action == "pause":
        return Result(f"Run {run.id[:8]} is not under way", {"runs": 0})
    ledger.mark(run.id, "cancelled")
    return Result(f"Run {run.id[:8]} is cancelled; what it has written stays", {"runs": 1})


def _next(run: Run) -> str:
    return "look, and keeps the parts that are made" if run.kind == PARTS else "image"
