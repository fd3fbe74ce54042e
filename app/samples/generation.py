"""Asking a model for the caption of the current image, in the background, and finding the answer again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.samples.editing import OpenImage, open_image, put_text, take_typed, text_hash
from app.samples.provider_choice import Choice, captioner_of
from app.samples.state import TextBoxState
from app.session.jobs import JobKey, find, forget, start
from app.session.open_dataset import current_name, opened
from app.session.state import AppState
from lib.captioning import Brief, merge, sent, write_caption
from lib.domain import Caption, Existing, Origin
from lib.errors import WriteFailed
from lib.jobs.runner import Job


@dataclass(slots=True)
class Generated:
    """A finished answer, with where it came from. `is_in_box`: the box was empty, so it was written right there."""

    caption: Caption
    origin: Origin
    brief: Brief
    label: str
    is_in_box: bool = False


def generate(state: AppState, name: str, choice: Choice) -> Job:
    """Ask for an image's caption. A second click while one is being written joins it.

    Raises KeyMissing and its like at once; what the service says later is the job's error.
    """
    take_typed(state)
    dataset, _ = opened(state)
    image = open_image(state, name)
    record = replace(image.record, text=image.text)
    captioner_for = captioner_of(state, choice)

    def work(job: Job) -> Generated:
        caption = write_caption(dataset.root, record, captioner_for(), choice.brief)
        job.raise_if_cancelled()
        brief = choice.brief
        origin = Origin("generate", choice.model.id, brief.asked, sent(caption, brief))
        return Generated(caption, origin, brief, choice.model.label)

    return start(_key(state, name), f"Captioning {name}", work)


def fill_empty_box(state: AppState, image: OpenImage) -> OpenImage:
    """Where an image's box is empty and its answer has come, that becomes its draft; gives the image as it is then.

    Once for each answer: who undoes it wants the box empty.
    """
    job = job_for(state, image.name)
    answer = job.result if job is not None else None
    if not isinstance(answer, Generated) or answer.is_in_box or image.text.strip() or image.read_only:
        return image
    try:
        put_text(state, image, answer.caption.text, answer.origin)
    except WriteFailed as error:
        # It stands beside the box, and can be taken once there is room.
        state.errors["generate"] = error
        return image
    answer.is_in_box = True
    state.of(TextBoxState).unasked = image.name, text_hash(answer.caption.text)
    return open_image(state, image.name)


def take_answer(state: AppState, name: str, answer: Generated, existing: Existing) -> None:
    """Take a generated caption into an image's text: in its place, or before or after it."""
    take_typed(state)
    image = open_image(state, name)
    mixed = existing in ("prepend", "append") and bool(image.text.strip())
    text = merge(image.text, answer.caption.text, existing, answer.brief.style)
    put_text(state, image, text, replace(answer.origin, edited=mixed))


def job_for(state: AppState, name: str) -> Job | None:
    """The job that writes, or wrote, an image's caption."""
    return find(_key(state, name))


def drop(state: AppState, name: str) -> None:
    """Forget an image's generated caption; stop asking where it is still being written."""
    take_typed(state)
    forget(_key(state, name))


def drop_failure(state: AppState) -> None:
    """Forget the current image's failed attempt: another model was chosen."""
    name = current_name(state)
    job = job_for(state, name) if name else None
    if job is not None and job.error is not None:
        drop(state, name)


def _key(state: AppState, name: str) -> JobKey:
    return JobKey("generate", state.owner, opened(state)[0].root, name)
