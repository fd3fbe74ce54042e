"""Every command on a table: it works, or is refused with one sentence. Nothing changes the table's own files."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest

from lib.commands.application import COMMANDS
from tests.commands.test_command_line import answer, lib
from tests.doubles.embedded import cluster_sink_of
from tests.doubles.image_folder import image_folder
from tests.doubles.provider_server import ProviderServer
from tests.doubles.tables import write_picture_table

_CAPTIONS = ["a cat, a dog", "a dog on a beach", "", "a bird, a bird"]


@pytest.fixture(params=["a file", "a folder of parts"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "a file":
        return write_picture_table(tmp_path / "t.parquet", _CAPTIONS)
    return write_picture_table(tmp_path / "t/part-000000.parquet", _CAPTIONS).parent


def test_it_is_looked_through_as_a_folder_is(table: Path) -> None:
    counts = answer(lib("scan", table, "--json"))["counts"]
    assert (counts["images"], counts["tagged"], counts["unreadable"]) == (4, 3, 0)
    assert lib("filter", table, "dog AND NOT beach").stdout == "photo000.jpg\n"
    assert lib("filter", table, "--untagged").stdout == "photo002.jpg\n"
    assert answer(lib("words", table, "--json"))["words"][0] in (
        {"word": "dog", "count": 2},
        {"word": "bird", "count": 2},
    )


def test_edits_are_operations_with_history_undo_and_redo(table: Path) -> None:
    file = table if table.is_file() else table / "part-000000.parquet"
    before = file.read_bytes()
    assert answer(lib("replace", table, "dog", "wolf", "--json"))["counts"]["changed"] == 2
    assert answer(lib("affix", table, "--prefix", "sks", "--json"))["counts"]["changed"] == 3
    assert answer(lib("tags", table, "--unique", "--json"))["counts"]["changed"] == 1
    assert lib("filter", table, "wolf").stdout == "photo000.jpg\nphoto001.jpg\n"
    assert [one["kind"] for one in answer(lib("history", table, "--json"))["operations"]] == [
        "tags",
        "affix",
        "replace",
    ]
    for _ in range(3):
        assert lib("undo", table).returncode == 0
    assert lib("filter", table, "wolf").stdout == ""
    assert lib("redo", table).returncode == 0
    assert lib("filter", table, "wolf").stdout == "photo000.jpg\nphoto001.jpg\n"
    assert answer(lib("mark", table, "--leave-out", "--only", "beach", "--json"))["counts"]["marked"] == 1
    assert lib("filter", table, "wolf", "-q").stdout == "photo000.jpg\n"
    assert file.read_bytes() == before


def test_captions_of_a_run_are_one_operation_that_is_taken_back(tmp_path: Path) -> None:
    table = write_picture_table(tmp_path / "t/part-000000.parquet", ["a cat", "", ""]).parent
    with ProviderServer() as server:
        words = ["--model", "tiny-vision", "--base-url", f"{server.url}/v1", "--workers", 1]
        assert lib("caption", table, *words).returncode == 0
    assert lib("filter", table, "--untagged").stdout == ""
    assert lib("undo", table).returncode == 0
    assert lib("filter", table, "--untagged").stdout == "photo001.jpg\nphoto002.jpg\n"


def test_one_row_is_set_by_its_name(table: Path) -> None:
    done = lib("set", table / "photo002.jpg", "two birds")
    assert done.returncode == 0, done.stderr
    assert lib("filter", table, "two").stdout == "photo002.jpg\n"
    refused = lib("set", table / "photo9.jpg", "none")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1


def test_it_goes_out_with_its_pictures(table: Path, tmp_path: Path) -> None:
    done = lib("export", table, tmp_path / "out", "--format", "imagefolder")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 3
    assert lib("verify", tmp_path / "out").returncode == 0


_WORDS = {
    "filter": ["dog"],
    "replace": ["dog", "wolf"],
    "affix": ["--prefix", "x"],
    "tags": ["--unique"],
    "mark": ["--rating", "3"],
    "find": ["a dog", "--method-captions", "tfidf"],
    "cluster": ["--k", "2"],
    "export": ["{out}", "--format", "csv"],
    "push": ["me/it", "--dry-run"],
    "fix": ["--check", "captions"],
    "review": ["--checks", "captions"],
    "caption": ["--model", "tiny-vision", "--base-url", "http://127.0.0.1:9/v1", "--dry-run"],
    "embed": ["--by", "tags", "--method", "tfidf"],
    "compact": ["--dry-run"],
}
_NO_TABLE = {"run", "models", "jobs", "config", "verify", "set"}
"""Those that take no folder, or are tried above."""


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in _NO_TABLE])
def test_every_command_works_or_says_in_a_sentence_why_it_does_not(name: str, tmp_path: Path) -> None:
    table = write_picture_table(tmp_path / "t/part-000000.parquet", _CAPTIONS).parent
    before = {path: path.read_bytes() for path in table.glob("*.parquet")}
    lib("replace", table, "cat", "lion")
    words = [word.replace("{out}", str(tmp_path / "out.csv")) for word in _WORDS.get(name, [])]
    places = [image_folder(tmp_path / "photos", 2), table] if name == "import" else [table]
    done = lib(name, *places, *words)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1, 2)
    if done.returncode == 2:
        assert done.stderr.count("\n") == 1, done.stderr
    assert {path: path.read_bytes() for path in table.glob("*.parquet")} == before
    assert {path.name for path in table.iterdir()} == {"part-000000.parquet", "edits"}


def test_a_sink_of_clusters_names_its_samples_and_goes_along_with_their_export(tmp_path: Path) -> None:
    photos = image_folder(tmp_path / "photos", {"a.jpg": "a dog", "b.jpg": "red car"})
    sink = cluster_sink_of(photos, tmp_path / "clusters")
    refused = lib("filter", sink, "dog")
    assert refused.returncode == 2
    assert f"holds clusters of the samples in {photos}, and no captions" in refused.stderr
    assert lib("export", photos, tmp_path / "out", "--format", "csv", "--clusters", sink).returncode == 0
    found = pyarrow.csv.read_csv(next((tmp_path / "out").rglob("*.csv"))).to_pylist()
    assert {row["cluster"] for row in found} == {0, 1}


def test_a_tables_own_map_goes_along_with_its_export(tmp_path: Path) -> None:
    rows = {"key": ["a", "b"], "caption": ["a dog", "a cat"], "cluster": [1, 0], "x": [1.5, 2.5], "y": [3.5, 4.5]}
    pyarrow.parquet.write_table(pyarrow.table(rows), tmp_path / "t.parquet")
    assert lib("export", tmp_path / "t.parquet", tmp_path / "out", "--format", "csv").returncode == 0
    found = pyarrow.csv.read_csv(next((tmp_path / "out").rglob("*.csv"))).to_pylist()
    assert [(row["cluster"], row["x"], row["y"]) for row in found] == [(1, 1.5, 3.5), (0, 2.5, 4.5)]
