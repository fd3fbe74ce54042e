"""Having a caption written: Generate, the model in one line, and the answer beside a text that is there already."""

from __future__ import annotations

import functools
import html

import streamlit as st

from app.elements.watcher import watch
from app.samples.editing import OpenImage
from app.samples.generation import Generated, drop, generate, job_for, take_answer
from app.samples.model_field import model_field
from app.samples.provider_picker import choice_in_words, model_settings, present_choice
from app.session.messages import guarded, notice, plain, show_error, show_kept
from app.session.state import AppState
from lib.captioning import left_out
from lib.domain import Existing
from lib.errors import Cancelled, InvalidInput, KeyMissing, KeyRejected
from lib.jobs.runner import Job

_WAYS: dict[str, Existing] = {"Take it": "overwrite", "Append": "append", "Prepend": "prepend"}


def generate_panel(state: AppState, image: OpenImage) -> None:
    """Show the button, what came of it, and the model in one line that opens."""
    job = job_for(state, image.name)
    st.button(
        "Generate",
        key="generate.start",
        icon=":material/auto_awesome:",
        help="Ctrl+G",
        on_click=guarded(functools.partial(_start, state, image.name), "generate"),
        disabled=job is not None and job.is_active,
        width="stretch",
    )
    show_kept("generate")
    if job is not None:
        _answer(state, image, job)
    failed = state.errors.get("generate") or (job.error if job is not None else None)
    # The way out of these lies in the fields, so they are shown.
    is_open = isinstance(failed, InvalidInput | KeyMissing | KeyRejected)
    with st.expander(plain(f"{choice_in_words(state)} · change"), expanded=is_open, key="generate.fold"):
        model_settings(state, model_field(state))


def _start(state: AppState, name: str) -> None:
    generate(state, name, present_choice())


def _answer(state: AppState, image: OpenImage, job: Job) -> None:
    let_go = guarded(functools.partial(drop, state, image.name), "generate")
    if job.is_active:
        watch(job, every=0.5, show=lambda running: st.caption(f"Writing the caption … {running.seconds:.0f} s"))
        st.button("Stop", key="generate.stop", on_click=let_go)
    elif job.error is not None:
        if not isinstance(job.error, Cancelled):
            show_error(job.error)
        st.button("Dismiss", key="generate.dismiss", on_click=let_go, type="tertiary")
    elif isinstance(job.result, Generated):
        _generated(state, image, job.result)


def _generated(state: AppState, image: OpenImage, answer: Generated) -> None:
    if answer.is_in_box:
        # Whose it is stands below the box. Edited, saved or undone, it is no longer what is told of here.
        if image.draft is not None and image.text == answer.caption.text:
            _remarks(answer)
        return
    if not (image.text.strip() or image.read_only or "generate" in state.errors):
        # It came after the box was drawn, which is empty: the next run fills it.
        st.rerun()
    with st.container(border=True, key="generated", gap="xsmall"):
        st.html(f"<div class='toolkit-former'>{html.escape(answer.caption.text)}</div>")
        st.caption(plain(f"{answer.label} · {answer.caption.seconds:.1f} s"))
        _remarks(answer)
        with st.container(horizontal=True, gap="xsmall"):
            for label, existing in _WAYS.items():
                st.button(
                    label,
                    key=f"generate.{existing}",
                    help="In place of what is in the box" if existing == "overwrite" else None,
                    on_click=guarded(functools.partial(_take, state, image.name, answer, existing), "generate"),
                    disabled=image.read_only,
                )
            let_go = guarded(functools.partial(drop, state, image.name), "generate")
            st.button("Drop", key="generate.drop", on_click=let_go)


def _remarks(answer: Generated) -> None:
    if said := left_out(answer.caption, answer.brief):
        st.caption(plain(said))
    if answer.caption.unmet:
        notice("warning", f"Not as wished: it {' and '.join(answer.caption.unmet)}.", "Generate asks anew.")
    if answer.caption.truncated:
        notice("warning", "The answer was cut off at max_tokens.", "Raise max_tokens to get all of it.")


def _take(state: AppState, name: str, answer: Generated, existing: Existing) -> None:
    take_answer(state, name, answer, existing)
    drop(state, name)
