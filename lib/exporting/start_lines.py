"""Lines to copy, by which programs are started on an export, their paths quoted as each language wants it. Pure."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from lib.exporting.base import Use

__all__ = ["load_dataset", "quoted", "shell"]


def quoted(path: Path | str) -> str:
    """A path as Python, TOML, YAML and JSON write it."""
    return json.dumps(str(path), ensure_ascii=False)


def shell(path: Path | str) -> str:
    """A path as a shell takes it."""
    return shlex.quote(str(path))


def load_dataset(path: Path, *choices: str) -> Use:
    """How `datasets` loads a folder, unpacked first where it is in a zip."""
    if path.suffix != ".zip":
        return Use("load_dataset", f"datasets.load_dataset({', '.join([quoted(path), *choices])})")
    folder = quoted(path.with_suffix(""))
    unpacked = f"zipfile.ZipFile({quoted(path)}).extractall({folder})"
    return Use("load_dataset", f"import datasets, zipfile; {unpacked}; datasets.load_dataset({folder})")
