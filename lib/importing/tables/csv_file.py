"""Text with a delimiter: CSV, TSV, Flickr8k's and Kaggle's `captions.txt`, Flickr30k's `results.csv` and `.token`."""

from __future__ import annotations

from collections.abc import Iterator

from lib.importing.tables.base import Table
from lib.importing.tables.cell_rows import table_of_cells
from lib.importing.tables.columns import ALMOST, CAPTIONS, IMAGES
from lib.importing.tables.csv_rows import Dialect, cell_rows, dialects
from lib.importing.tables.image_keys import is_picture
from lib.importing.tables.results import Faults, NotUnderstood, TableFound
from lib.importing.tables.table_file import TableFile
from lib.text import from_spreadsheet_cell, is_guarded_csv


class CsvTable(Table):
    label = "CSV and other tables with a delimiter, Flickr8k captions.txt"
    endings = (".csv", ".tsv", ".tab", ".token", ".txt")

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        """With the delimiter by which most rows name an image here, or else have columns of known names."""
        best: tuple[tuple[int, int, int], Dialect, list[list[str]]] | None = None
        for dialect, sample in dialects(file):
            score = _score(file, sample)
            if best is None or score > best[0]:
                best = score, dialect, sample
        is_text = file.name.lower().endswith(".txt")
        if best is None or (is_text and not _is_table(best[0], best[2])):
            return None if is_text else _no_delimiter(file)
        _, dialect, sample = best

        def rows(faults: Faults) -> Iterator[tuple[str, list[str]]]:
            # What our own export wrote for programs is taken as it is.
            told = from_spreadsheet_cell if _is_guarded(file) else str
            for where, cells in cell_rows(file.lines, dialect, faults):
                yield where, [told(cell) for cell in cells]

        found = table_of_cells(file, self.label, rows, sample, dialect.delimiter)
        if isinstance(found, TableFound):
            found.delimiter = dialect.delimiter
        return found


def _score(file: TableFile, sample: list[list[str]]) -> tuple[int, int, int]:
    """(rows that name an image here, known columns, rows of the commonest width)"""
    naming = sum(any(len(cell) < 1_000 and file.find(cell) for cell in cells) for cells in sample if len(cells) > 1)
    head = [cell.strip().lower() for cell in sample[0]]
    known = sum(cell in (*IMAGES, *CAPTIONS, *ALMOST) for cell in head) if len(head) > 1 else 0
    widths = [len(cells) for cells in sample]
    return naming, known, max(map(widths.count, set(widths)))


def _is_table(score: tuple[int, int, int], sample: list[list[str]]) -> bool:
    """Whether a .txt is a table and no text: a tag list may well begin with `image, text`."""
    pictures = sum(any(map(is_picture, cells)) for cells in sample[1:])
    most = len(sample) - 1
    return score[0] * 2 > most or ((score[0] > 0 or score[1] > 1) and most > 0 and pictures * 10 > 9 * most)


def _no_delimiter(file: TableFile) -> NotUnderstood | None:
    """A list of names alone holds no captions; what has more in its lines may."""
    for number, line in file.lines():
        if line is None or number > 100:
            break
        if line.strip() and not file.find(line) and len(line.split()) > 1:
            return NotUnderstood(
                "none of , ; | and tab parts its lines into columns; choose another sign with --delimiter"
            )
    return None


def _is_guarded(file: TableFile) -> bool:
    with file.path.open("rb") as opened:
        return is_guarded_csv(opened.read(200))
