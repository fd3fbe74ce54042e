"""`filter` and `words`: which captions hold what."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from lib.commands.common import Folder, Json, Only, app, open_folder, records_of, report
from lib.keywords import parse
from lib.keywords.registry import FIELDS
from lib.scope import haystack
from lib.words import Counting, count

_QUERY = "Keywords, separated by commas: “cat, dog”, “cat AND NOT tag:dog”. Fields: {}.".format(
    "; ".join(f"{written}, {finds}" for field in FIELDS.values() for written, finds in field.help)
)


# A query may begin with a dash: -dog is no option.
@app.command(context_settings={"ignore_unknown_options": True})
def filter(
    folder: Folder,
    query: Annotated[str, typer.Argument(help=_QUERY)],
    every: Annotated[bool, typer.Option("--all", help="Every keyword must be there, not just any of them.")] = False,
    regex: Annotated[bool, typer.Option("--regex", help="Each keyword is a regular expression.")] = False,
    as_json: Json = False,
) -> None:
    """List the images whose captions a query is true of."""
    dataset, _ = open_folder(folder)
    found = parse(query, all=every, regex=regex).find(haystack(dataset))
    names = [record.name for record in found]
    if not as_json:
        typer.echo(f"{len(names):,} of {len(dataset):,} images", err=True)
    if names or as_json:
        report({"count": len(names), "images": names}, as_json, "\n".join(names))


@app.command()
def words(
    folder: Folder,
    only: Only = "",
    top: Annotated[int, typer.Option(min=0, help="How many words to list (0: all of them).")] = 0,
    ngrams: Annotated[Literal["1", "2"], typer.Option(help="Single words, or two that follow one another.")] = "1",
    as_json: Json = False,
) -> None:
    """Count the words of the captions, stop words left out."""
    dataset, _ = open_folder(folder)
    counting = Counting("words" if ngrams == "1" else "pairs")
    counts = count((record.text for record in records_of(dataset, only)), counting)
    listed = counts.top(top or counts.distinct)
    values = {
        "words": [{"word": word, "count": n} for word, n in listed.items()],
        "total": counts.total,
        "distinct": counts.distinct,
    }
    lines = [f"{n:>8,}  {word}" for word, n in listed.items()]
    report(values, as_json, "\n".join([*lines, f"{counts.total:,} in all, {counts.distinct:,} different ones"]))
