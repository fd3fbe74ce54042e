"""A job by parts in the list of runs: one at a time on a sink, and nothing of it left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import Busy, InvalidInput
from lib.jobs.ledger import Ledger, NewRun
from lib.part_claims import KIND, run_claimed
from lib.part_jobs import JobEnd, JobRequest
from lib.progress import NOBODY
from tests.doubles.image_folder import image_folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", 3)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "runs.sqlite")


class Looking:
    """Looks at the list from within a job, as another process would."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.seen: list[tuple[str, str, bool]] = []
        self.id = ""

    def advance(self, done: int, total: int) -> None:
        pass

    def is_cancelled(self) -> bool:
        (run,) = self.ledger.running()
        self.id = run.id
        self.seen.append((run.kind, run.title, self.ledger.is_held(run.id)))
        return False


def claimed(photos: Path, sink: Path, ledger: Ledger, progress=NOBODY, source: str = "") -> JobEnd:
    request = JobRequest("review", {"checks": ["captions"]}, source or str(photos), str(sink))
    return run_claimed(request, ledger, "local", "captioner", progress)


def test_a_job_is_listed_while_it_runs_and_gone_with_its_end(photos: Path, tmp_path: Path, ledger: Ledger) -> None:
    looking = Looking(ledger)
    end = claimed(photos, tmp_path / "sink", ledger, looking)
    assert (end.done, end.error) == (3, "")
    assert looking.seen[0] == (KIND, f"review of {photos} into {tmp_path / 'sink'} (local)", True)
    assert ledger.of("local") == []
    assert not list((tmp_path / "runs").glob(f"{looking.id}*"))


def test_a_sink_that_is_being_filled_is_refused_a_second_time(photos: Path, tmp_path: Path, ledger: Ledger) -> None:
    sink = tmp_path / "sink"

    class Second(Looking):
        def is_cancelled(self) -> bool:
            with pytest.raises(Busy, match="by captioner, process"):
                claimed(photos, sink, ledger)
            return super().is_cancelled()

    second = Second(ledger)
    assert claimed(photos, sink, ledger, second).done == 3
    assert all(is_held for _, _, is_held in second.seen)


def test_what_a_killed_job_left_behind_does_not_stand_in_the_way(photos: Path, tmp_path: Path, ledger: Ledger) -> None:
    looking = Looking(ledger)
    claimed(photos, tmp_path / "sink", ledger, looking)
    ledger.begin(NewRun(looking.id, "local", KIND, "of a killed process", {}, ()))
    assert claimed(photos, tmp_path / "sink", ledger).reused == 3
    assert ledger.of("local") == []


def test_a_job_that_cannot_begin_leaves_nothing_in_the_list(photos: Path, tmp_path: Path, ledger: Ledger) -> None:
    for source in (str(tmp_path / "nowhere"), "s3://key:canary-1@bucket/photos"):
        with pytest.raises(InvalidInput):
            claimed(photos, tmp_path / "sink", ledger, source=source)
        assert ledger.of("local") == []
    assert b"canary-1" not in (tmp_path / "runs.sqlite").read_bytes()
