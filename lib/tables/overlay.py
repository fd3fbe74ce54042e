"""What was edited in a table: a file an operation, written whole or not at all. The source stays as it was."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from lib.errors import PlaceFailed
from lib.parts.base import EDITS
from lib.places import FolderPlace
from lib.tables.reading import ENDING, told
from lib.urls import Url

_NAME = re.compile(r"edit-(\d{6,})-([0-9a-f]+)\.parquet")


class Overlay:
    """The edits of one table in a folder. Whoever writes holds the lock of the table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = FolderPlace(Url("file", str(folder)))

    def files(self) -> list[str]:
        """The names of all operations' files, the oldest first."""
        found = {
            entry.name: match for entry in self._place.files(recursive=False) if (match := _NAME.fullmatch(entry.name))
        }
        return sorted(found, key=lambda name: (int(found[name][1]), name))

    def tokens(self) -> set[str]:
        """The tokens of the operations that are written."""
        return {match[2] for name in self.files() if (match := _NAME.fullmatch(name))}

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """The newest caption of each row that files, the oldest first, are about. Raises InvalidInput, PlaceFailed."""
        import pyarrow.parquet

        found: dict[str, str] = {}
        for name in names:
            try:
                with self._place.open(name) as file, told(f"{self.folder}/{name}"):
                    table = pyarrow.parquet.read_table(file, columns=["key", "caption"])
                    found.update(zip(table["key"].to_pylist(), table["caption"].to_pylist(), strict=True))
            except FileNotFoundError as error:
                # Folded in since it was listed.
                raise PlaceFailed(f"“{self.folder}” was changed in this moment.", "Open the table again.") from error
        return found

    def write(self, token: str, texts: Mapping[str, str]) -> str:
        """The name of the file that these captions are in by now, whole and durable. Raises WriteFailed."""
        import pyarrow
        import pyarrow.parquet

        files = self.files()
        number = int(files[-1].split("-")[1]) + 1 if files else 1
        name = f"edit-{number:06d}-{token}{ENDING}"
        out = pyarrow.BufferOutputStream()
        text = pyarrow.string()
        table = pyarrow.table({"key": pyarrow.array(texts, text), "caption": pyarrow.array(texts.values(), text)})
        pyarrow.parquet.write_table(table, out, compression="zstd")
        self._place.put(name, bytes(out.getvalue()))
        return name

    def remove(self, names: Iterable[str]) -> None:
        """Of what is in the source by now. Raises WriteFailed."""
        for name in names:
            self._place.remove(name)


def overlay_folder(root: Path, home: Path) -> Path:
    """Where the edits of a table lie: beside its parts or its one file, or with the toolkit where that is refused."""
    beside = root / EDITS if root.is_dir() else root.with_name(f"{root.name}.{EDITS}")
    if os.access(beside if beside.is_dir() else beside.parent, os.W_OK):
        return beside
    digest = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return home / "tables" / digest / EDITS
