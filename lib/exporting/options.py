"""What an export may be asked for, and the plan of one: which samples go out. Values, without any doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from lib.dataset.journal.journal import Journal
from lib.domain import ImageRecord
from lib.records import joined

Encoding = Literal["keep", "jpeg", "webp"]

OptionGroup = Literal["splits", "shards", "images", "paths", "uncaptioned"]
"""Options that a format has or has not: a validation split, the size and order of shards, images written anew, absolute
paths, images that have no caption."""

LeftOut = tuple[str, str]
"""An image's name, and why it is not in the export."""


class MapPoint(NamedTuple):
    """Where a sample lies on the map of clusters, and in which of them."""

    x: float
    y: float
    cluster: int
    cluster_name: str = ""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What an export may be asked for.

    `shard_samples` and `shard_bytes` cut WebDataset shards, whichever is reached first. With `seed` the samples are
    shuffled. `validation` is the part (0 to 1) that goes into a validation split, where the format has splits.
    `max_side` (pixels) shrinks larger images, `encoding` writes all of them anew; else files are copied byte by byte,
    those excepted that EXIF turns. `zipped` puts a format that is a folder (shards, imagefolder) into one zip.
    `absolute`: tables name images by whole paths. `uncaptioned`: images without a caption go along.
    """

    shard_samples: int = 10_000
    shard_bytes: int = 1_000_000_000
    seed: int | None = None
    validation: float = 0.0
    max_side: int | None = None
    encoding: Encoding = "keep"
    zipped: bool = False
    absolute: bool = False
    uncaptioned: bool = False


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What an export will hold: the records by split, in their order, and what is left out. Nothing is written yet.

    The records are below `root`. `options` are what it was planned with, `journal` knows where captions came from,
    `places` the map of clusters, by image, where there is one.
    """

    root: Path
    train: Sequence[ImageRecord]
    validation: Sequence[ImageRecord] = ()
    left_out: tuple[LeftOut, ...] = ()
    options: ExportOptions = field(default_factory=ExportOptions)
    journal: Journal | None = None
    places: Mapping[str, MapPoint] = field(default_factory=dict)

    @property
    def records(self) -> Sequence[ImageRecord]:
        return joined(self.train, self.validation)

    @property
    def splits(self) -> dict[str, Sequence[ImageRecord]]:
        """The records by the name of their split; a dataset that is not split is all `train`."""
        return {"train": self.train} | ({"validation": self.validation} if self.validation else {})

    @property
    def folders(self) -> list[Path]:
        """Those that its images lie in, for programs that do not look into the folders below one."""
        return [self.root / folder for folder in sorted({record.folder for record in self.records})]

    def key(self, name: str) -> str:
        """What a table of captions calls an image: its path below `root`, or the whole one."""
        return (self.root.resolve() / name).as_posix() if self.options.absolute else name
