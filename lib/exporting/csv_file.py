"""A table of file names, captions and what is known of each image: for programs, and for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use
from lib.exporting.delimited import as_json, read_table
from lib.exporting.start_lines import load_dataset, quoted
from lib.text import CSV_COLUMNS, spreadsheet_cell

_MARKS = ("rating", "left_out")
"""Where any image has one."""
_MAP = ("x", "y", "cluster", "cluster_name")
"""Where there are clusters."""


class CaptionsCsv(Exporter):
    """For programs: each cell is the text itself."""

    label = "CSV"
    group = "Tables of captions"
    readers = "Read by pandas, polars, DuckDB, datasets: each text as it is."
    has_images = False
    options = frozenset({"uncaptioned"})
    takes_rows = True
    name: ClassVar[str] = "captions.csv"
    encoding: ClassVar[str] = "utf-8"

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        places = source.plan.places
        head = CSV_COLUMNS + (_MARKS if source.has_marks else ()) + (_MAP if places else ())
        with target.create(self.name) as file, io.TextIOWrapper(file, self.encoding, newline="") as text:
            rows = csv.writer(text)
            rows.writerow(head)
            for record, width, height in source.measured(source.plan.records):
                size = source.file_size(record)
                origin = source.origin(record)
                row: list[Any] = [
                    record.name,
                    record.text,
                    width or "",
                    height or "",
                    "" if size is None else size,
                    as_json(origin),
                ]
                if source.has_marks:
                    marks = source.marks_of(record)
                    row += [marks.rating or "", int(marks.left_out)]
                if places:
                    row += places.get(record.name, ("",) * len(_MAP))
                rows.writerow([self.cell(value) if isinstance(value, str) else value for value in row])
        return self.name

    @classmethod
    def cell(cls, text: str) -> str:
        """A text as it stands in a cell."""
        return text

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        # Of earlier versions, with two columns, there are some too.
        more = ((), _MARKS, _MAP, _MARKS + _MAP)
        heads = [*(CSV_COLUMNS + columns for columns in more), CSV_COLUMNS[:2]]
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            first = tuple(next(csv.reader(file), ()))
        return read_table(path, first if first in heads else CSV_COLUMNS)

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        pandas = Use("pandas", f"pandas.read_csv({quoted(path)}, keep_default_na=False)")
        return [pandas, load_dataset(Path("csv"), f"data_files={quoted(path)}")]


class SpreadsheetCsv(CaptionsCsv):
    """For spreadsheets: what they would take for a formula has a quote in front, and the encoding is told."""

    label = "Table for spreadsheets"
    readers = "Read by Excel and LibreOffice, which run nothing of it."
    name = "captions_spreadsheet.csv"
    # Excel takes a file without a mark for another encoding.
    encoding = "utf-8-sig"

    @classmethod
    def cell(cls, text: str) -> str:
        return spreadsheet_cell(text)

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        return []
