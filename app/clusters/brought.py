"""Why clusters that came with what is open are not shown, where they are not."""

from __future__ import annotations

from app.samples.kept_clusters import own_clusters_of
from app.session.messages import notice, show_error
from app.session.open_dataset import opened
from app.session.state import AppState


def brought_note(state: AppState) -> None:
    """Say it, with what can be done instead."""
    if state.map_job is not None and state.map_job.error is not None:
        show_error(state.map_job.error)
    if why := own_clusters_of(opened(state)[0]).why_none:
        notice("warning", why, "What is shown, if anything, was made of its captions here.")
