"""What `caption` and `jobs resume` have in common: the captioner of a plan, and how a run is told."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from lib.caption_runs import CaptionPlan
from lib.captioning import Brief, left_out
from lib.commands.foreground import Ended
from lib.commands.keys import key_named, with_key_hint
from lib.commands.result import Failure, Result, entries
from lib.commands.screen import Screen
from lib.domain import Caption, CaptionRequest
from lib.errors import HostRefused, InvalidInput, ProviderUnavailable
from lib.jobs.ledger import Ledger
from lib.providers import registry
from lib.providers.base import Captioner
from lib.providers.http import Http
from lib.settings import settings


class Listening(Captioner):
    """A captioner that remembers which parameters its service would not take; each is told once."""

    def __init__(self, asked: Captioner, brief: Brief) -> None:
        super().__init__(asked.model)
        self.said: set[str] = set()
        self._asked = asked
        self._brief = brief

    def caption(self, request: CaptionRequest) -> Caption:
        caption = self._asked.caption(request)
        if sentence := left_out(caption, self._brief):
            self.said.add(sentence)
        return caption


def captioner_for(plan: CaptionPlan, key: SecretStr | None, screen: Screen) -> Listening:
    """The captioner of a plan, with the given key or the one that is set.

    Raises KeyMissing, UnknownModel, InvalidInput for an address that may not be called, or that is none.
    """
    model = registry.find_model(plan.model)
    if key is None and (withheld := registry.withheld_key(model, plan.base_url)):
        screen.note(f"The key in {withheld} is not sent to {plan.base_url}; --key-env {withheld} sends it.")
    http = Http.of(settings(), at_this_machine=True)
    try:
        with key_named(registry.PROVIDERS[model.provider].key_name):
            made = registry.captioner(model, key=key, base_url=plan.base_url, http=http, rpm=plan.rpm)
    except (HostRefused, ProviderUnavailable) as error:
        # Nothing was begun, so the command itself was wrong.
        raise InvalidInput(error.message, error.hint) from error
    return Listening(made, plan.brief)


def told_of(
    ended: Ended,
    plan: CaptionPlan,
    captioner: Listening,
    ledger: Ledger,
    screen: Screen,
    *,
    skipped: int = 0,
    missing: tuple[Failure, ...] = (),
) -> Result:
    """What a run came to. `skipped`: images that it was never asked to do."""
    run, before = ended.run, ended.before
    for sentence in sorted(captioner.said):
        screen.note(sentence)
    counts = {
        "done": run.done - before.done,
        "skipped": run.skipped - before.skipped + skipped,
        "failed": len(ended.failed),
        "not_tried": run.waiting,
    }
    more: dict[str, Any] = {name: counts[name] for name in ("done", "skipped", "not_tried")}
    more |= {"errors": entries(ended.failed), "run": run.id}
    if plan.brief.wishes:
        marked = ledger.marked(run.id)
        for image, reason in marked:
            screen.failure(image, reason)
        counts["not_as_wished"] = len(marked)
        more |= {"not_as_wished": len(marked), "marked": entries(marked)}
    sentence = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
    return Result(
        f"{sentence}, operation {ended.operation}" if ended.operation is not None else sentence,
        counts,
        (*missing, *ended.failed),
        ended.operation,
        more,
        _error(ended, registry.PROVIDERS[captioner.model.provider].key_name),
        ended.is_broken_off,
        told=not missing,
    )


def _error(ended: Ended, key_name: str) -> str:
    run = ended.run
    if ended.is_broken_off and run.waiting:
        return f"Broken off: {run.waiting:,} of {run.total:,} are left. The same command goes on with them."
    return str(with_key_hint(ended.error, key_name)) if ended.error is not None else ""
