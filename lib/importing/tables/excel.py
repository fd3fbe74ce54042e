"""A workbook's sheet of images and captions, .xlsx."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.cell_rows import sample_of, table_of_cells
from lib.importing.tables.results import Faults, NotUnderstood, TableFound
from lib.importing.tables.table_file import TableFile

_OTHER = (".xls", ".xlsb", ".ods")
_MAX_ROWS = 1_048_576
"""Of a sheet, by Excel itself. A file may claim more, and each that is left out would be made."""
_MAX_SHEET = 400_000_000
_MAX_ROW = 4_000_000
_MAX_TEXTS = 64_000_000
_MAX_PART = 1_000_000
"""Bytes, once unpacked: of a sheet and a row of it, of the texts of all sheets, which are held, and of what else is."""
_PIECE = 1 << 20
_ROW_END = b"</row>"
_PART = re.compile(rb"<[^<>]*+>")
_TOO_LARGE = "it unpacks to more than is safe to read; save it as .csv"


class ExcelTable(Table):
    label = "Excel workbooks"
    endings = (".xlsx", ".xlsm", *_OTHER)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        """The first sheet that is a table of captions."""
        if file.name.lower().endswith(_OTHER):
            return NotUnderstood("it is not read; save it as .xlsx or .csv")
        try:
            with zipfile.ZipFile(file.path) as archive:
                if not _is_safe(archive):
                    return NotUnderstood(_TOO_LARGE)
            return _first_sheet(file, self.label)
        # The library tells of damage with whatever its innards raise.
        except (zipfile.BadZipFile, KeyError, TypeError, AttributeError, SyntaxError, EOFError) as exc:
            raise ValueError(f"it is no workbook: {exc}") from exc


def _first_sheet(file: TableFile, label: str) -> TableFound | NotUnderstood | None:
    answer: TableFound | NotUnderstood | None = None
    with closing(_open(file)) as book:
        sheets = list(book.sheetnames)
    for sheet in sheets:
        sample = sample_of(_rows(file, sheet))

        def again(faults: Faults, sheet: str = sheet) -> Iterator[tuple[str, list[str]]]:
            return _rows(file, sheet)

        found = table_of_cells(file, label, again, sample)
        if isinstance(found, TableFound):
            if len(sheets) > 1:
                found.note = f"the sheet “{sheet}” of {len(sheets)}"
            return found
        answer = answer or found
    return answer


def _open(file: TableFile) -> Any:
    import openpyxl

    return openpyxl.load_workbook(file.path, read_only=True, data_only=True, keep_links=False)


def _rows(file: TableFile, name: str) -> Iterator[tuple[str, list[str]]]:
    with closing(_open(file)) as book:
        sheet = book[name]
        if not hasattr(sheet, "iter_rows"):
            # A chart that has a sheet of its own.
            return
        # The size that a sheet gives of itself is often wrong.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_row=_MAX_ROWS, values_only=True), 1):
            texts = ["" if cell is None else _text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield f"row {number:,}", texts


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _is_safe(archive: zipfile.ZipFile) -> bool:
    """Whether a workbook can be read within bounds, wherever it says that its parts are."""
    kinds = archive.getinfo("[Content_Types].xml")
    if kinds.file_size > _MAX_PART:
        return False
    told = archive.read(kinds)
    # What is called a sheet here, and is not one, would be held whole.
    overrides = [part for part in _PART.findall(told) if b"Override" in part]
    places = [part for part in overrides if b"/xl/worksheets/" in part or b"/xl/media/" in part]
    if b"&" in told or not all(b"sheet+xml" in part for part in places):
        return False
    return all(_is_small(archive, info) for info in archive.infolist())


def _is_small(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    if info.filename.startswith("xl/media/"):
        return True
    if not info.filename.startswith("xl/worksheets/"):
        return info.file_size <= (_MAX_TEXTS if info.filename == "xl/sharedStrings.xml" else _MAX_PART)
    size, tail = 0, b""
    with archive.open(info) as part:
        while piece := part.read(_PIECE):
            _, found, after = (tail + piece).rpartition(_ROW_END)
            size = len(after) if found else size + len(piece)
            tail = piece[1 - len(_ROW_END) :]
            if size > _MAX_ROW:
                return False
    return info.file_size <= _MAX_SHEET
