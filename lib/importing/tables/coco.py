"""COCO captions: `images` with names, `annotations` with any number of captions an image."""

from __future__ import annotations

import json

from lib.importing.base import CaptionRow
from lib.importing.tables.base import Table


class CocoTable(Table):
    label = "COCO captions"
    endings = (".json",)

    def read(self, data: bytes) -> list[CaptionRow] | None:
        content = json.loads(data)
        if not isinstance(content, dict) or not isinstance(content.get("annotations"), list):
            return None
        try:
            names = {image["id"]: str(image["file_name"]) for image in content["images"]}
            return [(names[note["image_id"]], str(note["caption"])) for note in content["annotations"]]
        except (KeyError, TypeError) as exc:
            raise ValueError("its annotations do not fit its images") from exc
