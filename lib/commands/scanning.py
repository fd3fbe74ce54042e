"""`scan`: how many images there are, how many have captions, and what is wrong."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from lib.commands.command import Folder, command
from lib.commands.folders import open_folder
from lib.commands.result import Failure, Result
from lib.commands.screen import Screen
from lib.commands.selecting import Selector
from lib.dataset.base import Dataset
from lib.dataset.scan.problems import check_images
from lib.errors import Cancelled

_UNDECODABLE = "Its tag file is not text in a known encoding."


@command()
def scan(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    strict: Annotated[bool, typer.Option("--strict", help="Exit status 1 where anything is wrong.")] = False,
) -> Result:
    """Count images, tagged ones, and what is wrong with a folder."""
    dataset, _ = open_folder(folder, screen)
    with screen.progress("Checking images") as progress:
        check_images(dataset, progress=progress)
        if progress.is_cancelled():
            raise Cancelled("The scan was broken off.", "It only reads.")
    selected = selector.select(dataset, screen)
    problems = _problems(dataset)
    tagged = sum(record.is_tagged for record in selected.records)
    images = len(selected.records)
    counts = {"images": images, "tagged": tagged, "untagged": images - tagged}
    counts |= {kind: len(found) for kind, found in problems.items()}
    return Result(
        _sentences(counts, problems),
        counts,
        (*selected.missing, *(_faults(dataset) if strict else ())),
        more=counts | {"problems": problems},
        told=not selected.missing,
    )


def _problems(dataset: Dataset) -> dict[str, list[Any]]:
    return {
        "orphans": list(dataset.orphans),
        "shared_stems": [{"stem": stem, "images": list(names)} for stem, names in dataset.shared_stems.items()],
        "undecodable": list(dataset.undecodable),
        "unreadable": [{"image": name, "reason": reason} for name, reason in dataset.unreadable.items()],
        "unlistable": [{"folder": name, "reason": reason} for name, reason in dataset.unlistable.items()],
    }


def _faults(dataset: Dataset) -> list[Failure]:
    """What is wrong, an image or a file a line."""
    return [
        *dataset.unreadable.items(),
        *((name, _UNDECODABLE) for name in dataset.undecodable),
        *((names[0], f"It shares its tag file with {', '.join(names[1:])}.") for names in dataset.unsettled()),
        *((name, "It has no image.") for name in dataset.orphans),
        *dataset.unlistable.items(),
    ]


def _sentences(counts: dict[str, int], problems: dict[str, list[Any]]) -> str:
    lines = [f"{name:>13}: {count}" for name, count in counts.items()]
    for kind, found in problems.items():
        lines += [f"{kind}: {one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)}" for one in found]
    return "\n".join(lines)
