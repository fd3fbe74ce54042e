"""What was edited in a table: a file an operation, written whole or not at all. The source stays as it was.

Edits that were folded into the source are named in one file, which is the commit of the fold: from then on they count
for nothing, whether they are still there or not.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lib.dataset.tag_files.locks import WAIT_S
from lib.errors import InvalidInput, WriteFailed
from lib.files import write_errors
from lib.parts.base import EDITS
from lib.places import FolderPlace
from lib.tables.reading import ENDING, told
from lib.urls import Url

_NAME = re.compile(r"edit-(\d{6,})-([0-9a-f]+)\.parquet")
_FOLDED, _LOCK = "_folded.json", ".lock"
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


@dataclass(frozen=True, slots=True)
class FoldedEdits:
    """How often edits were folded into the source, and the files of the last time."""

    times: int = 0
    names: frozenset[str] = frozenset()


class Overlay:
    """The edits of one table in a folder. Whoever writes holds the lock of the table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = FolderPlace(Url("file", str(folder)))

    def files(self) -> list[str]:
        """The names of the files of all operations that are not in the source yet, the oldest first."""
        # Listed before it is asked what is folded: what is folded in between is gone from both.
        listed = self._listed()
        folded = self.folded().names
        return [name for name in listed if name not in folded]

    def _listed(self) -> list[str]:
        found = {
            entry.name: match for entry in self._place.files(recursive=False) if (match := _NAME.fullmatch(entry.name))
        }
        return sorted(found, key=lambda name: (int(found[name][1]), name))

    def folded(self) -> FoldedEdits:
        """What is in the source by now. Raises InvalidInput, PlaceFailed."""
        data = self._place.read(_FOLDED)
        if data is None:
            return FoldedEdits()
        try:
            found = json.loads(data)
            return FoldedEdits(int(found["times"]), frozenset(map(str, found["files"])))
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"“{self.folder}/{_FOLDED}” is damaged.", "Nothing was changed.") from error

    def tokens(self) -> set[str]:
        """The tokens of the operations that are written, and of those that were folded in last."""
        return {match[2] for name in (*self.files(), *self.folded().names) if (match := _NAME.fullmatch(name))}

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """The newest caption of each row that files, the oldest first, are about.

        Raises InvalidInput, PlaceFailed, and FileNotFoundError for what was folded in since it was listed.
        """
        import pyarrow.parquet

        found: dict[str, str] = {}
        for name in names:
            with self._place.open(name) as file, told(f"{self.folder}/{name}"):
                table = pyarrow.parquet.read_table(file, columns=["key", "caption"])
                found.update(zip(table["key"].to_pylist(), table["caption"].to_pylist(), strict=True))
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

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes edits within, on another machine neither: a disk that they share has to carry locks.

        Raises WriteFailed.
        """
        with write_errors(f"“{self.folder}” was not written to", "Nothing was changed."):
            self.folder.mkdir(parents=True, exist_ok=True)
            # Whoever may write to the folder may lock it.
            lock = FileLock(self.folder / _LOCK, WAIT_S, self.folder.stat().st_mode & 0o666, poll_interval=0.005)
            try:
                lock.acquire()
            except Timeout:
                raise WriteFailed(
                    f"“{self.folder}” is being written to by someone else, and that takes too long.",
                    "Nothing was changed on disk. Try again in a moment.",
                ) from None
            except OSError as error:
                # A disk without locks: those of this machine are kept apart all the same, by the toolkit's own.
                if error.errno not in _NO_LOCKS:
                    raise
        try:
            yield
        finally:
            lock.release()

    def fold(self, names: Iterable[str]) -> None:
        """Lets go of edits that the source holds by now. Raises WriteFailed."""
        before, there = self.folded(), self._listed()
        # What a crash has left of the last time would count again if it were named no more.
        gone = {*names, *before.names.intersection(there)}
        told = {"times": before.times + 1, "files": sorted(gone)}
        self._place.put(_FOLDED, json.dumps(told, indent=1).encode())
        for name in there:
            if name in gone:
                self._place.remove(name)


def overlay_folder(root: Path, home: Path) -> Path:
    """Where the edits of a table lie: beside its parts or its one file, or with the toolkit where that is refused."""
    beside = root / EDITS if root.is_dir() else root.with_name(f"{root.name}.{EDITS}")
    if os.access(beside if beside.is_dir() else beside.parent, os.W_OK):
        return beside
    digest = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return home / "tables" / digest / EDITS
