"""Which image a tag file or a json lies beside: by its stem, by its whole name, in any case and normal form."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from lib.dataset.scan.file_names import MASK_ENDINGS

_PARTS = frozenset({"caption", "captions", "text", "texts", "txt", "prompt", "tags", "description"})
"""What stands between the key of a sample and the ending of its text: `0000.caption.txt` beside `0000.input.jpg`."""


class Beside:
    """The images of a source, found by what lies beside them."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._exact: defaultdict[str, list[str]] = defaultdict(list)
        self._alike: defaultdict[str, set[str]] = defaultdict(set)
        self._keys: defaultdict[str, list[str]] = defaultdict(list)
        for id in ids:
            for called in dict.fromkeys((id.rpartition(".")[0], id)):
                self._exact[called].append(id)
                self._alike[_plain(called)].add(called)
            self._keys[_key(id)].append(id)

    def of(self, id: str) -> list[str]:
        """The images that a file lies beside; several where they share a stem, none where it could be unlike ones."""
        stem = id.rpartition(".")[0]
        if stem in self._exact:
            return self._exact[stem]
        alike = self._alike.get(_plain(stem), ())
        if len(alike) == 1:
            return self._exact[next(iter(alike))]
        first, _, part = stem.rpartition(".")
        sharing = self._keys.get(_key(id), []) if first and part.lower() in _PARTS else []
        return sharing if len(sharing) == 1 else []


def is_mask(name: str) -> bool:
    """True for a picture that is a trainer's mask."""
    return name.rpartition(".")[0].lower().endswith(MASK_ENDINGS)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _key(id: str) -> str:
    folder, slash, last = id.rpartition("/")
    return folder + slash + last.partition(".")[0]
