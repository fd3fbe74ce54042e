"""All formats that a dataset can be exported to: a line each."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import cast

from lib.errors import InvalidInput
from lib.exporting.base import Reader, Writer


@dataclass(frozen=True, slots=True)
class Entry:
    """`label` is what a person chooses by, `readers` says in a line who reads it, `images` whether images are in it.

    `module` has `write` (a `Writer`) and `read_back` (a `Reader`).
    """

    label: str
    readers: str
    module: str
    images: bool = True

    @property
    def write(self) -> Writer:
        return cast(Writer, importlib.import_module(self.module).write)

    @property
    def read_back(self) -> Reader:
        return cast(Reader, importlib.import_module(self.module).read_back)


EXPORTERS: dict[str, Entry] = {
    "webdata-zip": Entry(
        "webdata.zip", "One zip with all images and a label.json: easy to pass on.", "lib.exporting.webdata_zip"
    ),
    "webdataset": Entry(
        "WebDataset shards",
        "Read by webdataset, open_clip and other trainers that stream.",
        "lib.exporting.webdataset_tar",
    ),
    "imagefolder": Entry(
        "Hugging Face imagefolder", 'Read by load_dataset("imagefolder") and the Hub.', "lib.exporting.imagefolder"
    ),
    "sidecars": Entry(
        "Sidecars only (zip)",
        "The .txt files, for trainers that have the images.",
        "lib.exporting.sidecars",
        False,
    ),
    "csv": Entry("CSV", "Read by spreadsheets; captions only.", "lib.exporting.csv_file", False),
    "parquet": Entry("Parquet", "Read by datasets, pandas and DuckDB; images inside.", "lib.exporting.parquet"),
    "kohya": Entry("kohya metadata JSON", "Read by kohya sd-scripts; captions only.", "lib.exporting.kohya", False),
    "coco": Entry("COCO captions JSON", "Read by pycocotools; captions only.", "lib.exporting.coco", False),
}


def exporter(format: str) -> Entry:
    """The entry of a format. Raises InvalidInput, naming those that there are."""
    if format not in EXPORTERS:
        raise InvalidInput(f"There is no export format “{format}”.", f"Choose one of {', '.join(EXPORTERS)}.")
    return EXPORTERS[format]
