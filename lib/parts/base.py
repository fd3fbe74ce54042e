"""What a part is, what is in it, what a stage makes of it, and what is told of it. Plain values that travel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lib.clustering.by_parts.fit import MapOver
from lib.domain import ImageRecord
from lib.places import DataPlace

if TYPE_CHECKING:
    import pyarrow

Options = Mapping[str, Any]
"""What a stage is asked for: text, numbers, and lists of them. Never a key."""


@dataclass(frozen=True, slots=True)
class DataPart:
    """A fixed piece of a source, known by its number from 0.

    `names` are its images, or the one shard or table that it is. `texts` are captions where the listing tells them:
    None means that the tag file beside the image holds it. `edits` are captions of a table's rows, by their places in
    it, that were written since the table was.
    """

    number: int
    names: tuple[str, ...]
    texts: tuple[str | None, ...] = ()
    edits: tuple[tuple[int, str], ...] = ()

    @property
    def file(self) -> str:
        """The name of what it becomes in the sink: that file is the commit."""
        return part_file(self.number)


EDITS = "edits"
"""The folder beside a table's parts with what was edited in it since."""


def part_file(number: int) -> str:
    return f"part-{number:06d}.parquet"


@dataclass(frozen=True, slots=True)
class PartSamples:
    """What is in a part, on this machine: `keys` are all samples in the source's order.

    A key has a record, whose image lies below `root` under the record's name, or a reason in `refused`.
    """

    root: Path
    keys: tuple[str, ...]
    records: Mapping[str, ImageRecord]
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def usable(self) -> list[ImageRecord]:
        """The records in order."""
        return [self.records[key] for key in self.keys if key in self.records]

    def key_of(self) -> dict[str, str]:
        """The key of each record's name."""
        return {record.name: key for key, record in self.records.items()}


@dataclass(frozen=True, slots=True)
class MadePart:
    """What a stage made of a part: a row a sample with at least `key` and `error`, and files that go beside it."""

    table: pyarrow.Table
    files: Mapping[str, Path] = field(default_factory=dict)


class PartStage(ABC):
    """One kind of work. MadePart from plain values, it loads once and is then given parts, one at a time."""

    about: ClassVar[str]
    """What it does, in a line."""
    pace: ClassVar[frozenset[str]] = frozenset()
    """The options that say how fast or where, and not what comes out: a job may be resumed with others."""

    def __init__(self, options: Options) -> None:
        """Raises InvalidInput for options that cannot be used. Loads nothing yet."""
        self.options = dict(options)
        self.sink = ""

    @property
    def id(self) -> str:
        """Stands for what comes out: another model or other weights have another id. Raises what loading raises."""
        return ""

    @abstractmethod
    def load(self) -> None:
        """Everything that is needed once. Raises ToolkitError."""

    @abstractmethod
    def __call__(self, part: DataPart, samples: PartSamples, scratch: Path) -> MadePart:
        """The rows of a part, in the order of its keys. `scratch`: an empty folder for what goes beside them.

        A sample that fails is a row with `error`. Raises ToolkitError with `stops_run` where all would fail.
        """

    @abstractmethod
    def schema(self) -> pyarrow.Schema:
        """Of its tables; known once it is loaded."""

    def reasons(self, keys: Sequence[str], reason: str) -> pyarrow.Table:
        """Rows that hold nothing but a reason: of a part that was given up."""
        return rows_table([{"key": key, "error": reason} for key in keys], self.schema())


class TableStage(PartStage):
    """A stage of the tables of another job: it is given a part's table as a file, and no pictures."""

    @abstractmethod
    def prepare(self, source: DataPlace, names: Sequence[str], sink: DataPlace, map_over: MapOver) -> None:
        """What is made once for all parts, before the first, and kept in the sink. Raises ToolkitError."""

    @abstractmethod
    def of_table(self, part: DataPart, table: Path) -> MadePart:
        """The rows of a part, in the order of the table's."""

    def __call__(self, part: DataPart, samples: PartSamples, scratch: Path) -> MadePart:
        raise AssertionError("of_table() is asked")


def rows_table(rows: Sequence[Mapping[str, Any]], schema: pyarrow.Schema) -> pyarrow.Table:
    """Rows as a table; what a row lacks is null, and no error is the empty text."""
    import pyarrow

    columns = {name: [row.get(name, "" if name == "error" else None) for row in rows] for name in schema.names}
    return pyarrow.table(columns, schema=schema)


@dataclass(frozen=True, slots=True)
class PartDone:
    """What became of a part. `reused`: it was there before. `reason`: why it could not be made, "" where it was.

    `ends_job`: a sentence where every other part would fail the same way. `rows` and `failed` count samples.
    """

    number: int
    rows: int = 0
    failed: int = 0
    seconds: float = 0.0
    reason: str = ""
    ends_job: str = ""
    given_up: bool = False
    answer: bytes = b""
    """What was computed, where an engine was asked for that and not for a file."""
