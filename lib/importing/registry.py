"""All kinds of captions that an import understands, in the order in which they are tried."""

from __future__ import annotations

from lib.importing.tables.base import Table
from lib.registry import Registry

TABLES = Registry[Table](
    {
        "labels": "lib.importing.tables.labels:LabelTable",
        "jsonl": "lib.importing.tables.jsonl:JsonlTable",
        "coco": "lib.importing.tables.coco:CocoTable",
        "kohya": "lib.importing.tables.kohya:KohyaTable",
        "csv": "lib.importing.tables.csv_file:CsvTable",
    },
    unknown="There is no kind of table “{name}”.",
)
