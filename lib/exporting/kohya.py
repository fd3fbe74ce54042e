"""kohya's metadata JSON: `{key: {"caption"}}`, the key being an image's path without its ending."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, Finding, SampleSource

NAME = "meta_cap.json"


class KohyaMetadata(Exporter):
    label = "kohya metadata JSON"
    readers = "Read by kohya sd-scripts; captions only."
    has_images = False

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        """sd-scripts puts the image folder before a key and an ending behind. Images of one stem have one caption."""
        with target.create(NAME) as file:
            file.write(b"{")
            for number, record in enumerate(source.tag_files(source.plan.records)):
                file.write(b",\n" if number else b"\n")
                entry = json.dumps({"caption": record.text}, ensure_ascii=False)
                file.write(f"{json.dumps(record.stem, ensure_ascii=False)}: {entry}".encode())
            file.write(b"\n}\n")
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[Finding]:
        try:
            for key, entry in json.loads(path.read_bytes()).items():
                yield key, "" if isinstance(entry["caption"], str) else "it has no caption"
        except (ValueError, TypeError, KeyError, AttributeError):
            yield path.name, "it is damaged"
