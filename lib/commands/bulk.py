"""`affix`, `replace` and `blanks`: many captions in one operation that can be taken back."""

from __future__ import annotations

from typing import Annotated

import typer

from lib.bulk import Find, plan_affix, plan_replace
from lib.commands.changing import change_captions
from lib.commands.command import DryRun, Folder, command
from lib.commands.folders import open_folder
from lib.commands.result import Result, entries
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.dataset.saving.operations import operations_of
from lib.errors import InvalidInput
from lib.text import counted


@command()
def affix(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    prefix: Annotated[str, typer.Option(help="Put before every caption.")] = "",
    suffix: Annotated[str, typer.Option(help="Put after every caption.")] = "",
    separator: Annotated[str, typer.Option(help="Between them and the caption.")] = ", ",
    dry_run: DryRun = False,
) -> Result:
    """Put a text before or after every caption that does not have it yet.

    Images without a caption are left as they are, so that they can still be captioned. With --untagged the text becomes
    the caption of those that have none, with --tagged --untagged it goes to all.
    """
    if not prefix and not suffix:
        raise InvalidInput("No text is given to put before or after captions.", "Give --prefix or --suffix.")
    dataset, store = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    changes = plan_affix(selected.files, prefix, suffix, separator, also_blank=selector.untagged)
    arguments = {"prefix": prefix, "suffix": suffix, "separator": separator} | selector.arguments
    return change_captions(store, changes, "affix", arguments, screen, dry_run=dry_run, missing=selected.missing)


@command()
def replace(
    folder: Folder,
    find: Annotated[str, typer.Argument(help="What to find, letter by letter unless --regex is given.")],
    replacement: Annotated[str, typer.Argument(help="What to put in its place.", metavar="WITH")],
    selector: Selector,
    screen: Screen,
    regex: Annotated[bool, typer.Option("--regex", help="FIND is a regular expression; WITH may hold \\1.")] = False,
    ignore_case: Annotated[bool, typer.Option("--ignore-case", help="Cat finds cat, too.")] = False,
    whole_word: Annotated[bool, typer.Option("--whole-word", help="cat does not find category.")] = False,
    dry_run: DryRun = False,
) -> Result:
    """Find and replace in every caption, as one operation."""
    dataset, store = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    changes = plan_replace(selected.files, Find(find, regex, ignore_case, whole_word), replacement)
    arguments = {"find": find, "with": replacement, "regex": regex, "ignore_case": ignore_case}
    arguments |= {"whole_word": whole_word} | selector.arguments
    return change_captions(store, changes, "replace", arguments, screen, dry_run=dry_run, missing=selected.missing)


@command()
def blanks(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    remove: Annotated[bool, typer.Option("--remove", help="Remove them, as one operation that can be undone.")] = False,
    dry_run: DryRun = False,
) -> Result:
    """List the images whose tag file has not a byte in it: one of them stops kohya's sd-scripts."""
    dataset, store = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    names = [record.name for record in selected.records if record.is_empty]
    if dry_run or not remove:
        screen.note(counted(len(names), "empty tag file"))
        more = {"count": len(names), "images": names} | ({"dry_run": True} if dry_run else {})
        return Result("\n".join(names), {"empty": len(names)}, selected.missing, more=more)
    with screen.progress("Removing") as progress:
        done = operations_of(store).remove_empty(names, progress=progress)
    counts = {"removed": done.changed, "left_alone": len(done.left_alone)}
    more = {"files": done.changed, "left_alone": entries(done.left_alone)}
    failed = (*selected.missing, *done.left_alone)
    return Result(f"{counted(done.changed, 'file')} removed", counts, failed, done.operation, more)
