"""Jobs: one's own that go on, for administrators those of all: whose, what, since when, and how to stop it."""

from __future__ import annotations

import functools
import html
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from app.elements.watcher import duration
from app.samples.history_words import zone
from app.session.jobs import SERVER
from app.session.messages import guarded
from app.session.own_session import leave_to_owner
from app.session.owner import LOCAL, current_owner, is_admin
from lib import cache
from lib.errors import InvalidInput
from lib.jobs.holder import held_by
from lib.jobs.ledger import Run
from lib.jobs.runner import Job
from lib.owners import owners_of
from lib.settings import settings

_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Going:
    """One piece of work. `job` is None for a run that another process is at."""

    id: str
    owner: str
    title: str
    seconds: float
    far: str
    """How far it is, in words; "" while that is not known."""
    is_stopping: bool
    job: Job | None = None


def seen_work() -> list[Going]:
    """What goes on for whoever looks, for an administrator for all."""
    everything = all_work()
    return everything if is_admin() else [going for going in everything if going.owner == current_owner()]


def all_work() -> list[Going]:
    """What goes on for whomever, the oldest first, with the runs of terminals and other servers."""
    jobs = [*cache.job_runner().active(), *cache.background_runner().active()]
    here = {job.id for job in jobs}
    ledger = cache.ledger()
    elsewhere = [run for run in ledger.running() if run.id not in here and ledger.is_held(run.id)]
    found = [_of_job(job) for job in jobs] + [_of_run(run, bool(ledger.asked(run.id))) for run in elsewhere]
    return sorted(found, key=lambda going: -going.seconds)


def _of_job(job: Job) -> Going:
    # Runs count images; what is counted in other jobs is bytes or steps as well.
    far = _far(job.done, job.total) if job.can_pause or not job.total else f"{job.share:.0%}"
    return Going(job.id, job.owner, job.title, job.seconds, far, job.is_stopping(), job)


def _of_run(run: Run, is_stopping: bool) -> Going:
    seconds = (datetime.now(UTC) - datetime.fromisoformat(run.at)).total_seconds()
    title = f"{run.title}, by {held_by(run, zone())}"
    return Going(run.id, run.owner, title, seconds, _far(run.total - run.waiting, run.total), is_stopping)


def _far(done: int, total: int) -> str:
    return f"{done:,} of {total:,}" if total else ""


def work_panel() -> None:
    is_of_all = is_admin()
    st.subheader("All work on this server" if is_of_all else "Your jobs", anchor=False)

    @st.fragment(run_every=_LOOK_S)
    def look() -> None:
        leave_to_owner()
        if is_admin() != is_of_all:
            st.rerun()
        going = seen_work()
        if not going:
            st.caption("Nothing goes on just now.")
        for one in going:
            _row(one)

    look()


def _row(going: Going) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"settings-work-{going.id}"):
        far = f"{going.far} · " if going.far else ""
        whose = f"{owner_in_words(going.owner)} · " if is_admin() else ""
        facts = f"{whose}{far}for {duration(going.seconds)}"
        st.html(
            f"<div class='toolkit-job'>{html.escape(going.title)}</div><div class='toolkit-reason'>"
            f"{html.escape(facts)}</div>"
        )
        stop = guarded(functools.partial(_cancel, going), "settings")
        label = "Stopping …" if going.is_stopping else "Cancel"
        st.button(label, key=f"settings.cancel.{going.id}", disabled=going.is_stopping, on_click=stop)


def _cancel(going: Going) -> None:
    if not is_admin() and going.owner != current_owner():
        raise InvalidInput("This job is somebody else's: it is for administrators to stop.", "Nothing was done.")
    if going.job is not None:
        going.job.cancel()
    else:
        cache.ledger().ask(going.id, "cancel")


def owner_in_words(owner: str) -> str:
    """Whose it is: an e-mail, or enough of a visitor's name to tell two apart."""
    if owner in (LOCAL, SERVER):
        return "who sits at this machine" if owner == LOCAL else "the server itself"
    shown = owners_of(settings().home).shown(owner)
    kind, _, mark = shown.partition(":")
    return f"{kind} {mark[:8]}" if mark else shown
