"""Turns the names of uploaded files into safe ones, each only once, pictures and captions still side by side."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path, PurePosixPath

from lib.dataset.scan.file_names import LEFT_OUT_FOLDERS
from lib.dataset.tag_files.sidecar import SUFFIXES as SIDECAR_SUFFIXES
from lib.images import IMAGE_SUFFIXES

LONGEST_STEM = 236
"""Bytes; the same for pictures and captions, so that a shortened pair stays a pair."""

MAX_DEPTH = 16

MOST_ALIKE = 1_000
"""Names that differ by a number alone, where some of them were there before."""

_NUMBERED = re.compile(r" \(\d+\)\Z")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


class NameRefused(ValueError):
    """A name that cannot be taken, with the reason in words."""


def clean_part(part: str) -> str:
    """A folder's name or a stem that every file system takes. "" where nothing is left."""
    part = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", part)).strip(" .")
    if _RESERVED.fullmatch(part):
        part = "_" + part
    raw = part.encode()
    if len(raw) > LONGEST_STEM:
        # The end of the hash keeps two long names that begin alike apart.
        head = raw[: LONGEST_STEM - 9].decode("utf-8", "ignore")
        part = f"{head}~{hashlib.sha256(raw).hexdigest()[:8]}"
    return part


class NameTable:
    """Gives each uploaded file its place in a folder. One table an upload."""

    def __init__(self, folder: Path) -> None:
        self._stems: dict[tuple[str, str], str] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._on_disk: set[tuple[str, str]] = set()
        self._given: set[str] = set()
        self._alike_on_disk: set[tuple[str, str]] = set()
        self._numbers: dict[tuple[str, str], int] = {}
        """The number that a name had last: to count each of 50,000 alike up from the first takes many minutes."""
        for place, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            parent = Path(place).relative_to(folder).as_posix().casefold()
            for name in names:
                if not name.startswith("."):
                    stem = name.rpartition(".")[0] or name
                    self._stems[parent, stem] = stem
                    self._on_disk.add((parent, stem))
                    self._alike_on_disk.add((parent, _NUMBERED.sub("", stem.casefold())))
                    self._owners[parent, unicodedata.normalize("NFC", stem).casefold()] = stem

    def place(self, name: str, *, fresh: bool = False) -> PurePosixPath:
        """The relative path for an uploaded file; with `fresh` one whose stem nobody has yet. Raises NameRefused."""
        parts = name.replace("\\", "/").split("/")
        if any(part == ".." for part in parts) or "\0" in name:
            raise NameRefused("its path leads out of the folder")
        parts = [part for part in parts if part not in ("", ".")]
        if not parts or len(parts) > MAX_DEPTH:
            raise NameRefused("its path is empty or too deep")
        if any(part.startswith(".") or part in LEFT_OUT_FOLDERS for part in parts):
            raise NameRefused("it is a hidden file")
        raw_stem, dot, ending = parts[-1].rpartition(".")
        suffix = (dot + ending).lower()
        if suffix not in (*IMAGE_SUFFIXES, *SIDECAR_SUFFIXES) or not raw_stem:
            raise NameRefused("it is neither an image nor a caption")
        folders = [clean for part in parts[:-1] if (clean := clean_part(part))]
        parent = PurePosixPath(*folders)
        return self._give(parent, unicodedata.normalize("NFC", raw_stem), dot + ending, fresh)

    def _give(self, parent: PurePosixPath, raw_stem: str, suffix: str, fresh: bool) -> PurePosixPath:
        folder = parent.as_posix().casefold()
        known = None if fresh else self._stems.get((folder, raw_stem))
        stem = known or self._new_stem(folder, raw_stem, fresh=fresh)
        place = parent / (stem + suffix)
        if place.as_posix().casefold() in self._given:
            # Twice the same name in one upload, such as é in two spellings: two pictures, so two files.
            stem = self._new_stem(folder, raw_stem, fresh=True)
            place = parent / (stem + suffix)
        self._given.add(place.as_posix().casefold())
        return place

    def _new_stem(self, folder: str, raw_stem: str, *, fresh: bool = False) -> str:
        base = clean_part(raw_stem) or "image"
        key = folder, base.casefold()
        is_new = key not in self._alike_on_disk
        number = self._numbers.get(key, 1) if is_new else 1
        stem = base if number == 1 else f"{base} ({number})"
        # A caption that comes later than its picture was cleaned in the same way, and belongs beside it.
        while (folder, stem.casefold()) in self._owners and (fresh or (folder, stem) not in self._on_disk):
            number += 1
            if not is_new and number > MOST_ALIKE:
                raise NameRefused("too many files there have its name")
            stem = f"{base} ({number})"
        self._numbers[key] = number
        self._owners[folder, stem.casefold()] = raw_stem
        self._stems[folder, raw_stem] = stem
        return stem
