"""The Bulk Ops page with 100,000 photos open: a preview, a page of it, and somebody else's page turn meanwhile."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import Any

from app.bulk_ops.state import BulkState
from benchmarks.folders import many_photos
from benchmarks.table import Row
from lib.bulk import Find, plan_replace
from lib.domain import ImageRecord, SidecarState
from lib.errors import InvalidInput

_COUNT = 100_000


def _ended(page: Any) -> Any:
    """Show the page again once what was asked for is there, as the browser does."""
    page.session_state["app_state"].of(BulkState).preview.wait()
    return page.run()


def _preview(page: Any) -> float:
    start = time.perf_counter()
    _ended(page.button(key="bulk.preview").click().run())
    return time.perf_counter() - start


def _replace(page: Any, find: str, replacement: str) -> None:
    page.button_group(key="bulk.tool").set_value("Find and replace").run()
    page.text_input(key="bulk.find").set_value(find)
    page.text_input(key="bulk.with").set_value(replacement).run()


def _explode() -> None:
    """What the page's job does with a pattern that uses up all the time it is given."""
    text = "a" * 22 + "!"
    records = [ImageRecord(f"{number}.jpg", text=text, state=SidecarState.TEXT) for number in range(1_000)]
    with contextlib.suppress(InvalidInput):
        plan_replace(records, Find("(a|aa)+$", regex=True), "x")


def _slowest_turn_meanwhile(page: Any) -> float:
    """The slowest turn of the Tagging page while such a pattern runs."""
    looking = threading.Thread(target=_explode)
    turns = []
    looking.start()
    while looking.is_alive():
        start = time.perf_counter()
        page.button(key="tagging.next").click().run()
        turns.append(time.perf_counter() - start)
        assert not page.exception
    return max(turns)


def measure(scratch: Path) -> list[Row]:
    from tests.doubles.dashboard import open_page

    folder = many_photos(scratch / "bulk-page", _COUNT)
    os.environ |= {
        "TOOLKIT_HOME": str(scratch / "home"),
        "TOOLKIT_ROOTS": str(scratch),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    }
    other = open_page(folder)
    # The tags are counted and the images checked in the background; what follows is what a person meets.
    time.sleep(30)
    page = open_page(folder, screen="bulk_ops")
    _replace(page, ".", "!")
    preview = min(_preview(page) for _ in range(3))
    start = time.perf_counter()
    page.button_group(key="scope.tagged").set_value("tagged").run()
    scope = time.perf_counter() - start
    turn = _slowest_turn_meanwhile(other)
    return [
        Row(f"preview on the page, {_COUNT:,} changes", preview, "s", "under 1 s", preview < 1),
        Row(f"page run with {_COUNT:,} changes shown", scope, "s", "under 0.3 s", scope < 0.3),
        Row("another session's page turn during a hostile pattern", turn, "s", "under 1 s", turn < 1),
    ]
