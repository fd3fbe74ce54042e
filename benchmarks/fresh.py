"""One benchmark in an empty folder, in a process that knows nothing of those before."""

from __future__ import annotations

import importlib
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.table import Row


def measured_afresh(name: str) -> list[Row]:
    """The rows of a benchmark. Raises what it raises."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_measured, name).result()


def _measured(name: str) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        rows: list[Row] = importlib.import_module(f"benchmarks.{name}").measure(Path(scratch))
    return rows
