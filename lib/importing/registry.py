"""All kinds of captions that an import understands, in the order in which they are tried."""

from __future__ import annotations

from lib.importing.tables.base import Table
from lib.registry import Registry

TABLES = Registry[Table](
    {
        "note": "lib.importing.tables.image_note:ImageNote",
        "karpathy": "lib.importing.tables.karpathy:KarpathyTable",
        "coco": "lib.importing.tables.coco:CocoTable",
        "label-studio": "lib.importing.tables.label_studio:LabelStudioTable",
        "via": "lib.importing.tables.via:ViaTable",
        "kohya": "lib.importing.tables.kohya:KohyaTable",
        "map": "lib.importing.tables.caption_map:CaptionMap",
        "list": "lib.importing.tables.json_list:JsonListTable",
        "jsonl": "lib.importing.tables.jsonl:JsonlTable",
        "cvat": "lib.importing.tables.cvat:CvatTable",
        "excel": "lib.importing.tables.excel:ExcelTable",
        "csv": "lib.importing.tables.csv_file:CsvTable",
    },
    unknown="There is no kind of table “{name}”.",
)
