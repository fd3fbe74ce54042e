"""A program of its own that reads a stranger's Parquet within caps on memory and time, and writes its rows to stdout.

A small file may name a large value a million times, and says so nowhere; and a reader in native code that fails takes
its process along. Neither is the server's. Imports nothing of the toolkit: it starts in a fraction of a second.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

HEADER = struct.Struct(">IIIB")
"""Before each row: the bytes of its image's name, of its captions and of its image, and whether there is an image.

The captions are a JSON list of strings.
"""

SCHEMA = struct.Struct(">I")
"""Before all rows: the bytes of a JSON object: all `columns`, and the two that are read, `image` and `caption`."""

END, TOO_LARGE, ADDRESSES = 0, 3, 5
"""What the program ends with where all was read, where that takes more memory than is given, where only web addresses
tell the images."""

_RESIDENT, _OWN, _RESERVED = 270_000_000, 240_000_000, 500_000_000
"""Bytes of memory in use, of them those that are no file's, and bytes asked for.

As much as is left of its page is reserved for each row, unused.
"""

_BYTES_A_SECOND = 10_000_000
_WORDS = 4_000_000
"""Bytes that a row's captions may have with its image's name: more than any tag file."""

_ROWS, _SMALL = 50, 20_000
"""Rows at once where the mean row has no more bytes than this; larger ones come one by one."""

IMAGES = ("image", "jpg", "jpeg", "png", "webp")
NAMES = ("file_name", "filename", "image_name", "path", "file", "__key__", "key")
TEXTS = (
    "text", "caption", "captions", "txt", "tags", "comment", "prompt", "description", "en", "output", "label_text",
    "blip_caption", "long_caption", "short_caption", "top_caption", "raw",
)  # fmt: skip
URLS = ("url", "image_url", "uri")

_TOLD, _TOLD_LENGTH = 200, 100
"""So many columns are told, and so much of the name of each."""

_Columns = tuple[str, ...]

ParquetRow = tuple[str, list[str], Any]
"""An image's name, its captions, and a buffer with the image, None where there is none."""


def _limit(path: str) -> None:
    with suppress(ImportError, OSError):
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (used + _RESERVED, used + _RESERVED))
        seconds = 60 + Path(path).stat().st_size // _BYTES_A_SECOND
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _watch(mapped: mmap.mmap) -> None:
    """Ends the program when it takes too much memory; what is mapped is let go before. Where /proc is, that is.

    It is ended for its own memory alone: of the file as much is in use again at once as the reader asks for.
    """
    with suppress(OSError):
        while True:
            in_use, of_files = (int(pages) * mmap.PAGESIZE for pages in _pages())
            if in_use - of_files > _OWN:
                os._exit(TOO_LARGE)
            if in_use > _RESIDENT:
                mapped.madvise(mmap.MADV_DONTNEED)
            time.sleep(0.002)


def _pages() -> list[str]:
    """The pages of memory in use, and of them those that a file holds as well."""
    return Path("/proc/self/statm").read_text().split()[1:3]


def _send(path: str, out: BinaryIO, image: str, caption: str) -> int:
    """Writes all rows; what to end with. `image` and `caption` are columns that a person chose."""
    import pyarrow.parquet

    _limit(path)
    # Mapped, what is read of the file can be let go at any moment.
    with Path(path).open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    threading.Thread(target=_watch, args=(mapped,), daemon=True).start()
    # Unless told not to, it reads a whole row group ahead.
    table = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(pyarrow.py_buffer(mapped)), pre_buffer=False)
    spelled: dict[str, str] = {}
    for name in table.schema_arrow.names:
        spelled.setdefault(name.lower(), name)
    images: _Columns = IMAGES
    names: _Columns = NAMES
    texts: _Columns = TEXTS
    if image:
        images, names = (image.lower(),), (image.lower(), *NAMES)
    if caption:
        texts = (caption.lower(),)
    columns = [spelled[name] for name in dict.fromkeys((*images, *names, *texts)) if name in spelled]
    _send_schema(spelled, (*images, *names), texts, out)
    if not any(name in spelled for name in (*images, *names)) and any(name in spelled for name in URLS):
        return ADDRESSES
    for group in range(table.num_row_groups) if columns else ():
        size = table.metadata.row_group(group).total_byte_size
        rows = 1 if size > _SMALL * table.metadata.row_group(group).num_rows else _ROWS
        for batch in table.iter_batches(rows, [group], columns, use_threads=False):
            for number in range(batch.num_rows):
                cells = {name.lower(): batch.column(name)[number] for name in columns}
                if not _send_row(_row(cells, images, names, texts), out):
                    return TOO_LARGE
            # Or else it would be kept while the next one is made.
            del batch
    return END


def _send_schema(spelled: dict[str, str], images: _Columns, texts: _Columns, out: BinaryIO) -> None:
    image, caption = (next((spelled[name] for name in names if name in spelled), "") for names in (images, texts))
    told = [name for name in list(spelled.values())[:_TOLD] if len(name) <= _TOLD_LENGTH]
    data = json.dumps({"columns": told, "image": image, "caption": caption}).encode()
    out.write(SCHEMA.pack(len(data)) + data)


def _send_row(row: ParquetRow, out: BinaryIO) -> bool:
    name, texts, image = row
    parts = name.encode(), json.dumps(texts).encode(), b"" if image is None else image
    if len(parts[0]) + len(parts[1]) > _WORDS:
        return False
    out.write(HEADER.pack(*map(len, parts), image is not None))
    out.writelines(parts)
    return True


def _row(cells: dict[str, Any], in_images: _Columns, in_names: _Columns, in_texts: _Columns) -> ParquetRow:
    names = [_strings(cells.get(name)) for name in in_names if name not in in_images]
    texts = [_strings(cells.get(name)) for name in in_texts]
    image = None
    for cell in map(cells.get, in_images):
        path, data = _picture(cell)
        names.append(path)
        image = data if image is None else image
    name, captions = (next((found for found in several if any(found)), []) for several in (names, texts))
    return "".join(name[:1]), captions, image


def _picture(cell: Any) -> tuple[list[str], Any]:
    """An image's path and bytes: both, as `datasets` keeps them, or one of them alone."""
    import pyarrow

    cell = _plain(cell)
    if isinstance(cell, pyarrow.StructScalar):
        parts = dict(cell.items()) if cell.is_valid else {}
        return _strings(parts.get("path")), _bytes(_plain(parts.get("bytes")))
    return (_strings(cell), None) if isinstance(cell, pyarrow.StringScalar) else ([], _bytes(cell))


def _bytes(cell: Any) -> Any:
    """A view of a value's bytes, which takes no memory of its own; None where it has none."""
    import pyarrow

    return cell.as_buffer() if isinstance(cell, pyarrow.BinaryScalar | pyarrow.FixedSizeBinaryScalar) else None


def _strings(cell: Any) -> list[str]:
    """The strings of a value: itself, or those of a list. Bytes are read as UTF-8."""
    import pyarrow

    cell = _plain(cell)
    if isinstance(cell, pyarrow.ListScalar):
        return [text for one in cell.values or () for text in _strings(one)]
    data = _bytes(cell)
    return [] if data is None else [str(data, "utf-8", "replace")]


def _plain(cell: Any) -> Any:
    import pyarrow

    return cell.value if isinstance(cell, pyarrow.DictionaryScalar) else cell


def main(path: str, image: str = "", caption: str = "") -> int:
    try:
        status = _send(path, sys.stdout.buffer, image, caption)
        sys.stdout.buffer.flush()
    except MemoryError:
        return TOO_LARGE
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
