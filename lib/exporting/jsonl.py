"""`captions.jsonl`: an object a line for each image, with its caption and what is known of it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use
from lib.exporting.delimited import as_json
from lib.exporting.start_lines import load_dataset, quoted

NAME = "captions.jsonl"


class CaptionsJsonl(Exporter):
    """All lines have the same keys, null where nothing is known: readers take a table's columns from the first ones."""

    label = "JSON lines"
    group = "Tables of captions"
    readers = "Read by pandas, polars, DuckDB, jq, datasets: an object a line."
    has_images = False
    options = frozenset({"uncaptioned"})
    takes_rows = True

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        with target.create(NAME) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
            for record, width, height in source.measured(source.plan.records):
                line: dict[str, Any] = {
                    "file_name": record.name,
                    "text": record.text,
                    "width": width or None,
                    "height": height or None,
                    "bytes": source.file_size(record),
                    "origin": as_json(source.origin(record)),
                }
                if source.has_marks:
                    marks = source.marks_of(record)
                    line |= {"rating": marks.rating or None, "left_out": marks.left_out}
                if source.plan.places:
                    place = source.plan.places.get(record.name)
                    nowhere = dict.fromkeys(("x", "y", "cluster", "cluster_name"))
                    line |= place._asdict() if place is not None else nowhere
                text.write(json.dumps(line, ensure_ascii=False) + "\n")
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        try:
            with path.open(encoding="utf-8", newline="\n") as file:
                for line in file:
                    found = json.loads(line)
                    whole = isinstance(found["text"], str)
                    yield str(found["file_name"]), "" if whole else "its line is damaged"
        except (ValueError, KeyError, TypeError, RecursionError) as exc:
            yield path.name, f"it is damaged ({exc})"

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        pandas = Use("pandas", f"pandas.read_json({quoted(path)}, lines=True)")
        return [pandas, load_dataset(Path("json"), f"data_files={quoted(path)}")]
