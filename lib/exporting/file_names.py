"""Names of files that every file system and every reader takes. Pure."""

from __future__ import annotations

import hashlib

MOST_BYTES = 240
"""Of a part of a path. File systems take 255, and programs put something of their own behind: `.incomplete`, ` (2)`."""

_MARK = 8


def shortened(name: str) -> str:
    """A path whose parts are not too long, with the ending that it has: the same for the same, another for another."""
    if len(name) <= MOST_BYTES // 4:
        return name
    *folders, last = name.split("/")
    stem, dot, ending = last.rpartition(".")
    return "/".join(
        [*(_part(folder, "") for folder in folders), _part(stem, dot + ending) if stem else _part(last, "")]
    )


def _part(stem: str, ending: str) -> str:
    if len((stem + ending).encode()) <= MOST_BYTES:
        return stem + ending
    mark = f"~{hashlib.sha256(stem.encode()).hexdigest()[:_MARK]}{ending}"
    room = MOST_BYTES - len(mark.encode())
    # Half a character at the end is dropped.
    return stem.encode()[:room].decode(errors="ignore") + mark
