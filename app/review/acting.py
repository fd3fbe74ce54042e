"""What is done with findings: found right, mended, images set aside. Each can be taken back."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from app.review.kinds import open_kinds
from app.review.state import ReviewState
from app.samples.editing import take_typed
from app.samples.navigate import reload
from app.session.jobs import SOON, JobKey, start
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.dataset.saving.operations import Applied, operations_of
from lib.dataset.saving.undo_redo import Restored
from lib.errors import DatasetError
from lib.jobs.runner import Job
from lib.review import apply_fixes, judge_right, plan_fixes
from lib.review.duplicates.keeping import keep_one
from lib.review.fixing import FixPlan
from lib.text import counted

_TOLD = 20


def choose_kind(state: AppState, kind: str) -> None:
    """Turn to the findings of a kind; of the one that is open, to what is looked at."""
    take_typed(state)
    page = state.of(ReviewState)
    # With a key that was pressed at once after the click it comes in one message, and may be heard after the key.
    if kind != page.kind:
        page.look_at(kind)


def step(state: AppState, by: int) -> None:
    """Go on among the open findings of a kind, round the end."""
    take_typed(state)
    page = state.of(ReviewState)
    kind = open_kinds(state).get(page.kind)
    page.at = (page.at + by) % len(kind.places) if kind is not None else 0
    page.image = ""


def found_right(state: AppState, places: Sequence[int]) -> None:
    """Remember that findings are right as they are: one comes back when its picture or caption changes."""
    take_typed(state)
    page = state.of(ReviewState)
    samples = page.samples
    places = [place for place in places if place not in page.settled]
    if samples is None or not places:
        return
    findings = [page.findings[place] for place in places]
    judge_right(samples, findings)
    page.right += places
    _settle(state, places)

    def back(job: Job) -> None:
        judge_right(samples, findings, right=False)

    def undo() -> Job:
        page.settled -= set(places)
        page.right = [place for place in page.right if place not in places]
        key = JobKey("review judged", state.owner, opened(state)[0].root, tuple(places))
        return start(key, "Taking it back", back, wait=SOON)

    what = "Right as it is" if len(places) == 1 else f"{len(places):,} right as they are"
    state.done_with_undo(f"{what}: remembered.", undo, lambda job: "To be reviewed again.")


def set_aside(state: AppState, places: Sequence[int], names: Sequence[str]) -> None:
    """Set images aside with their captions, as one operation."""
    take_typed(state)
    places = [place for place in places if place not in state.of(ReviewState).settled]
    if places:
        _carry_out(state, FixPlan(aside=tuple(dict.fromkeys(names))), places, ["Set aside"])


def leave_out(state: AppState, places: Sequence[int], names: Sequence[str]) -> None:
    """Leave images out of what is made of the dataset, as one operation; they stay where they are."""
    take_typed(state)
    places = [place for place in places if place not in state.of(ReviewState).settled]
    if places:
        _carry_out(state, FixPlan(left_out=tuple(dict.fromkeys(names))), places, ["Leave out"])


def mend(state: AppState, places: Sequence[int]) -> None:
    """Carry out the fixes of some findings as one operation."""
    take_typed(state)
    page = state.of(ReviewState)
    wanted = [place for place in places if place not in page.settled and page.findings[place].fix is not None]
    plan = plan_fixes([page.findings[place] for place in wanted])
    later = {id(one) for one in plan.later}
    done = [place for place in wanted if id(page.findings[place]) not in later]
    _carry_out(state, plan, done, [fix.label for place in done if (fix := page.findings[place].fix) is not None])


def keep_image(state: AppState, place: int, name: str, caption: str | None, *, leaves_out: bool = False) -> None:
    """Of twins keep one image, with a caption (None: its own), and set the others aside, or leave them out."""
    take_typed(state)
    page, (dataset, _) = state.of(ReviewState), opened(state)
    if place in page.settled:
        return
    records = [record for one in page.findings[place].images if (record := dataset.get(one)) is not None]
    fix = keep_one(records, name, caption)
    plan = FixPlan(fix.changes, fix.aside)
    done = f"Keep {name}, {'leave the rest out' if leaves_out else 'set the rest aside'}"
    _carry_out(state, plan.leaving_out() if leaves_out else plan, [place], [done])


def _carry_out(state: AppState, plan: FixPlan, places: Sequence[int], fixes: Sequence[str]) -> None:
    """`fixes`: what is done, in the words of its buttons, for the history."""
    page, (dataset, store) = state.of(ReviewState), opened(state)
    if page.mending is not None and page.mending.is_active:
        state.note("An earlier change is still being made")
        return
    if not plan.changes and not plan.aside and not plan.left_out:
        return
    kinds = sorted({page.findings[place].kind for place in places})

    def work(job: Job) -> Applied:
        asked = {"checks": kinds, "fixes": sorted(set(fixes))[:_TOLD]}
        return apply_fixes(store, plan, progress=job, arguments=asked)

    key = JobKey("review mend", state.owner, dataset.root, tuple(places))
    page.mending, page.mended = start(key, "Mending", work), frozenset(places)
    _settle(state, places)
    page.mending.wait(SOON)


def _settle(state: AppState, places: Sequence[int]) -> None:
    page = state.of(ReviewState)
    page.settled |= set(places)
    page.image = ""
    kind = open_kinds(state).get(page.kind)
    # What was last is gone: round to the worst one.
    page.at = page.at % len(kind.places) if kind is not None and kind.places else 0


def take_up_mending(state: AppState) -> Job | None:
    """What is being done, once it has ended told with its undo; gives what goes on or needs a look."""
    page = state.of(ReviewState)
    job = page.mending
    if job is None or job.is_active:
        return job
    page.mending = None
    # Nothing was done, or what was done is seen in captions, images and marks: an undo from anywhere brings all of it.
    page.settled -= page.mended
    if job.error is not None:
        state.errors["review"] = job.error
    elif isinstance(job.result, Applied):
        applied = job.result
        if applied.left_alone:
            state.errors["review"] = _left_alone(applied.left_alone)
        if applied.operation is not None:
            state.done_with_undo(
                _done(applied),
                functools.partial(_undo, state, applied.operation),
                functools.partial(_undone, state),
            )
        if applied.images:
            # What was set aside is listed until the folder is read again.
            reload(state)
    return None


def _done(applied: Applied) -> str:
    parts = [f"{counted(applied.changed, 'caption')} mended"] if applied.changed else []
    parts += [f"{counted(len(applied.images), 'image')} set aside"] if applied.images else []
    parts += [f"{counted(len(applied.marked), 'image')} left out"] if applied.marked else []
    return f"{' and '.join(parts)}, in one operation."


def _undo(state: AppState, operation: int) -> Job:
    dataset, store = opened(state)

    def work(job: Job) -> Restored:
        return operations_of(store).undo(operation, progress=job)

    job = start(JobKey("review undo", state.owner, dataset.root, operation), "Taking changes back", work)
    job.wait(SOON)
    return job


def _undone(state: AppState, job: Job) -> str:
    if not isinstance(job.result, Restored):
        return "Stopped."
    if job.result.left_alone:
        state.errors["page"] = _left_alone(job.result.left_alone)
    reload(state)
    count = job.result.restored + job.result.images
    parts = [counted(count, "file")] if count or not job.result.marked else []
    parts += [f"marks of {counted(job.result.marked, 'image')}"] if job.result.marked else []
    return f"Taken back: {' and '.join(parts)} as before."


def _left_alone(left: Sequence[tuple[str, str]]) -> DatasetError:
    lines = [f"{name}: {reason}" for name, reason in left[:_TOLD]]
    lines += [f"and {len(left) - _TOLD:,} more"] if len(left) > _TOLD else []
    return DatasetError(f"{counted(len(left), 'file').capitalize()} left alone.", "\n".join(lines))
