"""One run an image: whoever would caption what a living process is about to caption is told who that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lib.errors import Busy
from lib.jobs.ledger import Ledger, Run


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
        f"These images are being captioned already, by {run.holder or 'another process'}:"
        f" {done:,} of {run.total:,} are done.",
        "Nothing was sent a second time. “captioner jobs” lists it, and so does the sidebar of the dashboard.",
    )


@contextmanager
def claimed(ledger: Ledger, id: str, root: Path, suffix: str, names: Iterable[str]) -> Iterator[None]:
    """Keeps a run for this process while the block lasts. Raises Busy, InvalidInput where the run itself is held."""
    with ExitStack() as stack:
        with ledger.one_at_a_time():
            refuse_busy(ledger, root, suffix, names, but=id)
            stack.enter_context(ledger.held(id))
        yield


def _overlaps(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents
