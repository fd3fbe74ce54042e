"""Runs of captions among processes: who is about to caption an image, and what a killed one has written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lib.dataset.saving.store import Store
from lib.errors import Busy, InvalidInput
from lib.jobs.holder import held_by
from lib.jobs.ledger import Ledger, Run, Settled

KIND = "captions"
"""The kind of a run that writes captions, in the ledger."""


def refuse_busy(ledger: Ledger, root: Path, suffix: str, names: Iterable[str], *, but: str = "") -> None:
    """Raises Busy where another run (not `but`) is about to caption one of these images of a folder.

    That run may be of another folder, above or below: an image is known by its path. Images whose captions go into
    files of another ending are no concern of each other.
    """
    wanted: set[str] | None = None
    for run in ledger.running():
        if run.id == but or run.spec.get("suffix") != suffix or not _overlaps(root, Path(run.spec["root"])):
            continue
        if not ledger.is_held(run.id):
            continue
        if wanted is None:
            wanted = {f"{root}/{name}" for name in names}
        if not wanted.isdisjoint(f"{run.spec['root']}/{name}" for name in ledger.waiting(run.id)):
            raise busy(run)


def busy(run: Run) -> Busy:
    """What is told of a run that somebody is at work on."""
    done = run.total - run.waiting
    return Busy(
        f"These images are being captioned already, by {held_by(run)}: {done:,} of {run.total:,} are done.",
        "Nothing was sent a second time. “captioner jobs” lists it, and so does the sidebar of the dashboard.",
    )


@contextmanager
def claimed(ledger: Ledger, id: str, root: Path, suffix: str, names: Iterable[str], program: str) -> Iterator[None]:
    """Keeps a run for this process, a `program`, while the block lasts, and notes that it is at work. Raises Busy."""
    with ExitStack() as stack:
        with ledger.one_at_a_time():
            refuse_busy(ledger, root, suffix, names, but=id)
            try:
                stack.enter_context(ledger.held(id))
            except InvalidInput:
                # Two found the same run waiting, or one that the other had only just written down.
                known = next((run for run in ledger.running() if run.id == id), None)
                raise busy(known) if known is not None else Busy("This run is under way already.") from None
            ledger.take_up(id, program)
        yield


def _overlaps(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents


def settle_written(ledger: Ledger, store: Store, id: str) -> None:
    """Notes the images that a run which was cut short has captioned, and joins all of them to one operation.

    Whoever calls holds the run. Raises DatabaseFailed.
    """
    written = store.journal.written_by(id)
    if settled := [Settled(name, "done") for name in ledger.waiting(id) if name in written]:
        ledger.settle(id, settled)
    store.journal.join(id)
