"""COCO captions: `images` with sizes, `annotations` with a caption each. (cocodataset.org, format-data, 5.)"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, Finding, SampleSource

NAME = "captions_coco.json"


class CocoCaptions(Exporter):
    label = "COCO captions JSON"
    readers = "Read by pycocotools; captions only."
    has_images = False

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        captions: list[str] = []
        with target.create(NAME) as file:
            file.write(b'{"info": {"description": "Image captions"}, "licenses": [], "type": "captions", "images": [\n')
            for record, width, height in source.sizes(source.plan.records):
                image = {"id": len(captions) + 1, "file_name": record.name, "width": width, "height": height}
                file.write((b",\n" if captions else b"") + json.dumps(image, ensure_ascii=False).encode())
                captions.append(record.text)
            file.write(b'\n], "annotations": [\n')
            for number, text in enumerate(captions, 1):
                note = {"id": number, "image_id": number, "caption": text}
                file.write((b",\n" if number > 1 else b"") + json.dumps(note, ensure_ascii=False).encode())
            file.write(b"\n]}\n")
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[Finding]:
        try:
            content = json.loads(path.read_bytes())
            noted = {note["image_id"] for note in content["annotations"] if isinstance(note["caption"], str)}
            for image in content["images"]:
                yield image["file_name"], "" if image["id"] in noted else "it has no caption"
        except (ValueError, TypeError, KeyError):
            yield path.name, "it is damaged"
