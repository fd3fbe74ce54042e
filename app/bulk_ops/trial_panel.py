"""What a model said to a few images before a run, and what the run will take if the rest are like them."""

from __future__ import annotations

import functools
import html

import streamlit as st

from app.bulk_ops.try_out import TRIED, Tried, drop_try, tried
from app.elements.gallery import data_url
from app.elements.watcher import duration, watch
from app.session.messages import guarded, notice, show_error
from app.session.open_dataset import opened
from app.session.pictures import thumbnail
from app.session.state import AppState
from lib.caption_cost import Estimate, estimate, money
from lib.captioning import left_out, merge
from lib.domain import Caption, Existing, ImageRecord, ModelSpec, Style
from lib.errors import ImageRefused, ToolkitError
from lib.images import Picture
from lib.providers import registry
from lib.settings import settings
from lib.text import counted


def cost_line(state: AppState, model: ModelSpec | None, images: int, pace: tuple[int, int]) -> None:
    """What captioning so many images will take, as far as a try of this model has shown it."""
    job = tried(state)
    result = job.result if job is not None and not job.is_active else None
    if not images:
        return
    if not isinstance(result, Tried) or model is None or result.model.id != model.id or not result.captions:
        st.caption(f"Try {TRIED} images to see what {counted(images, 'image')} will take: tokens, time and money.")
        return
    found = estimate(images, result.captions, result.model, *pace)
    st.caption(_in_words(found, len(result.captions)), help=_price_help(result.model, found))


def _in_words(found: Estimate, number: int) -> str:
    parts = [f"{found.requests:,} requests" if found.requests != 1 else "1 request"]
    if found.read or found.written:
        parts.append(f"{counted(found.read, 'token')} read and {found.written:,} written a picture")
    parts.append(f"about {duration(found.seconds)}")
    if found.dollars is not None:
        # A dollar sign alone would begin a formula.
        parts.append("about " + money(found.dollars).replace("$", r"\$"))
    return f"The run: {' · '.join(parts)}. Reckoned from the {number} tried."


def _price_help(model: ModelSpec, found: Estimate) -> str | None:
    if found.dollars is not None or registry.PROVIDERS[model.provider].runs_here:
        return None
    return "What it costs is not known: write price_in and price_out (dollars for a million tokens) into models.toml."


def trial(state: AppState, existing: Existing, style: Style) -> None:
    """Show the try that goes on, or what came of the last one."""
    job = tried(state)
    if job is None:
        return
    let_go = guarded(functools.partial(drop_try, state), "generate")
    if job.is_active:
        watch(job, every=0.5, show=lambda running: st.caption(f"Asking the model … {running.seconds:.0f} s"))
        st.button("Stop", key="bulk.try.stop", on_click=let_go)
    elif job.error is not None:
        show_error(job.error)
    elif isinstance(job.result, Tried):
        st.caption("Nothing of this try was saved.")
        told: set[str] = set()
        for record, answer in job.result.answers:
            # A dead service says the same of every image: once is enough.
            if str(answer) not in told:
                _answer(state, record, answer, existing, style)
            if isinstance(answer, ToolkitError):
                told.add(str(answer))
        if said := next((left_out(one, job.result.brief) for one in job.result.captions), ""):
            notice("info", said)
        st.button("Clear", key="bulk.try.clear", on_click=let_go, type="tertiary")


def _answer(
    state: AppState, record: ImageRecord, answer: Caption | ToolkitError, existing: Existing, style: Style
) -> None:
    dataset, _ = opened(state)
    picture, text = st.columns([1, 4])
    try:
        small = thumbnail(Picture(dataset.root, record.name), 160, settings().thumbnails, settings().thumbnail_cache_mb)
        picture.html(f"<img class='toolkit-tried' alt='' src='{data_url(small)}'>")
    except ImageRefused:
        picture.caption("No picture")
    with text:
        st.html(f"<div class='toolkit-name'><small>{html.escape(record.name)}</small></div>")
        if isinstance(answer, ToolkitError):
            show_error(answer)
            return
        st.code(merge(record.text, answer.text, existing, style), language=None, wrap_lines=True)
        if answer.unmet:
            notice("warning", f"Not as wished: it {' and '.join(answer.unmet)}.", "A run would save and mark it.")
        if answer.truncated:
            notice("warning", "The answer was cut off at max_tokens.", "Raise max_tokens to get all of it.")
