"""A CSV with a header: our own, `metadata.csv`, Flickr8k's and Kaggle's `captions.txt` with five rows an image."""

from __future__ import annotations

import csv
import io

from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.importing.base import CaptionRow
from lib.importing.tables.base import NAMES, TEXTS, Table
from lib.text import from_spreadsheet_cell, is_guarded_csv

# The module gives up at 131,072 characters; a tag file may hold more.
csv.field_size_limit(MAX_BYTES)


class CsvTable(Table):
    label = "CSV, Flickr8k captions.txt"
    endings = (".csv", ".txt")

    def read(self, data: bytes) -> list[CaptionRow] | None:
        head = data[:200].removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace")
        columns = [cell.strip().lower() for cell in next(csv.reader([head]), [])]
        key = next((column for column in NAMES if column in columns), None)
        text = next((column for column in TEXTS if column in columns), None)
        if key is None or text is None:
            return None
        places = columns.index(key), columns.index(text)
        # What our own export wrote for programs is taken as it is.
        cell = from_spreadsheet_cell if is_guarded_csv(data[:200]) else str
        rows = []
        try:
            for row in list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]:
                if len(row) > max(places):
                    rows.append((cell(row[places[0]]), cell(row[places[1]])))
                elif row:
                    raise ValueError("a line of it has too few cells")
        except csv.Error as exc:
            raise ValueError(str(exc)) from exc
        return rows
