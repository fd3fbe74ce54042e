"""`webdata.zip`: the tagged images, stored, and one `label.json` of `{"file_name", "text"}`."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits, MemberDamaged, members
from lib.errors import ArchiveRefused
from lib.exporting.base import Exporter, ExportFolder, Finding, HeldEnd, SampleSource, drain, zip_entry

NAME = "webdata.zip"
LABELS = "label.json"


class WebdataZip(Exporter):
    label = "webdata.zip"
    readers = "One zip with all images and a label.json: easy to pass on."
    options = frozenset({"images"})

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        rows = []
        with target.create(NAME) as file:
            end = HeldEnd(file)
            with zipfile.ZipFile(end, "x") as archive:
                for sample in source.samples(source.plan.records):
                    # The whole relative path: two images of one name in different folders are two images.
                    archive.writestr(zip_entry(sample.name), sample.data)
                    end.settle()
                    rows.append({"file_name": sample.name, "text": sample.record.text})
                archive.writestr(zip_entry(LABELS), json.dumps(rows, ensure_ascii=False, indent=1))
            end.settle()
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[Finding]:
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
    def recognises(cls, path: Path) -> bool:
        return path.is_file() and path.name.lower().endswith(".zip")
