"""Whole jobs: what their tables hold, how they are taken up again, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from lib.engine import EngineOptions
from lib.errors import InvalidInput
from lib.part_jobs import JobEnd, JobRequest, job_status, run_job
from lib.parts.work import PartWork
from lib.providers.http import forget_limiters
from tests.doubles.image_folder import draw_image, image_folder
from tests.doubles.provider_server import ProviderServer, Received, Reply

CAPTIONS: dict[str, str | bytes | None] = {f"photo{n}.jpg": f"caption {n}" for n in range(7)}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", CAPTIONS)


def job(stage: str, source: Path, sink: Path, **options: Any) -> JobEnd:
    size = options.pop("part_size", 2)
    retry = options.pop("retry_failed", False)
    return run_job(JobRequest(stage, options, str(source), str(sink), "local", EngineOptions(1), size, retry))


def rows(sink: Path) -> list[dict[str, Any]]:
    """All rows in the order of the parts."""
    found = []
    for path in sorted(sink.glob("part-*.parquet")):
        found += pyarrow.parquet.read_table(path).to_pylist(maps_as_pydicts="strict")
    return found


def test_an_import_is_a_table_with_the_images_in_the_order_of_the_source(photos: Path, tmp_path: Path) -> None:
    end = job("import", photos, tmp_path / "sink")
    assert (end.done, end.reused, end.failed, end.parts, end.made, end.error) == (7, 0, 0, 4, 4, "")
    found = rows(tmp_path / "sink")
    assert [row["key"] for row in found] == sorted(CAPTIONS)
    assert [row["text"] for row in found] == [CAPTIONS[name] for name in sorted(CAPTIONS)]
    assert [row["image"]["bytes"] for row in found] == [(photos / name).read_bytes() for name in sorted(CAPTIONS)]


def test_a_table_is_a_source_again_and_keeps_its_keys(photos: Path, tmp_path: Path) -> None:
    job("import", photos, tmp_path / "one")
    end = job("import", tmp_path / "one", tmp_path / "two")
    assert (end.parts, end.error) == (4, "")
    assert rows(tmp_path / "two") == rows(tmp_path / "one")


@pytest.mark.slow
def test_an_export_is_a_shard_a_part_whose_samples_come_back(photos: Path, tmp_path: Path) -> None:
    job("export", photos, tmp_path / "shards")
    assert sorted(path.name for path in (tmp_path / "shards").glob("*.tar")) == [
        f"shard-{number:06d}.tar" for number in range(4)
    ]
    told = [row["shard_key"] for row in rows(tmp_path / "shards")]
    assert len(set(told)) == 7
    end = job("import", tmp_path / "shards", tmp_path / "table")
    assert (end.done, end.failed) == (7, 0)
    assert [row["text"] for row in rows(tmp_path / "table")] == [CAPTIONS[name] for name in sorted(CAPTIONS)]


def test_a_review_finds_by_parts_what_the_checks_find(photos: Path, tmp_path: Path) -> None:
    (photos / "photo3.txt").write_text("")
    job("review", photos, tmp_path / "sink")
    found = {row["key"]: row for row in rows(tmp_path / "sink")}
    assert list(found) == sorted(CAPTIONS)
    assert any(one["kind"] == "empty" for one in found["photo3.jpg"]["findings"])
    assert all(row["error"] == "" for row in found.values())
    assert found["photo0.jpg"]["scores"]


def test_a_check_that_compares_all_samples_is_refused(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="duplicates"):
        job("review", photos, tmp_path / "sink", checks=["duplicates"])
    assert not (tmp_path / "sink").exists()


@pytest.mark.parametrize("stage", ["import", pytest.param("export", marks=pytest.mark.slow), "review"])
def test_a_hostile_image_costs_its_row(photos: Path, tmp_path: Path, stage: str) -> None:
    (photos / "photo2.jpg").write_bytes(b"\xff\xd8\xff" + b"no image" * 50)
    (photos / "photo4.jpg").write_bytes(b"")
    job(stage, photos, tmp_path / "sink")
    found = rows(tmp_path / "sink")
    assert [row["key"] for row in found] == sorted(CAPTIONS)
    assert {row["key"] for row in found if row["error"]} == {"photo2.jpg", "photo4.jpg"}


def test_the_same_job_makes_what_is_missing_and_touches_nothing_else(photos: Path, tmp_path: Path) -> None:
    sink = tmp_path / "sink"
    job("import", photos, sink)
    whole = rows(sink)
    (sink / "part-000001.parquet").unlink()
    before = {path.name: path.stat().st_mtime_ns for path in sink.iterdir()}
    end = job("import", photos, sink)
    assert (end.done, end.reused, end.made, end.parts) == (2, 5, 1, 4)
    assert rows(sink) == whole
    after = {path.name: path.stat().st_mtime_ns for path in sink.iterdir()}
    assert {name for name in after if after[name] != before.get(name)} == {"part-000001.parquet"}


def test_a_part_made_twice_is_the_same_file(photos: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        job("import", photos, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("damage", [b"", b"PAR1 cut short"])
def test_a_part_that_cannot_be_read_is_not_done(photos: Path, tmp_path: Path, damage: bytes) -> None:
    sink = tmp_path / "sink"
    job("import", photos, sink)
    whole = rows(sink)
    (sink / "part-000002.parquet").write_bytes(damage)
    assert job_status(str(sink)).parts_done == 3
    assert job("import", photos, sink).made == 1
    assert rows(sink) == whole
    assert job_status(str(sink)).unreadable == ()


def test_a_listing_that_changed_is_refused_and_the_sink_stays(photos: Path, tmp_path: Path) -> None:
    sink = tmp_path / "sink"
    job("import", photos, sink)
    before = {path.name: path.read_bytes() for path in sink.iterdir()}
    draw_image(photos / "new.jpg")
    with pytest.raises(InvalidInput, match="listing of the source has changed"):
        job("import", photos, sink)
    assert {path.name: path.read_bytes() for path in sink.iterdir()} == before


def test_another_stage_option_or_part_size_is_refused_with_what_differs(photos: Path, tmp_path: Path) -> None:
    sink = tmp_path / "sink"
    job("review", photos, sink, checks=["captions"])
    with pytest.raises(InvalidInput, match="its stage was “review”, not “import”"):
        job("import", photos, sink)
    with pytest.raises(InvalidInput, match=r"its checks was “\['captions'\]”, not “\['pictures'\]”"):
        job("review", photos, sink, checks=["pictures"])
    with pytest.raises(InvalidInput, match="its part size was “2”, not “3”"):
        job("review", photos, sink, checks=["captions"], part_size=3)


def test_parts_without_a_job_are_nobodys_to_go_on_with(photos: Path, tmp_path: Path) -> None:
    job("import", photos, tmp_path / "sink")
    (tmp_path / "sink" / "_job.json").unlink()
    with pytest.raises(InvalidInput, match="nothing that says of what"):
        job("import", photos, tmp_path / "sink")


def test_a_sink_within_its_source_is_refused(photos: Path) -> None:
    with pytest.raises(InvalidInput, match="hold one another"):
        job("import", photos, photos / "sink")


def test_what_lies_half_written_in_a_sink_is_no_part(photos: Path, tmp_path: Path) -> None:
    sink = tmp_path / "sink"
    job("import", photos, sink)
    (sink / "part-000003.parquet").rename(sink / ".~0123456789ab")
    (sink / "part-3.parquet").write_bytes(b"not ours")
    assert job_status(str(sink)).parts_done == 3
    assert job("import", photos, sink).made == 1


def test_the_status_counts_by_what_the_parts_say(photos: Path, tmp_path: Path) -> None:
    (photos / "photo2.jpg").write_bytes(b"no image")
    job("import", photos, tmp_path / "sink")
    found = job_status(str(tmp_path / "sink"))
    assert (found.spec.parts, found.parts_done, found.rows, found.failed) == (4, 4, 7, 1)
    with pytest.raises(InvalidInput, match="no job"):
        job_status(str(photos))


class TestCaptions:
    """With a service on loopback that says which picture it was shown."""

    @pytest.fixture
    def server(self):
        forget_limiters()
        with ProviderServer(_told) as server:
            yield server

    def captions(self, photos: Path, sink: Path, server: ProviderServer, **more: Any) -> JobEnd:
        options = {
            "model": "openai-compatible:tiny-vision",
            "prompt": "Describe {name}.",
            "base_url": f"{server.url}/v1",
        }
        return job("caption", photos, sink, **options | {"threads": 2} | more)

    def test_a_row_a_sample_says_what_was_asked_and_answered(self, photos: Path, tmp_path: Path, server) -> None:
        end = self.captions(photos, tmp_path / "sink", server)
        assert (end.done, end.failed, end.error) == (7, 0, "")
        found = rows(tmp_path / "sink")
        assert [row["key"] for row in found] == sorted(CAPTIONS)
        assert [row["caption"] for row in found] == [f"This is photo{n}." for n in range(7)]
        assert {row["model"] for row in found} == {"openai-compatible:tiny-vision"}
        assert {row["prompt"] for row in found} == {"Describe {name}."}
        assert all(isinstance(json.loads(row["parameters"]), dict) and row["time"] for row in found)
        assert len(server.requests) == 7
        assert {(photos / name).with_suffix(".txt").read_text() for name in CAPTIONS} == set(CAPTIONS.values())

    def test_another_prompt_or_model_is_refused_on_its_sink(self, photos: Path, tmp_path: Path, server) -> None:
        self.captions(photos, tmp_path / "sink", server)
        with pytest.raises(InvalidInput, match=r"prompt was “Describe {name}\.”, not “Say\.”"):
            self.captions(photos, tmp_path / "sink", server, prompt="Say.")
        with pytest.raises(InvalidInput, match="tiny-vision”, not “openai-compatible:other"):
            self.captions(photos, tmp_path / "sink", server, model="openai-compatible:other")
        assert self.captions(photos, tmp_path / "sink", server, threads=1, rpm=500).reused == 7

    def test_a_refused_key_ends_the_job_with_its_sentence_and_nothing_is_committed(
        self, photos: Path, tmp_path: Path, server
    ) -> None:
        server.enqueue(*[Reply.json({"error": "Unauthorized"}, status=401)] * 20)
        end = self.captions(photos, tmp_path / "sink", server)
        assert "key" in end.error
        assert "the same command goes on" in end.error
        assert job_status(str(tmp_path / "sink")).parts_done == 0

    def test_one_bad_answer_is_a_row_with_an_error_and_can_be_made_again(
        self, photos: Path, tmp_path: Path, server
    ) -> None:
        server.enqueue(Reply.json({"error": "The picture is odd."}, status=400))
        end = self.captions(photos, tmp_path / "sink", server)
        assert (end.done, end.failed) == (6, 1)
        assert [bool(row["error"]) for row in rows(tmp_path / "sink")].count(True) == 1
        assert self.captions(photos, tmp_path / "sink", server).made == 0
        again = self.captions(photos, tmp_path / "sink", server, retry_failed=True)
        assert (again.made, again.failed) == (1, 0)
        assert not any(row["error"] for row in rows(tmp_path / "sink"))

    def test_a_key_is_in_no_file_of_the_sink(self, photos: Path, tmp_path: Path, server, monkeypatch) -> None:
        monkeypatch.setenv("MY_KEY", "sk-canary-0123456789")
        self.captions(photos, tmp_path / "sink", server, key_env="MY_KEY")
        assert {request.header("authorization") for request in server.requests} == {"Bearer sk-canary-0123456789"}
        for path in (tmp_path / "sink").iterdir():
            assert b"canary-0123456789" not in path.read_bytes()
        assert "MY_KEY" not in (tmp_path / "sink" / "_job.json").read_text()


def _told(request: Received) -> str:
    return f"This is {request.prompt.removeprefix('Describe ').removesuffix('.')}."


@pytest.mark.slow
def test_a_kill_within_the_commit_leaves_the_part_whole_or_not_there(photos: Path, tmp_path: Path) -> None:
    """In a process of its own, at every call of the file system that the commit makes."""
    # Imported once, and not in every child.
    import webdataset.writer  # noqa: F401

    sink = tmp_path / "sink"
    job("export", photos, sink)
    kept = {path.name: path.read_bytes() for path in sink.iterdir()}
    at = 0
    while True:
        (sink / "part-000001.parquet").unlink(missing_ok=True)
        pid = os.fork()
        if pid == 0:
            _end_at(at, photos, sink)
        status = os.waitpid(pid, 0)[1]
        names = [path.name for path in sink.iterdir() if not path.name.startswith(".")]
        for name in names:
            assert (sink / name).read_bytes() == kept[name]
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        at += 1
    assert at >= 8
    assert sorted(names) == sorted(kept)


def _end_at(call: int, photos: Path, sink: Path) -> None:
    """In a child: makes part 1 and ends itself, by force, at its n-th call. Never returns."""
    from lib import files
    from lib.parts.sources import source_at

    calls = 0

    def counted(real: Any) -> Any:
        def call_(self: Any, *args: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls - 1 == call:
                os.kill(os.getpid(), 9)
            return real(self, *args)

        return call_

    try:
        for name in ("create", "write", "sync", "close", "replace", "sync_folder", "sync_many"):
            setattr(files.Files, name, counted(getattr(files.Files, name)))
        worker = PartWork("export", {}, str(photos), str(sink)).begin()
        part = next(part for part, _ in source_at(str(photos)).parts(2) if part.number == 1)
        os._exit(1 if worker(part).reason else 0)
    finally:
        os._exit(2)


class TestClusters:
    """Of a table of vectors, as `embed` writes them."""

    @pytest.fixture
    def vectors(self, tmp_path: Path) -> Path:
        """Three heaps of vectors in four tables, one sample without any."""
        (tmp_path / "vectors").mkdir()
        random = np.random.default_rng(5)
        for number in range(4):
            heap = np.arange(50) % 3
            found = (random.normal(size=(50, 8)) * 0.1 + heap[:, None] * 5).astype(np.float32)
            keys = [f"{number}-{place}-{heap[place]}" for place in range(50)]
            kind = pyarrow.list_(pyarrow.float32(), 8)
            values: list[Any] = [*found[:-1].tolist(), None]
            table = pyarrow.table({"key": keys, "vector": pyarrow.array(values, kind), "error": [""] * 50})
            pyarrow.parquet.write_table(table, tmp_path / "vectors" / f"part-{number:06d}.parquet")
        return tmp_path / "vectors"

    def test_each_sample_gets_its_cluster_and_its_place(self, vectors: Path, tmp_path: Path) -> None:
        end = job("cluster", vectors, tmp_path / "sink", k=3)
        assert (end.done, end.failed, end.parts, end.error) == (196, 4, 4, "")
        found = rows(tmp_path / "sink")
        assert len(found) == 200
        heaps = {row["key"].rpartition("-")[2]: row["cluster"] for row in found if not row["error"]}
        assert len(set(heaps.values())) == 3
        assert all(heaps[row["key"].rpartition("-")[2]] == row["cluster"] for row in found if not row["error"])
        assert all(isinstance(row["x"], float) and isinstance(row["y"], float) for row in found if not row["error"])

    def test_the_passes_over_an_engine_give_what_those_here_give(
        self, vectors: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job("cluster", vectors, tmp_path / "here", k=3)
        monkeypatch.setattr("lib.part_jobs._HERE_BYTES", 0)
        job("cluster", vectors, tmp_path / "there", k=3)
        assert rows(tmp_path / "there") == rows(tmp_path / "here")

    def test_what_holds_no_vectors_is_refused(self, photos: Path, tmp_path: Path) -> None:
        assert "works on tables" in job("cluster", photos, tmp_path / "sink").error
        job("review", photos, tmp_path / "review", checks=["captions"])
        assert "holds no vectors" in job("cluster", tmp_path / "review", tmp_path / "sink2").error
