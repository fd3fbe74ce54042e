"""The rows of text with a delimiter: which one it is, and each row by itself, so that a stray quote costs one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lib.importing.tables.cell_rows import SAMPLE, sample_of
from lib.importing.tables.results import Faults
from lib.importing.tables.table_file import MAX_LINE, TableFile

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
"""Tried in this order, by their words."""

# The module gives up at 131,072 characters; a tag file may hold more.
csv.field_size_limit(2 * MAX_LINE)

_LINES = 200
"""Lines of one row: a quote that is open for longer was never meant to be one."""
_RECOVERIES = 1_000

Lines = Iterator[tuple[int, str | None]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is cut into cells. `is_loose`: with blanks behind the delimiter, which are no part of a cell."""

    delimiter: str
    is_quoted: bool
    is_loose: bool

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        if self.is_quoted:
            return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=self.is_loose)
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=self.is_loose)


def dialect_of(head: list[str], delimiter: str) -> Dialect:
    """How lines with that delimiter are cut, by the first of them."""
    places = [line.split(delimiter) for line in head if delimiter in line]
    inner = [cell for cells in places for cell in cells[1:]]
    is_loose = bool(inner) and delimiter != "\t" and all(cell[:1] in (" ", "\n", "") for cell in inner)
    # With a comma quotes are the rule. With others a caption may begin with what somebody says.
    opening = [cell.strip() for cells in places for cell in cells if cell.lstrip(" ").startswith('"')]
    is_even = all(line.count('"') % 2 == 0 for line in head)
    is_quoted = delimiter in ",;" or (bool(opening) and (is_even or _has_cells_of_lines(head, delimiter)))
    if delimiter == "|" and is_quoted:
        is_quoted = all(cell.endswith('"') and len(cell) > 1 for cell in opening)
    return Dialect(delimiter, is_quoted, is_loose)


def _has_cells_of_lines(head: list[str], delimiter: str) -> bool:
    """Whether line ends within quotes are what keeps lines from being rows of one width."""
    if len({line.count(delimiter) for line in head}) == 1:
        return False
    try:
        # The last row may go on behind what was looked at.
        rows = list(csv.reader(head, delimiter=delimiter, strict=True))[:-1] or [[]]
    except csv.Error:
        return False
    return len({len(cells) for cells in rows}) == 1 and len(rows[0]) > 1


class _Feed:
    """Lines for the module, which remembers those that the row at work has taken, and takes them back."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._again: list[tuple[int, str | None]] = []
        self.taken: list[tuple[int, str | None]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number, line = self._again.pop() if self._again else next(self._lines)
        self.taken.append((number, line))
        if line is None:
            raise csv.Error("a line is too long for a table")
        if len(self.taken) > _LINES or sum(len(one or "") for _, one in self.taken[-2:]) > 2 * MAX_LINE:
            raise csv.Error("a quote in it is never closed")
        return line.replace("\0", "")

    @property
    def is_open(self) -> bool:
        """Whether the row at work ended with the file inside of quotes."""
        return len(self.taken) > 1 and sum((line or "").count('"') for _, line in self.taken) % 2 == 1

    def back(self) -> None:
        """All lines but the first one of the row at work come again."""
        self._again += reversed(self.taken[1:])


def cell_rows(lines: Callable[[], Lines], dialect: Dialect, faults: Faults) -> Iterator[tuple[str, list[str]]]:
    """("line 17", cells) for each row that is not empty."""
    feed = _Feed(lines())
    reader = dialect.reader(iter(feed))
    recoveries = 0
    while True:
        feed.taken = []
        reason = ""
        cells: list[str] = []
        try:
            cells = next(reader)
            if feed.is_open:
                reason = "a quote in it is never closed"
        except StopIteration:
            return
        except csv.Error as exc:
            reason = str(exc)
        where = f"line {feed.taken[0][0]:,}" if feed.taken else ""
        if reason:
            faults.add(where, reason)
            recoveries += 1
            if recoveries > _RECOVERIES:
                raise ValueError("too many of its lines are broken")
            feed.back()
            reader = dialect.reader(iter(feed))
        elif any(cells):
            yield where, [cell.rstrip(" ") for cell in cells] if dialect.is_loose else cells


def dialects(file: TableFile) -> Iterator[tuple[Dialect, list[list[str]]]]:
    """The ways in which a file could be cut into several cells a row, each with its first rows."""
    chosen = file.reading.delimiter
    head: list[str] = []
    signs = 0
    for _, line in file.lines():
        head.append(line or "")
        signs += len(line or "")
        if len(head) == SAMPLE or signs > MAX_LINE:
            break
    for delimiter in DELIMITERS.values() if chosen is None else [delimiter_of(chosen)]:
        dialect = dialect_of(head, delimiter)
        numbered = list(enumerate(head, 1))

        def again(lines: list[tuple[int, str]] = numbered) -> Lines:
            return iter(lines)

        sample = sample_of(cell_rows(again, dialect, Faults()))
        if sum(len(cells) > 1 for cells in sample) * 2 > len(sample) or (chosen is not None and sample):
            yield dialect, sample


def delimiter_of(chosen: str) -> str:
    """The delimiter that a person chose, by its word or as it is. Raises ValueError."""
    delimiter = DELIMITERS.get(chosen.strip().lower(), "\t" if chosen == "\\t" else chosen)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ValueError(f"“{chosen}” is no delimiter; {', '.join(DELIMITERS)} or any one sign is")
    return delimiter
