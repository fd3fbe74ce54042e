"""What findings propose, put together as a plan and carried out as one operation that can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.bulk.base import Change
from lib.dataset.journal.rows import MarkWish
from lib.dataset.saving.operations import Applied, operations_of
from lib.dataset.saving.set_aside import images_set_aside
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.tag_files.rewriting import LeftAlone
from lib.domain import Origin
from lib.progress import NOBODY, Progress
from lib.review.findings import Finding, Fix

KIND = "review"
"""The kind of its operations in the history."""

_CHANGED = "It was changed after the review, by someone else or in another tab."
_GONE = "It is no longer in the dataset."


@dataclass(frozen=True, slots=True)
class FixPlan:
    """What would be done. `later` are findings whose fix touches what another one does; a next review has them."""

    changes: tuple[Change, ...] = ()
    aside: tuple[str, ...] = ()
    later: tuple[Finding, ...] = ()
    left_out: tuple[str, ...] = ()
    """Images that stay where they are, marked as left out."""

    def leaving_out(self) -> FixPlan:
        """The same with the images that are to go left out, not set aside."""
        return replace(self, aside=(), left_out=tuple(dict.fromkeys((*self.left_out, *self.aside))))


def plan_fixes(findings: Sequence[Finding]) -> FixPlan:
    """The fixes of findings together, each image touched by one of them only. Pure."""
    changes: list[Change] = []
    aside: list[str] = []
    later: list[Finding] = []
    touched: set[str] = set()
    for finding in findings:
        if finding.fix is None:
            continue
        names = {change.name for change in finding.fix.changes} | set(finding.fix.aside)
        if names & touched:
            later.append(finding)
            continue
        touched |= names
        changes += finding.fix.changes
        aside += finding.fix.aside
    return FixPlan(tuple(changes), tuple(aside), tuple(later))


def apply_fixes(
    store: Store,
    plan: FixPlan | Fix,
    *,
    progress: Progress = NOBODY,
    arguments: Mapping[str, Any] | None = None,
) -> Applied:
    """Carries a plan out as one operation. The store must have its dataset.

    A caption that is not as it was planned is left alone, with the reason. Images are set aside with their captions;
    they come back with the operation's undo. The dataset still lists them until its folder is opened anew. Those that
    are left out only get their mark. Raises WriteFailed and Cancelled as `Operations.apply` does.
    """
    left: LeftAlone = []
    edits = [edit for change in plan.changes if (edit := _edit(store, change, left)) is not None]
    staged = images_set_aside(store, plan.aside, left)
    out = plan.left_out if isinstance(plan, FixPlan) else ()
    marks = [MarkWish(name, "left_out", 1) for name in out]
    applied = operations_of(store).apply(
        edits, KIND, Origin(), staged=staged, progress=progress, arguments=arguments, marks=marks
    )
    tag_files = {image.name for image in staged.images if image.is_tag_file} if staged is not None else set()
    return replace(applied, left_alone=(*left, *applied.left_alone), images=applied.images - tag_files)


def _edit(store: Store, change: Change, left: LeftAlone) -> Edit | None:
    record = store.dataset.get(change.name) if store.dataset is not None else None
    if record is None:
        left.append((change.name, _GONE))
        return None
    found = store.read(record)
    if found.editable and found.text != change.before:
        left.append((change.name, _CHANGED))
        return None
    # What cannot be read as text is refused by the operation, which knows the reason.
    return Edit(change.name, found.hash, change.after, as_plain=change.as_plain)
