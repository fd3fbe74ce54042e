"""`import`: any source as one table, with the images in it, as the Hugging Face Hub and `datasets` keep them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.exporting.base import ExportFolder, ExportOptions, SampleSource
from lib.exporting.parquet import CaptionsParquet
from lib.exporting.planning import plan_export
from lib.parts.base import DataPart, MadePart, PartSamples, PartStage, rows_table

if TYPE_CHECKING:
    import pyarrow

_TOLD = ("text", "file_name", "width", "height", "bytes", "sha256")


class ImportStage(PartStage):
    """It has no options. `text` is the caption."""

    about = "A table with the images in it"

    def load(self) -> None:
        pass

    def __call__(self, part: DataPart, samples: PartSamples, scratch: Path) -> MadePart:
        import pyarrow.parquet

        keys = samples.key_of()
        rows: dict[str, dict[str, Any]] = {key: {"key": key, "error": why} for key, why in samples.refused.items()}
        plan = plan_export(samples.root, samples.usable, {}, ExportOptions(uncaptioned=True), None)
        source = SampleSource(plan)
        written = scratch / CaptionsParquet().write(source, ExportFolder(scratch))
        left = dict([*plan.left_out, *source.left_out])
        rows |= {keys[name]: {"key": keys[name], "error": why} for name, why in left.items()}
        gone = [record for record in plan.records if record.name not in left]
        for record, row in zip(gone, pyarrow.parquet.read_table(written).to_pylist(), strict=True):
            key = keys[record.name]
            # Read again, the image is known by the key that it has here.
            image = {"bytes": row["image"]["bytes"], "path": key}
            rows[key] = {"key": key, "image": image, **{name: row[name] for name in _TOLD}}
        return MadePart(rows_table([rows[key] for key in samples.keys], self.schema()))

    def schema(self) -> pyarrow.Schema:
        import pyarrow

        text, size = pyarrow.string(), pyarrow.int32()
        return pyarrow.schema(
            [
                ("key", text),
                ("image", pyarrow.struct([("bytes", pyarrow.binary()), ("path", text)])),
                ("text", text),
                ("file_name", text),
                ("width", size),
                ("height", size),
                ("bytes", pyarrow.int64()),
                ("sha256", text),
                ("error", text),
            ]
        )
