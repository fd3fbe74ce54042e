"""Carrying out a plan: every caption that still is as it was planned, in one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.bulk.base import Change
from lib.dataset.saving.operations import Applied, operations_of
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.domain import Origin
from lib.progress import NOBODY, Progress

_CHANGED = "It was changed after the preview, by someone else or in another tab."
_GONE = "It is no longer in the dataset."


def apply_changes(
    store: Store,
    changes: Sequence[Change],
    kind: str,
    *,
    progress: Progress = NOBODY,
    arguments: Mapping[str, Any] | None = None,
) -> Applied:
    """Saves the planned texts as one operation that can be undone.

    A plan knows captions, not files. Each file is therefore read first: where it does not hold the text that the plan
    began with, it is left alone, with the reason. `arguments` are what was asked for, as the history tells it. Raises
    WriteFailed and Cancelled as `Operations.apply` does. The store must have its dataset.
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
    applied = operations_of(store).apply(edits, kind, Origin(), progress=progress, arguments=arguments)
    return Applied(applied.operation, applied.changed, (*left, *applied.left_alone))
