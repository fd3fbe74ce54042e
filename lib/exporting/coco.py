"""COCO captions: `images` with sizes, `annotations` with a caption each. (cocodataset.org, format-data, 5.)"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use
from lib.exporting.start_lines import load_dataset, quoted

NAME = "captions_coco.json"


class CocoCaptions(Exporter):
    label = "COCO captions JSON"
    group = "Tables of captions"
    readers = "Read by pycocotools."
    has_images = False
    is_one_object = True
    options = frozenset({"uncaptioned"})

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        captions: list[str] = []
        with target.create(NAME) as file:
            file.write(b'{"info": {"description": "Image captions"}, "licenses": [], "type": "captions", "images": [\n')
            for record, width, height in source.sizes(source.plan.records):
                image = {"id": len(captions) + 1, "file_name": record.name, "width": width, "height": height}
                file.write((b",\n" if captions else b"") + json.dumps(image, ensure_ascii=False).encode())
                captions.append(record.text)
            file.write(b'\n], "annotations": [\n')
            # An image without a caption has no annotation.
            noted = [(number, text) for number, text in enumerate(captions, 1) if text.strip()]
            for place, (number, text) in enumerate(noted):
                note = {"id": number, "image_id": number, "caption": text}
                file.write((b",\n" if place else b"") + json.dumps(note, ensure_ascii=False).encode())
            file.write(b"\n]}\n")
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        try:
            content = json.loads(path.read_bytes())
            faulty = {note["image_id"] for note in content["annotations"] if not isinstance(note["caption"], str)}
            for image in content["images"]:
                yield image["file_name"], "it has no caption" if image["id"] in faulty else ""
        except (ValueError, TypeError, KeyError):
            yield path.name, "it is damaged"

    def rows(self, path: Path) -> Iterator[tuple[str, str]]:
        content = json.loads(path.read_bytes())
        texts = {note["image_id"]: note["caption"] for note in content["annotations"]}
        return ((image["file_name"], texts.get(image["id"], "")) for image in content["images"])

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        return [
            Use("pycocotools", f"pycocotools.coco.COCO({quoted(path)})"),
            load_dataset(Path("json"), f"data_files={quoted(path)}", 'field="annotations"'),
        ]
