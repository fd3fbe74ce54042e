"""Walks through a source, a folder or an archive, and sorts what lies in it: images, tag files, tables."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lib.archives import ENDINGS, Budget, Limits, Member, MemberDamaged, is_archive, members
from lib.dataset.scan.file_names import LEFT_OUT_FOLDERS
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.dataset.tag_files.sidecar import SUFFIXES as SIDECAR_SUFFIXES
from lib.errors import ArchiveRefused, InvalidInput
from lib.images import IMAGE_SUFFIXES
from lib.importing import parquet
from lib.importing.beside import is_mask
from lib.importing.notes import Note, note_of
from lib.importing.sources import TABLE_SUFFIXES
from lib.importing.stage import ByteStream, Stage
from lib.importing.tables.results import Reading
from lib.importing.tables.understand import MAX_BYTES as MAX_TABLE_BYTES
from lib.importing.zip_names import ZipNames

_MANIFEST = ".manifest.json"
_TOO_DEEP = "it is an archive in an archive in an archive; unpack the outer one and import what comes out"


@dataclass(frozen=True, slots=True)
class TagFile:
    """A file named as tag files are. `id` is its path in the source, `name` that in the innermost archive."""

    id: str
    name: str
    data: bytes
    path: Path | None = None
    """Where it lies on the disk, None where it came out of an archive."""

    @property
    def ending(self) -> str:
        return PurePosixPath(self.id).suffix.lower()


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that may hold captions for many images: where it lies now, to be read once all images are known."""

    id: str
    path: Path


@dataclass(slots=True)
class Walked:
    """What lies in a source beside the images: files that are read once these are known."""

    tag_files: list[TagFile] = field(default_factory=list)
    notes: dict[str, tuple[str, Note]] = field(default_factory=dict)
    """By its path: a json's path in the innermost archive, and what it says."""
    tables: list[KeptFile] = field(default_factory=list)
    parquets: list[KeptFile] = field(default_factory=list)
    shards: set[str] = field(default_factory=set)
    """The paths, without ending, of tars: a Parquet of that name is their index."""


