"""What every format works with: the plan of an export, its samples one after another, and its options."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

from lib.archives import Limits, Member
from lib.dataset.journal.journal import Journal
from lib.dataset.journal.marks import Marks
from lib.domain import Author, ImageMarks, ImageRecord
from lib.errors import Cancelled, ImageRefused
from lib.exporting.file_names import shortened
from lib.exporting.hashed_files import ExportedFile, ExportFolder, HeldEnd, zip_entry
from lib.exporting.options import Encoding, ExportOptions, ExportPlan, LeftOut, MapPoint, OptionGroup
from lib.exporting.taken_names import TakenNames
from lib.images import (
    ADDED_SUFFIXES,
    RARE_JPEG_SUFFIXES,
    Picture,
    encoded,
    is_turned,
    load_whole,
    may_be_turned,
    probe_image,
    upright,
)
from lib.progress import NOBODY, Progress
from lib.record_columns import RowRecord

__all__ = [
    "ENDINGS",
    "Encoding",
    "ExportFolder",
    "ExportOptions",
    "ExportPlan",
    "ExportedFile",
    "Exporter",
    "FileVerdict",
    "Group",
    "HeldEnd",
    "LeftOut",
    "MapPoint",
    "OptionGroup",
    "Renamed",
    "Sample",
    "SampleSource",
    "Use",
    "drain",
    "origins_of",
    "zip_entry",
]

Renamed = tuple[str, str]
"""An image's name, and the shorter one that it has in the export."""

Group = Literal["Images and captions", "Captions for trainers", "Tables of captions"]

FileVerdict = tuple[str, str]
"""What was read back: a sample's name, and what is wrong with it ("" where nothing is)."""


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


class Use(NamedTuple):
    """How a program is started on an export: its name, and a line to copy."""

    program: str
    line: str


