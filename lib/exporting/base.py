"""What every format works with: the plan of an export, its samples one after another, and its options."""

from __future__ import annotations

import hashlib
import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from lib.archives import Limits, Member
from lib.dataset.journal.journal import Journal
from lib.domain import ImageRecord
from lib.errors import Cancelled, ImageRefused
from lib.exporting.hashed_files import ExportedFile, ExportFolder, HeldEnd, zip_entry
from lib.images import RARE_JPEG_SUFFIXES, Picture, load_image, load_whole, probe_image
from lib.progress import NOBODY, Progress

__all__ = [
    "ENDINGS",
    "Encoding",
    "ExportFolder",
    "ExportOptions",
    "ExportPlan",
    "ExportedFile",
    "Exporter",
    "Finding",
    "HeldEnd",
    "LeftOut",
    "OptionGroup",
    "Sample",
    "SampleSource",
    "drain",
    "origin_of",
    "zip_entry",
]

Encoding = Literal["keep", "jpeg", "webp"]

OptionGroup = Literal["splits", "shards", "images"]
"""Options that a format has or has not: a validation split, the size and order of shards, images written anew."""

LeftOut = tuple[str, str]
"""An image's name, and why it is not in the export."""

Finding = tuple[str, str]
"""What was read back: a sample's name, and what is wrong with it ("" where nothing is)."""