class Tree:
    """One source's way into a stage. Ids are paths; those from an archive in a folder begin with the archive's name."""

    def __init__(
        self,
        stage: Stage,
        passed_over: Collection[Path],
        limits: Limits | None = None,
        reading: Reading = Reading(),
    ) -> None:
        """`passed_over`: folders that are not looked into when they are met on the way."""
        self._stage = stage
        self._passed_over = passed_over
        self._limits = limits or Limits()
        self._reading = reading
        self._walked = Walked()

    def walk(self, source: Path) -> Walked:
        """Goes through all of a source. Raises InvalidInput for what is neither a folder nor a file, OSError."""
        if source.is_dir():
            for path in files_in(source, self._passed_over):
                self._file(path, path.relative_to(source).as_posix())
        elif not source.is_file():
            # A pipe or a device may have no end, or make whoever opens it wait for good.
            raise InvalidInput(f"“{source.name}” is neither a folder nor a file.", "Copy what it gives into a file.")
        elif is_archive(source):
            self._archive(source, "", Budget(source, self._limits))
        elif source.suffix.lower() == ".txt" and source.stat().st_size <= MAX_BYTES:
            # Given by itself it is more than the caption of one image.
            self._walked.tables.append(KeptFile(source.name, source))
        else:
            self._file(source, source.name)
        return self._walked

    def take_beside(self, source: Path, names: Collection[str]) -> None:
        """Takes images that lie beside a table, by their paths from there."""
        for name in names:
            with (source.parent / name).open("rb") as file:
                self._take(name, name, file, source.parent / name)

    def _file(self, path: Path, name: str) -> None:
        if is_archive(path):
            self._note_shard(name)
            self._archive(path, f"{name}/", Budget(path, self._limits))
        else:
            with path.open("rb") as file:
                self._take(name, name, file, path)

    def _archive(self, path: Path, prefix: str, budget: Budget, depth: int = 0) -> None:
        latest = ""
        names = ZipNames(path, budget, self._reading.encoding)
        try:
            for member in members(path, budget=budget):
                if member.is_guessed:
                    member.name = names.name(member.name)
                if reason := member.reason or _misleading(member.name):
                    self._stage.refuse(prefix + member.name, reason)
                    continue
                # `tar -C folder .` puts this before every name.
                member.name = latest = member.name.removeprefix("./")
                self._member(prefix, member, budget, depth)
        except ArchiveRefused as exc:
            self._stage.refuse(prefix.rstrip("/") or path.name, exc.message)
            # Whatever belongs to the last image may be missing.
            stem = prefix + latest.rpartition(".")[0]
            for id in [id for id in self._stage.images if id.rpartition(".")[0] == stem]:
                self._stage.drop(id, "its archive breaks off here")
        if names.encoding:
            words = f"its names were read as {names.encoding}, which it does not say; another encoding can be chosen"
            self._stage.account.notes.append((prefix.rstrip("/") or path.name, words))

    def _member(self, prefix: str, member: Member, budget: Budget, depth: int) -> None:
        id = prefix + member.name
        try:
            if not member.name.lower().endswith(ENDINGS) or _is_hidden(member.name):
                self._take(id, member.name, member)
            elif depth:
                self._stage.account.not_understood.append((id, _TOO_DEEP))
            else:
                self._note_shard(id)
                if inner := self._stage.keep("".join(PurePosixPath(member.name).suffixes[-2:]).lower(), member):
                    self._archive(inner, f"{id}/", budget, depth + 1)
                    inner.unlink()
        except MemberDamaged as exc:
            self._stage.refuse(id, str(exc))

    def _note_shard(self, id: str) -> None:
        self._walked.shards.add(id.rpartition(".")[0])

    def _take(self, id: str, name: str, file: ByteStream, path: Path | None = None) -> None:
        """One file. `path`: where it lies on the disk, None where it comes out of an archive."""
        self._stage.step()
        if _is_hidden(name):
            return
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in IMAGE_SUFFIXES and is_mask(name):
            self._stage.account.ignored[name[name.rindex("-") :].lower()] += 1
        elif suffix in IMAGE_SUFFIXES:
            self._stage.image(id, file)
            if id in self._stage.images:
                self._stage.images[id].name = name
        elif suffix == parquet.ENDING:
            self._later(self._walked.parquets, id, file, path)
        elif suffix in SIDECAR_SUFFIXES:
            self._tag_file(id, name, file, path)
        elif suffix == ".json":
            self._json(id, name, file, path)
        elif suffix in TABLE_SUFFIXES:
            self._later(self._walked.tables, id, file, path)
        else:
            self._stage.account.ignore(name)

    def _tag_file(self, id: str, name: str, file: ByteStream, path: Path | None) -> None:
        data = _up_to(file, MAX_BYTES)
        if len(data) <= MAX_BYTES:
            self._walked.tag_files.append(TagFile(id, name, data, path))
        elif name.lower().endswith(".txt"):
            self._later(self._walked.tables, id, file, path, data)
        else:
            self._stage.refuse(id, "it is too large for a caption")

    def _json(self, id: str, name: str, file: ByteStream, path: Path | None) -> None:
        data = _up_to(file, MAX_BYTES)
        if len(data) <= MAX_BYTES and (note := note_of(data, self._reading.caption_column)):
            self._walked.notes[id] = name, note
            for text in note.texts:
                self._stage.told.tell(text, note.origin)
        else:
            self._later(self._walked.tables, id, file, path, data)

    def _later(self, into: list[KeptFile], id: str, file: ByteStream, path: Path | None, first: bytes = b"") -> None:
        """Keeps a file until all images are known: as it lies on the disk, or as a copy out of an archive."""
        most = None if into is self._walked.parquets else MAX_TABLE_BYTES
        kept = path or self._stage.keep(PurePosixPath(id).suffix.lower(), file, first, most)
        if kept is None:
            self._stage.account.not_understood.append((id, "it is too large for a table of captions"))
        else:
            into.append(KeptFile(id, kept))


def _is_hidden(name: str) -> bool:
    """True for what systems hide in a folder or archive, and for the manifest of our own exports."""
    parts = name.split("/")
    return any(part[:1] == "." or part in LEFT_OUT_FOLDERS for part in parts) or name.endswith(_MANIFEST)


def _misleading(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    return "its path leads out of the folder" if ".." in parts or name.startswith(("/", "\\")) else ""


def _up_to(file: ByteStream, most: int) -> bytes:
    """All of a file, or more than `most` bytes of it."""
    data = io.BytesIO()
    while data.tell() <= most and (piece := file.read(1 << 20)):
        data.write(piece)
    return data.getvalue()


def files_in(folder: Path, passed_over: Collection[Path], suffixes: tuple[str, ...] = ("",)) -> Iterator[Path]:
    """The regular files below a folder, in order; links and hidden names are passed over too."""
    for place, folders, names in os.walk(folder):
        here = Path(place)
        if here in passed_over:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = here / name
            wanted = not name.startswith(".") and name.lower().endswith(suffixes)
            if wanted and path.is_file() and not path.is_symlink():
                yield path
