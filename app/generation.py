"""Asking a model for the caption of the current image, in the background, and finding the answer again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic import SecretStr

from app.editing import open_image, opened, take_typed
from app.opening import current_name
from app.state import AppState
from lib import cache
from lib.captioning import Brief, write_caption
from lib.domain import Caption, ModelSpec, Origin
from lib.jobs.runner import Job
from lib.providers import registry
from lib.providers.base import Captioner


@dataclass(frozen=True, slots=True)
class Choice:
    """What the provider picker holds: a model, how to reach it, and what to ask."""

    model: ModelSpec
    key: SecretStr | None
    base_url: str
    brief: Brief


@dataclass(frozen=True, slots=True)
class Generated:
    """A finished answer, with where it came from."""

    caption: Caption
    origin: Origin
    brief: Brief
    label: str


def start(state: AppState, name: str, choice: Choice) -> Job:
    """Ask for an image's caption. A second click while one is being written joins it.

    Raises KeyMissing and its like at once; what the service says later is the job's error.
    """
    take_typed(state)
    dataset, _ = opened(state)
    image = open_image(state, name)
    record = replace(image.record, text=image.text)
    captioner_for = captioner_of(choice)

    def work(job: Job) -> Generated:
        caption = write_caption(dataset.root, record, captioner_for(), choice.brief)
        job.raise_if_cancelled()
        brief = choice.brief
        origin = Origin("generate", choice.model.id, brief.prompt, dict(brief.params))
        return Generated(caption, origin, brief, choice.model.label)

    runner = cache.job_runner()
    return runner.submit(state.owner, _key(state, name), f"Captioning {name}", work)


def captioner_of(choice: Choice, rpm: int = 0) -> Callable[[], Captioner]:
    """Checked now where that is cheap; loaded in the job, once a server, where it is heavy."""
    if registry.PROVIDERS[choice.model.provider].runs_here:
        loader = cache.local_captioners()
        return lambda: loader.get(choice.model.id, lambda: registry.captioner(choice.model))
    captioner = registry.captioner(choice.model, key=choice.key, base_url=choice.base_url, rpm=rpm)
    return lambda: captioner


def job_for(state: AppState, name: str) -> Job | None:
    """The job that writes, or wrote, an image's caption."""
    return cache.job_runner().find(state.owner, _key(state, name))


def drop(state: AppState, name: str) -> None:
    """Forget an image's generated caption; stop asking where it is still being written."""
    take_typed(state)
    cache.job_runner().forget(state.owner, _key(state, name))


def drop_failure(state: AppState) -> None:
    """Forget the current image's failed attempt: another model was chosen."""
    name = current_name(state)
    job = job_for(state, name) if name else None
    if job is not None and job.error is not None:
        drop(state, name)


def _key(state: AppState, name: str) -> str:
    dataset, _ = opened(state)
    return f"generate\n{dataset.root}\n{name}"
