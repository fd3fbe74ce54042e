"""What a kind of table is: words, endings, and how it knows its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from lib.importing.tables.results import NotUnderstood, TableFound
from lib.importing.tables.table_file import TableFile


class Table(ABC):
    """One kind of file that holds captions."""

    label: ClassVar[str]
    """What a person may be told that can be imported."""
    endings: ClassVar[tuple[str, ...]]
    """How its files end, in small letters."""

    @abstractmethod
    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        """What the file is, None where it is of another kind. Raises ValueError where it is broken.

        Its beginning is read now, its rows when they are asked for, each time anew.
        """
