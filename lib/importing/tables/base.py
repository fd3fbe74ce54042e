"""What a kind of table is, and the words by which columns and fields are known in several of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from lib.importing.base import CaptionRow

NAMES = ("file_name", "image", "filename", "file", "image_name", "path")
TEXTS = ("text", "caption", "captions", "tags", "comment")

_WEIGHTS = {b"{": 232, b"[": 64, b",": 60}
_LINE = 200
"""Bytes of memory, about, that such a sign stands for once it is parsed; a line of a table that has none likewise."""

MAX_WEIGHT = 300_000_000


class Table(ABC):
    """One kind of file that holds many captions."""

    label: ClassVar[str]
    """What a person may be told that can be imported."""
    endings: ClassVar[tuple[str, ...]]
    """How its files end, in small letters."""

    @abstractmethod
    def read(self, data: bytes) -> list[CaptionRow] | None:
        """Its captions, None where the file is of another kind. Raises ValueError where it is broken."""


def is_heavy(name: str, data: bytes) -> bool:
    """Whether it would take more memory than is safe, as a table of nothing but brackets does. Reads no structure."""
    # JSON is often laid out, an entry a line or more: its signs tell its weight already.
    lines = 0 if name.lower().endswith((".json", ".jsonl")) else data.count(b"\n") * _LINE
    return lines + sum(data.count(sign) * weight for sign, weight in _WEIGHTS.items()) > MAX_WEIGHT


def rows_of(entries: list[Any]) -> list[CaptionRow]:
    """The rows of entries that name a file each. Raises ValueError where one does not."""
    rows = []
    for entry in entries:
        key = next((entry[name] for name in NAMES if name in entry), None) if isinstance(entry, dict) else None
        if not isinstance(key, str):
            raise ValueError("an entry of it names no file")
        text = next((entry[name] for name in TEXTS if name in entry), None)
        if isinstance(text, str):
            rows.append((key, text))
    return rows
