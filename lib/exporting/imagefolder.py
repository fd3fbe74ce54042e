"""Hugging Face imagefolder: a folder a split, the images and a `metadata.jsonl` of `{"file_name", "text"}` in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from lib.archives import Limits, MemberDamaged, members
from lib.errors import ArchiveRefused
from lib.exporting.base import Exporter, ExportFolder, Finding, SampleSource, drain

NAME = "imagefolder"
METADATA = "metadata.jsonl"


class ImageFolder(Exporter):
    label = "Hugging Face imagefolder"
    readers = 'Read by load_dataset("imagefolder") and the Hub.'
    is_folder = True
    options = frozenset({"splits", "images"})

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        for split, records in source.plan.splits.items():
            folder = f"{NAME}/{split}"
            with target.create(f"{folder}/{METADATA}") as metadata:
                for sample in source.samples(records):
                    target.put(f"{folder}/{sample.name}", sample.data)
                    row = {"file_name": sample.name, "text": sample.record.text}
                    metadata.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        return target.zip(NAME) if source.plan.options.zipped else NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[Finding]:
        """Every image that a row tells of, and what is there without the other; of a folder, or of a zip of it."""
        if path.suffix == ".zip":
            yield from _read_zip(path, limits)
            return
        for metadata in sorted(path.rglob(METADATA)):
            folder = metadata.parent
            files = {file.relative_to(path).as_posix() for file in folder.rglob("*") if file.is_file()}
            with metadata.open("rb") as lines:
                yield from _compared(metadata.relative_to(path).as_posix(), lines, files)

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return path.is_dir() and any(path.rglob(METADATA))


def _read_zip(path: Path, limits: Limits | None) -> Iterator[Finding]:
    tables: dict[str, bytes] = {}
    files: set[str] = set()
    try:
        for member in members(path, limits):
            try:
                if PurePosixPath(member.name).name == METADATA:
                    tables[member.name] = member.read()
                else:
                    drain(member)
            except MemberDamaged as exc:
                yield member.name, str(exc)
            files.add(member.name)
    except ArchiveRefused as exc:
        yield path.name, exc.message
    for name, table in sorted(tables.items()):
        folder = f"{PurePosixPath(name).parent}/"
        yield from _compared(name, table.splitlines(), {file for file in files if file.startswith(folder)})


def _compared(metadata: str, lines: Iterable[bytes], files: set[str]) -> Iterator[Finding]:
    """A table's rows against the files of its folder, all by their path in the export."""
    folder = PurePosixPath(metadata).parent
    unnamed = files - {metadata}
    for line in lines:
        try:
            name = (folder / json.loads(line)["file_name"]).as_posix()
        except (ValueError, TypeError, KeyError):
            yield metadata, "a line of it is damaged"
            continue
        yield name, "" if name in unnamed else "it is missing, or named twice"
        unnamed.discard(name)
    for name in sorted(unnamed):
        yield name, f"it has no line in {METADATA}"
