"""One writer a place among machines: of many who come at once one gets it, and one that is gone is outlasted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.errors import Busy, PlaceFailed
from lib.places import DataPlace, claims, place_at
from lib.places.claims import claimed_place
from tests.doubles.bucket import loopback_bucket
from tests.doubles.part_run import until
from tests.doubles.repository import ROOT

# Adds a line before and after its turn: two at a time would stand between one another's.
AT_WORK = """
import sys, time
from pathlib import Path
from lib.errors import Busy
from lib.places import claims, place_at
if sys.argv[3] == "elsewhere":
    claims._machine = lambda: f"machine {sys.argv[4]}"
place, notes = place_at(sys.argv[1]), Path(sys.argv[2])
while True:
    try:
        with claims.claimed_place(place, lease_s=3.0, renew_s=0.2) as claim:
            for word in ("begins", "ends"):
                with notes.open("a") as file:
                    file.write(f"{sys.argv[4]} {word}\\n")
                time.sleep(float(sys.argv[5]))
                claim.check()
        break
    except Busy:
        time.sleep(0.05)
"""


def at_work(place: str, notes: Path, number: int, where: str = "elsewhere", seconds: float = 0.1) -> subprocess.Popen:
    words = [sys.executable, "-c", AT_WORK, place, str(notes), where, str(number), str(seconds)]
    return subprocess.Popen(words, cwd=ROOT)


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataPlace]:
    if request.param == "folder":
        yield place_at(str(tmp_path / "sink"))
        return
    with loopback_bucket(monkeypatch) as bucket:
        yield place_at(f"{bucket}/sink")


def left(place: DataPlace) -> list[str]:
    return [entry.name for entry in place.files()]


def elsewhere(monkeypatch: pytest.MonkeyPatch, name: str = "elsewhere") -> None:
    monkeypatch.setattr(claims, "_machine", lambda: name)


def test_a_place_is_one_processs_and_nothing_stays_behind(place: DataPlace) -> None:
    with claimed_place(place) as claim:
        claim.check()
        (name,) = left(place)
        assert json.loads(place.read(name) or b"")["pid"] == os.getpid()
        with pytest.raises(Busy, match=rf"by process {os.getpid()} on "), claimed_place(place):
            pass
        assert left(place) == [name]
    assert left(place) == []
    with claimed_place(place):
        pass


def test_one_of_another_machine_that_is_heard_of_is_not_outlasted(
    place: DataPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with claimed_place(place, renew_s=0.05):
        elsewhere(monkeypatch)
        with pytest.raises(Busy), claimed_place(place, lease_s=30.0):
            pass


def test_of_six_processes_of_six_machines_one_works_at_a_time(place: DataPlace, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    running = [at_work(str(place), notes, number) for number in range(6)]
    assert [one.wait(120) for one in running] == [0] * 6
    lines = notes.read_text().splitlines()
    assert len(lines) == 12
    for begun, ended in zip(lines[::2], lines[1::2], strict=True):
        assert (begun.split()[1], ended.split()[1]) == ("begins", "ends")
        assert begun.split()[0] == ended.split()[0]
    assert left(place) == []


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_killed_one_is_outlasted_here_at_once_and_elsewhere_after_its_lease(
    place: DataPlace, tmp_path: Path, where: str
) -> None:
    notes = tmp_path / "notes"
    holder = at_work(str(place), notes, 1, where, seconds=600.0)
    until(notes.exists)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert len(left(place)) == 1
    start = time.monotonic()
    with claimed_place(place, lease_s=1.0 if where == "elsewhere" else 3600.0):
        assert len(left(place)) == 1
    assert left(place) == []
    assert where == "here" or time.monotonic() - start > 1.0


def test_one_that_was_outlasted_while_it_slept_is_told_before_it_writes_on(
    place: DataPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with claimed_place(place, lease_s=10.0, renew_s=3600.0) as claim:
        claim.check()
        # From here: to claim a place in a bucket may itself take a while.
        moment = claims._now()
        monkeypatch.setattr(claims, "_now", lambda: moment + 6.0)
        with pytest.raises(PlaceFailed, match="not heard of"):
            claim.check()


def test_one_whose_file_was_taken_away_is_told(place: DataPlace) -> None:
    with claimed_place(place, renew_s=0.05) as claim:
        place.remove(left(place)[0])

        def is_told() -> bool:
            try:
                claim.check()
            except PlaceFailed:
                return True
            return False

        # Unless the file was renewed in that very moment.
        until(lambda: is_told() or [place.remove(name) for name in left(place)])


def test_what_nobody_can_read_is_outlasted_as_one_elsewhere(place: DataPlace) -> None:
    place.put("_claim-0a.json", b"cut sho")
    with claimed_place(place, lease_s=0.5):
        assert "_claim-0a.json" not in left(place)
