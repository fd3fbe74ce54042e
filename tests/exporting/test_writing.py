"""What is left out is told, and whatever cuts an export short leaves nothing under its name."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lib.dataset.scan.scanner import open_dataset
from lib.errors import Cancelled, InvalidInput
from lib.exporting.base import ExportOptions
from lib.exporting.planning import SHARED, UNDECODABLE, UNTAGGED, estimate_bytes, plan_export
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify
from lib.exporting.writing import export
from tests.doubles.image_folder import age, image_folder
from tests.doubles.onlooker import Onlooker
from tests.doubles.repository import ROOT
from tests.exporting.conftest import Exported, names_in

EXPORT = """
import resource, signal, sys
from pathlib import Path
from lib.dataset.scan.scanner import open_dataset
from lib.errors import ToolkitError
from lib.exporting.planning import plan_export
from lib.exporting.writing import export

root, out, format, limit, pause = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


class Pausing:
    def advance(self, done, total):
        global pause
        if done >= pause >= 0:
            pause = -1
            print("paused", flush=True)
            sys.stdin.readline()

    def is_cancelled(self):
        return False


try:
    export(format, plan_export(root, open_dataset(root).records), out, Pausing())
except ToolkitError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def process(root: Path, out: Path, format: str, limit: int = 0, pause: int = -1) -> subprocess.Popen[str]:
    """An export elsewhere: no file of more than `limit` bytes, and a pause for a line when `pause` samples are done."""
    arguments = [sys.executable, "-c", EXPORT, str(root), str(out), format, str(limit), str(pause)]
    pipe = subprocess.PIPE
    return subprocess.Popen(arguments, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_a_plan_tells_what_is_left_out_and_why(tmp_path: Path) -> None:
    captions = {"a.jpg": "x", "b.jpg": None, "c.jpg": b"caf\xe9", "d.jpg": "y", "d.png": None, "e.jpg": " \n"}
    dataset = open_dataset(image_folder(tmp_path / "photos", captions))
    plan = plan_export(dataset.root, dataset.records, {"a.jpg": "It is broken."})
    assert dict(plan.left_out) == {
        "a.jpg": "It is broken.",
        "b.jpg": UNTAGGED,
        "c.jpg": UNDECODABLE,
        "d.jpg": SHARED,
        "d.png": SHARED,
        "e.jpg": UNTAGGED,
    }
    whole = plan_export(dataset.root, dataset.records)
    size = (dataset.root / "a.jpg").stat().st_size
    assert size < estimate_bytes(whole, images=True) < size + 200
    assert estimate_bytes(whole, images=False) < 100


@pytest.mark.parametrize(
    "options", [ExportOptions(shard_samples=0), ExportOptions(validation=1.0), ExportOptions(max_side=0)]
)
def test_options_that_mean_nothing_are_refused(options: ExportOptions) -> None:
    with pytest.raises(InvalidInput):
        plan_export(Path(), [], None, options)


def test_images_that_turn_out_broken_are_left_out_with_the_reason(tmp_path: Path, exported: Exported) -> None:
    root = image_folder(tmp_path / "photos", 4)
    data = (root / "photo1.jpg").read_bytes()
    (root / "photo1.jpg").write_bytes(data[: len(data) // 2])
    (root / "photo2.jpg").write_bytes(b"<html>")
    done = exported(root, "webdata-zip")
    assert done.samples == 2
    assert {name for name, _ in done.left_out} == {"photo1.jpg", "photo2.jpg"}
    assert all(reason for _, reason in done.left_out)


def test_where_nothing_is_left_nothing_is_made(tmp_path: Path, exported: Exported) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": None})
    for format in EXPORTERS:
        with pytest.raises(InvalidInput):
            exported(root, format)
    assert names_in(tmp_path / "out") == []


def test_an_unknown_format_names_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match="webdata-zip"):
        EXPORTERS["zip"]


@pytest.mark.parametrize("format", EXPORTERS)
def test_a_cancelled_export_leaves_nothing(tmp_path: Path, format: str) -> None:
    root = image_folder(tmp_path / "photos", 6)
    plan = plan_export(root, open_dataset(root).records)
    for stop in (0, 3, 8):
        with pytest.raises(Cancelled):
            export(format, plan, tmp_path / "out", Onlooker(lambda who, stop=stop: len(who.told) >= stop))  # type: ignore[misc]
        assert names_in(tmp_path / "out") == []


@pytest.mark.slow
def test_a_killed_export_leaves_no_name_and_the_next_one_clears_up(tmp_path: Path, exported: Exported) -> None:
    root, out = image_folder(tmp_path / "photos", 40), tmp_path / "out"
    for step in (2, 39, 60):
        with process(root, out, "webdata-zip", pause=step) as killed:
            assert killed.stdout is not None
            assert killed.stdout.readline() == "paused\n"
            killed.send_signal(signal.SIGKILL)
        assert [name for name in names_in(out) if not name.startswith(".")] == []
    age(out, 90_000)
    done = exported(root, "webdata-zip")
    assert names_in(out) == [done.manifest.name, done.path.name]


def test_a_running_export_is_not_taken_for_a_killed_one(tmp_path: Path, exported: Exported) -> None:
    root, out = image_folder(tmp_path / "photos", 40), tmp_path / "out"
    with process(root, out, "webdata-zip", pause=5) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "paused\n"
        exported(root, "csv")
        running.communicate("go on\n", timeout=30)
    assert running.returncode == 0
    assert verify(out).samples == 80


@pytest.mark.parametrize("format", ["webdata-zip", "webdataset", "imagefolder", "parquet", "coco"])
def test_where_the_disk_takes_no_more_nothing_is_left(tmp_path: Path, format: str) -> None:
    root, out = image_folder(tmp_path / "photos", 20), tmp_path / "out"
    # No file of more than 600 bytes: each image fits, and nothing that is made of several.
    with process(root, out, format, limit=600) as full:
        _, error = full.communicate(timeout=30)
    assert error.startswith("WriteFailed")
    assert "Exception ignored" not in error
    assert names_in(out) == []


def test_the_manifest_tells_the_hash_of_each_file(tmp_path: Path, exported: Exported) -> None:
    done = exported(image_folder(tmp_path / "photos", 3), "imagefolder")
    content = json.loads(done.manifest.read_bytes())
    assert (content["format"], content["samples"]) == ("imagefolder", 3)
    assert sorted(file["name"] for file in content["files"]) == [
        "README.md", "train/metadata.jsonl", "train/photo0.jpg", "train/photo1.jpg", "train/photo2.jpg",
    ]  # fmt: skip
    assert sum(file["bytes"] for file in content["files"]) == done.bytes


def test_progress_counts_writing_and_reading_back(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "photos", 5)
    watch = Onlooker()
    export("webdata-zip", plan_export(root, open_dataset(root).records), tmp_path / "out", watch)
    assert {total for _, total in watch.told} == {10}
    assert [done for done, _ in watch.told] == sorted(done for done, _ in watch.told)
    assert watch.told[0] == (0, 10)
    assert watch.told[-1][0] > 5


def test_the_size_of_many_images_is_estimated_from_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.exporting.planning.ASKED", 3)
    dataset = open_dataset(image_folder(tmp_path / "photos", 10))
    whole = plan_export(dataset.root, dataset.records)
    size = sum((dataset.root / record.name).stat().st_size for record in dataset.records)
    assert 0.8 * size < estimate_bytes(whole, images=True) < 1.2 * size + 1_000
