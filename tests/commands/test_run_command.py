"""`python -m lib run`: a stage by parts as a script starts it, ends it and takes it up again."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from lib.tables.overlay import Overlay, overlay_folder
from tests.commands.test_command_line import answer, lib, lib_anew
from tests.doubles.image_folder import image_folder
from tests.doubles.part_run import Run, command_of, keys, rows, until
from tests.doubles.provider_server import ProviderServer


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", 12)


def test_a_run_is_told_in_samples_and_parts_and_its_status_too(photos: Path, tmp_path: Path) -> None:
    done = lib_anew("run", "review", photos, tmp_path / "sink", "--part-size", 5, "--workers", 2, "--json")
    found = answer(done)
    assert done.returncode == 0, done.stderr
    assert (found["done"], found["reused"], found["parts"]) == (12, 0, 3)
    assert found["counts"] == {"done": 12, "reused": 0, "failed": 0, "parts": 3, "made": 3}
    assert found["items_per_s"] > 0
    status = answer(lib("run", "status", tmp_path / "sink", "--json"))
    assert (status["counts"]["parts_done"], status["counts"]["rows"], status["is_whole"]) == (3, 12, True)


def test_failed_samples_make_the_status_1(photos: Path, tmp_path: Path) -> None:
    (photos / "photo3.jpg").write_bytes(b"no image")
    done = lib_anew("run", "import", photos, tmp_path / "sink", "--workers", 1, "--json")
    assert done.returncode == 1
    assert answer(done)["counts"]["failed"] == 1


@pytest.mark.slow
def test_a_stage_takes_a_table_with_what_was_edited_in_it_since(photos: Path, tmp_path: Path) -> None:
    table = tmp_path / "table"
    assert lib_anew("run", "import", photos, table, "--workers", 1, "--part-size", 5).returncode == 0
    before = {row["key"]: row["text"] for row in rows(table)}
    edits = {"photo1.jpg": "another caption", "photo11.jpg": ""}
    overlay = Overlay(overlay_folder(table, tmp_path))
    overlay.write("0a", edits)

    def captions(sink: str) -> dict[str, str]:
        return {row["key"]: row["text"] or "" for row in rows(tmp_path / sink)}

    assert lib_anew("run", "import", table, tmp_path / "edited", "--workers", 1).returncode == 0
    assert captions("edited") == before | edits
    assert lib_anew("run", "import", table, tmp_path / "as_made", "--without-edits", "--workers", 1).returncode == 0
    assert captions("as_made") == before
    # Edits are of the listing: another one makes another job.
    overlay.write("0b", {"photo2.jpg": "later words"})
    refused = lib("run", "import", table, tmp_path / "edited", "--workers", 1)
    assert refused.returncode == 2
    assert "listing of the source has changed" in refused.stderr
    assert captions("edited") == before | edits


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["paint", "photos", "sink"], "There is no stage “paint”"),
        (["import", "photos"], "Where the table is to go is missing"),
        (["caption", "photos", "sink"], "No model is named"),
        (["embed", "photos", "sink", "--by", "tags", "--method", "tfidf"], "cannot be made by parts"),
        (["import", "photos", "sink", "--engine", "spark"], "There is no engine “spark”"),
        (["import", "http://example.com/a", "sink"], "no kind of address"),
        (["import", "s3://key:canary-1@bucket/a", "sink"], "a name or a password in it"),
        (["import", "nowhere", "sink"], "There is nothing at"),
        (["status", "photos"], "There is no job in"),
    ],
)
def test_what_cannot_be_done_is_wrong_usage_and_one_sentence(
    photos: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    known = {"photos": str(photos), "sink": str(tmp_path / "sink"), "nowhere": str(tmp_path / "nowhere")}
    done = lib("run", *[known.get(word, word) for word in words], "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "canary-1" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "sink").exists()


@pytest.mark.slow
def test_ctrl_c_ends_it_with_what_is_committed_and_the_same_command_goes_on(photos: Path, tmp_path: Path) -> None:
    sink = tmp_path / "sink"
    with ProviderServer(lambda received: held_after(server, 7)) as server:
        run = Run(photos, sink, server)
        until(lambda: len(list(sink.glob("part-*"))) >= 2)
        os.killpg(run.process.pid, signal.SIGINT)
        ended = run.end()
        assert run.process.returncode == 130
        assert "the same command goes on" in ended["error"]
        until(lambda: not run.members())
        before = len(keys(sink))
        server.caption = "a picture"
        again = Run(photos, sink, server).end()
        assert again["ok"]
        assert (again["reused"], again["done"]) == (before, 12 - before)
    assert keys(sink) == sorted(path.name for path in photos.glob("*.jpg"))


def held_after(server: ProviderServer, requests: int) -> str:
    """A caption at once, for so many requests; all later ones wait twenty seconds."""
    if len(server.requests) > requests:
        server.rest(20)
    return "a picture"


@pytest.mark.slow
@pytest.mark.parametrize("who", ["worker", "driver"])
def test_after_a_kill_each_name_is_there_once_and_at_most_a_part_a_worker_was_asked_for_twice(
    photos: Path, tmp_path: Path, who: str
) -> None:
    sink = tmp_path / "sink"
    with ProviderServer(delay=0.2) as server:
        run = Run(photos, sink, server)
        until(lambda: len(list(sink.glob("part-*"))) >= 1)
        others = [pid for pid in run.members() if pid != run.process.pid]
        workers = [pid for pid in others if "spawn_main" in command_of(pid)]
        os.kill(run.process.pid if who == "driver" else workers[0], signal.SIGKILL)
        if who == "driver":
            run.process.communicate()
            # Workers whose driver is gone ask for nothing any more.
            until(lambda: not run.members())
            server.delay = 0.0
            run = Run(photos, sink, server)
        assert run.end()["ok"]
        asked = len(server.requests)
    assert keys(sink) == sorted(path.name for path in photos.glob("*.jpg"))
    assert 12 <= asked <= 12 + 2 * (2 if who == "driver" else 1)


@pytest.mark.slow
def test_the_captions_are_those_that_the_command_on_a_folder_writes(photos: Path, tmp_path: Path) -> None:
    with ProviderServer(lambda request: f"A picture, told of as {request.prompt}") as server:
        words = ["--model", "tiny-vision", "--base-url", f"{server.url}/v1", "--prompt", "It is {name}; {tags}"]
        assert lib_anew("run", "caption", photos, tmp_path / "sink", *words, "--workers", 1).returncode == 0
        assert lib("caption", photos, *words, "--existing", "overwrite").returncode == 0
    written = {path.name: path.with_suffix(".txt").read_text() for path in photos.glob("*.jpg")}
    assert {row["key"]: row["caption"] for row in rows(tmp_path / "sink")} == written
    assert len(written) == 12


@pytest.mark.slow
def test_a_job_is_listed_with_how_far_it_is_and_cancelled_by_another_command(photos: Path, tmp_path: Path) -> None:
    sink = tmp_path / "sink"

    def listed() -> list[dict[str, Any]]:
        return answer(lib("jobs", "--json"))["runs"]

    with ProviderServer(delay=1.0) as server:
        run = Run(photos, sink, server)
        until(lambda: any(one["done"] for one in listed()))
        (found,) = listed()
        assert (found["state"], found["folder"], found["total"]) == ("running", str(sink), 12)
        assert f"process {run.process.pid}" in found["holder"]
        assert lib("jobs", "resume", found["id"]).returncode == 2
        assert lib("jobs", "cancel", found["id"]).returncode == 0
        ended = run.end()
    assert run.process.returncode == 130
    assert 0 < ended["done"] < 12
    assert "the same command goes on" in ended["error"]
    assert listed() == []


@pytest.mark.slow
def test_a_killed_job_is_listed_as_interrupted_and_the_same_command_takes_it_off(photos: Path, tmp_path: Path) -> None:
    sink = tmp_path / "sink"
    with ProviderServer(delay=1.0) as server:
        run = Run(photos, sink, server)
        until(lambda: list(sink.glob("part-*")))
        os.kill(run.process.pid, signal.SIGKILL)
        run.process.communicate()
        assert [one["state"] for one in answer(lib("jobs", "--json"))["runs"]] == ["interrupted"]
        server.delay = 0.0
        assert Run(photos, sink, server).end()["ok"]
    assert answer(lib("jobs", "--json"))["runs"] == []
