"""Pushes to the Hugging Face Hub from a page: written out of sight, uploaded in the background, found again later."""

from __future__ import annotations

from app.export.exports import export_space, plan_now
from app.session.jobs import SOON, JobKey, find, forget_ended, start
from app.session.open_dataset import opened
from app.session.owner import LOCAL
from app.session.state import AppState
from lib.exporting.base import ExportOptions
from lib.exporting.hub import Pushed, PushTarget, Step, push
from lib.exporting.planning import estimate_bytes
from lib.jobs.runner import Job
from lib.settings import settings


def start_push(state: AppState, target: PushTarget, options: ExportOptions) -> None:
    """Push the images in scope as they are on the disk now; a second click joins the push that runs.

    Raises InvalidInput where nothing would go out, QuotaExceeded.
    """
    plan = plan_now(state, options)
    if state.owner != LOCAL:
        export_space(state).make_room(estimate_bytes(plan, images=True))
    workshop = settings().workspace(state.owner) / "pushes"
    titles: dict[Step, str] = {
        "asking": f"Asking for {target.repository}",
        "writing": "Writing and reading back",
        "uploading": f"Uploading to {target.repository}",
    }

    def work(job: Job) -> Pushed:
        def step(name: Step) -> None:
            job.title = titles[name]
            job.advance(0, 0)

        return push(plan, target, workshop, step=step, progress=job)

    start(_key(state), titles["asking"], work, wait=SOON)


def latest_push(state: AppState) -> Job | None:
    """The push of the open folder that runs, or the last one; its result is a `Pushed`."""
    return find(_key(state))


def forget_push(state: AppState) -> None:
    """Show the last outcome no longer. What is on the Hub stays."""
    forget_ended(_key(state))


def _key(state: AppState) -> JobKey:
    return JobKey("push", state.owner, opened(state)[0].root)
