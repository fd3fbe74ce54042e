"""Parquet with images inside, as the Hugging Face Hub and our own export have it, or with names and captions alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

from lib.archives import Limits
from lib.images import IMAGE_SUFFIXES
from lib.importing import parquet_rows
from lib.importing.base import MAX_TABLE_BYTES
from lib.importing.captions import Said
from lib.importing.stage import Stage
from lib.importing.tables.results import NotUnderstood, Reading, Row, TableFound

LABEL = "Parquet with images"
ENDING = ".parquet"

NO_EDITS: Mapping[int, str] = MappingProxyType({})

_ROW_BYTES = 100
"""What a row takes in memory beside its words."""

_FEWER = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"}
"""Or else memory is taken in advance, and the cap would meet that."""

_NEEDED = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "HOME", "APPDATA", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""Where Python and its libraries are found. A stranger's file is read beside no key."""

_TOO_LARGE = "its parts are too large to be read safely; written with smaller row groups it can be"
_ADDRESSES = (
    "it is a table of addresses, without the images; img2dataset is the tool that fetches them, and the folder that it"
    " writes can be imported"
)
_NOTHING = (
    "it gives no image and no caption with an image's name; its columns should be image (or jpg, png), file_name,"
    " and text (or caption, txt)"
)


@dataclass(frozen=True, slots=True)
class ParquetRead:
    """What came of a table: the captions of images that are not in it, how many came with one, how it was read."""

    rows: list[Row]
    captions: int
    found: TableFound | NotUnderstood


@dataclass(slots=True)
class _Row:
    name: str
    texts: list[str]
    has_image: bool
    _out: BinaryIO
    _left: int

    def read(self, size: int, /) -> bytes:
        """Of its image."""
        data = self._out.read(min(size, self._left))
        self._left -= len(data)
        return data

    def finish(self) -> None:
        while self.read(1 << 20):
            pass


def read(
    path: Path,
    name: str,
    stage: Stage,
    limits: Limits | None = None,
    reading: Reading = Reading(),
    edited: Mapping[int, str] = NO_EDITS,
) -> ParquetRead:
    """Stages the rows of a table, read by a process of its own. `edited`: captions of rows in place of the table's.

    Raises OSError where the disk does.
    """
    limits = limits or Limits()
    left = min(limits.total_bytes, limits.ratio * path.stat().st_size + limits.allowance)
    words = MAX_TABLE_BYTES
    taken = lost = captions = 0
    rows: list[Row] = []
    with _reading(path, reading) as process:
        out = cast(BinaryIO, process.stdout)
        found = _found(out, rows)
        for number, (row, size) in enumerate(_rows(out)):
            stage.step()
            if number in edited:
                row.texts = [edited[number]]
            left -= size
            words -= 0 if row.has_image else size
            if left < 0 or words < 0:
                stage.refuse(name, "it unpacks to far more than its size, as bombs do; what came before is whole")
                return ParquetRead(rows, captions, found)
            texts = tuple(text for text in row.texts if text.strip())
            if row.has_image:
                # A row with a name is not found by its number: another row, without its image, may have that for a key.
                _stage(row, f"{name}/row {number}" if row.name else f"{name}/{number:09d}", stage)
                captions += len(texts)
            elif row.name and texts:
                rows.append(Row(row.name, texts))
            taken += row.has_image or bool(row.name and texts)
            lost += bool(row.texts and not (row.has_image or row.name))
            row.finish()
        status = process.wait()
    if status == parquet_rows.ADDRESSES:
        # No other column of it would lead to an image.
        found = NotUnderstood(_ADDRESSES)
        stage.account.not_understood.append((name, _ADDRESSES))
    elif status != parquet_rows.END:
        stage.refuse(name, _TOO_LARGE if status == parquet_rows.TOO_LARGE else "it is damaged")
    elif not taken:
        found = NotUnderstood(_NOTHING, found.columns)
        stage.account.not_understood.append((name, _NOTHING))
    elif lost:
        stage.refuse(name, f"captions in {lost:,} of its rows have neither an image nor the name of one")
    return ParquetRead(rows, captions, found)


def _found(out: BinaryIO, rows: list[Row]) -> TableFound | NotUnderstood:
    """How it is read, as the process says before its rows; `rows` will be those that its images are not in."""
    header = out.read(parquet_rows.SCHEMA.size)
    if len(header) < parquet_rows.SCHEMA.size:
        return NotUnderstood("it is damaged")
    try:
        schema = json.loads(out.read(*parquet_rows.SCHEMA.unpack(header)))
    except ValueError:
        return NotUnderstood("it is damaged")
    return TableFound(LABEL, lambda faults: iter(rows), tuple(schema["columns"]), schema["image"], schema["caption"])


@contextmanager
def _reading(path: Path, reading: Reading) -> Iterator[subprocess.Popen[bytes]]:
    columns = [reading.image_column or "", reading.caption_column or ""]
    command = [sys.executable, "-P", parquet_rows.__file__, str(path), *columns]
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ} | _FEWER
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _rows(out: BinaryIO) -> Iterator[tuple[_Row, int]]:
    """The rows as they come, and what each takes. A row must be read to its end before the next one is asked for."""
    while len(header := out.read(parquet_rows.HEADER.size)) == parquet_rows.HEADER.size:
        name, texts, image, has_image = parquet_rows.HEADER.unpack(header)
        called, words = out.read(name), out.read(texts)
        try:
            row = _Row(called.decode(errors="replace"), json.loads(words), bool(has_image), out, image)
        except ValueError:
            # It ended in the middle of a row, and tells how with its status.
            return
        yield row, name + texts + image + _ROW_BYTES


def _stage(row: _Row, id: str, stage: Stage) -> None:
    stage.image(id, row)
    if staged := stage.images.get(id):
        name = row.name or id.rpartition("/")[2]
        known = name.lower().endswith(IMAGE_SUFFIXES)
        staged.name = name if known else f"{name}.{stage.format_of(id)}"
        staged.texts += [Said(text) for text in row.texts if text.strip()]
