"""All formats that a dataset can be exported to: a line each, in the order in which they are shown."""

from __future__ import annotations

from lib.exporting.base import Exporter, OptionGroup
from lib.registry import Registry

EXPORTERS = Registry[Exporter](
    {
        "webdata-zip": "lib.exporting.webdata_zip:WebdataZip",
        "webdataset": "lib.exporting.webdataset_tar:WebDataset",
        "imagefolder": "lib.exporting.imagefolder:ImageFolder",
        "parquet": "lib.exporting.parquet:CaptionsParquet",
        "sidecars": "lib.exporting.sidecars:Sidecars",
        "kohya": "lib.exporting.kohya:KohyaMetadata",
        "diffusion-pipe": "lib.exporting.diffusion_pipe:DiffusionPipe",
        "open-clip": "lib.exporting.open_clip:OpenClipTable",
        "csv": "lib.exporting.csv_file:CaptionsCsv",
        "csv-spreadsheet": "lib.exporting.csv_file:SpreadsheetCsv",
        "jsonl": "lib.exporting.jsonl:CaptionsJsonl",
        "coco": "lib.exporting.coco:CocoCaptions",
    },
    unknown="There is no export format “{name}”.",
)


def formats_with(group: OptionGroup) -> str:
    """The names of the formats that have an option, for help texts and refusals."""
    return ", ".join(name for name, exporter in EXPORTERS.items() if group in exporter.options)


def folder_formats() -> str:
    """The names of the formats that make a folder."""
    return ", ".join(name for name, exporter in EXPORTERS.items() if exporter.is_folder)
