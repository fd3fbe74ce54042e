"""`compact`: what was edited in a table, folded into its own files, or into a copy of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.commands.command import DryRun, command
from lib.commands.cut_short import join_cut_short, open_ledger
from lib.commands.folders import OWNER, open_folder
from lib.commands.foreground import PROGRAM
from lib.commands.result import Result
from lib.commands.screen import Screen
from lib.compacting import COMPACT, FoldPlan, check_foldable, copy_folded, fold, plan_fold
from lib.errors import InvalidInput
from lib.jobs.ledger import NewRun
from lib.part_claims import KIND, Claimed, claimed, sink_id
from lib.places import place_at
from lib.tables.opening import is_table
from lib.tables.store import TableStore
from lib.text import counted
from lib.urls import parse_url


@command()
def compact(
    sink: Annotated[str, typer.Argument(help="A table that “captioner run” has made.", show_default=False)],
    screen: Screen,
    out: Annotated[
        str, typer.Option(help="Write a copy there instead, a folder or an address; any table will do.", metavar="SINK")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
) -> Result:
    """Fold what was edited in a table into the table's own files.

    Until then edits lie beside them, and the files are as the job made them. What this machine's history knows can be
    taken back by undo as before. Ended in the middle, it reads as it did, and the same command goes on.
    """
    return compacted(sink, out, screen, is_sure=yes, dry_run=dry_run)


def compacted(sink: str, out: str, screen: Screen, *, is_sure: bool, dry_run: bool = False) -> Result:
    """Folds edits in, or asks before it does. Raises InvalidInput for what is no table, or none of ours."""
    store = _opened(sink, screen)
    if not out:
        check_foldable(store)
    plan = plan_fold(store)
    if dry_run:
        return _told(plan, f"{_sentence(plan)} would be folded in{_lost(plan)}", dry_run=True)
    if out:
        return _copied(store, plan, out, screen)
    if not plan.edits:
        return _told(plan, "Nothing was edited since")
    _ask(plan, sink, is_sure=is_sure)
    # Known by the same address as a job that fills it.
    place = str(parse_url(sink))
    spec = {"stage": COMPACT, "source": place, "sink": place, "engine": "local"}
    run = NewRun(sink_id(place), OWNER, KIND, f"{COMPACT} of {place}", spec, ())
    ledger = open_ledger()
    with claimed(run, ledger, PROGRAM) as id, screen.progress("Folding in") as progress:
        # What was edited while somebody thought about the answer is in it, too.
        plan = fold(store, plan_fold(store), Claimed(progress, ledger, id))
    return _told(plan, f"{_sentence(plan)} folded in{_lost(plan)}")


def _opened(sink: str, screen: Screen) -> TableStore:
    url = parse_url(sink)
    if not url.is_local:
        raise InvalidInput(
            f"“{sink}” is no table of this machine, and edits are made in those alone.",
            "There is nothing to fold in. Copy it here, and write it back with --out.",
        )
    if not is_table(Path(url.path)):
        raise InvalidInput(f"“{sink}” is no table.", "Give what “captioner run” has made, or a Parquet file.")
    _, store = open_folder(Path(url.path), screen)
    assert isinstance(store, TableStore)
    join_cut_short(store)
    return store


def _copied(store: TableStore, plan: FoldPlan, out: str, screen: Screen) -> Result:
    target = place_at(out)
    with screen.progress("Copying") as progress:
        reused = copy_folded(store, plan, target, progress)
    return _told(plan, f"A copy is in {out}, with {_sentence(plan)} in it", {"reused": reused})


def _ask(plan: FoldPlan, sink: str, *, is_sure: bool) -> None:
    """Raises InvalidInput where nobody says yes."""
    if is_sure:
        return
    question = f"{_sentence(plan)} will be folded in{_lost(plan)}"
    if not (sys.stdin is not None and sys.stdin.isatty()):
        raise InvalidInput(f"{question}.", f"Nothing was done. captioner compact {sink} --yes")
    if not typer.confirm(f"{question}. Go on?", err=True):
        raise InvalidInput("Nothing was folded in.")


def _sentence(plan: FoldPlan) -> str:
    return f"{counted(plan.captions, 'caption')} of {counted(len(plan.edits), 'edit')}"


def _lost(plan: FoldPlan) -> str:
    """What can be taken back afterwards, in words."""
    if not plan.captions:
        return ""
    if not plan.lost:
        return "; undo takes them back as before"
    known = plan.captions - plan.lost
    others = f"undo takes {known:,} of them back as before, but " if known else ""
    return f"; {others}what {plan.lost:,} of them held before stands in no history here, and cannot be brought back"


def _told(plan: FoldPlan, sentence: str, more_counts: dict[str, int] | None = None, *, dry_run: bool = False) -> Result:
    counts = {"captions": plan.captions, "edits": len(plan.edits), "files": len(plan.former), "lost": plan.lost}
    counts |= {"kept": len(plan.gone)} | (more_counts or {})
    more: dict[str, Any] = {"dry_run": True} if dry_run else {}
    rest = f"; {counted(len(plan.gone), 'edit')} of rows that are not in the table stay edits" if plan.gone else ""
    return Result(sentence + rest, counts, more=more)
