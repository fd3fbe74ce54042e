"""Runs that were killed: what they have written becomes one operation, before anybody looks at the history."""

from __future__ import annotations

from contextlib import suppress

from lib.caption_runs import KIND, settle_written
from lib.dataset.saving.store import Store
from lib.errors import InvalidInput, WriteFailed
from lib.jobs.ledger import Ledger
from lib.settings import settings


def open_ledger() -> Ledger:
    """The runs of everybody who uses this TOOLKIT_HOME, those of pages and of terminals."""
    return Ledger(settings().home / "runs.sqlite")


def join_cut_short(store: Store) -> None:
    """Joins what runs have written in this folder whose process is gone; one that is at work is left to itself."""
    ledger = open_ledger()
    try:
        for run in ledger.running():
            if run.kind == KIND and run.spec.get("root") == str(store.root):
                # Held by a living process, or the disk refuses: the history is as it was.
                with suppress(InvalidInput, WriteFailed), ledger.held(run.id, wait=0):
                    settle_written(ledger, store, run.id)
    finally:
        ledger.close()
