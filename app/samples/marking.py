"""What is said of samples on any page: stars, and images left out or kept again."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from app.elements.marks_bar import marks_bar
from app.samples.editing import take_typed
from app.session.jobs import SOON, JobKey, start
from app.session.messages import error_boundary, guarded, show_kept
from app.session.open_dataset import opened, record_of
from app.session.state import AppState
from lib.dataset.journal.marks import LARGEST
from lib.dataset.journal.rows import MarkWish
from lib.dataset.saving.marking import leave_out
from lib.dataset.saving.operations import operations_of
from lib.dataset.saving.undo_redo import Restored
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.scope import marks_of
from lib.text import counted

STAR_KEYS = {"1 to 5": "stars; the same again, or 0, takes them away"}
MARK_KEYS = STAR_KEYS | {"X": "leave the image out of exports, clusters and edits, or keep it again"}
"""What each key does; none of them while a box has the focus."""


def marks_line(state: AppState, name: str, *, key: str = "sample.marks", has_out: bool = True) -> None:
    """Show the marks of a sample, to be changed by a click or a key. Without `has_out` its stars alone."""
    with error_boundary():
        marks = marks_of(opened(state)[0])
        marks_bar(
            name,
            rating=marks.ratings.get(name, 0),
            left_out=name in marks.left_out,
            key=key,
            on_mark=guarded(functools.partial(take_mark, state), "marks"),
            has_out=has_out,
        )
    show_kept("marks")


def take_mark(state: AppState, name: str, mark: str, value: int) -> None:
    """Take over a mark from the bar. Raises InvalidInput for what a browser has made up: others would be shown it."""
    record_of(state, name)
    if not 0 <= value <= LARGEST.get(mark, -1):
        raise InvalidInput(f"{value:,} is no such mark.", "Nothing was changed.")
    if mark == "rating":
        # Not in the history, where hundreds of stars would bury what was done to captions.
        opened(state)[1].journal.marks.set(MarkWish(name, "rating", value))
    else:
        leave_images_out(state, [name], out=bool(value))


def leave_images_out(state: AppState, names: Sequence[str], *, out: bool = True) -> None:
    """Leave images out, or keep them again, as one operation; it is told with its undo."""
    take_typed(state)
    dataset, store = opened(state)
    done = leave_out(store, names, out=out)
    operation = done.operation
    if operation is None:
        return
    what = "left out" if out else "kept again"

    def back(job: Job) -> Restored:
        return operations_of(store).undo(operation, progress=job)

    def undo() -> Job:
        return start(JobKey("undo marks", state.owner, dataset.root, operation), "Taking it back", back, wait=SOON)

    state.done_with_undo(f"{counted(len(done.marked), 'image').capitalize()} {what}.", undo, _undone)


def _undone(job: Job) -> str:
    if not isinstance(job.result, Restored):
        return "Stopped."
    left = f"; {len(job.result.left_alone):,} were changed since and stay" if job.result.left_alone else ""
    return f"Taken back: {counted(job.result.marked, 'image')} as before{left}."
