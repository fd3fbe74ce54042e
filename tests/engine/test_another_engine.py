"""Another engine is a file and a line: all that makes, resumes and tells of a job is there for it as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.engine import ENGINES
from lib.part_jobs import JobRequest, run_job
from lib.parts.base import DataPart
from lib.parts.work import PartWork
from tests.doubles.image_folder import image_folder
from tests.doubles.part_run import rows


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(ENGINES._entries, "one-by-one", "tests.doubles.one_by_one:OneByOne")
    return "one-by-one"


def test_one_that_is_added_by_a_line_makes_the_same_table_and_goes_on_with_it(another: str, tmp_path: Path) -> None:
    photos = image_folder(tmp_path / "photos", 7)
    for engine in (another, "local"):
        end = run_job(JobRequest("import", {}, str(photos), str(tmp_path / engine), engine, part_size=2))
        assert (end.done, end.made, end.error) == (7, 4, "")
    assert rows(tmp_path / another) == rows(tmp_path / "local")
    # A sink belongs to no engine: what one has begun another goes on with.
    (tmp_path / "local" / "part-000002.parquet").unlink()
    again = run_job(JobRequest("import", {}, str(photos), str(tmp_path / "local"), another, part_size=2))
    assert (again.made, again.reused) == (1, 5)
    assert rows(tmp_path / another) == rows(tmp_path / "local")


@pytest.mark.parametrize("stage", ["import", "review", "caption", "export"])
def test_a_part_that_was_given_up_is_rows_with_the_reason_in_the_order_of_the_source(
    stage: str, tmp_path: Path
) -> None:
    image_folder(tmp_path / "photos", 2)
    options = {"model": "openai-compatible:any", "base_url": "http://127.0.0.1:9/v1", "prompt": "Say."}
    given = options if stage == "caption" else {}
    worker = PartWork(stage, given, str(tmp_path / "photos"), str(tmp_path / "sink")).begin()
    done = worker.give_up(DataPart(3, ("photo1.jpg", "photo0.jpg")), "It ended 3 times.")
    assert (done.rows, done.failed, done.given_up) == (2, 2, True)
    assert [(row["key"], row["error"]) for row in rows(tmp_path / "sink")] == [
        ("photo1.jpg", "It ended 3 times."),
        ("photo0.jpg", "It ended 3 times."),
    ]
    assert [path.name for path in (tmp_path / "sink").iterdir()] == ["part-000003.parquet"]
