"""Tag files without a byte in them: how many there are, what they do to trainers, and one click that removes them."""

from __future__ import annotations

import functools

import streamlit as st

from app.elements.pick_list import pick_list
from app.elements.watcher import going_on, watch
from app.samples.editing import take_typed
from app.samples.state import EmptyFilesState
from app.session.double_clicks import one_click
from app.session.jobs import SOON, JobKey, forget_ended, newest, start
from app.session.messages import guarded, show_error, show_kept
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.dataset.base import Dataset
from lib.dataset.saving.operations import Applied, operations_of
from lib.jobs.runner import Job
from lib.text import counted

_LISTED = 500

_TRAINERS = """
| trainer | what an empty tag file does there |
|---|---|
| kohya sd-scripts | **stops**: “caption file is empty”, for the whole folder |
| diffusion-pipe | leaves the image out |
| OneTrainer | trains the image with an empty prompt |
| ai-toolkit | trains the image with an empty prompt, whatever the default caption |

An image without a tag file does none of this harm. Files with a blank or a line end in them are not empty, and stay.
One is made when an image without a tag file is looked at, unless the server was started with
`TOOLKIT_BLANK_TAG_FILES=0`. Those that you remove here are not made again in this tab until the folder is opened anew.
The History page takes the removal back.
"""


def empty_files_note(state: AppState, dataset: Dataset) -> None:
    """Say how many empty tag files the open folder has, with the way out; nothing where there is none."""
    # The same place on every run, so that what stands below it is not made anew.
    with st.container(key="empty-files", gap="xsmall"):
        show_kept("empty")
        _outcome(state)
        if not (count := dataset.empty):
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            does = "stops" if count == 1 else "stop"
            st.caption(f"{counted(count, 'empty tag file')} {does} sd-scripts.", width="content")
            go = guarded(functools.partial(_remove, state), "empty")
            job = newest(_key(state))
            busy = job is not None and job.is_active
            st.button(
                "Remove", key="empty.remove", type="tertiary", icon=":material/delete:", on_click=go, disabled=busy
            )
            with st.popover("Why", type="tertiary", icon=":material/help:"):
                st.markdown(_TRAINERS)


def _remove(state: AppState) -> None:
    take_typed(state)
    dataset, store = opened(state)
    names = [record.name for record in dataset.snapshot() if record.is_empty]
    with one_click(state, "empty tag files") as first:
        if not first or not names:
            return
    # The image that is shown would get its file back at once.
    state.of(EmptyFilesState).removed |= frozenset(names)
    forget_ended(_key(state))

    def work(job: Job) -> Applied:
        return operations_of(store).remove_empty(names, progress=job)

    start(_key(state), f"Removing {counted(len(names), 'empty tag file')}", work, wait=SOON)


def _outcome(state: AppState) -> None:
    job = newest(_key(state))
    if job is None:
        return
    if job.is_active:
        watch(job, every=0.3, show=going_on)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.error is not None:
            show_error(job.error)
        elif isinstance(job.result, Applied):
            said = counted(job.result.changed, "empty tag file")
            st.caption(f"{said} removed. The History page takes that back.", width="content")
        close = guarded(functools.partial(forget_ended, _key(state)), "empty")
        st.button("Dismiss", key="empty.dismiss", type="tertiary", on_click=close)
    left_alone = job.result.left_alone if isinstance(job.result, Applied) else ()
    if left_alone:
        with st.expander(f"{counted(len(left_alone), 'file').capitalize()} left alone"):
            rows = [("", name, reason) for name, reason in left_alone[:_LISTED]]
            pick_list(rows, label="Left alone", key="empty.left_alone", on_pick=lambda name: None, height="10rem")


def _key(state: AppState) -> JobKey:
    return JobKey("remove empty tag files", state.owner, opened(state)[0].root)
