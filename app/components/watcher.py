"""Looks now and then at work in the background, and runs the page again once it has news."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.jobs.runner import Job


def watch(job: Job | None, *, every: float, show: Callable[[Job], None] = lambda job: None) -> None:
    """While `job` runs, call `show(job)` every so many seconds; run the whole page again when it has ended."""
    if job is None or not job.is_active:
        return

    @st.fragment(run_every=every)
    def look() -> None:
        if job.is_active:
            show(job)
        else:
            st.rerun()

    look()
