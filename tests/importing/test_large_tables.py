"""Tables as large as the sets that people really bring: all captions in, and memory that does not grow with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doubles.image_folder import image_folder
from tests.doubles.repository import ROOT

_PROGRAM = """
import re, sys
from pathlib import Path
from lib.__main__ import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""
_MOST = 300
"""MB of memory."""

_WORDS = "a brown dog runs through high grass beside a lake while two people in red coats look on"


def coco(path: Path) -> None:
    """The captions of COCO's training set by count and size: 118,000 images, 590,000 captions, 90 MB."""
    with path.open("w") as file:
        images = ({"id": n, "file_name": f"{n:012d}.jpg", "height": 480, "width": 640} for n in range(118_000))
        file.write('{"info": {}, "images": [' + ", ".join(map(json.dumps, images)) + '], "annotations": [')
        notes = ({"image_id": n // 5, "id": n, "caption": f"{_WORDS} {n}"} for n in range(590_000))
        file.write(", ".join(map(json.dumps, notes)) + "]}")


def lines(path: Path) -> None:
    with path.open("w") as file:
        file.writelines(
            json.dumps({"file_name": f"{n:012d}.jpg", "text": f"{_WORDS} {n}"}) + "\n" for n in range(110_000)
        )


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="how much memory was taken is not told here")
@pytest.mark.parametrize(
    ("name", "table", "size", "captions"),
    [("captions_train2017.json", coco, 90_000_000, 15), ("metadata.jsonl", lines, 14_000_000, 3)],
)
def test_a_table_of_the_size_of_the_standard_sets_comes_in(
    tmp_path: Path, name: str, table: Callable[[Path], None], size: int, captions: int
) -> None:
    image_folder(tmp_path / "in", {f"{n:012d}.jpg": None for n in (0, 77_777, 109_999)})
    path = tmp_path / "in" / name
    table(path)
    assert path.stat().st_size > size
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "import", str(tmp_path / "in"), str(tmp_path / "new"), "--json"], cwd=ROOT,
        env=os.environ | {"TOOLKIT_HOME": str(tmp_path / "home")}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert [one["captions"] for one in told["tables"]] == [captions]
    assert (told["added"], told["captioned"]) == (3, 3)
    assert (tmp_path / "new" / "000000077777.txt").read_text().startswith(_WORDS)
    assert int(done.stderr.split()[-1]) / 1_000 < _MOST
