"""`tags`: what Bulk Ops does to comma-separated tags."""

from __future__ import annotations

from typing import Annotated

import typer

from lib.bulk import (
    Deduplicate,
    LowerCase,
    MoveToFront,
    RemoveTag,
    RenameTag,
    SortByFrequency,
    SortTags,
    StripLeadIns,
    TagOperation,
    TidySpaces,
    plan_tags,
)
from lib.commands.changing import change_captions
from lib.commands.command import DryRun, Folder, command
from lib.commands.folders import open_folder
from lib.commands.result import Result
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.errors import InvalidInput


@command()
def tags(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    remove: Annotated[str, typer.Option(help="Remove a tag, or several with commas between.", metavar="TAGS")] = "",
    rename: Annotated[
        tuple[str, str],
        typer.Option(help="Write a tag differently; where the new one is there, the old one goes.", metavar="OLD NEW"),
    ] = ("", ""),
    front: Annotated[str, typer.Option(help="Move a tag to the front, wherever it is there.", metavar="TAG")] = "",
    unique: Annotated[bool, typer.Option("--unique", help="Keep the first of equal tags.")] = False,
    sort: Annotated[bool, typer.Option("--sort", help="Sort by the alphabet.")] = False,
    by_frequency: Annotated[
        bool, typer.Option("--sort-by-frequency", help="Put first what most of the captions have.")
    ] = False,
    tidy: Annotated[
        bool, typer.Option("--tidy", help="Trim tags, make one space of several, drop empty ones.")
    ] = False,
    strip_lead_ins: Annotated[
        bool, typer.Option("--strip-lead-ins", help="Drop “This image shows”, “Here is a caption:” and the like.")
    ] = False,
    lower: Annotated[bool, typer.Option("--lower", help="Small letters, but for those in wildcards.")] = False,
    ignore_case: Annotated[
        bool, typer.Option("--ignore-case", help="For --remove, --rename and --front: Cat is cat, too.")
    ] = False,
    dry_run: DryRun = False,
) -> Result:
    """Remove, rename, sort or clean comma-separated tags, as one operation. Give one of the options."""
    plain: list[tuple[bool, TagOperation]] = [
        (unique, Deduplicate()),
        (sort, SortTags()),
        (by_frequency, SortByFrequency()),
        (tidy, TidySpaces()),
        (strip_lead_ins, StripLeadIns()),
        (lower, LowerCase()),
    ]
    wanted = [operation for is_wanted, operation in plain if is_wanted]
    wanted += [RemoveTag(remove, ignore_case)] if remove else []
    wanted += [RenameTag(*rename, ignore_case)] if any(rename) else []
    wanted += [MoveToFront(front, ignore_case)] if front else []
    if len(wanted) != 1:
        what = "Nothing is said to be done to the tags." if not wanted else "More than one thing is to be done."
        raise InvalidInput(what, "Give one of --remove, --rename, --front, --unique, --sort and their like at a time.")
    dataset, store = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    changes = plan_tags(selected.files, wanted[0])
    arguments = {"remove": remove, "rename": list(rename) if any(rename) else "", "front": front, "unique": unique}
    arguments |= {"sort": sort, "sort_by_frequency": by_frequency, "tidy": tidy, "strip_lead_ins": strip_lead_ins}
    arguments |= {"lower": lower, "ignore_case": ignore_case}
    given = {name: value for name, value in arguments.items() if value} | selector.arguments
    return change_captions(store, changes, "tags", given, screen, dry_run=dry_run, missing=selected.missing)
