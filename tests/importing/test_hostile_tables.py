"""A stranger's Parquet: whatever it unpacks to, memory stays within its cap, and what is refused is refused aloud."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.archives import Limits
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.doubles.image_folder import draw_image
from tests.doubles.repository import ROOT

IMPORT = """
import json, re, resource, sys
from pathlib import Path
from lib.errors import ToolkitError
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings

source, target, home = (Path(argument) for argument in sys.argv[1:])
try:
    refused = import_into(source, ImportTarget(target, Settings(home=home), "local")).refused
except ToolkitError as error:
    refused = [[source.name, str(error)]]
own = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(json.dumps({"refused": refused[:3], "own": own,
                  "children": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}))
"""


def one_value_a_hundred_thousand_times(path: Path, photo: bytes) -> None:
    import pyarrow
    import pyarrow.parquet

    texts = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 100_000, pyarrow.int32()), ["x" * 20_000_000])
    table = pyarrow.table({"file_name": ["a.jpg"] * 100_000, "text": texts})
    pyarrow.parquet.write_table(table, path, compression="zstd")


def a_page_of_800_megabytes(path: Path, photo: bytes) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({"file_name": ["a.jpg"] * 8, "text": ["y" * 100_000_000] * 8})
    pyarrow.parquet.write_table(table, path, compression="zstd", use_dictionary=False)


def three_thousand_lists_in_one_another(path: Path, photo: bytes) -> None:
    import pyarrow
    import pyarrow.parquet

    kind = pyarrow.string()
    for _ in range(3000):
        kind = pyarrow.list_(kind)
    pyarrow.parquet.write_table(pyarrow.table({"text": pyarrow.nulls(1, kind)}), path)


def ten_million_rows_of_nothing(path: Path, photo: bytes) -> None:
    import numpy
    import pyarrow
    import pyarrow.parquet

    places = pyarrow.array(numpy.zeros(10_000_000, numpy.int8))
    columns = {name: pyarrow.DictionaryArray.from_arrays(places, ["a.jpg"]) for name in ("file_name", "text")}
    pyarrow.parquet.write_table(pyarrow.table(columns), path, compression="zstd", row_group_size=10_000_000)


def one_photo_ten_thousand_times(path: Path, photo: bytes) -> None:
    import pyarrow
    import pyarrow.parquet

    kind = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    rows = [{"image": {"bytes": photo + bytes(100_000), "path": "a.jpg"}}] * 10_000
    table = pyarrow.Table.from_pylist(rows, pyarrow.schema([("image", kind)]))
    pyarrow.parquet.write_table(table, path, compression="zstd")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads its peak of memory from /proc")
@pytest.mark.parametrize(
    "bomb",
    [
        one_value_a_hundred_thousand_times,
        a_page_of_800_megabytes,
        three_thousand_lists_in_one_another,
        ten_million_rows_of_nothing,
        one_photo_ten_thousand_times,
    ],
)
def test_a_small_table_that_unpacks_to_much_is_refused_within_its_memory(
    tmp_path: Path, bomb: Callable[[Path, bytes], None]
) -> None:
    source, target = tmp_path / "bomb.parquet", tmp_path / "target"
    bomb(source, draw_image(tmp_path / "one.jpg").read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(source), str(target), str(tmp_path / "home")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["refused"]
    assert max(report["own"], report["children"]) < 300_000
    assert sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) < 200_000_000


def test_a_table_of_200_000_captions_is_not_too_much(tmp_path: Path, configured: Settings) -> None:
    notes = [{"image_id": 1, "id": n, "caption": f"a photo, number {n}, of a cat"} for n in range(200_000)]
    draw_image(tmp_path / "photos" / "a.jpg")
    content = {"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": notes}
    (tmp_path / "photos" / "captions.json").write_text(json.dumps(content))
    done = import_into(
        tmp_path / "photos", ImportTarget(tmp_path / "new", configured, "local"), ImportChoices(caption=3)
    )
    assert (tmp_path / "new" / "a.txt").read_text() == "a photo, number 2, of a cat"
    assert done.refused == []


def test_a_table_is_read_up_to_its_caps(tmp_path: Path, configured: Settings) -> None:
    import pyarrow
    import pyarrow.parquet

    photo = draw_image(tmp_path / "one.jpg").read_bytes()
    rows = [{"image": {"bytes": photo, "path": f"{n}.jpg"}, "text": f"photo {n}"} for n in range(6)]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")

    def taken(name: str, limits: Limits | None) -> tuple[int, list[tuple[str, str]]]:
        done = import_into(tmp_path / "a.parquet", ImportTarget(tmp_path / name, configured, "local"), limits=limits)
        return done.added, done.refused

    assert taken("all", None) == (6, [])
    added, refused = taken("some", Limits(total_bytes=4 * len(photo)))
    assert 0 < added < 6
    assert "as bombs do" in refused[0][1]


@pytest.mark.parametrize("damage", [lambda data: data[:200], lambda data: data[:100] + b"\xff" * 400 + data[500:]])
def test_a_damaged_table_is_told(tmp_path: Path, configured: Settings, damage: Callable[[bytes], bytes]) -> None:
    import pyarrow
    import pyarrow.parquet

    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"file_name": ["a.jpg"] * 500, "text": list(map(str, range(500)))}), path)
    path.write_bytes(damage(path.read_bytes()))
    done = import_into(path, ImportTarget(tmp_path / "new", configured, "local"))
    assert ("a.parquet", "it is damaged") in done.refused


def test_a_workbook_whose_list_of_parts_never_ends_keeps_nobody_waiting(tmp_path: Path, configured: Settings) -> None:
    source = tmp_path / "set"
    source.mkdir()
    draw_image(source / "a.jpg")
    with zipfile.ZipFile(source / "captions.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Override" * 110_000)
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    start = time.thread_time()
    done = import_into(source, ImportTarget(tmp_path / "target", configured, "local"))
    assert time.thread_time() - start < 5
    assert [name for name, _ in done.account.not_understood] == ["captions.xlsx"]
