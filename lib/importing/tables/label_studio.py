"""Label Studio's JSON: tasks with an image, and texts that people wrote about it. Its JSON-MIN and CSV are plain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.importing.tables.base import Table
from lib.importing.tables.columns import Chosen, choose, columns_of, image_column
from lib.importing.tables.json_stream import entries
from lib.importing.tables.records import row_of
from lib.importing.tables.results import Faults, NotUnderstood, Row, TableFound
from lib.importing.tables.table_file import TableFile

_WRITTEN = ("annotations", "completions", "predictions")
"""Where answers stand; predictions count where nobody answered."""


class LabelStudioTable(Table):
    label = "Label Studio JSON"
    endings = (".json",)

    def understand(self, file: TableFile) -> TableFound | NotUnderstood | None:
        tasks = [task for task in file.outline.sample if _is_task(task)]
        if file.outline.shape != "[" or not tasks:
            return None
        data = [_data(task) for task in tasks]
        image = image_column(file, data, columns_of(data))
        if isinstance(image, NotUnderstood):
            return image
        answers = [_record(task, image or "") for task in tasks]
        chosen = choose(file, answers, columns_of(answers))
        if not isinstance(chosen, Chosen):
            return chosen
        found = TableFound(
            self.label,
            lambda faults: _rows(file, chosen, image or "", faults),
            columns_of(answers),
            chosen.image,
            chosen.caption,
        )
        found.encoding = file.encoding
        return found


def _is_task(task: Any) -> bool:
    return isinstance(task, dict) and isinstance(task.get("data"), dict) and any(name in task for name in _WRITTEN)


def _data(task: dict[str, Any]) -> dict[str, Any]:
    return {**task["data"], "file_upload": task.get("file_upload")}


def _record(task: dict[str, Any], image: str) -> dict[str, Any]:
    """The image, and all texts by the name of the field that they were written into; else what the task came with."""
    found: dict[str, list[str]] = {}
    for name in _WRITTEN:
        for answer in task.get(name) or []:
            if isinstance(answer, dict) and not answer.get("was_cancelled"):
                _collect(answer.get("result") or [], found)
        if found:
            break
    return {image: _data(task).get(image)} | (found or task["data"])


def _collect(result: Any, found: dict[str, list[str]]) -> None:
    for part in result if isinstance(result, list) else []:
        value = part.get("value") if isinstance(part, dict) else None
        # What is written about a region is about no image.
        if not isinstance(value, dict) or "x" in value or "points" in value:
            continue
        for kind in ("text", "choices", "taxonomy"):
            texts = value.get(kind)
            if isinstance(texts, str):
                texts = [texts]
            if isinstance(texts, list):
                found.setdefault(str(part.get("from_name", kind)), []).extend(
                    text for text in texts if isinstance(text, str)
                )


def _rows(file: TableFile, chosen: Chosen, image: str, faults: Faults) -> Iterator[Row]:
    for place, task in entries(file.pieces()):
        where = f"task {int(place) + 1:,}"
        if not _is_task(task):
            faults.add(where, "it has no data and annotations")
        elif row := row_of(file, chosen, where, _record(task, image), faults):
            yield row
