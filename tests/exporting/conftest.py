"""What the tests of exports share: a folder whose names and captions are made to hurt, and a short way to export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lib.dataset.scan.scanner import open_dataset
from lib.exporting.base import ExportOptions
from lib.exporting.planning import plan_export
from lib.exporting.writing import ExportSummary, export
from tests.doubles.image_folder import image_folder

HURTFUL: dict[str, str] = {
    "photo.v2.jpg": "a cat",
    "photo.v3.jpg": "another cat",
    "one/same.jpg": "first of two",
    "two/same.jpg": "second of two",
    "-rf.jpg": "-begins with a dash",
    "=cmd|A1.png": "=1+1",
    "café ☕.webp": "ein Kätzchen, 猫 😀",
    "x" * 200 + ".jpg": '\'=quoted, "twice"',
    "lines.jpg": "first line\nsecond, line\n\nlast line\n",
    "100_name/sks dog.JPG": "  spaces round it  ",
    "dots...jpg": "@home",
    "%2e%2e.gif": "line separator\u2028inside",
}

Exported = Callable[..., ExportSummary]


@pytest.fixture
def hurtful(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "hurtful", HURTFUL)


@pytest.fixture
def exported(tmp_path: Path) -> Exported:
    def run(root: Path, format: str, out: Path | None = None, options: ExportOptions | None = None) -> ExportSummary:
        dataset = open_dataset(root)
        plan = plan_export(dataset.root, dataset.records, dataset.unreadable, options)
        return export(format, plan, out or tmp_path / "out")

    return run


def captions_of(root: Path) -> dict[str, str]:
    return {record.name: record.text for record in open_dataset(root).records if record.is_tagged}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