class Exporter(ABC):
    """One format. Whatever a page or a command has to know of it stands here, so that nobody compares names."""

    label: ClassVar[str]
    """What people choose it by."""
    readers: ClassVar[str]
    """Who reads it, in a line."""
    group: ClassVar[Group]
    """Under which heading it is shown. Those of one group stand beside each other in the registry."""
    has_images: ClassVar[bool] = True
    """False where captions alone go out."""
    is_folder: ClassVar[bool] = False
    """True where it is a folder, unless it is put into one zip."""
    loose_images: ClassVar[bool] = False
    """True where its images lie as files of their own, for whoever scans that folder to find."""
    options: ClassVar[frozenset[OptionGroup]] = frozenset()
    is_one_object: ClassVar[bool] = False
    """True where it is one JSON object, which is no table to `datasets`: its captions lie beside, as `loading` says."""
    takes_rows: ClassVar[bool] = False
    """True where samples may be rows of a table: no file is called as they are, and none needs the image's own file."""

    @abstractmethod
    def write(self, source: SampleSource, target: ExportFolder) -> str:
        """Writes into the folder of an export; gives the name of the file or folder that it made there."""

    @abstractmethod
    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        """Reads an export back, sample by sample. Whatever it holds is a finding, never an exception.

        `limits`: those of an archive, where it is one; a stranger's unless given.
        """

    def rows(self, path: Path) -> Iterator[tuple[str, str]]:
        """The images and captions of what is one object."""
        raise NotImplementedError

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        """How programs are started on the export that lies there. `plan`: what it was made of."""
        return []

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Whether what lies there is of this format and can be checked without its manifest."""
        return False


class SampleSource:
    """The samples of a plan, one at a time. What turns out to be unreadable is noted in `left_out` and passed over."""

    def __init__(self, plan: ExportPlan, progress: Progress = NOBODY) -> None:
        self.plan = plan
        self.left_out: list[LeftOut] = []
        self.renamed: list[Renamed] = []
        self.written = 0
        self._progress = progress
        self._names = TakenNames()
        self._origins: dict[str, dict[str, Any]] | None = None
        # As they are at the beginning: all rows of a table have the same columns.
        self.marks = plan.journal.marks.now() if plan.journal is not None else Marks()
        marked = self.marks.ratings.keys() | set(self.marks.left_out)
        self.has_marks = bool(marked) and any(record.name in marked for record in plan.records)

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

    def measured(self, records: Sequence[ImageRecord]) -> Iterator[tuple[ImageRecord, int, int]]:
        """The same, with zeros for an image that cannot be opened: its caption goes out all the same."""
        for record in self.captions(records):
            try:
                yield record, *probe_image(Picture(self.plan.root, record.name))
            except ImageRefused:
                yield record, 0, 0

    def samples(self, records: Sequence[ImageRecord], *, as_files: bool = False) -> Iterator[Sample]:
        """The records with their images. `as_files`: each becomes a file, whose name must not be too long."""
        for record in records:
            self._step()
            try:
                sample = self._sample(record, as_files=as_files)
            except ImageRefused as exc:
                self.left_out.append((record.name, exc.message))
            except OSError as exc:
                self.left_out.append((record.name, exc.strerror or "it cannot be read"))
            else:
                yield sample
                self.written += 1

    def origin(self, record: ImageRecord) -> dict[str, Any]:
        """Where its caption came from, for those of the plan."""
        if self._origins is None:
            self._origins = _known_origins(self.plan.records, self.plan.journal)
        return self._origins.get(record.name, {})

    def file_size(self, record: ImageRecord) -> int | None:
        """The bytes of an image's file, None where it has none: a row's name is anybody's word, and no path."""
        if isinstance(record, RowRecord):
            return None
        with suppress(OSError):
            return (self.plan.root / record.name).stat().st_size
        return None

    def marks_of(self, record: ImageRecord) -> ImageMarks:
        """What is said of an image: left out, and stars."""
        return ImageMarks(record.name in self.marks.left_out, self.marks.ratings.get(record.name, 0))

    def _step(self) -> None:
        if self._progress.is_cancelled():
            raise Cancelled("The export was stopped.", "Nothing of it is left on the disk.")
        self._progress.advance(self.written + len(self.left_out), len(self.plan.records))

    def _sample(self, record: ImageRecord, *, as_files: bool) -> Sample:
        picture = Picture(self.plan.root, record.name)
        options, name = self.plan.options, record.name
        # Trainers read neither HEIC nor JPEG XL.
        if options.encoding == "keep" and not name.lower().endswith(ADDED_SUFFIXES):
            data, (width, height) = load_whole(picture)
            if options.max_side is None or max(width, height) <= options.max_side:
                # Readers that do not turn it would see it lying, with its width for its height.
                if may_be_turned(data) and is_turned(picture):
                    data, width, height = upright(picture)
                known = _known_to_trainers(record)
                return Sample(record, self._free_name(record, known, as_files=as_files), data, width, height)
            del data
        encoding: Literal["jpeg", "webp"] = "webp" if options.encoding == "webp" else "jpeg"
        data, width, height = encoded(picture, encoding, options.max_side)
        if encoding == "webp" or not _is_jpeg(name):
            name = f"{record.stem}.{ENDINGS[encoding]}"
        return Sample(record, self._free_name(record, name, as_files=as_files), data, width, height)

    def _free_name(self, record: ImageRecord, name: str, *, as_files: bool) -> str:
        """The name, or the like where it is too long, or a re-encoded image of the same stem took it."""
        whole, name = name, shortened(name) if as_files else name
        stem, _, suffix = name.rpartition(".")
        number = 1
        while not self._names.add(name):
            number += 1
            name = f"{stem} ({number}).{suffix}"
        if len(name) < len(whole):
            self.renamed.append((record.name, name))
        return name


ENDINGS = {"jpeg": "jpg", "webp": "webp"}
"""How the files of an encoding end."""


def _is_jpeg(name: str) -> bool:
    return name.lower().endswith((".jpg", ".jpeg"))


def _known_to_trainers(record: ImageRecord) -> str:
    """The name, with an ending that trainers look for where a JPEG has one of those that browsers give."""
    return f"{record.stem}.jpg" if record.name.lower().endswith(RARE_JPEG_SUFFIXES) else record.name


def origins_of(records: Sequence[ImageRecord], journal: Journal | None) -> dict[str, dict[str, Any]]:
    """Where captions came from, by the image's name; empty where nobody knows. One question for all of them."""
    known = _known_origins(records, journal)
    return {record.name: known.get(record.name, {}) for record in records}


def _known_origins(records: Sequence[ImageRecord], journal: Journal | None) -> dict[str, dict[str, Any]]:
    if journal is None:
        return {}
    pairs = zip(records, journal.authors(records), strict=True)
    return {record.name: _told(author) for record, author in pairs if author is not None}


def _told(author: Author) -> dict[str, Any]:
    return {
        "kind": _KINDS[author.by],
        "model": author.model,
        "prompt": author.prompt,
        "params": dict(author.params),
        "edited": bool(author.edited_at),
        "time": author.told_at or author.at,
    }


_KINDS = {"model": "generate", "hand": "edit", "import": "import"}


def drain(member: Member) -> None:
    """Reads a member to its end, for its checksum. Raises MemberDamaged, ArchiveRefused."""
    while member.read(1 << 20):
        pass
