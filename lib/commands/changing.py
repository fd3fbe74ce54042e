"""What all commands have in common that change captions: the diff of a dry run, else one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.bulk import Change, apply_changes
from lib.commands.differences import TextChange, unified
from lib.commands.result import Failure, Result, entries
from lib.commands.screen import Screen
from lib.dataset.saving.store import Store
from lib.domain import SidecarState
from lib.text import counted


def change_captions(
    store: Store,
    changes: Sequence[Change],
    kind: str,
    arguments: Mapping[str, Any],
    screen: Screen,
    *,
    dry_run: bool,
    missing: Sequence[Failure] = (),
) -> Result:
    """Carries a plan out as one operation, or shows its diff. `arguments` are kept in the history."""
    hits = sum(change.hits for change in changes)
    if dry_run:
        return _shown(store, changes, hits, screen, missing)
    with screen.progress("Changing captions") as progress:
        done = apply_changes(store, changes, kind, progress=progress, arguments=arguments)
    failed = (*missing, *done.left_alone)
    counts = {"changed": done.changed, "hits": hits, "left_alone": len(done.left_alone)}
    more = {"files": done.changed, "hits": hits, "left_alone": entries(done.left_alone)}
    where = f", operation {done.operation}" if done.operation is not None else ""
    return Result(f"{counted(done.changed, 'file')} changed{where}", counts, failed, done.operation, more)


def _shown(store: Store, changes: Sequence[Change], hits: int, screen: Screen, missing: Sequence[Failure]) -> Result:
    """What would be changed: nothing is."""
    more = {
        "files": len(changes),
        "hits": hits,
        "left_alone": [],
        "dry_run": True,
        "changes": [{"image": one.name, "before": one.before, "after": one.after} for one in changes],
    }
    # stdout holds the diff alone, for `patch`.
    screen.note(f"{counted(len(changes), 'file')} would change")
    return Result(
        unified(text_changes(store, changes)),
        {"changed": len(changes), "hits": hits, "left_alone": 0},
        missing,
        more=more,
    )


def text_changes(store: Store, changes: Sequence[Change]) -> list[TextChange]:
    """Planned changes as changes of tag files."""
    found = []
    for change in changes:
        record = store.dataset.get(change.name) if store.dataset is not None else None
        if record is not None:
            before = None if record.state is SidecarState.MISSING else change.before
            found.append(TextChange(record.sidecar, before, change.after))
    return found
