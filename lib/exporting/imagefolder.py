"""Hugging Face imagefolder: a folder a split, the images and a `metadata.jsonl` of `{"file_name", "text"}` in it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from lib.archives import Limits, MemberDamaged, members
from lib.errors import ArchiveRefused
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use, drain
from lib.exporting.loading import METADATA, README, below, readme, split_folder
from lib.exporting.start_lines import load_dataset

NAME = "imagefolder"


class ImageFolder(Exporter):
    label = "Hugging Face imagefolder"
    group = "Images and captions"
    readers = 'Read by load_dataset("imagefolder") and the Hub.'
    is_folder = True
    loose_images = True
    options = frozenset({"splits", "images", "uncaptioned"})

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        """A folder that is called like a split is one where no README.md is asked: it gets a table of its own, without
        which its images would have no captions. The table above does not name them, so that none comes twice.
        """
        data: dict[str, list[str]] = {}
        for split, records in source.plan.splits.items():
            folder, names = f"{NAME}/{split}", []
            tables: defaultdict[str, list[bytes]] = defaultdict(list)
            with target.create(f"{folder}/{METADATA}") as metadata:
                for sample in source.samples(records, as_files=True):
                    target.put(f"{folder}/{sample.name}", sample.data)
                    names.append(sample.name)
                    table = split_folder(sample.name)
                    row = {"file_name": sample.name.removeprefix(f"{table}/"), "text": sample.record.text}
                    line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
                    tables[table].append(line) if table else metadata.write(line)
            for table, lines in tables.items():
                target.put(f"{folder}/{table}/{METADATA}", b"".join(lines))
            data[split] = below(split, names)
        target.put(f"{NAME}/{README}", readme(data))
        return target.zip(NAME) if source.plan.options.zipped else NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        """Every image that a row tells of, and what is there without the other; of a folder, or of a zip of it."""
        if path.suffix == ".zip":
            yield from _read_zip(path, limits)
            return
        tables: dict[str, Path] = {}
        for metadata in sorted(path.rglob(METADATA)):
            tables[metadata.relative_to(path).as_posix()] = metadata
        files = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
        for name, below_it in _owned(tables, files).items():
            with tables[name].open("rb") as lines:
                yield from _compared(name, lines, below_it)

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        return [load_dataset(path)]

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return path.is_dir() and any(path.rglob(METADATA))


def _read_zip(path: Path, limits: Limits | None) -> Iterator[FileVerdict]:
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
    for name, below_it in _owned(tables, files).items():
        # Not splitlines, which knows line ends that JSON does not.
        yield from _compared(name, tables[name].split(b"\n"), below_it)


def _owned(tables: Iterable[str], files: Iterable[str]) -> dict[str, set[str]]:
    """Which files belong to which table: to the one in the nearest folder above them."""
    folders = {name.removesuffix(METADATA): name for name in sorted(tables)}
    found: dict[str, set[str]] = {name: set() for name in folders.values()}
    for file in files:
        above = file.rpartition("/")[0]
        while above and f"{above}/" not in folders:
            above = above.rpartition("/")[0]
        if table := folders.get(f"{above}/" if above else ""):
            found[table].add(file)
    return found


def _compared(metadata: str, lines: Iterable[bytes], files: set[str]) -> Iterator[FileVerdict]:
    """A table's rows against the files of its folder, all by their path in the export."""
    folder = PurePosixPath(metadata).parent
    unnamed = files - {metadata}
    for line in lines:
        if not line:
            continue
        try:
            name = (folder / json.loads(line)["file_name"]).as_posix()
        except (ValueError, TypeError, KeyError):
            yield metadata, "a line of it is damaged"
            continue
        yield name, "" if name in unnamed else "it is missing, or named twice"
        unnamed.discard(name)
    for name in sorted(unnamed):
        yield name, f"it has no line in {METADATA}"
