"""The engine "ray" on a small cluster of this machine: the same tables as by processes, whatever is killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.dataset.sample.folder import make_sample
from tests.doubles.image_folder import image_folder
from tests.doubles.minilm import minilm
from tests.doubles.part_run import Run, keys, rows, until
from tests.doubles.provider_server import ProviderServer, Received
from tests.doubles.ray_cluster import CANARY, Cluster, kill

pytestmark = pytest.mark.ray

IMAGES = 40


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    found = Cluster.start()
    yield found
    found.end()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", IMAGES)


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer(_told) as made:
        yield made


def _told(request: Received) -> str:
    return f"A picture, told of as {request.prompt}"


def test_tables_by_ray_and_by_processes_are_equal_value_for_value(
    cluster: Cluster, tmp_path: Path, server: ProviderServer
) -> None:
    photos = make_sample(tmp_path / "sample", 40)
    (photos / "hostile.jpg").write_bytes(b"\xff\xd8\xff" + b"no image" * 99)
    embed = ("--by", "tags", "--method", "sbert", "--model-path", minilm())
    for stage, options in (("import", ()), ("embed", embed)):
        for engine, workers in (("ray", 2), ("local", 1)):
            sink = tmp_path / f"{stage}-{engine}"
            words = ("run", stage, photos, sink, "--engine", engine, "--workers", workers, "--part-size", 16, *options)
            done = cluster.captioner(*words)
            assert "done" in done.stdout, done.stderr
        assert rows(tmp_path / f"{stage}-ray") == rows(tmp_path / f"{stage}-local")
        assert len(rows(tmp_path / f"{stage}-ray")) == 41


def test_a_lost_worker_costs_at_most_its_parts_and_a_lost_limiter_nothing(
    cluster: Cluster, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    server.delay = 0.3
    run = cluster.run(photos, tmp_path / "sink", server)
    until(lambda: list((tmp_path / "sink").glob("part-*")) and cluster.processes("ray::_Maker"))
    kill(cluster.processes("ray::_Maker")[0])
    for pid in cluster.processes("ray::_Limits"):
        kill(pid)
    ended = run.end()
    assert (ended["ok"], ended["done"]) == (True, IMAGES), ended
    assert keys(tmp_path / "sink") == sorted(path.name for path in photos.glob("*.jpg"))
    assert len(server.requests) <= IMAGES + 2


def test_a_lost_driver_leaves_no_actor_and_the_same_command_goes_on(
    cluster: Cluster, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    server.delay = 0.3
    run = cluster.run(photos, tmp_path / "sink", server)
    until(lambda: list((tmp_path / "sink").glob("part-*")))
    kill(run.process.pid)
    run.process.communicate()
    until(lambda: not run.members() and not cluster.processes("ray::_Maker"))
    server.delay = 0.0
    ended = cluster.run(photos, tmp_path / "sink", server).end()
    assert ended["ok"], ended
    assert ended["reused"] >= 2
    assert keys(tmp_path / "sink") == sorted(path.name for path in photos.glob("*.jpg"))
    assert len(server.requests) <= IMAGES + 2 * 2


@pytest.mark.parametrize("lost", [("raylet/raylet", "gcs_server"), ("raylet/raylet",)], ids=["head", "raylet"])
def test_a_lost_head_ends_the_command_with_the_line_that_resumes_it(
    own_cluster: Cluster, photos: Path, tmp_path: Path, server: ProviderServer, lost: tuple[str, ...]
) -> None:
    server.delay = 0.3
    run = own_cluster.run(photos, tmp_path / "sink", server)
    until(lambda: list((tmp_path / "sink").glob("part-*")))
    for name in lost:
        for pid in own_cluster.processes(name):
            kill(pid)
    ended = run.end()
    assert not ended["ok"]
    assert "the same command goes on with the rest" in ended["error"]
    server.delay = 0.0
    again = Run(photos, tmp_path / "sink", server).end()
    assert again["ok"], again
    assert again["reused"] >= 2
    assert keys(tmp_path / "sink") == sorted(path.name for path in photos.glob("*.jpg"))


def test_a_key_is_nowhere_but_in_the_environment_and_on_the_way_to_the_service(
    cluster: Cluster, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    ended = cluster.run(photos, tmp_path / "sink", server, "--key-env", "MY_KEY").end()
    assert ended["ok"], ended
    assert {request.header("authorization") for request in server.requests} == {f"Bearer {CANARY}"}
    looked_at = 0
    for folder in (cluster.folder, tmp_path / "sink"):
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_socket():
                looked_at += 1
                assert CANARY.encode() not in path.read_bytes(), path
    assert looked_at > 10


def test_what_the_head_tells_of_actors_and_jobs_holds_no_key(
    cluster: Cluster, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    assert cluster.run(photos, tmp_path / "sink", server, "--key-env", "MY_KEY").end()["ok"]
    assert server.requests[0].header("authorization") == f"Bearer {CANARY}"
    told = cluster.tables()
    assert told.count(b"actors ") >= 3
    assert b"_Maker" in told
    assert CANARY.encode() not in told


def test_more_workers_than_fit_are_refused_with_how_many_do(
    cluster: Cluster, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    done = cluster.captioner("run", "import", photos, tmp_path / "sink", "--engine", "ray", "--workers", 3)
    assert done.returncode == 1
    assert "one stays free: 2 workers of 1 fit" in done.stderr


def test_one_pace_for_all_actors_through_a_storm_of_refusals(
    cluster: Cluster, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    from tests.doubles.provider_server import Reply

    server.enqueue(*[Reply.raw(b"", 429, retry_after="1")] * 3)
    ended = cluster.run(photos, tmp_path / "sink", server, "--rpm", "600").end()
    assert (ended["ok"], ended["done"]) == (True, IMAGES), ended
