"""What a server holds: memory, threads, open files, temporary files, locks. Read from /proc."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from lib.files import TEMP_PREFIX

_PREFERENCES = "preferences.sqlite"


@dataclass(frozen=True, slots=True)
class Held:
    """At one moment."""

    memory_mb: float
    """Of the server and its children together."""
    threads: int
    files: int
    """Open ones: sockets and the like count, too."""
    databases: int
    """Of them SQLite files with what belongs to them. So many as are used most stay open."""
    preference_files: int
    temporary: int
    """Files half written, in the temporary folder, in the photos' and in the toolkit's own."""
    locks: int
    """Held by the server or its children."""


def held(server: int, temporary: Path, *folders: Path) -> Held:
    """What a server with its children holds now."""
    family = [server, *_children(server)]
    opened = [path for process in family for path in _open_files(process)]
    return Held(
        memory_mb=sum(_status(process, "VmRSS") for process in family) / 1024,
        threads=sum(_status(process, "Threads") for process in family),
        files=len(opened),
        databases=sum(".sqlite" in path for path in opened),
        preference_files=sum(_PREFERENCES in path for path in opened),
        temporary=sum(1 for path in temporary.rglob("*") if path.is_file()) + sum(map(_half_written, folders)),
        locks=_locks({str(process) for process in family}),
    )


def _children(process: int) -> list[int]:
    found: list[int] = []
    for task in _tasks(process):
        children = _read(Path(f"/proc/{process}/task/{task}/children")).split()
        found += [descendant for child in children for descendant in (int(child), *_children(int(child)))]
    return found


def _tasks(process: int) -> list[str]:
    return [path.name for path in _entries(f"/proc/{process}/task")]


def _status(process: int, what: str) -> int:
    found = re.search(rf"^{what}:\s+(\d+)", _read(Path(f"/proc/{process}/status")), re.MULTILINE)
    return int(found[1]) if found else 0


def _open_files(process: int) -> list[str]:
    return [target for path in _entries(f"/proc/{process}/fd") if (target := _target(path))]


def _entries(folder: str) -> list[Path]:
    try:
        return list(Path(folder).iterdir())
    except OSError:
        # The process has ended meanwhile.
        return []


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _half_written(folder: Path) -> int:
    return sum(name.startswith(TEMP_PREFIX) for _, folders, files in os.walk(folder) for name in (*folders, *files))


def _locks(processes: set[str]) -> int:
    # "1: POSIX  ADVISORY  WRITE 3568 fd:00:2531452 0 EOF", and one that waits has "->" after its number.
    rows = (line.replace("->", "").split() for line in _read(Path("/proc/locks")).splitlines())
    # A SQLite file that is open is locked for reading all the while.
    return sum(len(row) > 4 and row[4] in processes and "READ" not in row for row in rows)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
