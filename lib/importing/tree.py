"""Walks through a source, a folder or an archive, and sorts what lies in it: images, tag files, tables."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from lib.archives import Limits, Member, MemberDamaged, is_archive, members
from lib.dataset.scan.file_names import LEFT_OUT_FOLDERS
from lib.dataset.tag_files.sidecar import MAX_BYTES, text_of
from lib.dataset.tag_files.sidecar import SUFFIXES as SIDECAR_SUFFIXES
from lib.errors import ArchiveRefused, InvalidInput
from lib.images import IMAGE_SUFFIXES
from lib.importing import parquet
from lib.importing.base import MAX_TABLE_BYTES, ByteStream, ImageNames, Stage
from lib.importing.sources import TABLE_SUFFIXES
from lib.importing.tables.face import NotUnderstood
from lib.importing.tables.understand import understand

_OTHER = "the caption in it is not the one that was exported"
_MANIFEST = ".manifest.json"


class Tree:
    """One source's way into a stage. Ids are paths; those from an archive in a folder begin with the archive's name."""

    def __init__(self, stage: Stage, passed_over: Collection[Path], limits: Limits | None = None) -> None:
        """`passed_over`: folders that are not looked into when they are met on the way."""
        self._stage = stage
        self._passed_over = passed_over
        self._limits = limits
        self._texts: dict[str, tuple[str, str]] = {}
        self._notes: dict[str, dict[str, object]] = {}
        self._tables: list[tuple[str, Path]] = []
        self._lone: dict[str, Path] = {}
        self._called: dict[str, str] = {}
        """Files that may be a table, or an image's tag file, and what their image would be called."""

    def read(self, source: Path) -> None:
        """Reads all of a source. Raises InvalidInput for what is neither a folder nor a file, OSError."""
        source = source.resolve()
        if source.is_dir():
            for path in _files_in(source, self._passed_over):
                self._file(path, path.relative_to(source).as_posix())
        elif not source.is_file():
            # A pipe or a device may have no end, or make whoever opens it wait for good.
            raise InvalidInput(f"“{source.name}” is neither a folder nor a file.", "Copy what it gives into a file.")
        elif is_archive(source):
            self._archive(source, "")
        else:
            self._file(source, source.name)
            self._images_beside(source)
        self._settle()

    def _file(self, path: Path, name: str) -> None:
        if is_archive(path):
            self._archive(path, f"{name}/")
        elif name.lower().endswith(parquet.ENDING):
            if path.with_suffix(".tar").exists():
                # The index of a shard tells nothing that the shard does not.
                return
            self._stage.step()
            parquet.read(path, name, self._stage, self._limits)
        else:
            with path.open("rb") as file:
                self._take(name, name, file)

    def _archive(self, path: Path, prefix: str) -> None:
        latest = ""
        try:
            for member in members(path, self._limits):
                if reason := member.reason or _misleading(member.name):
                    self._stage.refuse(prefix + member.name, reason)
                    continue
                # `tar -C folder .` puts this before every name.
                member.name = latest = member.name.removeprefix("./")
                self._member(prefix, member)
        except ArchiveRefused as exc:
            self._stage.refuse(path.name, exc.message)
            # Whatever belongs to the last image may be missing.
            stem = prefix + latest.rpartition(".")[0]
            for id in [id for id in self._stage.images if id.rpartition(".")[0] == stem]:
                self._stage.drop(id, "its archive breaks off here")

    def _member(self, prefix: str, member: Member) -> None:
        try:
            self._take(prefix + member.name, member.name, member)
        except MemberDamaged as exc:
            self._stage.refuse(prefix + member.name, str(exc))

    def _take(self, id: str, name: str, file: ByteStream) -> None:
        self._stage.step()
        parts = name.split("/")
        if any(part[:1] == "." or part in LEFT_OUT_FOLDERS for part in parts) or name.endswith(_MANIFEST):
            return
        stem, dot, ending = id.rpartition(".")
        suffix = (dot + ending).lower()
        if suffix in IMAGE_SUFFIXES:
            self._stage.image(id, file)
            if id in self._stage.images:
                self._stage.images[id].name = name
        elif suffix in SIDECAR_SUFFIXES:
            data = _whole(file, MAX_TABLE_BYTES)
            if data is not None and suffix == ".txt":
                self._lone[id] = self._stage.keep(data)
                self._called[stem] = name.rpartition(".")[0]
            else:
                self._tag_file(id, stem, name.rpartition(".")[0], data)
        elif suffix in TABLE_SUFFIXES:
            data = _whole(file, MAX_TABLE_BYTES)
            if data is None:
                self._stage.refuse(id, "it is too large for a table of captions")
            elif suffix != ".json" or not self._note(stem, data):
                self._tables.append((id, self._stage.keep(data)))

    def _tag_file(self, id: str, stem: str, called: str, data: bytes | None) -> None:
        text = text_of(data) if data is not None and len(data) <= MAX_BYTES else None
        if text is None:
            self._stage.refuse(id, "it is not text that can be read, or too large for a caption")
        else:
            self._texts[stem] = (called, text)

    def _note(self, stem: str, data: bytes | None) -> bool:
        """Keeps the json beside an image, as WebDataset has it; false for any other json."""
        try:
            content = json.loads(data or b"null")
        except ValueError:
            return False
        known = isinstance(content, dict) and any(isinstance(content.get(key), str) for key in ("caption", "sha256"))
        if known:
            keys = ("caption", "file_name", "sha256")
            note = {key: content[key] for key in keys if isinstance(content.get(key), str)}
            if "file_name" not in note:
                # Not of our own export. img2dataset tells the hash of what it fetched, before it encoded it anew.
                note.pop("sha256", None)
            self._notes[stem] = note
        return known

    def _read_tables(self, images: ImageNames) -> None:
        """Rows of all tables. A tag file beside its image is always its text."""
        for id, path in self._lone.items():
            folder, _, last = id.rpartition("/")
            stem = id.rpartition(".")[0]
            beside = images.find(last.rpartition(".")[0], folder)
            if beside or not self._table(id, path, images):
                self._tag_file(id, stem, self._called[stem], path.read_bytes())
        for id, path in self._tables:
            self._table(id, path, images)
        self._tables, self._lone = [], {}

    def _table(self, id: str, path: Path, images: ImageNames) -> bool:
        found = understand(path, id, images)
        if isinstance(found, NotUnderstood):
            self._stage.refuse(id, found.reason)
        elif found is not None:
            folder = id.rpartition("/")[0]
            self._stage.rows += [(folder, row.key, text) for row in found.rows() for text in row.texts]
            self._stage.refused += [(id, f"{where}: {why}" if where else why) for where, why in found.faults]
        return found is not None

    def _images_beside(self, source: Path) -> None:
        """The images that a table names and that lie beside it."""
        beside = _files_in(source.parent, self._passed_over, IMAGE_SUFFIXES)
        names = ImageNames(path.relative_to(source.parent).as_posix() for path in beside)
        self._read_tables(names)
        for name in dict.fromkeys(name for _, key, _ in self._stage.rows for name in names.find(key)):
            with (source.parent / name).open("rb") as file:
                self._take(name, name, file)

    def _settle(self) -> None:
        """Gives the images what tag files and tables say of them; what belongs to no image here stays a row."""
        images = self._stage.images
        self._read_tables(ImageNames(images))
        for id in list(images):
            stem = id.rpartition(".")[0]
            note = self._notes.get(stem, {})
            text = self._texts[stem][1] if stem in self._texts else note.get("caption")
            if note.get("sha256", images[id].hash) != images[id].hash:
                self._stage.drop(id, "its bytes are not those that were exported")
            elif "sha256" in note and note.get("caption", text) != text:
                self._stage.drop(id, _OTHER)
            else:
                images[id].name = str(note.get("file_name", images[id].name))
                images[id].texts += [text] if isinstance(text, str) and text.strip() else []
        stems = {id.rpartition(".")[0] for id in images}
        refused = {name.rpartition(".")[0] for name, _ in self._stage.refused}
        lone = [("", called, text) for stem, (called, text) in self._texts.items() if stem not in stems | refused]
        names, rows = ImageNames(images), self._stage.rows
        self._stage.rows = lone
        for folder, key, text in rows:
            found = names.find(key, folder)
            for id in found:
                images[id].texts.append(text)
                if id.endswith(f"/{key}"):
                    # A table's own folder, or that of its images, is no part of the name.
                    images[id].name = key
            if not found:
                self._stage.rows.append((folder, key, text))


def _misleading(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    return "its path leads out of the folder" if ".." in parts or name.startswith(("/", "\\")) else ""


def _whole(file: ByteStream, limit: int) -> bytes | None:
    """All of a file, None where it is longer than the limit."""
    pieces: list[bytes] = []
    while piece := file.read(1 << 20):
        limit -= len(piece)
        if limit < 0:
            # Before they are put together, which takes as much again.
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _files_in(folder: Path, passed_over: Collection[Path], suffixes: tuple[str, ...] = ("",)) -> Iterator[Path]:
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
