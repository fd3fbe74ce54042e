"""A run over many images: paused, cancelled, killed, taken up again, and each image captioned once."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from lib.caption_cost import seconds_for
from lib.caption_runs import CaptionPlan, CaptionWork, Tally, to_caption
from lib.captioning import IN_A_ROW, Brief
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import Caption, CaptionRequest, Existing, ImageRecord
from lib.errors import InvalidInput, KeyRejected, ProviderUnavailable, ToolkitError
from lib.jobs.ledger import Ledger, NewRun
from lib.jobs.runner import Job, JobRunner
from lib.settings import Settings
from tests.doubles.captioner import FakeCaptioner
from tests.doubles.repository import ROOT


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(12):
        Image.new("RGB", (16, 16), (20 * number, 0, 0)).save(folder / f"{number:02}.jpg")
    return folder


class Bench:
    """A folder, a ledger and a runner; `go` begins or takes up the run."""

    def __init__(self, folder: Path, settings: Settings, existing: Existing = "skip", workers: int = 1) -> None:
        dataset = open_dataset(folder)
        self.store = Store(dataset.root, journal_for(dataset.root, settings), "ann", settings, dataset)
        self.names = [record.name for record in dataset.records]
        self.ledger = Ledger(settings.home / "runs.sqlite")
        self.plan = CaptionPlan(folder, True, ".txt", "fake", "", Brief("Describe", existing=existing), workers)
        self.runner = JobRunner(workers=2)

    def go(self, captioner: FakeCaptioner, *, only_failed: bool = False) -> Job:
        if self.ledger.find("r", "ann") is None:
            self.ledger.begin(NewRun("r", "ann", "captions", "Captioning", self.plan.to_json(), self.names))
        work = CaptionWork(self.ledger, self.plan, self.store, lambda: captioner, only_failed)
        return self.runner.submit("ann", "k", "Captioning", work, run_id="r")

    @property
    def texts(self) -> list[str]:
        files = [self.store.root / f"{Path(name).stem}.txt" for name in self.names]
        return [file.read_text() if file.exists() else "" for file in files]


@pytest.fixture
def bench(photos: Path, configured: Settings) -> Bench:
    return Bench(photos, configured)


class Stopping(FakeCaptioner):
    """Calls `then` once `after` captions were asked for."""

    def __init__(self, after: int, then: str) -> None:
        super().__init__()
        self.after, self.then, self.job, self.ready = after, then, None, threading.Event()

    def caption(self, request: CaptionRequest) -> Caption:
        assert self.ready.wait(5)
        answer = super().caption(request)
        if len(self.requests) == self.after:
            getattr(self.job, self.then)()
        return answer


@pytest.mark.parametrize(("then", "state"), [("pause", "paused"), ("cancel", "cancelled")])
def test_a_run_that_was_stopped_is_taken_up_where_it_was_left(bench: Bench, then: str, state: str) -> None:
    first = Stopping(5, then)
    job = first.job = bench.go(first)
    first.ready.set()
    assert job.wait(10)
    assert job.state == state
    run = bench.ledger.find("r", "ann")
    assert run is not None
    assert (run.state, run.done, run.waiting) == (state, 5, 7)
    second = FakeCaptioner()
    job = bench.go(second)
    assert job.wait(10)
    assert (job.state, len(second.requests)) == ("done", 7)
    assert bench.texts == ["a caption"] * 12
    run = bench.ledger.find("r", "ann")
    assert run is not None
    assert (run.state, run.done, run.waiting) == ("done", 12, 0)


_KILLED = """
import sys, time
from pathlib import Path
from lib.settings import Settings
from tests.doubles.captioner import FakeCaptioner
from tests.test_caption_runs import Bench

class Slow(FakeCaptioner):
    def caption(self, request):
        time.sleep(0.02)
        print(len(self.requests), flush=True)
        return super().caption(request)

