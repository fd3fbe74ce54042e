"""What every source gives: images under the name that the source has for them, and captions for such names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lib.dataset.workspace.hidden import hidden_folder
from lib.importing.captions import CaptionChoice
from lib.importing.tables.face import Reading
from lib.settings import Settings

ConflictRule = Literal["skip", "overwrite", "both"]
"""What happens to what is there already: it stays, it is replaced, or both are kept."""

CaptionRow = tuple[str, str]
"""An image's name as a table has it (a path, or a path without its ending), and its caption."""


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """Where an import goes, and for whom: a folder, which is made where needed, and the history that it is written in.

    `suffix` is the ending of its tag files, `room` the bytes that all images together may take. `is_made`: False for a
    folder that is open. Where that is gone (a share that was let go), nothing is put in its place.
    """

    folder: Path
    settings: Settings
    owner: str
    suffix: str = ".txt"
    room: int | None = None
    is_made: bool = True

    def staging(self) -> AbstractContextManager[Path]:
        """A hidden folder in it for what has no name yet. Raises OSError."""
        return hidden_folder(self.folder, is_made=self.is_made)


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What is to happen with what is there already, and with several captions of one image.

    `caption`: that one alone; None for all of them, a line each. `reading`: how tables are read; by content, unless
    told.
    """

    existing: ConflictRule = "skip"
    caption: CaptionChoice = None
    reading: Reading = field(default_factory=Reading)


MAX_TABLE_BYTES = 64_000_000


class ImageNames:
    """Finds images by what a table may call them: a path, its end, or an absolute one, with or without ending."""

    def __init__(self, names: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._by_last: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            self._exact.add(name)
            last = name.rpartition("/")[2]
            for part in (last, last.rpartition(".")[0]):
                self._by_last[part].append(name)

    def find(self, key: str, folder: str = "") -> list[str]:
        """The images meant by a key of a table that lies in `folder`; none where it could be several unlike ones."""
        key = key.replace("\\", "/").removeprefix("./")
        absolute = key.startswith("/") or key[1:3] == ":/"
        for whole in [f"{folder}/{key}", key] if folder else [key]:
            if whole in self._exact:
                return [whole]
            if found := [name for name in self._by_last[whole.rpartition("/")[2]] if _stem(name) == whole]:
                return found
        found = []
        for name in self._by_last[key.rpartition("/")[2]]:
            called = name if name.endswith(key.rpartition("/")[2]) else _stem(name)
            if called.endswith(f"/{key}") or (absolute and key.endswith(f"/{called}")):
                found.append(name)
        return found if len({_stem(name) for name in found}) == 1 else []


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
