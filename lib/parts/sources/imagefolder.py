"""Images with their captions in a table beside them, as `datasets` reads a folder: metadata.csv or metadata.jsonl."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from lib.errors import InvalidInput
from lib.importing.base import ImageNames
from lib.importing.captions import Said, as_caption
from lib.importing.tables.results import Faults, TableFound
from lib.importing.tables.understand import MAX_BYTES, understand
from lib.parts.sources.base import StampedPart
from lib.parts.sources.folder import FolderSource, cut
from lib.places import DataPlace, Entry

METADATA = ("metadata.csv", "metadata.jsonl")


class ImageFolderSource(FolderSource):
    kind = "an imagefolder"

    @classmethod
    def recognises(cls, names: Sequence[str], place: DataPlace) -> bool:
        if any(name.rpartition("/")[2] in METADATA for name in names):
            return True
        # Behind a hundred thousand images it is not among the first names.
        return any(_is_there(place, name) for name in METADATA)

    def parts(self, size: int) -> Iterator[StampedPart]:
        digest = hashlib.sha256()
        tables = []
        for entry in self.place.files():
            digest.update(f"{entry.name}\0{entry.size}\0{entry.stamp}\n".encode("utf-8", "surrogatepass"))
            if entry.name.rpartition("/")[2] in METADATA:
                tables.append(entry)
        # The images are told by the tables; what all files stand for goes with the first part.
        for part, stamp in cut(self._rows(tables), size):
            yield part, f"{stamp} {digest.hexdigest()}" if part.number == 0 else stamp

    def _rows(self, tables: list[Entry]) -> Iterator[tuple[str, str | None, list[Entry]]]:
        for table in tables:
            folder, slash, _ = table.name.rpartition("/")
            for key, text in self._read(table):
                name = key.replace("\\", "/").removeprefix("./")
                yield f"{folder}{slash}{name}", text, []

    def _read(self, table: Entry) -> Iterator[tuple[str, str]]:
        if table.size > MAX_BYTES:
            raise InvalidInput(f"“{table.name}” is too large for a table of captions.", "Cut it into several.")
        with tempfile.TemporaryDirectory(prefix="part-") as folder:
            copy = Path(folder) / table.name.rpartition("/")[2]
            with self.place.open(table.name) as file, copy.open("wb") as out:
                while piece := file.read(1 << 20):
                    out.write(piece)
            found = understand(copy, copy.name, ImageNames([]))
            if not isinstance(found, TableFound):
                reason = found.reason if found is not None else "it holds no names of images"
                raise InvalidInput(f"“{table.name}” was not understood: {reason}.", "Nothing was done.")
            for row in found.read(Faults()):
                yield row.key, as_caption([Said(text) for text in row.texts], None)


def _is_there(place: DataPlace, name: str) -> bool:
    try:
        with place.open(name):
            return True
    except FileNotFoundError:
        return False
