"""Parquet with images inside, as the Hugging Face Hub and our own export have it, or with names and captions alone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from lib.importing.base import Stage

_COLUMNS = ("image", "text", "caption", "file_name")


def read(path: Path, name: str, stage: Stage) -> None:
    """Stages the rows of a table. Raises OSError where the disk does."""
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            columns = [column for column in _COLUMNS if column in table.schema_arrow.names]
            number = 0
            for batch in table.iter_batches(50, columns=columns):
                for row in batch.to_pylist():
                    stage.step()
                    _row(row, f"{name}/{number:09d}", stage)
                    number += 1
    except pyarrow.ArrowException as exc:
        stage.refuse(name, f"it is damaged ({type(exc).__name__})")


def _row(row: dict[str, Any], id: str, stage: Stage) -> None:
    text = row.get("text") or row.get("caption")
    text = text if isinstance(text, str) else ""
    image = row.get("image")
    file_name = row.get("file_name") or (image.get("path") if isinstance(image, dict) else None)
    if isinstance(image, dict) and isinstance(image.get("bytes"), bytes):
        called = str(file_name or f"{id.rpartition('/')[2]}.jpg")
        stage.image(id, io.BytesIO(image["bytes"]))
        if id in stage.images:
            stage.images[id].name = called
            stage.images[id].texts += [text] if text.strip() else []
    elif isinstance(file_name, str) and text:
        stage.rows.append(("", file_name, text))
