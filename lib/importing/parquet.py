"""Parquet with images inside, as the Hugging Face Hub and our own export have it, or with names and captions alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from lib.archives import Limits
from lib.importing import parquet_rows
from lib.importing.base import MAX_TABLE_BYTES, Stage

_ROW_BYTES = 100
"""What a row takes in memory beside its words."""

_FEWER = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"}
"""Or else memory is taken in advance, and the cap would meet that."""


@dataclass(slots=True)
class _Row:
    name: str
    text: str
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


def read(path: Path, name: str, stage: Stage, limits: Limits | None = None) -> None:
    """Stages the rows of a table, read by a process of its own. Raises OSError where the disk does."""
    limits = limits or Limits()
    left = min(limits.total_bytes, limits.ratio * path.stat().st_size + limits.allowance)
    words = MAX_TABLE_BYTES
    with _reading(path) as process:
        for number, (row, size) in enumerate(_rows(cast(BinaryIO, process.stdout))):
            stage.step()
            left -= size
            words -= 0 if row.has_image else size
            if left < 0 or words < 0:
                stage.refuse(name, "it unpacks to far more than its size, as bombs do; what came before is whole")
                return
            _stage(row, f"{name}/{number:09d}", stage)
            row.finish()
        status = process.wait()
    if status != parquet_rows.END:
        large = status == parquet_rows.TOO_LARGE
        stage.refuse(name, "its parts are too large to be read safely" if large else "it is damaged")


@contextmanager
def _reading(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-P", parquet_rows.__file__, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | _FEWER
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _rows(out: BinaryIO) -> Iterator[tuple[_Row, int]]:
    """The rows as they come, and what each takes. A row must be read to its end before the next one is asked for."""
    while len(header := out.read(parquet_rows.HEADER.size)) == parquet_rows.HEADER.size:
        name, text, image, has_image = parquet_rows.HEADER.unpack(header)
        called, words = out.read(name), out.read(text)
        row = _Row(called.decode(errors="replace"), words.decode(errors="replace"), bool(has_image), out, image)
        yield row, name + text + image + _ROW_BYTES


def _stage(row: _Row, id: str, stage: Stage) -> None:
    if row.has_image:
        stage.image(id, row)
        if id in stage.images:
            stage.images[id].name = row.name or f"{id.rpartition('/')[2]}.jpg"
            stage.images[id].texts += [row.text] if row.text.strip() else []
    elif row.name and row.text:
        stage.rows.append(("", row.name, row.text))
