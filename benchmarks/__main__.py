"""`make bench`: every figure, or only those named: `python -m benchmarks opening captioning`.

`scale` and `parts` run only where they are named: they make a million names of files and take ten minutes.
"""

from __future__ import annotations

import sys
import traceback

from benchmarks.fresh import measured_afresh
from benchmarks.table import Row, show

_ALL = (
    "opening", "crowded", "page_turn", "server", "captioning", "plans", "bulk", "bulk_page", "history", "authors",
    "words", "tables", "filter_page", "clusters", "layouts", "cluster_map", "review", "exporting", "decoding", "memory",
    "large_map", "browser",
)  # fmt: skip


def main(names: list[str]) -> int:
    rows: list[Row] = []
    failed = False
    for name in names or _ALL:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        try:
            rows += measured_afresh(name)
        except Exception:
            # The other figures are told all the same.
            traceback.print_exc()
            failed = True
    show(rows)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
