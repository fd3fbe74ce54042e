"""`mark`: images left out of what is made of a folder, or kept again, and their stars."""

from __future__ import annotations

from typing import Annotated

import typer

from lib.commands.command import DryRun, Folder, command
from lib.commands.folders import open_folder
from lib.commands.result import Result, entries
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.dataset.journal.rows import MarkWish
from lib.dataset.saving.marking import mark_images
from lib.domain import MOST_STARS
from lib.errors import InvalidInput
from lib.text import counted


@command()
def mark(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Leave them out of exports, clusters and runs.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep those again that are left out.")] = False,
    rating: Annotated[
        int | None, typer.Option(min=0, max=MOST_STARS, help="Their stars (0: none).", show_default=False)
    ] = None,
    dry_run: DryRun = False,
) -> Result:
    """Leave images out or keep them again, and give them stars, as one operation that undo takes back.

    Nothing is moved and no caption is changed. What is left out stays where it is; other commands pass it over and tell
    how many that are.
    """
    if leave_out and keep:
        raise InvalidInput("Images are left out or kept, not both.", "Give one of --leave-out and --keep.")
    if not leave_out and not keep and rating is None:
        raise InvalidInput("No mark is given.", "Give --leave-out, --keep or --rating.")
    dataset, store = open_folder(folder, screen)
    # Those that are left out are the very ones to be kept.
    selected = selector.select(dataset, Screen(quiet=True) if keep else screen)
    names = [record.name for record in selected.records] + list(selected.left_out if keep else ())
    wishes = [MarkWish(name, "left_out", int(leave_out)) for name in names if leave_out or keep]
    wishes += [MarkWish(name, "rating", rating) for name in names if rating is not None]
    if dry_run:
        now = store.journal.marks.now()
        changed = list(dict.fromkeys(one.name for one in wishes if now.of(one.name, one.mark) != one.value))
        more = {"dry_run": True, "images": changed}
        screen.note(f"{counted(len(changed), 'image')} would be marked")
        return Result("\n".join(changed), {"marked": len(changed)}, selected.missing, more=more)
    given = {"leave_out": leave_out, "keep": keep, "rating": rating}
    used = {name: value for name, value in given.items() if value not in (None, False)} | selector.arguments
    done = mark_images(store, wishes, arguments=used)
    where = f", operation {done.operation}" if done.operation is not None else ""
    more = {"images": sorted(done.marked), "left_alone": entries(done.left_alone)}
    sentence = f"{counted(len(done.marked), 'image')} marked{where}"
    return Result(sentence, {"marked": len(done.marked)}, selected.missing, done.operation, more)
