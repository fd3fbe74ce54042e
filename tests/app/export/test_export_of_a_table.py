"""The Export page over a table: rows go out as they were edited, in the formats that rows may go out in."""

from __future__ import annotations

import csv
import tarfile
from pathlib import Path

import pyarrow.parquet
import pytest
from streamlit.testing.v1 import AppTest

from app.session.jobs import key_of
from lib import cache
from lib.dataset.saving.operations import operations_of
from lib.dataset.saving.targets import Edit
from lib.exporting.registry import EXPORTERS
from lib.exporting.writing import ExportSummary
from lib.settings import settings
from lib.tables.opening import open_table
from lib.tables.operations import table_store
from tests.doubles.dashboard import healthy, open_page, open_scope, settle, texts
from tests.doubles.tables import picture, write_picture_table, write_table

ROWS = [f"a {'dog' if number % 2 else 'cat'}, {number}" for number in range(6)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Of six rows, of which the second was edited and the last has no caption any more."""
    path = write_picture_table(tmp_path / "set/pets.parquet", ROWS)
    store = table_store(open_table(path, settings()), "local", settings())
    edits = [(store.table.records[place], text) for place, text in ((1, "a dog, edited"), (5, ""))]
    operations_of(store).apply([Edit(record.name, store.read(record).hash, text) for record, text in edits], "bulk")
    return path


def export_page(table: Path, format: str) -> AppTest:
    page = open_page(table, screen="export")
    page.radio(key="export.format").set_value(format).run()
    assert healthy(page)
    return page


def exported(page: AppTest) -> ExportSummary:
    settle(page.button(key="export.start").click().run())
    (job,) = [job for job in cache.job_runner().of("local") if key_of(job).kind == "export"]
    assert isinstance(job.result, ExportSummary), job.error
    return job.result


def rows_in(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["file_name"]: row["text"] for row in csv.DictReader(file)}


EDITED = {"photo000.jpg": "a cat, 0", "photo001.jpg": "a dog, edited"} | {
    f"photo{number:03d}.jpg": ROWS[number] for number in (2, 3, 4)
}


def test_captions_go_out_as_they_were_edited(table: Path) -> None:
    done = exported(export_page(table, "csv"))
    assert rows_in(done.path) == EDITED
    assert [name for name, _ in done.left_out] == ["photo005.jpg"]


def test_only_rows_in_scope_go_out(table: Path) -> None:
    page = open_scope(export_page(table, "csv"))
    page.text_input(key="scope.query").set_value("dog").run()
    assert set(rows_in(exported(page).path)) == {"photo001.jpg", "photo003.jpg"}


def test_pictures_go_out_as_they_are_in_the_rows(table: Path) -> None:
    out = pyarrow.parquet.read_table(exported(export_page(table, "parquet")).path).to_pylist()
    assert {row["file_name"]: row["text"] for row in out} == EDITED
    assert [row["image"]["bytes"] for row in out] == [picture(number) for number in range(5)]


def test_shards_are_made_of_rows(table: Path) -> None:
    page = export_page(table, "webdataset")
    page.checkbox(key="export.zipped").uncheck().run()
    (shard,) = exported(page).path.glob("*.tar")
    with tarfile.open(shard) as tar:
        assert {tar.extractfile(name).read().decode() for name in tar.getnames() if name.endswith(".txt")} == set(  # type: ignore[union-attr]
            EDITED.values()
        )
        assert [name for name in tar.getnames() if name.endswith(".jpg")]


def test_only_formats_that_call_no_file_as_a_row_is_called_are_offered(table: Path) -> None:
    radio = export_page(table, "csv").radio(key="export.format")
    offered = [name for name, exporter in EXPORTERS.items() if exporter.takes_rows]
    assert radio.options == [EXPORTERS[name].label for name in offered]
    assert {"imagefolder", "sidecars"}.isdisjoint(offered)


def test_a_row_called_as_a_path_elsewhere_tells_nothing_of_what_lies_there(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"x" * 4_321)
    table = write_table(tmp_path / "set/part-000000.parquet", [(str(secret), "a cat"), ("../secret.bin", "a dog")])
    done = exported(export_page(table.parent, "csv"))
    assert "4321" not in done.path.read_text()


def test_an_export_does_not_become_part_of_the_table(tmp_path: Path) -> None:
    folder = write_table(tmp_path / "set/pets.parquet", [("a.jpg", "a cat")]).parent
    write_table(folder / "part-000000.parquet", [("a.jpg", "a cat")])
    page = export_page(folder, "csv")
    page.text_input(key="export.folder").set_value(str(folder)).run()
    page.button(key="export.start").click().run()
    assert "would become part of it" in texts(page)
    assert not list(folder.glob("*.csv"))


def test_an_import_goes_into_a_new_dataset_while_a_table_is_open(table: Path, tmp_path: Path) -> None:
    page = open_page(table, screen="export")
    page.segmented_control(key="export.way").set_value("Import").run()
    assert healthy(page)
    assert page.segmented_control(key="import.into").options == ["A new dataset"]
