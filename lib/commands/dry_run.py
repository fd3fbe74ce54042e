"""`caption --dry-run`: a few images tried, nothing saved, and what the whole run would take."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import typer

from lib.caption_cost import Estimate, estimate, money
from lib.caption_runs import to_caption
from lib.captioning import Batch, Brief, some_of, try_captions
from lib.dataset.base import Dataset
from lib.domain import Caption, ImageRecord
from lib.errors import ToolkitError
from lib.providers.base import Captioner
from lib.text import counted

_TRIED = 3


def tell_cost(dataset: Dataset, captioner: Captioner, brief: Brief, batch: Batch, rpm: int, *, as_json: bool) -> None:
    """Ask for the captions of three images, save none, and say what captioning all of them would take."""
    wanted = to_caption(dataset.records, brief.existing)
    answers = try_captions(dataset.root, some_of(wanted, _TRIED), captioner, brief)
    written = [answer for _, answer in answers if isinstance(answer, Caption)]
    found = estimate(len(wanted), written, captioner.model, batch.workers, rpm)
    if as_json:
        skipped = len(dataset.records) - len(wanted)
        tried = [_as_json(record, answer) for record, answer in answers]
        typer.echo(json.dumps(asdict(found) | {"skipped": skipped, "tried": tried}))
    else:
        for record, answer in answers:
            typer.echo(f"{record.name}: {answer.text if isinstance(answer, Caption) else answer}")
        typer.echo(in_words(found))
    if len(written) < len(answers):
        raise typer.Exit(1)


def in_words(found: Estimate) -> str:
    """An estimate as one line; what is not known is not in it."""
    parts = [counted(found.images, "image"), counted(found.requests, "request")]
    if found.read or found.written:
        parts.append(f"about {counted(found.read, 'token')} read and {found.written:,} written a picture")
    if found.seconds:
        parts.append(f"about {max(1, round(found.seconds / 60))} min" if found.seconds >= 90 else "less than 90 s")
    if found.dollars is not None:
        parts.append(f"about {money(found.dollars)}")
    return "; ".join(parts) + ". Nothing was saved."


def _as_json(record: ImageRecord, answer: Caption | ToolkitError) -> dict[str, Any]:
    if isinstance(answer, Caption):
        return {"image": record.name, "caption": answer.text, "unmet": list(answer.unmet)}
    return {"image": record.name, "reason": str(answer)}
