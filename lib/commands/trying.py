"""`caption --try N`: a few images asked about, nothing saved, and what the whole run would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lib.caption_cost import Estimate, estimate, money
from lib.caption_runs import CaptionPlan
from lib.captioning import some_of, try_captions
from lib.commands.captioning_run import Listening
from lib.commands.keys import key_named
from lib.commands.result import Result
from lib.commands.screen import Screen, duration
from lib.domain import Caption, ImageRecord
from lib.providers import registry
from lib.text import counted


def try_some(
    plan: CaptionPlan, wanted: Sequence[ImageRecord], number: int, captioner: Listening, screen: Screen, skipped: int
) -> Result:
    """The captions of so many of the images, from the first to the last, and what all of them will take."""
    with screen.progress("Trying"), key_named(registry.PROVIDERS[captioner.model.provider].key_name):
        answers = try_captions(plan.root, some_of(wanted, number), captioner, plan.brief)
    for sentence in sorted(captioner.said):
        screen.note(sentence)
    written = [answer for _, answer in answers if isinstance(answer, Caption)]
    failed = [(record.name, str(answer)) for record, answer in answers if not isinstance(answer, Caption)]
    found = estimate(len(wanted), written, captioner.model, plan.workers, plan.rpm)
    shown = [_answer(record, answer) for record, answer in answers if isinstance(answer, Caption)]
    lines = [f"{one['image']}: {one['caption']}" for one in shown]
    counts = {"tried": len(written), "failed": len(failed), "images": len(wanted), "skipped": skipped}
    counts["requests"] = found.requests
    more = asdict(found) | {"estimate": asdict(found), "skipped": skipped, "tried": shown}
    return Result("\n".join([*lines, in_words(found)]), counts, failed, more=more)


def in_words(found: Estimate) -> str:
    """An estimate as one line; what is not known is not in it."""
    parts = [counted(found.images, "image"), counted(found.requests, "request")]
    if found.read or found.written:
        parts.append(f"about {counted(found.read, 'token')} read and {found.written:,} written a picture")
    if found.seconds:
        parts.append(f"about {duration(found.seconds)}")
    if found.dollars is not None:
        parts.append(f"about {money(found.dollars)}")
    return "; ".join(parts) + ". Nothing was saved."


def _answer(record: ImageRecord, answer: Caption) -> dict[str, Any]:
    return {"image": record.name, "caption": answer.text, "unmet": list(answer.unmet)}
