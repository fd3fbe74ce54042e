"""`review`: what is wrong with a folder, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.commands.command import DryRun, Folder, command
from lib.commands.folders import open_folder
from lib.commands.keys import KeyEnv
from lib.commands.result import Failure, Result
from lib.commands.review_options import (
    AskedModelOption,
    AskWorstOption,
    CaptionsMethodOption,
    ImagesMethodOption,
    ReviewWish,
    ScorerOption,
    TargetsOption,
    TriggerOption,
    asked_for,
    asked_model,
    made_review,
    printable,
    split_names,
)
from lib.commands.screen import Screen
from lib.commands.selecting import Meant, Selector
from lib.commands.table_out import check_out
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.files import write_atomic, write_errors
from lib.review import Finding, Review, as_json, samples_under_review, scores_csv
from lib.review.by_pieces import CHECK, many_rows, review_by_pieces
from lib.review.findings import SEVERITIES
from lib.review.registry import CHECKS
from lib.settings import settings
from lib.text import counted

_WHOLE = "."
"""What stands for the folder where a finding is about no image."""


@command()
def review(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    checks: Annotated[
        str, typer.Option(help=f"With commas between: {', '.join(CHECKS)}. All where none is given.", metavar="NAMES")
    ] = "",
    target: TargetsOption = "",
    trigger: TriggerOption = "",
    scorer: ScorerOption = "own",
    model: AskedModelOption = "",
    base_url: Annotated[str, typer.Option("--base-url", help="An OpenAI-compatible server.")] = "",
    key_env: KeyEnv = "",
    ask_worst: AskWorstOption = 100,
    method_images: ImagesMethodOption = "",
    method_captions: CaptionsMethodOption = "",
    out: Annotated[
        str, typer.Option(help="A CSV file to write (-: stdout): each image with its numbers.", metavar="FILE")
    ] = "",
    dry_run: DryRun = False,
) -> Result:
    """Tell what is wrong with captions and pictures, a finding a line, the worst first.

    Exit status 1 where there are errors. Only what is new or changed is measured. Afterwards it can be searched, here
    and on the pages: filter DIR "finding:empty". Of a table of more than 100,000 rows the captions are checked, in
    pieces, and the worst of each kind listed; other checks are made of so many where --checks names them.
    """
    to_stdout = out == "-"
    check_out(out, screen)
    asked = asked_for(split_names(checks), target, trigger, scorer, method_images, method_captions)
    asked = asked.asking(asked_model(scorer, model, base_url, key_env), ask_worst)
    dataset, _ = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    if dry_run:
        return _foreseen(asked, selected, model, out)
    found = _reviewed(dataset, selected.records, asked, screen, with_scores=bool(out))
    table = scores_csv(found) if out else ""
    if out and not to_stdout:
        _write(Path(out), table)
    _tell_notes(found, screen)
    return Result(
        table.rstrip("\n") if to_stdout else _sentences(found),
        _counts(found),
        (*selected.missing, *_errors(found)),
        more=_more(found),
        error=" ".join(found.failed[name] for name in asked.checks if name in found.failed),
        # Each error stands in the list on stdout.
        told=not to_stdout and not selected.missing,
    )


def _reviewed(
    dataset: Dataset, records: Sequence[ImageRecord], asked: ReviewWish, screen: Screen, *, with_scores: bool
) -> Review:
    """Of many rows as the Review page makes it, unless other checks are named, or each row's numbers are wanted."""
    rows = None if with_scores else many_rows(records)
    if rows is None or asked.checks not in ((), (CHECK,)):
        return made_review(dataset, records, asked, screen)
    if not asked.checks:
        screen.note(f"Of {len(rows):,} rows the captions are checked; name other checks with --checks.")
    samples = samples_under_review(dataset.root, (), settings(), asked.options)
    with screen.progress("Reviewing") as progress:
        return review_by_pieces(samples, rows, progress)


def _foreseen(asked: ReviewWish, selected: Meant, model: str, out: str) -> Result:
    """What would be looked at, and asked: nothing is."""
    images, checks = len(selected.records), asked.checks or tuple(CHECKS)
    if not asked.checks and not out and many_rows(selected.records) is not None:
        checks = (CHECK,)
    requests = min(images, asked.options.ask_worst) if asked.options.captioner is not None else 0
    sentence = f"{counted(images, 'image')} would be checked for {', '.join(checks)}"
    sentence += f"; about {counted(requests, 'request')} to {model} would be sent" if requests else ""
    sentence += f"; {out} would be written" if out not in ("", "-") else ""
    more = {"dry_run": True, "checks": list(checks)}
    return Result(sentence, {"images": images, "requests": requests}, selected.missing, more=more)


def _errors(found: Review) -> list[Failure]:
    errors = [one for one in found.findings if one.severity == "error"]
    return [(one.images[0] if one.images else _WHOLE, one.text) for one in errors]


def _counts(found: Review) -> dict[str, int]:
    severities = Counter(one.severity for one in found.findings)
    return {
        "images": len(found.names),
        **{f"{severity}s": severities[severity] for severity in SEVERITIES},
        **({"not_listed": sum(found.more.values())} if found.more else {}),
        "groups": len(found.groups),
        "clean": len(found.clean) - found.unlisted,
        "not_measured": len({one.image for one in found.not_measured}),
        "unsure": len({one.image for one in found.unsure}),
        "found_right": len(found.found_right),
    }


def _more(found: Review) -> dict[str, Any]:
    told = as_json(found)
    # "failed" is what every command calls the images that are at fault.
    return told | {"not_made": told.pop("failed")}


def _sentences(found: Review) -> str:
    lines = [_line(one) for one in found.findings]
    lines += [f"{'ready' if is_ready else 'not ready':9} {target}" for target, is_ready in found.ready.items()]
    counts = _counts(found)
    told = ", ".join(counted(counts[f"{severity}s"], severity) for severity in SEVERITIES)
    unknown = counts["not_measured"] + counts["unsure"]
    rest = f"; {unknown:,} not measured or unsure" if unknown else ""
    return "\n".join([*lines, f"{counted(len(found.names), 'image')}: {told}; {counts['clean']:,} clean{rest}"])


def _line(one: Finding) -> str:
    more = f" (+{len(one.images) - 1:,})" if len(one.images) > 1 else ""
    about = f"{one.images[0] if one.images else _WHOLE}{more}"
    return f"{one.severity:9} {one.kind:18} {printable(about)}: {printable(one.text)}"


def _tell_notes(found: Review, screen: Screen) -> None:
    if screen.as_json:
        return
    for name, reason in found.failed.items():
        screen.note(f"{CHECKS[name].label}: not checked. {reason}")
    for note in found.notes:
        screen.note(note)


def _write(path: Path, text: str) -> None:
    with write_errors(f"“{path}” was not written", "What was measured is kept, so that another try is quick."):
        write_atomic(path, text.encode("utf-8", "surrogateescape"))
