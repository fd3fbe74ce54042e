"""`filter` and `words`: which captions hold what."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from lib.commands.command import Folder, command
from lib.commands.folders import open_folder
from lib.commands.result import Result
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.keywords import parse
from lib.keywords.registry import FIELDS
from lib.scope import haystack
from lib.words import Counting, count

_QUERY = "Keywords, separated by commas: “cat, dog”, “cat AND NOT tag:dog”. Fields: {}.".format(
    "; ".join(f"{written}, {finds}" for field in FIELDS.values() for written, finds in field.help)
)


# A query may begin with a dash: -dog is no option.
@command(context_settings={"ignore_unknown_options": True})
def filter_(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    query: Annotated[
        str | None,
        typer.Argument(help=_QUERY, show_default=False),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every keyword must be there, not just any of them.")] = False,
    regex: Annotated[bool, typer.Option("--regex", help="Each keyword is a regular expression.")] = False,
) -> Result:
    """List the images whose captions a query is true of, a name a line; without a query all that are selected."""
    dataset, _ = open_folder(folder, screen)
    asked = parse(query, all=every, regex=regex) if query is not None else None
    shows_all = asked is not None and asked.asks_for_left_out
    selected = selector.without_limit().select(dataset, Screen(quiet=True) if shows_all else screen)
    names = [record.name for record in selected.records]
    if asked is not None:
        kept = {*names, *(selected.left_out if shows_all else ())}
        names = [record.name for record in asked.find(haystack(dataset)) if record.name in kept]
    names = names[: selector.limit or None]
    if not screen.as_json:
        screen.note(f"{len(names):,} of {len(dataset):,} images")
    more = {"count": len(names), "images": names}
    return Result("\n".join(names), {"images": len(names), "of": len(dataset)}, selected.missing, more=more)


@command()
def words(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    top: Annotated[int, typer.Option(min=0, help="How many words to list (0: all of them).")] = 0,
    ngrams: Annotated[Literal["1", "2"], typer.Option(help="Single words, or two that follow one another.")] = "1",
) -> Result:
    """Count the words of the captions, stop words left out."""
    dataset, _ = open_folder(folder, screen)
    counting = Counting("words" if ngrams == "1" else "pairs")
    selected = selector.select(dataset, screen)
    found = count((record.text for record in selected.records), counting)
    listed = found.top(top or found.distinct)
    counts = {"images": len(selected.records), "total": found.total, "distinct": found.distinct}
    more = {
        "words": [{"word": word, "count": n} for word, n in listed.items()],
        "total": found.total,
        "distinct": found.distinct,
    }
    lines = [f"{n:>8,}  {word}" for word, n in listed.items()]
    sentence = "\n".join([*lines, f"{found.total:,} in all, {found.distinct:,} different ones"])
    return Result(sentence, counts, selected.missing, more=more)
