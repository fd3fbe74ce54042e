"""A folder that vanishes in mid-work or becomes read-only: each action ends in a sentence, draft and journal intact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.caption_runs import CaptionPlan, CaptionWork
from lib.captioning import Brief
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.rename import rename_image
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import Origin
from lib.errors import ToolkitError
from lib.exporting.planning import plan_export
from lib.exporting.writing import export
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.jobs.ledger import Ledger, NewRun
from lib.jobs.runner import JobRunner
from lib.preferences import Draft, Preferences
from lib.settings import Settings
from tests.dataset.saving.test_operations import contents, edits_of
from tests.dataset.saving.test_store import leftovers
from tests.doubles.captioner import FakeCaptioner
from tests.doubles.image_folder import image_folder
from tests.doubles.unwilling_disk import make_read_only, small_disk

_DRAFT = Draft("typed and not saved", "", Origin())


class Bench:
    """A folder on a disk of its own, with a history, a draft and something to import."""

    def __init__(self, disk: Path, elsewhere: Path, settings: Settings) -> None:
        self.disk, self.settings, self.elsewhere = disk, settings, elsewhere
        self.root = image_folder(disk / "photos", {"a.jpg": "a", "b.jpg": "b", "c.jpg": None})
        self.source = image_folder(elsewhere / "source", {"new.jpg": "new", "a.jpg": "another"})
        self.store = self.opened()
        Operations(self.store).apply(edits_of(self.store, a="A", b="B"), "replace")
        self.drafts = Preferences(elsewhere / "owner")
        self.drafts.keep_draft(self.root, "c.jpg", _DRAFT)

    def opened(self) -> Store:
        journal = journal_for(self.root, self.settings)
        return Store(self.root, journal, "local", self.settings, open_dataset(self.root))

    @contextmanager
    def unwilling(self, how: str) -> Iterator[None]:
        """The folder cannot be written to, or is gone, until the block ends."""
        if how == "read-only":
            make_read_only(self.disk)
            yield
            make_read_only(self.disk, again=True)
        else:
            self.root.rename(self.disk / "elsewhere")
            yield
            assert not self.root.exists(), "something was put in its place"
            (self.disk / "elsewhere").rename(self.root)


def save(bench: Bench) -> None:
    record = bench.store.dataset.get("a.jpg") if bench.store.dataset else None
    assert record is not None
    bench.store.save(record, "saved", hash_of(b"A"))


def bulk(bench: Bench) -> None:
    done = Operations(bench.store).apply(edits_of(bench.store, a="edited", b="edited"), "replace")
    _told(done.left_alone)


def rename(bench: Bench) -> None:
    record = bench.store.dataset.get("a.jpg") if bench.store.dataset else None
    assert record is not None
    rename_image(bench.store, record, "renamed")


def undo(bench: Bench) -> None:
    _told(Operations(bench.store).undo().left_alone)


def take_in(bench: Bench) -> None:
    import_into(bench.source, ImportTarget(bench.root, bench.settings, "local", is_made=False))


def export_beside(bench: Bench) -> None:
    """Into a folder of the same disk."""
    assert bench.store.dataset is not None
    plan = plan_export(bench.store.root, bench.store.dataset.records, {})
    export("imagefolder", plan, bench.disk / "out")


def caption(bench: Bench) -> None:
    ledger = Ledger(bench.settings.home / "runs.sqlite")
    plan = CaptionPlan(bench.root, True, ".txt", "fake", "", Brief("Describe", existing="overwrite"), 1)
    if ledger.find("r", "local") is None:
        names = ["a.jpg", "b.jpg", "c.jpg"]
        ledger.begin(NewRun("r", "local", "captions", "Captioning", plan.to_json(), names))
    work = CaptionWork(ledger, plan, bench.store, FakeCaptioner)
    job = JobRunner(workers=1).submit("local", "k", "Captioning", work, run_id="r")
    job.wait(60)
    failures = ledger.failures("r")
    ledger.again("r")
    if job.error is not None:
        raise job.error
    _told(failures)


def _told(left_alone: object) -> None:
    """What was left alone is told image by image, each with its reason."""
    pairs = list(left_alone)  # type: ignore[call-overload]
    if pairs:
        assert all(name and reason for name, reason in pairs)
        raise ToolkitError(" ".join(f"{name}: {reason}" for name, reason in pairs), "left alone")


ACTIONS: dict[str, Callable[[Bench], None]] = {
    "save": save,
    "bulk": bulk,
    "rename": rename,
    "undo": undo,
    "import": take_in,
    "export": export_beside,
    "caption run": caption,
}


@pytest.mark.parametrize("how", ["read-only", "vanished"])
@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS.keys())
def test_an_action_on_an_unwilling_folder_ends_in_a_sentence_and_works_once_it_is_willing(
    tmp_path: Path, configured: Settings, action: Callable[[Bench], None], how: str
) -> None:
    with small_disk(tmp_path / "small", "4m") as disk:
        bench = Bench(disk, tmp_path, configured)
        before = contents(bench.root)
        with bench.unwilling(how):
            with pytest.raises(ToolkitError) as caught:
                action(bench)
            assert caught.value.message
            assert caught.value.hint, "it does not say what was kept"
            assert bench.drafts.draft(bench.root, "c.jpg") == _DRAFT
            assert [entry.kind for entry in bench.store.journal.operations()] == ["replace"]
        bench.store = bench.opened()
        assert contents(bench.root) == before
        assert not leftovers(bench.root)
        assert bench.store.journal.pending() == []
        action(bench)
        assert bench.drafts.draft(bench.root, "c.jpg") == _DRAFT
        bench.store.journal.close()
