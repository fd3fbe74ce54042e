"""Jobs that are really killed at random moments: a worker, the driver, the limiter, the head of a cluster.

`make reliability` kills twenty times by each engine; `make test-all` twice by processes. What one kill of each kind
does on a cluster is in test_ray.py.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.doubles.image_folder import image_folder
from tests.doubles.part_run import Run, command_of, keys, rows, until
from tests.doubles.provider_server import ProviderServer, Received
from tests.doubles.ray_cluster import Cluster, kill

# Read at import: a fixture takes all TOOLKIT_ variables away.
KILLS = int(os.environ.get("TOOLKIT_KILLS") or 2)

IMAGES, PART, WORKERS = 120, 2, 2
LOST = {"worker": PART, "limiter": 0, "driver": WORKERS * PART, "head": WORKERS * PART}
"""Images that a kill may have asked for twice: a part of each worker that it takes along."""
_PATIENCE_S = 3.0

Victim = Callable[[Run], list[int]]
Start = Callable[[Path, Path, ProviderServer], Run]


def _told(request: Received) -> str:
    return f"A picture, told of as {request.prompt}"


def worker_of(run: Run) -> list[int]:
    return [pid for pid in run.members() if pid != run.process.pid and "spawn_main" in command_of(pid)]


def driver_of(run: Run) -> list[int]:
    return [run.process.pid]


def disturb(photos: Path, tmp_path: Path, victims: dict[str, Victim], start: Start, seed: int) -> None:
    """Kills each kind as often, begins anew where a job was through, and looks at every sink at the end.

    Half of the kills come while captions are being asked for, the others at any moment once there is such a process.
    """
    moments = random.Random(seed)
    print(f"TOOLKIT_SEED={seed}")  # noqa: T201 - to be repeated
    waiting = (sorted(victims) * KILLS)[:KILLS]
    moments.shuffle(waiting)
    names = sorted(path.name for path in photos.glob("*.jpg"))
    again, sinks, sink = 0, count(1), tmp_path / "sink0"
    with ProviderServer(_told, delay=0.1) as server:
        run = start(photos, sink, server)
        asked, before = 0, 0
        while True:
            if run.process.poll() is not None:
                # One whose head was killed has ended early, also where that was the last kill.
                if run.end()["ok"]:
                    _check(sink, names, len(server.requests) - asked, again - before)
                    if not waiting:
                        break
                    asked, before = len(server.requests), again
                    sink = tmp_path / f"sink{next(sinks)}"
                run = start(photos, sink, server)
            if not waiting:
                until(lambda run=run: run.process.poll() is not None, 600)
                continue
            who = waiting[-1]
            found = _victims_at_a_moment(run, victims[who], server, moments)
            if not found:
                continue
            waiting.pop()
            again += LOST[who]
            print(len(waiting), who, len(found), flush=True)  # noqa: T201
            kill(moments.choice(found))
            if who in ("driver", "head"):
                # Ray looks for a lost machine for two minutes where it was about to join.
                until(lambda run=run: run.process.poll() is not None, 500)
                if who == "driver":
                    run.process.communicate()
                    until(lambda run=run: not run.members())
                    run = start(photos, sink, server)
        undisturbed = start(photos, tmp_path / "undisturbed", server).end()
    assert undisturbed["ok"]
    assert rows(sink, "time") == rows(tmp_path / "undisturbed", "time")


def _victims_at_a_moment(run: Run, victim: Victim, server: ProviderServer, moments: random.Random) -> list[int]:
    """Who may be killed, a while after there was somebody; nobody where the run has ended meanwhile."""
    seen, is_at_work = len(server.requests), moments.random() < 0.5

    def is_time() -> bool:
        return run.process.poll() is not None or bool(victim(run) and (not is_at_work or len(server.requests) > seen))

    until(is_time, 300)
    # No condition: any moment will do, and that is what is tried.
    time.sleep(moments.uniform(0.0, _PATIENCE_S))
    return [] if run.process.poll() is not None else victim(run)


def _check(sink: Path, names: list[str], requests: int, again: int) -> None:
    """`again`: what may have been asked for twice."""
    print(f"asked for twice: {requests - IMAGES} of {again} at most", flush=True)  # noqa: T201
    assert keys(sink) == names
    assert not any(row["error"] for row in rows(sink))
    assert requests <= IMAGES + again


@pytest.mark.kills
def test_a_job_by_processes_outlives_kills(tmp_path: Path, seed: int) -> None:
    photos = image_folder(tmp_path / "photos", IMAGES)
    disturb(photos, tmp_path, {"worker": worker_of, "driver": driver_of}, Run, seed)


@pytest.mark.kills
@pytest.mark.ray
@pytest.mark.skipif(KILLS < 20, reason="the twenty kills on a cluster are those of `make reliability`")
def test_a_job_on_a_cluster_outlives_kills(tmp_path: Path, seed: int) -> None:
    photos = image_folder(tmp_path / "photos", IMAGES)
    clusters = [Cluster.start()]

    def start(photos: Path, sink: Path, server: ProviderServer) -> Run:
        if not clusters[-1].processes("raylet/raylet"):
            clusters[-1].end()
            clusters.append(Cluster.start())
        return clusters[-1].run(photos, sink, server)

    victims: dict[str, Victim] = {
        "worker": lambda run: clusters[-1].processes("ray::_Maker"),
        "limiter": lambda run: clusters[-1].processes("ray::_Limits"),
        "head": lambda run: clusters[-1].processes("raylet/raylet"),
        "driver": driver_of,
    }
    try:
        disturb(photos, tmp_path, victims, start, seed)
    finally:
        clusters[-1].end()
