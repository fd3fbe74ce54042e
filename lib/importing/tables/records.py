"""Tables whose entries have columns, by whatever file they come: one way to choose the columns and to give the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from lib.importing.tables.columns import Chosen, Record, cells_of, choose, columns_of, image_column, names_in
from lib.importing.tables.results import Faults, NotUnderstood, Row, TableFound
from lib.importing.tables.table_file import TableFile
from lib.importing.tables.values import texts_of

Records = Callable[[Faults], Iterator[tuple[str, Record]]]
"""(where, record) for each entry of a table, such as ("line 17", {"image": …}); what is none goes to the faults."""


_SEARCHED = 2_000_000
"""Cells in which a name of an image is looked for."""
_ENOUGH = 20


def table_of_records(
    file: TableFile, label: str, sample: Sequence[Record], records: Records, columns: tuple[str, ...] = ()
) -> TableFound | NotUnderstood | None:
    """What a table is whose first records are `sample`."""
    if not sample:
        return None
    columns = columns or columns_of(sample)
    if image_column(file, sample, columns) is None:
        # The images here may be a few of those that the table knows.
        sample = [*sample, *_naming(file, records, columns)]
    chosen = choose(file, sample, columns)
    if not isinstance(chosen, Chosen):
        return chosen

    def read(faults: Faults) -> Iterator[Row]:
        for where, record in records(faults):
            if row := row_of(file, chosen, where, record, faults):
                yield row

    return TableFound(label, read, columns, chosen.image, chosen.caption, encoding=file.encoding)


def _naming(file: TableFile, records: Records, columns: tuple[str, ...]) -> list[Record]:
    """The first records that name images here, as far as a search may take."""
    found: list[Record] = []
    for _, record in islice(records(Faults()), _SEARCHED // max(len(columns), 1)):
        if any(file.find(text) for value in record.values() for text in names_in(value)):
            found.append(record)
            if len(found) == _ENOUGH:
                break
    return found


def row_of(file: TableFile, chosen: Chosen, where: str, record: Record, faults: Faults) -> Row | None:
    """The row of a record, None where it has no caption, or is at fault."""
    texts: list[str] = []
    for column, value in cells_of(chosen, record):
        found = texts_of(value, column)
        if found is None:
            faults.add(where, f"its “{column}” is no text")
        texts += found or ()
    names = names_in(record.get(chosen.image))
    if not names:
        if texts:
            faults.add(where, f"its “{chosen.image}” names no image, or several")
        return None
    if any("\ufffd" in text for text in texts):
        faults.add(where, "some of its signs are not in the encoding of the table, and stand as \ufffd")
    return Row(file.key_of(names[0]), tuple(texts)) if texts else None
