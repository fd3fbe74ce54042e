"""What a whole server holds with a table of a million rows and its map open in Chromium, whoever made the map."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.memory import Peak
from benchmarks.server import CHROMIUM
from benchmarks.table import Row
from tests.browser.conftest import serve
from tests.doubles.tables import many_rows, put_on_a_map

_COUNT = 1_000_000
_CLUSTERS = 20
_LIMIT_MB = 500
_PATIENCE_MS = 300_000
_REST_S = 5.0


def _nothing(home: Path, table: Path) -> None:
    """The table's own columns are the map."""


def _keep_a_map(home: Path, table: Path) -> None:
    """What Load would have kept in the toolkit's folder, of the same clusters and places."""
    from lib.clustering import result_path, save_result
    from lib.settings import Settings
    from lib.tables.opening import open_table

    settings = Settings(home=home)
    brought = open_table(table, settings).own_clusters().result
    assert brought is not None
    save_result(result_path(settings.owner_folder("local"), table, "tags"), replace(brought, model="tfidf"))


def _opened(scratch: Path, table: Path, prepare: Callable[[Path, Path], None]) -> tuple[float, float]:
    """The most that the server held until the map was drawn, and what it held afterwards, in MB."""
    from playwright.sync_api import sync_playwright

    home = scratch / prepare.__name__ / "home"
    prepare(home, table)
    home.parent.mkdir(exist_ok=True)
    with serve(home, table.parent) as server, sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM)
        page = browser.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        peak = Peak(server.process.pid or 0)
        page.goto(f"{server.url}/clusters?folder={table}")
        page.get_by_text(f"of {_COUNT:,} shown").wait_for()
        page.frame_locator("iframe[title*=plotly_events]").last.locator(".js-plotly-plot").wait_for()
        # What changed since is looked for in the background.
        time.sleep(_REST_S)
        _, most = peak.end()
        after = Peak(server.process.pid or 0)
        time.sleep(1)
        _, rest = after.end()
        browser.close()
    return most, rest


def measure(scratch: Path) -> list[Row]:
    table = put_on_a_map(many_rows(scratch / "set" / "million.parquet", _COUNT), _CLUSTERS).resolve()
    rows = []
    for what, prepare in (("its own map", _nothing), ("a map that is kept", _keep_a_map)):
        most, rest = _opened(scratch, table, prepare)
        for when, found in (("at its peak", most), ("afterwards", rest)):
            about = f"a server with {_COUNT:,} rows and {what} in Chromium: {when}"
            rows.append(Row(about, found, "MB", f"less than {_LIMIT_MB} MB", found < _LIMIT_MB))
    return rows
