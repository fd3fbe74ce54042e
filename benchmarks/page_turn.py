"""A page turn on the Tagging page, server side, with 100,000 photos open."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median

from benchmarks.folders import many_photos
from benchmarks.table import Row

_TURNS = 60


def measure(scratch: Path) -> list[Row]:
    from tests.doubles.dashboard import open_page

    folder = many_photos(scratch / "page-turn", 100_000, width=640, height=480)
    os.environ |= {
        "TOOLKIT_HOME": str(scratch / "home"),
        "TOOLKIT_ROOTS": str(scratch),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    }
    page = open_page(folder)
    # The tags are counted in the background; the first pages after that are what a person meets.
    time.sleep(4)
    page.run()
    seconds = []
    for _ in range(_TURNS):
        start = time.perf_counter()
        page.button(key="tagging.next").click().run()
        seconds.append(time.perf_counter() - start)
        assert not page.exception
    figure = 1000 * median(seconds)
    return [Row("page turn, 100,000 photos open (median)", figure, "ms", "under 60 ms", figure < 60)]
