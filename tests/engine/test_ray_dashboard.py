"""What Ray's own dashboard and its command `ray list` show of a job: never a key, while it runs and afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.image_folder import image_folder
from tests.doubles.part_run import until
from tests.doubles.provider_server import ProviderServer
from tests.doubles.ray_cluster import CANARY, Cluster

pytestmark = pytest.mark.ray

PAGES = (
    "/nodes?view=summary",
    "/logical/actors",
    "/events",
    "/test/dump",
    "/api/jobs/",
    "/api/cluster_status",
    "/api/component_activities",
    "/api/v0/cluster_events",
    "/api/v0/cluster_metadata",
    "/api/v0/tasks/summarize",
    "/api/v0/tasks/timeline",
    "/api/v0/actors/summarize",
)
KINDS = ("actors", "jobs", "nodes", "objects", "placement_groups", "runtime_envs", "tasks", "workers")


@pytest.fixture
def watched() -> Iterator[Cluster]:
    found = Cluster.start(with_dashboard=True)
    yield found
    found.end()


def everything(cluster: Cluster) -> dict[str, str]:
    """What it shows, by where."""
    paths = [*PAGES, *(f"/api/v0/{kind}?detail=1&limit=10000" for kind in KINDS)]
    shown = {path: cluster.shown(path).decode() for path in paths}
    for actor in json.loads(shown["/logical/actors"])["data"]["actors"]:
        shown[actor] = cluster.shown(f"/logical/actors/{actor}").decode()
    for node in json.loads(shown["/nodes?view=summary"])["data"]["summary"]:
        id = node["raylet"]["nodeId"]
        shown[id] = cluster.shown(f"/nodes/{id}").decode()
    # The dashboard shows the log files as they are, by an agent that a busy machine may start much later.
    for file in cluster.logs():
        shown[str(file)] = file.read_text(errors="replace")
    for kind in ("actors", "jobs", "tasks", "workers"):
        shown[f"ray list {kind}"] = cluster.listed("list", kind, "--detail", "--format", "json")
    return shown


def test_a_key_is_shown_neither_by_the_dashboards_server_nor_by_ray_list(watched: Cluster, tmp_path: Path) -> None:
    photos = image_folder(tmp_path / "photos", 40)
    with ProviderServer("a picture", delay=0.3) as server:
        run = watched.run(photos, tmp_path / "sink", server, "--key-env", "MY_KEY")
        until(lambda: list((tmp_path / "sink").glob("part-*")))
        while_it_runs = everything(watched)
        server.delay = 0.0
        assert run.end()["ok"]
        afterwards = everything(watched)
        assert {request.header("authorization") for request in server.requests} == {f"Bearer {CANARY}"}
    for shown in (while_it_runs, afterwards):
        assert [where for where, text in shown.items() if CANARY in text] == []
        for where in ("/logical/actors", "/api/v0/actors?detail=1&limit=10000", "ray list actors"):
            assert "_Maker" in shown[where]
    assert any(name.endswith(".log") for name in while_it_runs)
