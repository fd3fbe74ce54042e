"""`captioner compact` and `captioner run compact`: asked before, told after, refused where it would cost something."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet
import pytest

from lib.commands.cut_short import open_ledger
from lib.jobs.ledger import NewRun
from lib.part_claims import KIND, claimed, sink_id
from tests.commands.test_command_line import answer, lib, lib_anew
from tests.doubles.image_folder import image_folder
from tests.doubles.tables import write_table


@pytest.fixture
def table(tmp_path: Path) -> Path:
    photos = image_folder(tmp_path / "photos", {"a.jpg": "a cat", "b.jpg": "a dog"})
    assert lib_anew("run", "import", photos, tmp_path / "table", "--workers", 1).returncode == 0
    assert lib("replace", tmp_path / "table", "cat", "bird").returncode == 0
    return tmp_path / "table"


def captions(table: Path) -> list[str]:
    """Those of the files themselves."""
    return [
        row["text"] for path in sorted(table.glob("*.parquet")) for row in pyarrow.parquet.read_table(path).to_pylist()
    ]


def test_edits_are_folded_in_by_whoever_says_yes(table: Path) -> None:
    asked = lib("compact", table)
    assert (asked.returncode, captions(table)) == (2, ["a cat", "a dog"])
    assert "1 caption of 1 edit will be folded in; undo takes them back as before" in asked.stderr
    assert "--yes" in asked.stderr
    shown = answer(lib("compact", table, "--dry-run", "--json"))
    assert (shown["counts"]["captions"], shown["dry_run"], captions(table)) == (1, True, ["a cat", "a dog"])
    done = answer(lib_anew("compact", table, "--yes", "--json"))
    assert done["counts"] == {"captions": 1, "edits": 1, "files": 1, "lost": 0, "kept": 0}
    assert captions(table) == ["a bird", "a dog"]
    again = lib("compact", table, "--yes")
    assert (again.returncode, again.stdout) == (0, "Nothing was edited since\n")
    assert lib("undo", table).returncode == 0
    assert lib("filter", table, "cat").stdout == "a.jpg\n"


def test_run_compact_is_the_same_command(table: Path) -> None:
    assert "--yes" in lib("run", "compact", table).stderr
    assert lib("run", "compact", table, table.with_name("copy")).returncode == 0
    assert captions(table.with_name("copy")) == ["a bird", "a dog"]


def test_a_table_that_a_job_writes_to_is_left_alone(table: Path) -> None:
    ledger = open_ledger()
    spec = {"stage": "import", "source": "", "sink": str(table), "engine": "local"}
    with claimed(NewRun(sink_id(str(table)), "local", KIND, "a job", spec, ()), ledger, "a test"):
        done = lib("compact", table, "--yes")
    assert done.returncode == 1
    assert "is being written already" in done.stderr
    assert captions(table) == ["a cat", "a dog"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["photos"], "is no table"),
        (["theirs.parquet"], "its files stay as they are"),
        (["nowhere"], "is no table"),
        (["s3://bucket/table"], "no table of this machine"),
        (["table", "--out", "table/inside"], "hold one another"),
        (["table", "--out", "full"], "nothing that says of what"),
    ],
)
def test_what_cannot_be_folded_is_refused_with_the_way_out(table: Path, words: list[str], said: str) -> None:
    home = table.parent
    write_table(home / "theirs.parquet", [("a.jpg", "a cat")])
    write_table(home / "full/part-000000.parquet", [("a.jpg", "a cat")])
    places = [word if word.startswith(("s3:", "--")) else str(home / word) for word in words]
    done = lib("compact", *places)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert captions(table) == ["a cat", "a dog"]
