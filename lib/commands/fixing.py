"""`fix`: what a check proposes, carried out as one operation that can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from lib.commands.changing import text_changes
from lib.commands.command import DryRun, Folder, command
from lib.commands.differences import unified
from lib.commands.folders import open_folder
from lib.commands.result import Failure, Result, entries
from lib.commands.review_options import (
    CaptionsMethodOption,
    ImagesMethodOption,
    TargetsOption,
    TriggerOption,
    asked_for,
    made_review,
    printable,
    split_names,
)
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.dataset.saving.store import Store
from lib.errors import InvalidInput, ModelUnavailable
from lib.review import Finding, Review, apply_fixes, plan_fixes
from lib.review.fixing import FixPlan
from lib.review.registry import CHECKS
from lib.text import counted

_SCORER = "own"
"""What agreement finds has no fix, whoever judges it."""


@command()
def fix(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    check: Annotated[
        str,
        typer.Option(
            help="A check, or a kind of its findings; several with commas between. What may be right both ways"
            " (tag_plural, tag_misspelt) is mended only where its kind is named.",
            metavar="NAME",
        ),
    ],
    target: TargetsOption = "",
    trigger: TriggerOption = "",
    method_images: ImagesMethodOption = "",
    method_captions: CaptionsMethodOption = "",
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Mark images that are to go as left out, and set none aside.")
    ] = False,
    dry_run: DryRun = False,
) -> Result:
    """Mend what a check finds, where there is a safe way, as one operation that undo takes back.

    Captions are changed; images that are to go are set aside with their captions, and nothing is deleted. What was
    found right on the Review page is left as it is.
    """
    wanted = split_names(check)
    asked = asked_for(checks_of(wanted), target, trigger, _SCORER, method_images, method_captions)
    dataset, store = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    found = made_review(dataset, selected.records, asked, screen)
    if found.failed:
        raise ModelUnavailable(" ".join(found.failed.values()), "Nothing was changed.")
    findings = _findings(found, wanted)
    plan = plan_fixes(findings).leaving_out() if leave_out else plan_fixes(findings)
    without = sum(one.fix is None for one in findings)
    if either := _either_way(found, wanted):
        screen.note(f"{', '.join(either)}: both ways may be right, so it is mended only where --check names it")
    if without:
        screen.note(f"{counted(without, 'finding')} without a fix: a person has to look")
    if dry_run:
        return _shown(store, plan, without, screen, selected.missing)
    arguments = {"check": check, "target": target, "trigger": trigger, "leave_out": leave_out}
    used = {name: value for name, value in arguments.items() if value} | selector.arguments
    return _applied(store, plan, without, screen, used, selected.missing)


def checks_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """The checks to be made for these checks and kinds. Raises InvalidInput."""
    if not names:
        raise InvalidInput("No check is named.", f"Give one of {', '.join(CHECKS)}, or a kind of its findings.")
    found = {}
    for name in names:
        made = [check for check, kind in CHECKS.items() if name == check or name in kind.kinds]
        if not made:
            kinds = "; ".join(f"{check}: {', '.join(kind.kinds)}" for check, kind in CHECKS.items())
            raise InvalidInput(f"There is no check and no kind of finding “{name}”.", f"Choose among {kinds}.")
        found.update(dict.fromkeys(made))
    return tuple(found)


def _findings(found: Review, wanted: tuple[str, ...]) -> list[Finding]:
    """Those that were named. Where both ways may be right, only a kind's own name has it mended."""
    findings = [one for one in found.findings if one.check in wanted or one.kind in wanted]
    return [
        one if one.fix is None or one.fix.is_sure or one.kind in wanted else replace(one, fix=None) for one in findings
    ]


def _either_way(found: Review, wanted: tuple[str, ...]) -> list[str]:
    """The kinds whose fixes wait to be named."""
    waiting = (one for one in found.findings if one.check in wanted and one.kind not in wanted)
    return sorted({one.kind for one in waiting if one.fix is not None and not one.fix.is_sure})


def _counts(changed: int, gone: tuple[int, int], later: int, without: int, left_alone: int) -> dict[str, int]:
    """`gone`: how many images are set aside, and how many are marked as left out."""
    aside, marked = gone
    counts = {"changed": changed, "set_aside": aside, "marked": marked}
    return counts | {"later": later, "without_fix": without, "left_alone": left_alone}


def _shown(store: Store, plan: FixPlan, without: int, screen: Screen, missing: tuple[Failure, ...]) -> Result:
    """What would be done: nothing is. stdout holds the diff of the captions alone, for `patch`."""
    screen.note(f"{counted(len(plan.changes), 'caption')} would change{_later(plan)}")
    if not screen.as_json:
        for name in plan.aside:
            screen.note(printable(f"{name} would be set aside"))
        for name in plan.left_out:
            screen.note(printable(f"{name} would be left out"))
    more: dict[str, Any] = {
        "dry_run": True,
        "changes": [{"image": one.name, "before": one.before, "after": one.after} for one in plan.changes],
        "aside": list(plan.aside),
        "marked": list(plan.left_out),
    }
    counts = _counts(len(plan.changes), (len(plan.aside), len(plan.left_out)), len(plan.later), without, 0)
    return Result(unified(text_changes(store, plan.changes)), counts, missing, more=more)


def _applied(
    store: Store,
    plan: FixPlan,
    without: int,
    screen: Screen,
    arguments: dict[str, Any],
    missing: tuple[Failure, ...],
) -> Result:
    with screen.progress("Fixing") as progress:
        done = apply_fixes(store, plan, progress=progress, arguments=arguments)
    aside, marked = len(done.images), len(done.marked)
    counts = _counts(done.changed, (aside, marked), len(plan.later), without, len(done.left_alone))
    where = f", operation {done.operation}" if done.operation is not None else ""
    gone = f", {counted(aside, 'image')} set aside" if aside else ""
    gone += f", {counted(marked, 'image')} left out" if marked else ""
    sentence = f"{counted(done.changed, 'caption')} changed{gone}{where}{_later(plan)}"
    more = {"aside": sorted(done.images), "marked": sorted(done.marked), "left_alone": entries(done.left_alone)}
    return Result(sentence, counts, (*missing, *done.left_alone), done.operation, more)


def _later(plan: FixPlan) -> str:
    """What the same command does when it is called again."""
    more = counted(len(plan.later), "more finding")
    return f"; {more} about the same images: call it again" if plan.later else ""
