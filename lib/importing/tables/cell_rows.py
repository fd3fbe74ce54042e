"""Tables of cells, in a CSV or a spreadsheet: whether they have a header, and what their columns are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from lib.importing.tables.columns import ALMOST, CAPTIONS, IMAGES, MAX_COLUMNS, Record
from lib.importing.tables.image_keys import is_picture
from lib.importing.tables.records import table_of_records
from lib.importing.tables.results import Faults, NotUnderstood, TableFound
from lib.importing.tables.table_file import TableFile

CellRows = Callable[[Faults], Iterator[tuple[str, list[str]]]]
"""(where, cells) for each row that is not empty, the header among them."""

SAMPLE = 200
_SIGNS = 4_000_000
_KNOWN = frozenset((*IMAGES, *CAPTIONS, *ALMOST))


def sample_of(rows: Iterator[tuple[str, list[str]]]) -> list[list[str]]:
    """The first rows, as far as they are no burden."""
    sample: list[list[str]] = []
    left = _SIGNS
    for _, cells in islice(rows, SAMPLE):
        sample.append(cells[: MAX_COLUMNS + 1])
        left -= sum(map(len, cells)) + 60 * len(cells)
        if left < 0:
            break
    return sample


def table_of_cells(
    file: TableFile, label: str, rows: CellRows, sample: list[list[str]], delimiter: str = ""
) -> TableFound | NotUnderstood | None:
    """What a table of cells is. A row with more of them than columns has its delimiter in its last cell."""
    if not sample:
        return None
    has_header = is_header(file, sample)
    widths = [len(cells) for cells in sample if len(cells) > 1] or [1]
    width = len(sample[0]) if has_header else min(widths)
    if not delimiter:
        width = max(width, *widths)
    named = [cell.strip() for cell in sample[0]] if has_header else []
    columns = _unique([*named, *(f"column {number + 1}" for number in range(len(named), width))])

    def record(cells: list[str]) -> Record:
        if delimiter and len(cells) > len(columns):
            last = len(columns) - 1
            cells = [*cells[:last], delimiter.join(cells[last:])]
        return dict(zip(columns, cells, strict=False))

    def records(faults: Faults) -> Iterator[tuple[str, Record]]:
        least = 2 if len(columns) > 1 else 1
        for where, cells in islice(rows(faults), int(has_header), None):
            if len(cells) < least:
                faults.add(where, "it has too few cells")
            else:
                yield where, record(cells)

    first = [record(cells) for cells in sample[int(has_header) :]]
    return table_of_records(file, label, first, records, columns)


def is_header(file: TableFile, sample: Sequence[list[str]]) -> bool:
    """Whether the first row tells what the columns are called, and is no row of the table itself."""
    if any(map(is_picture, sample[0])):
        return False
    if any(cell.strip().lower() in _KNOWN for cell in sample[0]):
        return True
    naming = [place for cells in sample[1:] for place, cell in enumerate(cells) if cell and file.find(cell)]
    if not naming:
        return False
    place = max(set(naming), key=naming.count)
    return len(sample[0]) <= place or not file.find(sample[0][place])


def _unique(columns: Sequence[str]) -> tuple[str, ...]:
    """Names that differ: an index has none, and some tables have one twice."""
    found: dict[str, None] = {}
    for number, column in enumerate(columns, 1):
        name = column or f"column {number}"
        found[name if name not in found else f"{name} (column {number})"] = None
    return tuple(found)
