"""Which rooms are broken on purpose, and where their own tests lie. This table is all there is to edit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.doubles.repository import ROOT as ROOT


@dataclass(frozen=True, slots=True)
class Room:
    """A folder of code, taken with all below it, and the files or folders of the tests that are asked first."""

    name: str
    tests: tuple[str, ...]

    def files(self, root: Path) -> list[str]:
        """Its Python files, in order, without those that only draw."""
        found = sorted(str(path.relative_to(root)) for path in (root / self.name).rglob("*.py"))
        return [path for path in found if not path.startswith(f"{DRAWINGS}/")]

    def owns(self, test_file: str) -> bool:
        return any(test_file == place or test_file.startswith(f"{place}/") for place in self.tests)


ROOMS = (
    Room("lib/dataset", ("tests/dataset",)),
    Room("lib/exporting", ("tests/exporting",)),
    Room("lib/importing", ("tests/importing",)),
    Room("lib/bulk", ("tests/bulk",)),
    Room("app/session", ("tests/app/session", "tests/app/samples", "tests/app/test_server.py")),
)

DRAWINGS = "lib/dataset/sample"
"""The pictures of the sample dataset: 1,500 numbers, of which each could as well be another."""

TRACED = ("lib", "app")
"""Where it is looked which test reaches which line."""

LEFT_TO_THEMSELVES = ("tests/mutation", "tests/architecture/test_floors.py")
"""Tests that say nothing about what the code does: those of this tool, and one that reads the code as text."""

IMPORTED_BEFOREHAND = (
    "hypothesis", "hypothesis.extra", "numpy", "pandas", "PIL.Image", "PIL.ImageDraw", "pyarrow.parquet", "requests",
    "regex", "streamlit", "streamlit.testing.v1", "webdataset", "altair", "tenacity",
)  # fmt: skip
"""What the tests need of others and is slow to import. Each run is forked from a process that has them."""
