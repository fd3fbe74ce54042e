"""What `caption` and `jobs resume` have in common: the captioner of a plan, and how a run is told."""

from __future__ import annotations

from collections.abc import Callable

from lib.caption_runs import CaptionPlan
from lib.commands.foreground import Ended
from lib.commands.result import Failure, Result, entries
from lib.commands.wording import key_named, with_key_hint
from lib.providers import registry
from lib.providers.base import Captioner
from lib.providers.http import Http
from lib.settings import settings


def captioner_for(plan: CaptionPlan) -> Callable[[], Captioner]:
    """The captioner of a plan, with the key that is set. Raises KeyMissing, HostRefused, UnknownModel."""
    model = registry.find_model(plan.model)
    with key_named(registry.PROVIDERS[model.provider].key_name):
        http = Http.of(settings(), at_this_machine=True)
        made = registry.captioner(model, base_url=plan.base_url, http=http, rpm=plan.rpm)
    return lambda: made


def told_of(ended: Ended, plan: CaptionPlan, skipped: int = 0, missing: tuple[Failure, ...] = ()) -> Result:
    """What a run came to. `skipped`: images that it was never asked to do."""
    run, before = ended.run, ended.before
    key_name = registry.PROVIDERS[registry.find_model(plan.model).provider].key_name
    counts = {
        "done": run.done - before.done,
        "skipped": run.skipped - before.skipped + skipped,
        "failed": len(ended.failed),
        "not_tried": run.waiting,
    }
    sentence = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
    more = {name: counts[name] for name in ("done", "skipped", "not_tried")}
    error = str(with_key_hint(ended.error, key_name)) if ended.error is not None else ""
    if ended.is_broken_off and run.waiting:
        error = f"Broken off: {run.waiting:,} of {run.total:,} are left. The same command goes on with them."
    return Result(
        f"{sentence}, operation {ended.operation}" if ended.operation is not None else sentence,
        counts,
        (*missing, *ended.failed),
        ended.operation,
        {**more, "errors": entries(ended.failed), "run": run.id},
        error,
        ended.is_broken_off,
        told=not missing,
    )
