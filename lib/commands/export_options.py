"""What `export` may be asked for, in the words of its help. `sink` refuses what a format has not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lib.exporting.base import Encoding
from lib.exporting.registry import EXPORTERS, folder_formats, formats_with

_SHARDS = formats_with("shards")

Out = Annotated[
    Path,
    typer.Argument(
        help="The folder that it goes into, made if absent; or the file, where the format is one (x.csv).",
        metavar="OUT",
        show_default=False,
    ),
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        help=f"One of {', '.join(EXPORTERS)}.",
        autocompletion=lambda: list(EXPORTERS),
        show_default=False,
    ),
]
Replaces = Annotated[
    bool, typer.Option("--replace", help="Put it in the place of an earlier export of this format in OUT.")
]
ShardSamples = Annotated[
    int | None, typer.Option(min=1, help=f"{_SHARDS}: samples a shard at most (10,000).", show_default=False)
]
ShardMegabytes = Annotated[
    int | None, typer.Option("--shard-mb", min=1, help=f"{_SHARDS}: MB a shard, about (1,000).", show_default=False)
]
MaxSide = Annotated[
    int | None, typer.Option("--max-side", min=1, help="Shrink larger images to this many pixels.", show_default=False)
]
EncodedAs = Annotated[Encoding, typer.Option(help="Write all images anew; else they are copied byte by byte.")]
Seed = Annotated[
    int | None, typer.Option(help="Shuffle the samples, the same way for the same number.", show_default=False)
]
Validation = Annotated[float, typer.Option(help=f"{formats_with('splits')}: this part (0.1) into a validation split.")]
Zipped = Annotated[bool, typer.Option("--zip", help=f"{folder_formats()}: one zip round the folder.")]
Paths = Annotated[
    Literal["relative", "absolute"], typer.Option(help=f"{formats_with('paths')}: how the table names images.")
]
Uncaptioned = Annotated[
    bool,
    typer.Option("--uncaptioned", help=f"{formats_with('uncaptioned')}: images without a caption go along."),
]
Clusters = Annotated[
    Path | None,
    typer.Option(
        help="csv, parquet: the map to go along, as “cluster --out” wrote it, or a sink of “run cluster”; "
        "else the page's, or the table's own.",
        show_default=False,
    ),
]
