"""`export`: WebDataset shards, one a part, with a table of what is in each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.exporting.base import ExportFolder, ExportOptions, SampleSource
from lib.exporting.planning import plan_export
from lib.exporting.webdataset_tar import INDEX, NAME, WebDataset
from lib.parts.base import DataPart, MadePart, Options, PartSamples, PartStage, rows_table

if TYPE_CHECKING:
    import pyarrow

_KEYS_A_PART = 1_000_000


class ExportStage(PartStage):
    """Options: `max_side` (0: as they are), `encoding` ("keep", "jpeg", "webp"), `uncaptioned`."""

    about = "WebDataset shards"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._options = ExportOptions(
            # A part is a shard, however much is in it.
            sys.maxsize,
            sys.maxsize,
            max_side=int(options.get("max_side", 0)) or None,
            encoding=options.get("encoding", "keep"),
            uncaptioned=bool(options.get("uncaptioned", False)),
        )

    def load(self) -> None:
        pass

    def __call__(self, part: DataPart, samples: PartSamples, scratch: Path) -> MadePart:
        import pyarrow.parquet

        keys = samples.key_of()
        rows: dict[str, dict[str, Any]] = {key: {"key": key, "error": why} for key, why in samples.refused.items()}
        plan = plan_export(samples.root, samples.usable, {}, self._options, None)
        source = SampleSource(plan)
        exporter = WebDataset()
        exporter.first = part.number * _KEYS_A_PART
        exporter.write(source, ExportFolder(scratch))
        left = dict([*plan.left_out, *source.left_out])
        rows |= {keys[name]: {"key": keys[name], "error": why} for name, why in left.items()}
        shard, files = f"shard-{part.number:06d}.tar", {}
        if (written := scratch / NAME / "00000.tar").exists():
            files[shard] = written
            index = pyarrow.parquet.read_table(scratch / NAME / INDEX / "00000.parquet").to_pylist()
            gone = [record for record in plan.records if record.name not in left]
            for record, row in zip(gone, index, strict=True):
                told = {name: row[name] for name in ("file_name", "caption", "width", "height", "sha256")}
                key = keys[record.name]
                rows[key] = {"key": key, "shard": shard, "shard_key": row["key"], **told}
        return MadePart(rows_table([rows[key] for key in samples.keys], self.schema()), files)

    def schema(self) -> pyarrow.Schema:
        import pyarrow

        text, size = pyarrow.string(), pyarrow.int32()
        return pyarrow.schema(
            [
                ("key", text),
                ("shard", text),
                ("shard_key", text),
                ("file_name", text),
                ("caption", text),
                ("width", size),
                ("height", size),
                ("sha256", text),
                ("error", text),
            ]
        )
