"""`captions.parquet`: a table with the images in it, as the Hugging Face Hub and `datasets` keep them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use
from lib.exporting.delimited import as_json
from lib.exporting.start_lines import load_dataset, quoted, shell

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
    "bytes": {"dtype": "int64", "_type": "Value"},
    "sha256": {"dtype": "string", "_type": "Value"},
    "model": {"dtype": "string", "_type": "Value"},
    "origin": {"dtype": "string", "_type": "Value"},
}
_MARKS = {
    "rating": {"dtype": "int32", "_type": "Value"},
    "left_out": {"dtype": "bool", "_type": "Value"},
}
"""Where any image has one."""
_MAP = {
    "x": {"dtype": "float64", "_type": "Value"},
    "y": {"dtype": "float64", "_type": "Value"},
    "cluster": {"dtype": "int32", "_type": "Value"},
    "cluster_name": {"dtype": "string", "_type": "Value"},
}
"""Where there are clusters."""


def _schema(features: dict[str, dict[str, str]]) -> Any:
    import pyarrow

    kinds = {
        "string": pyarrow.string(),
        "int32": pyarrow.int32(),
        "int64": pyarrow.int64(),
        "float64": pyarrow.float64(),
        "bool": pyarrow.bool_(),
    }
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    fields = [(name, kinds[str(kind["dtype"])] if "dtype" in kind else image) for name, kind in features.items()]
    # Tells `datasets` that the column holds pictures.
    meta = json.dumps({"info": {"features": features}})
    return pyarrow.schema(fields, metadata={"huggingface": meta})


class CaptionsParquet(Exporter):
    label = "Parquet"
    group = "Images and captions"
    readers = "Read by datasets, pandas and DuckDB; images inside."
    options = frozenset({"images", "uncaptioned"})
    takes_rows = True

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        import pyarrow
        import pyarrow.parquet

        places = source.plan.places
        schema = _schema(_FEATURES | (_MARKS if source.has_marks else {}) | (_MAP if places else {}))
        rows: list[dict[str, Any]] = []
        size = 0
        # Photos do not get smaller by compressing them again, nor is one like another: a dictionary of them is one more
        # copy, which a reader has to hold as a whole.
        plain = {"compression": "none", "use_dictionary": ["model", "origin"]}
        with target.create(NAME) as file, pyarrow.parquet.ParquetWriter(file, schema, **plain) as writer:
            for sample in source.samples(source.plan.records):
                origin = source.origin(sample.record)
                row = {
                    "image": {"bytes": sample.data, "path": sample.name},
                    "text": sample.record.text,
                    "file_name": sample.name,
                    "width": sample.width,
                    "height": sample.height,
                    "sha256": sample.sha256,
                    "bytes": len(sample.data),
                    "model": str(origin.get("model", "")),
                    "origin": as_json(origin),
                }
                if source.has_marks:
                    marks = source.marks_of(sample.record)
                    row |= {"rating": marks.rating or None, "left_out": marks.left_out}
                if place := places.get(sample.record.name):
                    row |= place._asdict()
                rows.append(row)
                size += len(sample.data)
                if size > _GROUP_BYTES or len(rows) >= _GROUP_ROWS:
                    writer.write_table(pyarrow.Table.from_pylist(rows, schema))
                    rows, size = [], 0
            if rows:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema))
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
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

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        tables = [
            load_dataset(Path("parquet"), f"data_files={quoted(path)}"),
            Use("pandas", f"pandas.read_parquet({quoted(path)})"),
        ]
        atlas = f"embedding-atlas {shell(path)} --text text --image image --x x --y y --disable-projection"
        return [*tables, Use("embedding-atlas", atlas)] if plan.places else tables
