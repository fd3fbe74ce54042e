"""What is asked of a cluster before anything is handed out, told in one sentence; none of it needs Ray."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from lib.engine import EngineOptions, base, machines
from lib.engine.base import limit_threads
from lib.engine.local import LocalEngine
from lib.errors import InvalidInput
from lib.settings import Settings
from tests.commands.test_command_line import lib
from tests.doubles.image_folder import image_folder


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> str:
    """What this machine says of itself, where Ray need not be installed."""
    monkeypatch.setattr(machines, "version", lambda name: "2.60.0")
    return machines.machine_facts()[0]


@pytest.mark.parametrize("what", ["Python", "Ray", "toolkit"])
def test_a_machine_with_another_version_is_refused_with_both(here: str, what: str) -> None:
    other = ", ".join(f"{what} other" if one.startswith(what) else one for one in here.split(", "))
    assert other != here
    with pytest.raises(InvalidInput) as told:
        machines.check_equal([(here, 0), (other, 0)])
    assert other in told.value.message
    assert here in told.value.message
    assert "on every machine" in told.value.hint


def test_equal_machines_are_taken_and_unwilling_ones_told_of(here: str, caplog: pytest.LogCaptureFixture) -> None:
    machines.check_equal([(here, 0), (here, 5)])
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        machines.check_equal([(here, 15)])
    assert "RAY_worker_niceness=0" in caplog.text


@pytest.mark.parametrize(
    ("nodes", "workers", "each", "gpus", "found"),
    [
        ([{"CPU": 16}], 0, 1, 0, 15),
        ([{"CPU": 16}], 0, 4, 0, 3),
        ([{"CPU": 3}], 2, 1, 0, 2),
        ([{"CPU": 4}], 0, 0.5, 0, 6),
        ([{"CPU": 4}, {"CPU": 4}], 0, 1, 0, 7),
        # A worker of three lies on one machine: of eight CPUs two are left over on each of them.
        ([{"CPU": 5}, {"CPU": 5}], 0, 3, 0, 2),
        ([{"CPU": 16, "GPU": 2}, {"CPU": 16}], 0, 1, 1, 2),
        ([{"CPU": 16, "GPU": 1}], 0, 1, 0.25, 4),
    ],
)
def test_one_cpu_of_the_cluster_stays_free(
    nodes: list[dict[str, float]], workers: int, each: float, gpus: float, found: int
) -> None:
    assert machines.workers_that_fit(nodes, EngineOptions(workers, each, gpus)) == found


@pytest.mark.parametrize(
    ("nodes", "options", "said"),
    [
        ([{"CPU": 2}], EngineOptions(2), "has 2 CPUs, and one stays free: 1 workers of 1 fit"),
        ([{"CPU": 1}], EngineOptions(), "0 workers of 1 fit"),
        ([{"CPU": 8}], EngineOptions(cpus_per_worker=8), "0 workers of 8 fit"),
        ([{"CPU": 4}, {"CPU": 4}], EngineOptions(cpus_per_worker=6), "0 workers of 6 fit"),
        ([{"CPU": 8}], EngineOptions(gpus_per_worker=1), "and 0 GPUs: 0 workers of 1 and 1 GPUs fit"),
    ],
)
def test_workers_that_would_wait_for_ever_are_refused(
    nodes: list[dict[str, float]], options: EngineOptions, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        machines.workers_that_fit(nodes, options)


def test_gpus_are_handed_out_by_ray_alone() -> None:
    with pytest.raises(InvalidInput, match="share its GPUs"):
        LocalEngine(EngineOptions(gpus_per_worker=1))


def test_a_start_is_tried_twice_and_then_told_with_what_was_said() -> None:
    tried: list[str] = []

    def fails(times: int) -> None:
        tried.append("join")
        if len(tried) <= 2 * times:
            raise RuntimeError("Timed out.\nA long story")

    machines.joined(lambda: fails(1), lambda: tried.append("leave"), EngineOptions(address="head:6379"))
    assert tried == ["join", "leave", "join"]
    tried.clear()
    with pytest.raises(InvalidInput, match="“head:6379” cannot be joined: Timed out") as told:
        machines.joined(lambda: fails(9), lambda: tried.append("leave"), EngineOptions(address="head:6379"))
    assert tried == ["join", "leave", "join", "leave"]
    assert "A long story" not in str(told.value)
    assert "RAY_AUTH_TOKEN" in told.value.hint


@pytest.mark.parametrize(("cpus", "threads"), [(0.5, "1"), (1, "1"), (4, "4")])
def test_thread_pools_are_as_large_as_the_workers_cpus(
    cpus: float, threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in base._THREAD_POOLS:
        monkeypatch.setenv(name, "64")
    limit_threads(cpus)
    assert {os.environ[name] for name in base._THREAD_POOLS} == {threads}
    assert {"OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"} <= set(base._THREAD_POOLS)


def test_the_cluster_is_named_by_the_variable_that_ray_itself_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    monkeypatch.setenv("TOOLKIT_ENGINE", "ray")
    assert (Settings().ray_address, Settings().engine) == ("head:6379", "ray")


@pytest.mark.parametrize("by", ["option", "variable"])
def test_without_the_package_its_line_is_told(by: str, tmp_path: Path) -> None:
    photos = image_folder(tmp_path / "photos", 2)
    words = ("--engine", "ray") if by == "option" else ()
    done = lib("run", "import", photos, tmp_path / "sink", *words, **({} if words else {"TOOLKIT_ENGINE": "ray"}))
    assert done.returncode == 1
    assert "pip install -r requirements-ray.txt" in done.stderr
    assert not list((tmp_path / "sink").glob("part-*"))