bench = Bench(Path(sys.argv[1]), Settings(home=Path(sys.argv[2])), "append", workers=3)
bench.go(Slow()).wait()
"""


@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_server_killed_in_mid_run_captions_no_image_twice(photos: Path, configured: Settings, after: int) -> None:
    for number in range(12):
        (photos / f"{number:02}.txt").write_text("old")
    command = [sys.executable, "-c", _KILLED, str(photos), str(configured.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        for _ in range(after):
            server.stdout.readline()
        server.send_signal(signal.SIGKILL)
        server.wait()
    bench = Bench(photos, configured, "append")
    run = bench.ledger.find("r", "ann")
    assert run is not None
    assert run.state == "running"
    assert not bench.ledger.is_held("r")
    job = bench.go(FakeCaptioner())
    assert job.wait(10)
    assert job.state == "done"
    assert bench.texts == ["old a caption"] * 12


def test_a_refused_key_ends_the_run_and_says_why(bench: Bench) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("one", KeyRejected("The key was refused.", "Check it."))
    job = bench.go(captioner)
    assert job.wait(10)
    assert (job.state, len(captioner.requests)) == ("failed", 2)
    assert isinstance(job.error, KeyRejected)
    run = bench.ledger.find("r", "ann")
    assert run is not None
    # The image that met the refusal is no failure of its own: it waits like the rest.
    assert (run.done, run.failed, run.waiting, run.reason) == (1, 0, 11, "The key was refused. Check it.")


def test_a_dead_service_ends_the_run_after_some_images(bench: Bench) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("one", *[ProviderUnavailable("No answer.")] * 11)
    job = bench.go(captioner)
    assert job.wait(10)
    assert job.state == "failed"
    assert f"The last {IN_A_ROW} images failed" in str(job.error)
    assert len(captioner.requests) == 1 + IN_A_ROW


def test_only_what_failed_is_tried_again(bench: Bench) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue(*["one"] * 3, ToolkitError("Odd."), *["one"] * 3, ToolkitError("Odd too."))
    job = bench.go(captioner)
    assert job.wait(10)
    assert (job.state, job.failures) == ("done", [("03.jpg", "Odd."), ("07.jpg", "Odd too.")])
    second = FakeCaptioner()
    assert bench.go(second, only_failed=True).wait(10)
    assert len(second.requests) == 2
    assert all(bench.texts)
    assert bench.ledger.failures("r") == []


def test_an_image_that_is_gone_is_a_failure_of_its_own(bench: Bench) -> None:
    bench.names.append("gone.jpg")
    job = bench.go(FakeCaptioner())
    assert job.wait(10)
    assert job.failures == [("gone.jpg", "It is not in the folder any more.")]
    assert (job.done, job.total) == (13, 13)


def test_a_plan_survives_being_written_down() -> None:
    brief = Brief("Say {name}", "tags", {"max_tokens": 5}, "append")
    plan = CaptionPlan(Path("/x"), False, ".caption", "m", "http://127.0.0.1", brief, 3, 40)
    assert CaptionPlan.from_json(plan.to_json()) == plan


def test_what_is_asked_for_and_how_long_it_takes() -> None:
    records = [ImageRecord("a.jpg", text="a"), ImageRecord("b.jpg")]
    assert [record.name for record in to_caption(records, "skip")] == ["b.jpg"]
    assert to_caption(records, "append") == records
    assert seconds_for(100, 2.0, 4, 0) == 50.0
    assert seconds_for(100, 0.1, 4, 60) == 99.0
    assert seconds_for(0, 1.0, 4, 60) == 0.0


def test_progress_is_told_while_it_goes(bench: Bench) -> None:
    job = bench.go(FakeCaptioner())
    deadline = time.monotonic() + 10
    while not job.total and time.monotonic() < deadline:
        time.sleep(0.001)
    assert job.wait(10)
    assert (job.done, job.total) == (12, 12)


def test_a_run_is_one_operation_and_one_undo(photos: Path, configured: Settings) -> None:
    (photos / "03.txt").write_text("mine")
    bench = Bench(photos, configured, "append")
    first = Stopping(5, "pause")
    job = first.job = bench.go(first)
    first.ready.set()
    assert job.wait(10)
    assert bench.go(FakeCaptioner()).wait(10)
    operations = Operations(bench.store)
    (entry,) = operations.history()
    assert (entry.kind, entry.files) == ("generate", 12)
    assert operations.undo().restored == 12
    assert bench.texts == ["", "", "", "mine", *[""] * 8]
    assert operations.redo().restored == 12
    assert bench.texts[3] == "mine a caption"


def test_a_file_changed_by_hand_in_mid_run_keeps_the_order_of_its_changes(photos: Path, configured: Settings) -> None:
    bench = Bench(photos, configured, "append")

    class Meddling(FakeCaptioner):
        def caption(self, request: CaptionRequest) -> Caption:
            if len(self.requests) == 5:
                for name in ("02.jpg", "09.jpg"):
                    record = bench.store.dataset.get(name)
                    bench.store.save(record, "by hand", bench.store.read(record).hash)
            return super().caption(request)

    assert bench.go(Meddling()).wait(10)
    texts = {name: [e.after_text for e in bench.store.journal.history(name)] for name in ("02.txt", "09.txt")}
    assert texts == {"02.txt": ["by hand", "a caption"], "09.txt": ["by hand a caption", "by hand"]}
    assert sorted(entry.files for entry in Operations(bench.store).history()) == [1, 1, 1, 11]


def test_an_undo_of_one_caption_never_takes_back_the_run_that_it_became_part_of(bench: Bench) -> None:
    captioner = Stopping(6, "pause")
    operation: list[int] = []

    def note() -> None:
        operation.append(Operations(bench.store).history()[-1].operation)
        job.pause()

    job = bench.go(captioner)
    captioner.job = type("Notes", (), {"pause": staticmethod(note)})()
    captioner.ready.set()
    assert job.wait(10)
    with pytest.raises(InvalidInput):
        Operations(bench.store).undo(operation[0])
    assert bench.texts[:6] == ["a caption"] * 6
    assert Operations(bench.store).undo().restored == 6


def test_images_that_share_a_tag_file_are_each_captioned_once(tmp_path: Path, configured: Settings) -> None:
    for suffix in ("jpg", "png"):
        Image.new("RGB", (16, 16)).save(tmp_path / f"a.{suffix}")
    journal_for(tmp_path, configured).allow_shared("a")
    bench = Bench(tmp_path, configured, "append")
    first = Stopping(1, "pause")
    job = first.job = bench.go(first)
    first.ready.set()
    assert job.wait(10)
    second = FakeCaptioner()
    assert bench.go(second).wait(10)
    assert len(second.requests) == 1
    assert (tmp_path / "a.txt").read_text() == "a caption a caption"


def test_a_run_that_wrote_nothing_leaves_no_operation(bench: Bench) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue(KeyRejected("no"))
    assert bench.go(captioner).wait(10)
    assert Operations(bench.store).history() == []


_LEDGER_OF_VERSION_1 = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, spec TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', at TEXT NOT NULL, waiting INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX runs_by_owner ON runs (owner, at);
CREATE TABLE items (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, place INTEGER NOT NULL, item TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', reason TEXT NOT NULL DEFAULT '', PRIMARY KEY (run, item)
) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
_SPEC_OF_VERSION_1 = (
    '{"root": ROOT, "recursive": true, "suffix": ".txt", "model": "fake", "base_url": "",'
    ' "brief": {"prompt": "Describe", "style": "tags", "params": {"temperature": 0.5}, "existing": "append"},'
    ' "workers": 1, "rpm": 0, "with_key": true}'
)


def test_a_run_that_an_earlier_version_paused_is_listed_and_taken_up(photos: Path, configured: Settings) -> None:
    """Columns, states and the JSON of the plan are spelled out: a server of today has left such files behind."""
    path = configured.home / "runs.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(_LEDGER_OF_VERSION_1)
        old.execute(
            "INSERT INTO runs VALUES ('r', 'ann', 'captions', 'Captioning 12 images in photos', ?, 'paused', '',"
            " '2026-11-20T10:00:00+00:00', 9, 1, 1, 1)",
            (_SPEC_OF_VERSION_1.replace("ROOT", json.dumps(str(photos))),),
        )
        ended = {0: ("done", ""), 1: ("skipped", ""), 2: ("failed", "It was too dark.")}
        old.executemany(
            "INSERT INTO items VALUES ('r', ?, ?, ?, ?)",
            [(place, f"{place:02}.jpg", *ended.get(place, ("waiting", ""))) for place in range(12)],
        )
    (photos / "03.txt").write_text("old")
    bench = Bench(photos, configured)
    (run,) = bench.ledger.of("ann")
    assert (run.title, run.state, run.total) == ("Captioning 12 images in photos", "paused", 12)
    assert (run.waiting, run.done, run.skipped, run.failed) == (9, 1, 1, 1)
    bench.plan = CaptionPlan.from_json(run.spec)
    assert bench.plan.brief == Brief("Describe", "tags", {"temperature": 0.5}, "append")
    captioner = FakeCaptioner()
    job = bench.go(captioner)
    assert job.wait(10)
    assert (job.state, job.result, job.failures) == ("done", Tally(10, 1, 1), [("02.jpg", "It was too dark.")])
    assert bench.texts == ["", "", "", "old, a caption", *["a caption"] * 8]
    assert [request.prompt for request in captioner.requests] == ["Describe"] * 9
