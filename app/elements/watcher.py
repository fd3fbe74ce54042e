"""Looks now and then at work in the background, and runs the page again once it has news."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.session.messages import guarded, plain
from app.session.own_session import leave_to_owner
from lib.jobs.runner import Job


def going_on(job: Job) -> None:
    """Show how far a job is, and a way to stop it."""
    if job.total:
        st.progress(job.share, text=f"{job.done:,} of {job.total:,} files")
    st.caption("Stopping …" if job.is_cancelled() else f"{plain(job.title)} … {job.seconds:.0f} s")
    stop_button(job)


def stop_button(job: Job) -> None:
    """A button that stops a job; grey once it was pressed."""
    st.button("Stop", key=f"stop.{job.id}", on_click=guarded(job.cancel), disabled=job.is_cancelled())


def watch(job: Job | None, *, every: float, show: Callable[[Job], object] = lambda job: None) -> None:
    """For a page that is drawn as `job` runs: call `show(job)` every so many seconds, run it all again at the end.

    It may have ended since the page looked: then the page runs again at once, or it would wait for ever.
    """
    if job is None:
        return

    @st.fragment(run_every=every)
    def look() -> None:
        leave_to_owner()
        if job.is_active:
            show(job)
        else:
            st.rerun()

    look()


def watch_if_active(job: Job | None, *, every: float, show: Callable[[Job], object] = lambda job: None) -> None:
    """The same for work that the page shows nothing of by itself, and that may have ended long ago."""
    if job is not None and job.is_active:
        watch(job, every=every, show=show)


def facts(job: Job) -> list[str]:
    """How far a job is, how fast, and how long it will still take."""
    found = [f"{job.done:,} of {job.total:,}" if job.total else "Getting ready"]
    if job.rate > 0:
        found.append(f"{job.rate:.1f} a second" if job.rate >= 1 else f"{job.rate * 60:.0f} a minute")
    if (left := job.seconds_left) is not None:
        found.append(f"{duration(left)} left")
    return found


def duration(seconds: float) -> str:
    """Seconds in words: "40 s", "12 min", "3 h 20 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
