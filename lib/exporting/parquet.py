"""`captions.parquet`: a table with the images in it, as the Hugging Face Hub and `datasets` keep them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, Finding, SampleSource

NAME = "captions.parquet"
_GROUP_BYTES = 50_000_000
_GROUP_ROWS = 1_000
_READ_BYTES = 16_000_000
"""What is read back at once, about."""
_FEATURES = {
    "image": {"_type": "Image"},
    "text": {"dtype": "string", "_type": "Value"},
    "file_name": {"dtype": "string", "_type": "Value"},
    "width": {"dtype": "int32", "_type": "Value"},
    "height": {"dtype": "int32", "_type": "Value"},
    "sha256": {"dtype": "string", "_type": "Value"},
    "model": {"dtype": "string", "_type": "Value"},
}


def _schema() -> Any:
    import pyarrow

    kinds = {"string": pyarrow.string(), "int32": pyarrow.int32()}
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    fields = [(name, kinds[str(kind["dtype"])] if "dtype" in kind else image) for name, kind in _FEATURES.items()]
    # Tells `datasets` that the column holds pictures.
    meta = json.dumps({"info": {"features": _FEATURES}})
    return pyarrow.schema(fields, metadata={"huggingface": meta})


class CaptionsParquet(Exporter):
    label = "Parquet"
    readers = "Read by datasets, pandas and DuckDB; images inside."
    options = frozenset({"images"})

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        import pyarrow
        import pyarrow.parquet

        schema = _schema()
        rows: list[dict[str, Any]] = []
        size = 0
        # Photos do not get smaller by compressing them again, nor is one like another: a dictionary of them is one more
        # copy, which a reader has to hold as a whole.
        plain = {"compression": "none", "use_dictionary": ["model"]}
        with target.create(NAME) as file, pyarrow.parquet.ParquetWriter(file, schema, **plain) as writer:
            for sample in source.samples(source.plan.records):
                row = {
                    "image": {"bytes": sample.data, "path": sample.name},
                    "text": sample.record.text,
                    "file_name": sample.name,
                    "width": sample.width,
                    "height": sample.height,
                    "sha256": sample.sha256,
                    "model": str(source.origin(sample.record).get("model", "")),
                }
                rows.append(row)
                size += len(sample.data)
                if size > _GROUP_BYTES or len(rows) >= _GROUP_ROWS:
                    writer.write_table(pyarrow.Table.from_pylist(rows, schema))
                    rows, size = [], 0
            if rows:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema))
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[Finding]:
        import pyarrow
        import pyarrow.parquet

        try:
            with pyarrow.parquet.ParquetFile(path, pre_buffer=False) as table:
                rows = _READ_BYTES * table.metadata.num_rows // path.stat().st_size
                for batch in table.iter_batches(max(1, min(rows, _GROUP_ROWS))):
                    for row in batch.to_pylist():
                        whole = hashlib.sha256(row["image"]["bytes"]).hexdigest() == row["sha256"]
                        yield row["file_name"], "" if whole else "its image is not the one that was exported"
        except (pyarrow.ArrowException, OSError, KeyError, TypeError):
            yield path.name, "it is damaged"
