"""The tables of captions that are known by their content: each function reads one kind."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.importing.base import Row
from lib.text import from_spreadsheet_cell

# The module gives up at 131,072 characters; a tag file may hold more.
csv.field_size_limit(MAX_BYTES)

_WEIGHTS = {b"{": 232, b"[": 64, b",": 60}
_LINE = 200
"""Bytes of memory, about, that such a sign stands for once it is parsed; a line of a CSV likewise."""

MAX_WEIGHT = 300_000_000

_NAMES = ("file_name", "image", "filename", "file", "image_name", "path")
_TEXTS = ("text", "caption", "captions", "tags", "comment")


def is_heavy(name: str, data: bytes) -> bool:
    """Whether it would take more memory than is safe, as a table of nothing but brackets does. Reads no structure."""
    lines = data.count(b"\n") * _LINE if name.lower().endswith((".csv", ".txt")) else 0
    return lines + sum(data.count(sign) * weight for sign, weight in _WEIGHTS.items()) > MAX_WEIGHT


def read_csv(name: str, data: bytes) -> list[Row] | None:
    """A CSV with a header: our own, `metadata.csv`, Flickr8k's and Kaggle's `captions.txt` with five rows an image."""
    if not name.lower().endswith((".csv", ".txt")):
        return None
    head = data[:200].removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace")
    columns = [cell.strip().lower() for cell in next(csv.reader([head]), [])]
    key = next((column for column in _NAMES if column in columns), None)
    text = next((column for column in _TEXTS if column in columns), None)
    if key is None or text is None:
        return None
    places = columns.index(key), columns.index(text)
    rows = []
    try:
        for row in list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]:
            if len(row) > max(places):
                rows.append((from_spreadsheet_cell(row[places[0]]), from_spreadsheet_cell(row[places[1]])))
            elif row:
                raise ValueError("a line of it has too few cells")
    except csv.Error as exc:
        raise ValueError(str(exc)) from exc
    return rows


def read_jsonl(name: str, data: bytes) -> list[Row] | None:
    """imagefolder's `metadata.jsonl`."""
    if not name.lower().endswith(".jsonl"):
        return None
    return _rows([json.loads(line) for line in data.splitlines() if line.strip()])


def read_labels(name: str, data: bytes) -> list[Row] | None:
    """`label.json` of a webdata.zip: a list of `{"file_name", "text"}`."""
    content = _json(name, data)
    return _rows(content) if isinstance(content, list) else None


def _rows(entries: list[Any]) -> list[Row]:
    rows = []
    for entry in entries:
        key = next((entry[name] for name in _NAMES if name in entry), None) if isinstance(entry, dict) else None
        if not isinstance(key, str):
            raise ValueError("an entry of it names no file")
        text = next((entry[name] for name in _TEXTS if name in entry), None)
        if isinstance(text, str):
            rows.append((key, text))
    return rows


def read_coco(name: str, data: bytes) -> list[Row] | None:
    """COCO captions: `images` with names, `annotations` with any number of captions an image."""
    content = _json(name, data)
    if not isinstance(content, dict) or not isinstance(content.get("annotations"), list):
        return None
    try:
        names = {image["id"]: str(image["file_name"]) for image in content["images"]}
        return [(names[note["image_id"]], str(note["caption"])) for note in content["annotations"]]
    except (KeyError, TypeError) as exc:
        raise ValueError("its annotations do not fit its images") from exc


def read_kohya(name: str, data: bytes) -> list[Row] | None:
    """kohya's metadata: `{key: {"caption", "tags"}}`. A caption comes before tags, joined as sd-scripts join them."""
    content = _json(name, data)
    if not isinstance(content, dict) or not content or not all(isinstance(entry, dict) for entry in content.values()):
        return None
    rows = []
    for key, entry in content.items():
        texts = [entry[part] for part in ("caption", "tags") if isinstance(entry.get(part), str) and entry[part]]
        if texts:
            rows.append((key, ", ".join(texts)))
    return rows


def _json(name: str, data: bytes) -> Any:
    return json.loads(data) if name.lower().endswith(".json") else None
