"""A dataset that is nothing but records in memory: no folder, no tag files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from lib.domain import ImageRecord, SidecarState


class MemoryDataset:
    """Has what `lib.dataset.base.Dataset` asks for, and nothing else.

    A test changes a caption by putting another record into `records` and raising `version`.
    """

    def __init__(self, records: Iterable[ImageRecord], *, unreadable: Mapping[str, str] | None = None) -> None:
        self.root = Path("/nowhere")
        self.recursive = True
        self.suffix = ".txt"
        self.version = 0
        self.records = list(records)
        self.unreadable = dict(unreadable or {})
        self.shared_stems: dict[str, tuple[str, ...]] = {}
        self.orphans: tuple[str, ...] = ()
        self.unlistable: dict[str, str] = {}
        self.read_only = False

    def __len__(self) -> int:
        return len(self.records)

    def snapshot(self) -> list[ImageRecord]:
        return self.records.copy()

    def get(self, name: str) -> ImageRecord | None:
        return next((record for record in self.records if record.name == name), None)

    def index_of(self, name: str) -> int | None:
        return next((place for place, record in enumerate(self.records) if record.name == name), None)

    @property
    def tagged(self) -> int:
        return sum(record.is_tagged for record in self.records)

    @property
    def empty(self) -> int:
        return sum(record.is_empty for record in self.records)

    @property
    def folders(self) -> dict[str, int]:
        return dict(Counter(record.folder for record in self.records))

    def unsettled(self) -> list[tuple[str, ...]]:
        return list(self.shared_stems.values())

    @property
    def undecodable(self) -> tuple[str, ...]:
        return tuple(record.name for record in self.records if record.state is SidecarState.UNDECODABLE)

    def report(self, unreadable: Mapping[str, str]) -> None:
        self.unreadable = dict(unreadable)
        self.version += 1