_QUALITY = 92


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What an export may be asked for.

    `shard_samples` and `shard_bytes` cut WebDataset shards, whichever is reached first. With `seed` the samples are
    shuffled. `validation` is the part (0 to 1) that goes into a validation split, where the format has splits.
    `max_side` (pixels) shrinks larger images, `encoding` writes all of them anew; else files are copied byte by byte.
    `zipped` puts a format that is a folder (shards, imagefolder) into one zip.
    """

    shard_samples: int = 10_000
    shard_bytes: int = 1_000_000_000
    seed: int | None = None
    validation: float = 0.0
    max_side: int | None = None
    encoding: Encoding = "keep"
    zipped: bool = False


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What an export will hold: the records by split, in their order, and what is left out. Nothing is written yet.

    The records are below `root`. `options` are what it was planned with, `journal` knows where captions came from.
    """

    root: Path
    train: tuple[ImageRecord, ...]
    validation: tuple[ImageRecord, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    options: ExportOptions = field(default_factory=ExportOptions)
    journal: Journal | None = None

    @property
    def records(self) -> tuple[ImageRecord, ...]:
        return self.train + self.validation

    @property
    def splits(self) -> dict[str, tuple[ImageRecord, ...]]:
        """The records by the name of their split; a dataset that is not split is all `train`."""
        return {"train": self.train} | ({"validation": self.validation} if self.validation else {})


@dataclass(frozen=True, slots=True)
class Sample:
    """One image as it goes out. `name` is its path in the export, which differs from the record's if re-encoded."""

    record: ImageRecord
    name: str
    data: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Exporter(ABC):
    """One format. Whatever a page or a command has to know of it stands here, so that nobody compares names."""

    label: ClassVar[str]
    """What people choose it by."""
    readers: ClassVar[str]
    """Who reads it, in a line."""
    has_images: ClassVar[bool] = True
    """False where captions alone go out."""
    is_folder: ClassVar[bool] = False
    """True where it is a folder, unless it is put into one zip."""
    options: ClassVar[frozenset[OptionGroup]] = frozenset()

    @abstractmethod
    def write(self, source: SampleSource, target: ExportFolder) -> str:
        """Writes into the folder of an export; gives the name of the file or folder that it made there."""

    @abstractmethod
    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[Finding]:
        """Reads an export back, sample by sample. Whatever it holds is a finding, never an exception.

        `limits`: those of an archive, where it is one; a stranger's unless given.
        """

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Whether what lies there is of this format and can be checked without its manifest."""
        return False


class SampleSource:
    """The samples of a plan, one at a time. What turns out to be unreadable is noted in `left_out` and passed over."""

    def __init__(self, plan: ExportPlan, progress: Progress = NOBODY) -> None:
        self.plan = plan
        self.left_out: list[LeftOut] = []
        self.written = 0
        self._progress = progress
        self._names: set[str] = set()

    def captions(self, records: Sequence[ImageRecord]) -> Iterator[ImageRecord]:
        """The records alone, for formats that hold no images."""
        for record in records:
            self._step()
            yield record
            self.written += 1

    def tag_files(self, records: Sequence[ImageRecord]) -> Iterator[ImageRecord]:
        """One record for each tag file, since images that share one share their caption."""
        done: set[str] = set()
        for record in records:
            if record.stem not in done:
                done.add(record.stem)
                yield from self.captions([record])

    def sizes(self, records: Sequence[ImageRecord]) -> Iterator[tuple[ImageRecord, int, int]]:
        """The records with width and height in pixels, for formats that tell of images without holding them."""
        for record in records:
            self._step()
            try:
                width, height = probe_image(Picture(self.plan.root, record.name))
            except ImageRefused as exc:
                self.left_out.append((record.name, exc.message))
                continue
            yield record, width, height
            self.written += 1

    def samples(self, records: Sequence[ImageRecord]) -> Iterator[Sample]:
        """The records with their images."""
        for record in records:
            self._step()
            try:
                sample = self._sample(record)
            except ImageRefused as exc:
                self.left_out.append((record.name, exc.message))
            except OSError as exc:
                self.left_out.append((record.name, exc.strerror or "it cannot be read"))
            else:
                yield sample
                self.written += 1

    def origin(self, record: ImageRecord) -> dict[str, Any]:
        return origin_of(record, self.plan.journal)

    def _step(self) -> None:
        if self._progress.is_cancelled():
            raise Cancelled("The export was stopped.", "Nothing of it is left on the disk.")
        self._progress.advance(self.written + len(self.left_out), len(self.plan.records))

    def _sample(self, record: ImageRecord) -> Sample:
        picture = Picture(self.plan.root, record.name)
        data, (width, height) = load_whole(picture)
        options = self.plan.options
        small = options.max_side is None or max(width, height) <= options.max_side
        if small and options.encoding == "keep":
            return Sample(record, self._free_name(_known_to_trainers(record)), data, width, height)
        image = load_image(picture, options.max_side)
        encoding = "webp" if options.encoding == "webp" else "jpeg"
        out = io.BytesIO()
        image.save(out, encoding.upper(), quality=_QUALITY)
        name = record.name if encoding == "jpeg" and _is_jpeg(record.name) else f"{record.stem}.{ENDINGS[encoding]}"
        return Sample(record, self._free_name(name), out.getvalue(), image.width, image.height)

    def _free_name(self, name: str) -> str:
        """The name, or the like where a re-encoded image of the same stem took it."""
        stem, _, suffix = name.rpartition(".")
        number = 1
        while name in self._names:
            number += 1
            name = f"{stem} ({number}).{suffix}"
        self._names.add(name)
        return name


ENDINGS = {"jpeg": "jpg", "webp": "webp"}
"""How the files of an encoding end."""


def _is_jpeg(name: str) -> bool:
    return name.lower().endswith((".jpg", ".jpeg"))


def _known_to_trainers(record: ImageRecord) -> str:
    """The name, with an ending that trainers look for where a JPEG has one of those that browsers give."""
    return f"{record.stem}.jpg" if record.name.lower().endswith(RARE_JPEG_SUFFIXES) else record.name


def origin_of(record: ImageRecord, journal: Journal | None) -> dict[str, Any]:
    """Where a caption came from, as far as the journal knows; empty where it was changed outside."""
    if journal is None:
        return {}
    entry = next((entry for entry in journal.history(record.sidecar, 20) if entry.state == "done"), None)
    if entry is None or entry.after_text != record.text:
        return {}
    origin = asdict(entry.origin) | {"time": entry.at}
    # A number of this server's own, which says nothing elsewhere.
    del origin["run"]
    return origin


def drain(member: Member) -> None:
    """Reads a member to its end, for its checksum. Raises MemberDamaged, ArchiveRefused."""
    while member.read(1 << 20):
        pass
