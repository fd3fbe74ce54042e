"""Exports from a page: written in the background into the owner's workspace, and found again after a refresh."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.bulk import SOON
from app.editing import opened
from app.opening import store_for
from app.owner import LOCAL
from app.scoping import take_scope
from app.state import AppState
from lib import cache
from lib.errors import InvalidInput, ToolkitError
from lib.exporting.base import Options
from lib.exporting.planning import estimate_bytes, plan_export
from lib.exporting.registry import exporter
from lib.exporting.space import ExportSpace
from lib.exporting.writing import Summary, export
from lib.jobs.runner import Job
from lib.scope import select_in
from lib.settings import settings

_DOUBLE_CLICK_S = 1.0
"""Seconds within which a second click is the first one's other half: a small export has ended long before."""


def export_space(state: AppState) -> ExportSpace:
    """The exports of the owner of this session."""
    return ExportSpace(settings(), state.owner)


@contextmanager
def one_click(state: AppState, asked: object) -> Iterator[bool]:
    """True for a click, False for the second half of a double click, which may run at the same time as the first.

    `asked`: what the click asks for. A click for something else is a click of its own, however soon it comes.
    """
    now = time.monotonic()
    (before, clicked), state.exchange.started = state.exchange.started, (asked, now)
    try:
        yield before != asked or now - clicked >= _DOUBLE_CLICK_S
    except ToolkitError:
        state.exchange.started = (None, now)
        raise


def start_export(state: AppState, format: str, options: Options) -> None:
    """Export the images in scope as they are on the disk now; a second click joins the export that runs.

    Raises InvalidInput where nothing would go out, QuotaExceeded.
    """
    take_scope(state)
    dataset, _ = opened(state)
    store = store_for(state, dataset.root, recursive=dataset.recursive, suffix=dataset.suffix)
    assert store.dataset is not None
    records = select_in(state.scope, store.dataset)
    plan = plan_export(records, {**dataset.unreadable, **store.dataset.unreadable}, options)
    if not plan.records:
        raise InvalidInput("There is nothing to export.", "No image in scope has a caption that can go out.")
    space = export_space(state)
    if state.owner != LOCAL:
        # On their own machine people know best what their disk is for.
        space.make_room(estimate_bytes(plan, store.root, images=exporter(format).images))
    out = space.folder_for(store.root)

    def work(job: Job) -> Summary:
        return export(
            format,
            plan,
            store.root,
            out,
            options,
            journal=store.journal,
            advance=job.advance,
            cancelled=job.is_cancelled,
        )

    title = f"Exporting {len(plan.records):,} samples as {exporter(format).label}"
    cache.job_runner().submit(state.owner, _key(state), title, work).wait(SOON)


def latest_export(state: AppState) -> Job | None:
    """The export of the open folder that runs, or the last one; its result is a `Summary`."""
    return cache.job_runner().find(state.owner, _key(state))


def forget_export(state: AppState) -> None:
    """Show the last outcome no longer. What was exported stays."""
    job = latest_export(state)
    if job is not None and not job.is_active:
        cache.job_runner().forget(state.owner, job.key)


def delete_export(state: AppState, path: Path) -> None:
    """Delete one of the owner's exports."""
    export_space(state).delete(path)
    job = latest_export(state) if state.dataset is not None else None
    if job is not None and isinstance(job.result, Summary) and job.result.path == path:
        forget_export(state)
    state.toasts.append(f"{path.name} is deleted")


def _key(state: AppState) -> str:
    return f"export\n{opened(state)[0].root}"
