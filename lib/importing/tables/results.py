"""What a reader of tables is asked and what it answers: a reading, rows, and a table found or not understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

MAX_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person chose of a table; None means: by content."""

    image_column: str | None = None
    caption_column: str | None = None
    delimiter: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a table: an image as the table names it, and its captions."""

    key: str
    texts: tuple[str, ...]


class Faults(list[tuple[str, str]]):
    """(where, reason) for each entry that could not be read: the first hundred, the others counted in `left_out`."""

    left_out = 0

    def add(self, where: str, reason: str) -> None:
        if len(self) < MAX_FAULTS:
            self.append((where, reason))
        else:
            self.left_out += 1


@dataclass(slots=True)
class TableFound:
    """What a file was understood as.

    `kind` is its name in the registry, `label` words for people. `columns` are those that can be chosen from, with the
    two that were taken; () where the format has none. `note` says what a person should know of it beside its rows.
    """

    label: str
    read: Callable[[Faults], Iterator[Row]]
    columns: tuple[str, ...] = ()
    image_column: str | None = None
    caption_column: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    note: str = ""
    kind: str = ""
    faults: Faults = field(default_factory=Faults)

    def rows(self) -> Iterator[Row]:
        """Its rows, one after another, each time anew; `faults` fills meanwhile. Raises OSError."""
        self.faults = Faults()
        try:
            yield from self.read(self.faults)
        except (ValueError, RecursionError) as exc:
            self.faults.add("", f"it is damaged ({exc})")


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A file that may hold captions. `reason` says why they were not read and what to do, `columns` what it has."""

    reason: str
    columns: tuple[str, ...] = ()
