"""Disks that refuse: the i-th call that changes something below a folder, or the i-th statement of a database."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lib.sqlite import Database

_CHANGES = {"os.rename", "os.link", "os.mkdir", "os.truncate", "os.chmod", "os.utime"}
"""The interpreter asks before each of them, whoever calls it, and lets the answer be an error."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Refusal:
    """What refuses now. `left`: so many changes still work."""

    def __init__(self) -> None:
        self.folder = ""
        self.left = 0
        self.error = 28
        self.refused = 0

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder or not (event in _CHANGES or (event == "open" and _is_for_writing(arguments))):
            return
        if not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        path = os.fsdecode(arguments[0])
        if not path.startswith(self.folder):
            return
        self.left -= 1
        if self.left < 0:
            self.refused += 1
            raise OSError(self.error, os.strerror(self.error), path)


def _is_for_writing(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    return any(letter in mode for letter in "wxa+") if isinstance(mode, str) else bool(flags & _WRITING)


_refusal = Refusal()
_is_heard = False


@contextmanager
def refusing(folder: Path, after: int, error: int = 28) -> Iterator[Refusal]:
    """Below a folder every change is refused once `after` of them have worked: opening for writing, renaming, mkdir."""
    global _is_heard
    if not _is_heard:
        # There is no way to take a hook away; it does nothing outside of this block.
        sys.addaudithook(lambda event, arguments: _refusal.hear(event, arguments))
        _is_heard = True
    _refusal.left, _refusal.error, _refusal.refused = after, error, 0
    _refusal.folder = str(folder)
    try:
        yield _refusal
    finally:
        _refusal.folder = ""


@contextmanager
def refusing_statements(
    monkeypatch: pytest.MonkeyPatch, fail_at: int, code: int = sqlite3.SQLITE_FULL
) -> Iterator[list[str]]:
    """The databases that are opened inside fail at their n-th statement (from 0); gives those that were asked."""
    asked: list[str] = []

    def asks(statement: str) -> None:
        asked.append(statement)
        if len(asked) - 1 == fail_at:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = code
            raise error

    class Refusing(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            asks(arguments[0])
            return super().execute(*arguments)

        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            asks(arguments[0])
            return super().executemany(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "connection_class", Refusing)
        yield asked


@contextmanager
def small_disk(folder: Path, size: str = "256k") -> Iterator[Path]:
    """A file system of that size; skips the test where none can be mounted."""
    folder.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def make_read_only(folder: Path, *, again: bool = False) -> None:
    """Remounts a small disk so that nothing on it can be changed, or (`again`) that it can be once more."""
    subprocess.run(["mount", "-o", "remount,rw" if again else "remount,ro", folder], check=True)
