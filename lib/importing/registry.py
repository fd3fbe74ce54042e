"""All kinds of captions that an import understands, in the order in which they are tried."""

from __future__ import annotations

from lib.importing.base import Table
from lib.importing.tables import read_coco, read_csv, read_jsonl, read_kohya, read_labels

TABLES: dict[str, Table] = {
    "webdata.zip's label.json": read_labels,
    "Hugging Face metadata.jsonl": read_jsonl,
    "COCO captions": read_coco,
    "kohya metadata": read_kohya,
    "CSV, Flickr8k captions.txt": read_csv,
}

SOURCES = ("webdata.zip", "WebDataset tars", "a zip or tar of images", "a folder", "Parquet with images", *TABLES)
"""What a person may be told that can be imported."""
