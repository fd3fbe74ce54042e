"""Lines to copy, by which programs are started on an export, their paths quoted as each language wants it. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from pathlib import Path

from lib.exporting.base import Use

__all__ = ["dataset_toml", "load_dataset", "quoted", "shell", "toml"]


def quoted(path: Path | str) -> str:
    """A path as Python, YAML and JSON write it."""
    return json.dumps(str(path), ensure_ascii=False)


def toml(path: Path | str) -> str:
    """A path as TOML writes it, its apostrophes escaped: the package `toml`, which sd-scripts and diffusion-pipe read
    their settings with, loses a list that one stands in.
    """
    return quoted(path).replace("'", "\\u0027")


def dataset_toml(folders: Iterable[Path]) -> str:
    """What diffusion-pipe trains on: it looks below no folder, and wants a size. Two lines, as TOML wants it."""
    paths = ", ".join(f"{{ path = {toml(folder)} }}" for folder in folders)
    return f"resolutions = [1024]\ndirectory = [{paths}]"


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
