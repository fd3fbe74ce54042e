"""`captions.csv`: a table of file names and captions that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.exporting.base import Exporter, ExportFolder, Finding, SampleSource
from lib.text import spreadsheet_cell

NAME = "captions.csv"
HEAD = ("file_name", "text")

# The module gives up at 131,072 characters; a tag file may hold more.
csv.field_size_limit(MAX_BYTES)


class CaptionsCsv(Exporter):
    label = "CSV"
    readers = "Read by spreadsheets; captions only."
    has_images = False

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        with target.create(NAME) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
            rows = csv.writer(text)
            rows.writerow(HEAD)
            for record in source.captions(source.plan.records):
                rows.writerow((spreadsheet_cell(record.name), spreadsheet_cell(record.text)))
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[Finding]:
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = csv.reader(file, strict=True)
                if tuple(next(rows, ())) != HEAD:
                    yield path.name, "its first line is not the one that was exported"
                for row in rows:
                    yield row[0], "" if len(row) == len(HEAD) else "its line is damaged"
        except (ValueError, csv.Error, IndexError) as exc:
            yield path.name, f"it is damaged ({exc})"
