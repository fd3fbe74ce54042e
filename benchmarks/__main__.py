"""`make bench`: every figure, or only those named: `python -m benchmarks opening captioning`."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from benchmarks.table import show

_ALL = (
    "opening", "page_turn", "server", "captioning", "plans", "bulk", "bulk_page", "history", "words",
    "filter_page", "clusters", "cluster_map", "exporting",
)  # fmt: skip


def main(names: list[str]) -> None:
    rows = []
    for name in names or _ALL:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            rows += importlib.import_module(f"benchmarks.{name}").measure(Path(scratch))
    show(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
