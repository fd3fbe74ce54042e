"""A program of its own that reads a stranger's Parquet within caps on memory and time, and writes its rows to stdout.

A small file may name a large value a million times, and says so nowhere; and a reader in native code that fails takes
its process along. Neither is the server's. Imports nothing of the toolkit: it starts in a fraction of a second.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

HEADER = struct.Struct(">IIIB")
"""Before each row: the bytes of its image's name, of its caption and of its image, and whether there is an image."""

END, TOO_LARGE = 0, 3
"""What the program ends with where all was read, and where that takes more memory than is given."""

_MEMORY = 200_000_000
_BYTES_A_SECOND = 10_000_000
_ROWS = 4
_WORDS = 4_000_000
"""Bytes that a caption may have with its image's name: more than any tag file."""

_COLUMNS = ("image", "text", "caption", "file_name")


def _limit(path: str) -> None:
    with suppress(ImportError, OSError):
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (used + _MEMORY, used + _MEMORY))
        seconds = 60 + Path(path).stat().st_size // _BYTES_A_SECOND
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _rows(path: str) -> Iterator[tuple[str, str, bytes | None]]:
    import pyarrow.parquet

    _limit(path)
    with pyarrow.parquet.ParquetFile(path, buffer_size=1 << 16) as table:
        columns = [column for column in _COLUMNS if column in table.schema_arrow.names]
        for batch in table.iter_batches(_ROWS, columns=columns, use_threads=False):
            for row in batch.to_pylist():
                yield _row(row)


def _row(row: dict[str, Any]) -> tuple[str, str, bytes | None]:
    text = row.get("text") or row.get("caption")
    image = row.get("image")
    image = image if isinstance(image, dict) else {}
    name = row.get("file_name") or image.get("path")
    data = image.get("bytes")
    return (
        name if isinstance(name, str) else "",
        text if isinstance(text, str) else "",
        data if isinstance(data, bytes) else None,
    )


def main(path: str) -> int:
    out = sys.stdout.buffer
    try:
        for name, text, image in _rows(path):
            parts = name.encode(), text.encode(), image or b""
            if len(parts[0]) + len(parts[1]) > _WORDS:
                return TOO_LARGE
            out.write(HEADER.pack(*map(len, parts), image is not None))
            out.writelines(parts)
        out.flush()
    except MemoryError:
        return TOO_LARGE
    return END


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
