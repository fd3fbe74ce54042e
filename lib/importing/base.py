"""What every source gives: images under the name that the source has for them, and captions for such names."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lib.dataset.workspace.hidden import hidden_folder
from lib.importing.captions import CaptionChoice
from lib.importing.tables.results import Reading
from lib.settings import Settings

ConflictRule = Literal["skip", "overwrite", "both"]
"""What happens to what is there already: it stays, it is replaced, or both are kept."""


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
    """Finds images by what a table may call them: a path, its end, or an absolute one, with or without ending.

    Names are compared in one normal form (a Mac decomposes what others compose), then in whatever case they are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._composed = _Index(self._names, _composed)
        # Made where a name is not found as it is spelled, which is seldom.
        self._folded: _Index | None = None

    def find(self, key: str, folder: str = "") -> list[str]:
        """The images meant by a key of a table that lies in `folder`; none where it could be several unlike ones."""
        key = key.replace("\\", "/").removeprefix("./")
        if found := self._composed.find(key, folder):
            return found
        if self._folded is None:
            self._folded = _Index(self._names, _folded)
        return self._folded.find(key, folder)


class _Index:
    """The names of images, as one way of spelling has them."""

    def __init__(self, names: Iterable[str], spelled: Callable[[str], str]) -> None:
        self._spelled = spelled
        self._by_whole: defaultdict[str, list[str]] = defaultdict(list)
        self._by_last: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            whole = spelled(name)
            self._by_whole[whole].append(name)
            last = whole.rpartition("/")[2]
            for part in (last, stem_of(last)):
                self._by_last[part].append(name)

    def find(self, key: str, folder: str) -> list[str]:
        exact = f"{folder}/{key}" if folder else key
        for whole in map(self._spelled, [exact, key] if folder else [key]):
            found = self._by_whole.get(whole, [])
            if exact in found:
                return [exact]
            found = found or [name for name in self._last(whole) if stem_of(self._spelled(name)) == whole]
            if found:
                return _alike(found)
        return _alike(self._ends(self._spelled(key)))

    def _last(self, key: str) -> list[str]:
        return self._by_last.get(key.rpartition("/")[2], [])

    def _ends(self, key: str) -> list[str]:
        """The images that a key is the end of; where it is absolute, those that are the end of it, too."""
        last = key.rpartition("/")[2]
        absolute = key.startswith("/") or key[1:3] == ":/"
        found = []
        for name in self._last(key):
            whole = self._spelled(name)
            called = whole if whole.endswith(last) else stem_of(whole)
            if called.endswith(f"/{key}") or (absolute and key.endswith(f"/{called}")):
                found.append(name)
        return found


def _composed(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    folded = _composed(name).casefold()
    # The same object takes no memory of its own.
    return name if folded == name else folded


def _alike(found: list[str]) -> list[str]:
    return found if len({stem_of(name) for name in found}) == 1 else []


def stem_of(name: str) -> str:
    """A path without its ending."""
    return name.rpartition(".")[0]
