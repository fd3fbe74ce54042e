"""Captions from a terminal: one run, one operation, never paid for twice, taken up where it was left."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.caption_runs import CaptionPlan, CaptionWork
from lib.captioning import Brief
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.jobs.ledger import Ledger, NewRun
from lib.jobs.runner import Job, JobRunner
from lib.providers import registry
from lib.providers.http import Http
from lib.settings import Settings
from tests.cli.program import arguments_of, environment_of, result_of
from tests.commands.test_command_line import lib
from tests.doubles.image_folder import image_folder
from tests.doubles.provider_server import ProviderServer, Reply

IMAGES = 24

LONG_S = 2.0
"""What each caption takes where another command must come before the run has ended, on a busy machine too."""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "many", {f"{number:02}.jpg": None for number in range(IMAGES)})


@pytest.fixture
def server() -> Any:
    with ProviderServer("a red square", delay=0.05) as made:
        yield made


def words(folder: Path, server: ProviderServer, *more: object) -> list[str]:
    common = ["caption", folder, "--model", "tiny-vision", "--base-url", server.url, "--workers", 2, "--json"]
    return [str(word) for word in [*common, *more]]


def begun(folder: Path, server: ProviderServer, *more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        arguments_of(*words(folder, server, *more)),
        env=environment_of(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def tagged(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text() for path in folder.glob("*.txt")}


def asked(server: ProviderServer) -> int:
    return sum(request.method == "POST" for request in server.requests)


def operations(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = result_of(lib("history", folder, "--json"))["operations"]
    return found


def test_a_run_is_one_operation_that_one_undo_takes_back(many: Path, server: ProviderServer) -> None:
    done = result_of(lib(*words(many, server)))
    assert done["counts"] == {"done": IMAGES, "skipped": 0, "failed": 0, "not_tried": 0}
    (only,) = operations(many)
    assert (only["operation"], only["files"]) == (done["operation"], IMAGES)
    assert result_of(lib("undo", many, "--json"))["counts"]["restored"] == IMAGES
    assert tagged(many) == {}


def test_a_run_that_was_killed_goes_on_with_the_rest_as_one_operation(many: Path, server: ProviderServer) -> None:
    process = begun(many, server)
    until(lambda: len(tagged(many)) >= 5)
    process.kill()
    process.communicate()
    before = tagged(many)
    assert set(before.values()) == {"a red square"}
    done = result_of(lib(*words(many, server)))
    assert len(tagged(many)) == IMAGES
    # What was under way when it was killed has to be asked once more: two workers.
    assert asked(server) <= IMAGES + 2
    (only,) = operations(many)
    assert (only["operation"], only["files"]) == (done["operation"], IMAGES)


def test_what_a_killed_run_has_written_is_one_operation_for_whoever_undoes_it(
    many: Path, server: ProviderServer
) -> None:
    process = begun(many, server)
    until(lambda: len(tagged(many)) >= 5)
    process.kill()
    process.communicate()
    written = len(tagged(many))
    assert len(operations(many)) == 1
    assert result_of(lib("undo", many, "--json"))["counts"]["restored"] == written
    assert tagged(many) == {}


def test_a_killed_run_that_appends_never_appends_twice(tmp_path: Path, server: ProviderServer) -> None:
    folder = image_folder(tmp_path / "many", {f"{number:02}.jpg": "old" for number in range(IMAGES)})
    process = begun(folder, server, "--existing", "append")
    until(lambda: sum(text != "old" for text in tagged(folder).values()) >= 5)
    process.kill()
    process.communicate()
    again = lib(*words(folder, server, "--existing", "append"))
    assert "Going on with the run of" in again.stderr
    assert set(tagged(folder).values()) == {"old a red square"}


def test_ctrl_c_tells_what_was_done_and_the_same_command_does_the_rest(many: Path, server: ProviderServer) -> None:
    process = begun(many, server)
    until(lambda: len(tagged(many)) >= 5)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    told = json.loads(out)
    assert not told["ok"]
    assert told["counts"]["done"] == len(tagged(many))
    assert told["counts"]["not_tried"] == IMAGES - len(tagged(many))
    assert "Broken off" in told["error"]
    (only,) = operations(many)
    assert (only["operation"], only["files"]) == (told["operation"], len(tagged(many)))
    assert lib(*words(many, server)).returncode == 0
    assert asked(server) == IMAGES
    assert len(operations(many)) == 1


def test_two_at_once_ask_for_each_image_once(many: Path, server: ProviderServer) -> None:
    # Long enough for the second to come while the first is at it, on a busy machine too.
    server.delay = 0.5
    both = [begun(many, server), begun(many / ".", server)]
    ends = [process.communicate(timeout=120) for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    (refused,) = [json.loads(out) for (out, _), process in zip(ends, both, strict=True) if process.returncode]
    assert "process" in refused["error"]
    assert asked(server) == IMAGES
    assert len(tagged(many)) == IMAGES
    assert len(operations(many)) == 1


def test_a_folder_inside_of_one_that_is_captioned_waits_for_its_turn(many: Path, server: ProviderServer) -> None:
    image_folder(many / "sub", {"x.jpg": None})
    process = begun(many, server)
    until(lambda: asked(server) > 0)
    done = lib(*words(many / "sub", server))
    assert done.returncode == 1
    assert f"process {process.pid}" in result_of(done)["error"]
    process.communicate(timeout=60)
    assert max(Counter(str(request.body) for request in server.requests).values()) <= IMAGES + 1
    assert asked(server) == IMAGES + 1


def test_an_unknown_placeholder_is_refused_before_anything_is_sent(many: Path, server: ProviderServer) -> None:
    done = lib(*words(many, server, "--prompt", "What is {nam}?"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "{nam}" in done.stderr
    assert "{name}" in done.stderr
    assert asked(server) == 0
    assert lib(*words(many, server, "--prompt", 'As JSON like {"tags": []}: {name}')).returncode == 0


def test_a_model_that_is_not_there_is_told_once_and_ends_the_run(many: Path, tmp_path: Path) -> None:
    done = lib("caption", many, "--model", "blip-base", HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "hub"))
    assert done.returncode == 1
    assert done.stderr.count("not on this machine") == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert f"{IMAGES} not tried" in done.stdout


def test_a_model_that_a_server_does_not_have_is_told_once(many: Path, server: ProviderServer) -> None:
    server.enqueue(*[Reply.json({"error": {"message": "model not found"}}, 404)] * IMAGES)
    told = result_of(lib(*words(many, server)))
    assert told["counts"]["not_tried"] == IMAGES
    assert told["failed"] == []
    assert "404" in told["error"]
    assert asked(server) <= 2


def test_only_what_failed_is_tried_again(many: Path, server: ProviderServer) -> None:
    server.enqueue(*[Reply.json({"error": "no"}, 422)] * 3)
    first = lib(*words(many, server))
    assert first.returncode == 1
    failed = {one["image"] for one in result_of(first)["failed"]}
    assert len(failed) == 3
    (many / "00.txt").write_text("")
    before = asked(server)
    assert result_of(lib(*words(many, server, "--retry-failed")))["counts"]["done"] == 3
    assert asked(server) == before + 3


def test_a_try_shows_captions_and_saves_none(many: Path, server: ProviderServer) -> None:
    told = result_of(lib(*words(many, server, "--try", 3)))
    assert [one["caption"] for one in told["tried"]] == ["a red square"] * 3
    assert tagged(many) == {}
    assert told["estimate"]["requests"] == IMAGES
    plain = [word for word in words(many, server, "--try", 3) if word != "--json"]
    assert "Nothing was saved." in lib(*plain).stdout


def test_a_dry_run_sends_nothing(many: Path, server: ProviderServer) -> None:
    told = result_of(lib(*words(many, server, "--dry-run", "--limit", 7)))
    assert told["counts"]["requests"] == 7
    assert asked(server) == 0
    assert operations(many) == []


@pytest.mark.slow
def test_jobs_lists_resumes_and_cancels(many: Path, server: ProviderServer) -> None:
    server.delay = LONG_S
    process = begun(many, server)
    until(lambda: len(tagged(many)) >= 3)
    (one,) = result_of(lib("jobs", "--json"))["runs"]
    assert one["state"] == "running"
    assert f"process {process.pid}" in one["holder"]
    assert one["folder"] == str(many)
    assert lib("jobs", "pause", one["id"][:6]).returncode == 0
    process.communicate(timeout=60)
    assert process.returncode == 130
    (one,) = result_of(lib("jobs", "--json"))["runs"]
    assert (one["state"], one["holder"]) == ("paused", "")
    server.delay = 0.0
    resumed = result_of(lib("jobs", "resume", one["id"], "--json"))
    assert resumed["counts"]["not_tried"] == 0
    assert len(tagged(many)) == IMAGES
    assert lib("jobs", "dismiss", one["id"]).returncode == 0
    assert lib("jobs").stdout == "Nothing runs or waits\n"


@pytest.mark.slow
def test_a_cancelled_run_is_not_gone_on_with(tmp_path: Path, server: ProviderServer) -> None:
    folder = image_folder(tmp_path / "many", {f"{number:02}.jpg": "old" for number in range(IMAGES)})
    server.delay = LONG_S
    process = begun(folder, server, "--existing", "append")
    until(lambda: asked(server) >= 5)
    assert lib("jobs", "cancel").returncode == 0
    process.communicate(timeout=60)
    server.delay = 0.0
    written = sum(text != "old" for text in tagged(folder).values())
    done = result_of(lib(*words(folder, server, "--existing", "append")))
    assert done["counts"]["done"] == IMAGES
    assert sum(text.count("red") == 2 for text in tagged(folder).values()) == written


def test_a_terminal_stops_what_a_page_has_started(many: Path, server: ProviderServer, configured: Settings) -> None:
    """The page's own way: a run in the ledger, worked at by the server's runner of jobs."""
    server.delay = LONG_S
    ledger = Ledger(configured.home / "runs.sqlite")
    dataset = open_dataset(many)
    store = Store(dataset.root, journal_for(dataset.root, configured), "local", configured, dataset)
    plan = CaptionPlan(dataset.root, True, ".txt", "openai-compatible:tiny-vision", server.url, Brief("Describe"), 2)
    ledger.begin(
        NewRun("page-run", "local", "captions", "Captioning", plan.to_json(), [r.name for r in dataset.records])
    )
    http = Http.of(configured, at_this_machine=True)
    captioner = registry.captioner(registry.find_model(plan.model), base_url=plan.base_url, http=http)
    work = CaptionWork(ledger, plan, store, lambda: captioner)
    job: Job = JobRunner(workers=1).submit("local", "k", "Captioning", work, run_id="page-run")
    until(lambda: len(tagged(many)) >= 3)
    (shown,) = result_of(lib("jobs", "--json"))["runs"]
    assert "the dashboard" in shown["holder"]
    refused = lib(*words(many, server))
    assert "the dashboard" in result_of(refused)["error"]
    assert lib("jobs", "cancel", "page").returncode == 0
    assert job.wait(30)
    assert job.state == "cancelled"
    assert len(tagged(many)) < IMAGES
