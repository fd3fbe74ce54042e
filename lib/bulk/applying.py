"""Carrying out a plan: every caption that still is as it was planned, in one operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lib.bulk.base import Change
from lib.dataset.saving.operations import Applied, Edit, Operations, never, unseen
from lib.dataset.saving.store import Store
from lib.domain import Origin

_CHANGED = "It was changed by someone else after the preview."
_GONE = "It is no longer in the dataset."


def apply_changes(
    store: Store,
    changes: Sequence[Change],
    kind: str,
    *,
    advance: Callable[[int, int], None] = unseen,
    cancelled: Callable[[], bool] = never,
) -> Applied:
    """Saves the planned texts as one operation that can be undone.

    A plan knows captions, not files. Each file is therefore read first: where it does not hold the text that the plan
    began with, it is left alone, with the reason. Raises WriteFailed and Cancelled as `Operations.apply` does. The
    store must have its dataset.
    """
    edits: list[Edit] = []
    left: list[tuple[str, str]] = []
    for change in changes:
        record = store.dataset.get(change.name) if store.dataset is not None else None
        if record is None:
            left.append((change.name, _GONE))
            continue
        found = store.read(record)
        if found.editable and found.text != change.before:
            left.append((change.name, _CHANGED))
        else:
            # What cannot be read as text is refused by the operation, which knows the reason.
            edits.append(Edit(change.name, found.hash, change.after))
    applied = Operations(store).apply(edits, kind, Origin(), advance=advance, cancelled=cancelled)
    return Applied(applied.operation, applied.changed, (*left, *applied.left_alone))
