"""Which tables open, what is in them, and what refuses: strange columns, damage, and what unpacks to far too much."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from lib.dataset.scan.scanner import open_dataset
from lib.errors import FolderRefused, ImageRefused, InvalidInput
from lib.exporting.base import ExportOptions
from lib.exporting.planning import plan_export
from lib.exporting.writing import export
from lib.images import Picture, load_image
from lib.part_jobs import JobRequest, run_job
from lib.tables import reading
from lib.tables.dataset import TableDataset
from lib.tables.opening import TableCache, is_table, open_table, resolve_table
from tests.doubles.image_folder import image_folder, settings_at
from tests.doubles.tables import picture, write_picture_table, write_table


def opened(path: Path) -> TableDataset:
    return open_table(path, settings_at(path.parent / "home"))


def captions(dataset: TableDataset) -> dict[str, str]:
    return {record.name: record.text for record in dataset.records}


def written(path: Path, columns: dict[str, object], group: int = 10_000) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), path, row_group_size=group)
    return path


def test_a_file_opens_in_the_order_of_its_rows(tmp_path: Path) -> None:
    rows = [("b.jpg", "two"), ("a.jpg", "one"), ("c.jpg", None)]
    dataset = opened(write_table(tmp_path / "t.parquet", rows, group=2))
    assert list(captions(dataset).items()) == [("b.jpg", "two"), ("a.jpg", "one"), ("c.jpg", "")]
    assert [dataset.index_of(name) for name in ("a.jpg", "b.jpg", "c.jpg")] == [1, 0, 2]
    assert (dataset.tagged, dataset.root) == (2, tmp_path / "t.parquet")


def test_a_folder_opens_as_its_parts_together(tmp_path: Path) -> None:
    for number in (1, 0):
        write_table(tmp_path / f"part-{number:06d}.parquet", [(f"{number}.jpg", f"caption {number}")])
    write_table(tmp_path / "notes.parquet", [("x.jpg", "no part")])
    assert captions(opened(tmp_path)) == {"0.jpg": "caption 0", "1.jpg": "caption 1"}


def test_the_pictures_of_rows_are_opened_one_by_one(tmp_path: Path) -> None:
    dataset = opened(write_picture_table(tmp_path / "hub.parquet", [f"caption {n}" for n in range(250)]))
    assert dataset.records[0].name == "photo000.jpg"
    for number in (0, 63, 64, 99, 100, 163, 249):
        found = load_image(Picture(dataset.root, f"photo{number:03d}.jpg"))
        (tmp_path / "wanted.jpg").write_bytes(picture(number))
        assert found.tobytes() == load_image(tmp_path / "wanted.jpg").tobytes(), number
    with pytest.raises(ImageRefused):
        load_image(Picture(dataset.root, "photo250.jpg"))


def test_pictures_beside_a_table_are_found_by_its_names(tmp_path: Path) -> None:
    image_folder(tmp_path / "photos", {"in/a.jpg": None})
    dataset = opened(write_table(tmp_path / "photos/t.parquet", [("in/a.jpg", "one"), ("../b.jpg", "two")]))
    assert load_image(Picture(dataset.root, "in/a.jpg")).size == (48, 36)
    image_folder(tmp_path, {"b.jpg": None})
    with pytest.raises(ImageRefused, match="leads out"):
        load_image(Picture(dataset.root, "../b.jpg"))


def test_what_a_job_made_opens_with_the_pictures_that_it_was_made_from(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "photos", {"a.jpg": "one", "in/b.jpg": "two"})
    run_job(JobRequest("import", {}, str(folder), str(tmp_path / "sink")))
    dataset = opened(tmp_path / "sink")
    assert captions(dataset) == {"a.jpg": "one", "in/b.jpg": "two"}
    assert load_image(Picture(dataset.root, "in/b.jpg")).size == (48, 36)
    write_table(tmp_path / "captions/part-000000.parquet", [("in/b.jpg", "by a model")])
    (tmp_path / "captions/_job.json").write_text(json.dumps({"source": str(folder)}))
    assert load_image(Picture(opened(tmp_path / "captions").root, "in/b.jpg")).size == (48, 36)


def test_our_own_export_opens(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "photos", {"a.jpg": "one", "in/b.jpg": "two"})
    plan = plan_export(folder, open_dataset(folder).records, {}, ExportOptions(), None)
    done = export("parquet", plan, tmp_path / "out")
    dataset = opened(done.path)
    assert captions(dataset) == {"a.jpg": "one", "in/b.jpg": "two"}
    assert load_image(Picture(dataset.root, "a.jpg")).size == (48, 36)


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ({"file_name": ["a.jpg"], "text": ["one"]}, {"a.jpg": "one"}),
        ({"Path": ["a.jpg"], "Caption": ["one"]}, {"a.jpg": "one"}),
        ({"__key__": ["0001"], "txt": ["one"]}, {"0001": "one"}),
        ({"image": ["a.jpg"], "text": ["one"]}, {"a.jpg": "one"}),
        ({"key": ["a"], "captions": [["one", "two"]]}, {"a": "one\ntwo"}),
        ({"text": ["one", "two"]}, {"row 1": "one", "row 2": "two"}),
        ({"key": ["a", "a", None, "a"], "text": ["1", "2", "3", "4"]},
         {"a": "1", "a (row 2)": "2", "row 3": "3", "a (row 4)": "4"}),
        ({"key": pyarrow.array(["a", "b"]).dictionary_encode(), "text": pyarrow.array(["x", "x"]).dictionary_encode()},
         {"a": "x", "b": "x"}),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_names(columns: dict[str, object], wanted: dict[str, str], tmp_path: Path) -> None:
    assert captions(opened(written(tmp_path / "t.parquet", columns))) == wanted


def test_a_table_of_neither_captions_nor_pictures_says_which_columns_it_has(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no column of captions") as refused:
        opened(written(tmp_path / "t.parquet", {"id": [1], "score": [0.5]}))
    assert "id, score" in str(refused.value)


def test_parts_of_another_kind_are_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "part-000000.parquet", [("a.jpg", "one")])
    written(tmp_path / "part-000001.parquet", {"key": ["b.jpg"], "text": ["two"]})
    with pytest.raises(InvalidInput, match="other columns"):
        opened(tmp_path)


def test_damage_is_told_as_damage(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.parquet", [(f"{n}.jpg", f"caption {n}") for n in range(1_000)])
    whole = path.read_bytes()
    for data in (b"", b"PAR1", whole[: len(whole) // 2], whole[:20] + b"\xff" * 200 + whole[220:]):
        path.write_bytes(data)
        with pytest.raises(InvalidInput, match=r"t\.parquet"):
            opened(path)


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 5_000_000)
    text = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 100_000, "int32"), ["x" * 10_000])
    path = written(tmp_path / "t.parquet", {"key": [str(n) for n in range(100_000)], "text": text}, group=100_000)
    assert path.stat().st_size < 2_000_000
    before = pyarrow.total_allocated_bytes()
    with pytest.raises(InvalidInput, match="bomb"):
        opened(path)
    assert pyarrow.total_allocated_bytes() - before < 50_000_000


def test_a_table_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_table(tmp_path / "t.parquet", [(f"{n}.jpg", "caption") for n in range(100)])
    monkeypatch.setattr(reading, "MAX_ROWS", 99)
    with pytest.raises(InvalidInput, match="more than 99 rows"):
        opened(path)


def test_only_tables_are_taken_for_tables(tmp_path: Path) -> None:
    image_folder(tmp_path / "photos")
    write_table(tmp_path / "sink/part-000000.parquet", [("a", "b")])
    write_table(tmp_path / "loose/any.parquet", [("a", "b")])
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun/_job.json").write_text("{}")
    found = {path.name: is_table(path) for path in tmp_path.iterdir()}
    assert found == {"photos": False, "sink": True, "loose": False, "begun": True}
    assert is_table(tmp_path / "loose/any.parquet")
    assert not is_table(tmp_path / "gone.parquet")


def test_a_job_that_leads_to_a_folder_of_others_is_not_opened(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home", roots=[tmp_path / "mine"])
    image_folder(tmp_path / "theirs")
    path = write_table(tmp_path / "mine/sink/part-000000.parquet", [("photo0.jpg", "one")]).parent
    assert resolve_table(str(path), settings, "visitor") == path
    (path / "_job.json").write_text(json.dumps({"source": str(tmp_path / "theirs")}))
    with pytest.raises(FolderRefused):
        resolve_table(str(path), settings, "visitor")
    assert resolve_table(str(tmp_path / "mine"), settings, "visitor") is None


def test_an_open_table_is_read_again_only_where_it_is_another(tmp_path: Path) -> None:
    settings, cache = settings_at(tmp_path / "home"), TableCache()
    path = write_table(tmp_path / "t.parquet", [("a.jpg", "one")])
    first = cache.open(path, settings)
    assert cache.open(path, settings) is first
    write_table(path, [("a.jpg", "one"), ("b.jpg", "two")])
    assert len(cache.open(path, settings)) == 2
