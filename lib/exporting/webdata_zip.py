"""`webdata.zip`: the tagged images, stored, and one `label.json` of `{"file_name", "text"}`.

What `load_dataset` needs to read it unpacked lies beside: the same rows in `metadata.jsonl`, and a README.md.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits, MemberDamaged, members
from lib.errors import ArchiveRefused
from lib.exporting.base import (
    Exporter,
    ExportFolder,
    ExportPlan,
    FileVerdict,
    HeldEnd,
    SampleSource,
    Use,
    drain,
    zip_entry,
)
from lib.exporting.loading import METADATA, README, below, readme
from lib.exporting.start_lines import load_dataset

NAME = "webdata.zip"
LABELS = "label.json"


class WebdataZip(Exporter):
    label = "webdata.zip"
    group = "Images and captions"
    readers = "One zip with all images and a label.json: easy to pass on."
    options = frozenset({"images", "uncaptioned"})

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        rows = []
        with target.create(NAME) as file:
            end = HeldEnd(file)
            with zipfile.ZipFile(end, "x") as archive:
                for sample in source.samples(source.plan.records, as_files=True):
                    # The whole relative path: two images of one name in different folders are two images.
                    archive.writestr(zip_entry(sample.name), sample.data)
                    end.settle()
                    rows.append({"file_name": sample.name, "text": sample.record.text})
                archive.writestr(zip_entry(LABELS), json.dumps(rows, ensure_ascii=False, indent=1))
                archive.writestr(
                    zip_entry(METADATA), "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
                )
                archive.writestr(zip_entry(README), readme({"train": _data([row["file_name"] for row in rows])}))
            end.settle()
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        """Every image that has a text, and what is there without the other."""
        names: dict[str, str] = {}
        labels: bytes | None = None
        try:
            for member in members(path, limits):
                try:
                    if member.name == LABELS:
                        labels = member.read()
                    else:
                        drain(member)
                        if member.name not in (METADATA, README):
                            names[member.name] = ""
                except MemberDamaged as exc:
                    names[member.name] = str(exc)
        except ArchiveRefused as exc:
            yield path.name, exc.message
        try:
            rows = {row["file_name"] for row in json.loads(labels or b"[]")}
        except (ValueError, TypeError, KeyError):
            rows = set()
        if labels is None or (names and not rows):
            yield LABELS, "it is missing or damaged"
            return
        for name in sorted(rows | names.keys()):
            yield (
                name,
                names[name]
                if name in rows and name in names
                else ("it is not in the zip" if name in rows else f"it is not in {LABELS}"),
            )

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        return [load_dataset(path)]

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return path.is_file() and path.name.lower().endswith(".zip")


def _data(names: list[str]) -> list[str]:
    """Patterns of the images, and the table: among all files `label.json` would be one of the data."""
    endings = sorted({name.rpartition(".")[2] for name in names})
    return [METADATA, *(f"{pattern}/*.{ending}" for pattern in below("", names) for ending in endings)]
