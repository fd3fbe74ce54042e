"""The History page on a journal of 20,000 operations, the newest of them on 100,000 files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.folders import many_photos
from benchmarks.table import Row

_OPERATIONS = 20_000
_FILES = 100_000
_ROUNDS = 15


def _fill(folder: Path) -> None:
    from lib.dataset.journal.rows import MIGRATIONS, FileChange, NewOperation
    from lib.dataset.saving.open_journal import journal_for
    from lib.domain import Origin
    from lib.settings import settings
    from lib.sqlite import Database

    journal = journal_for(folder, settings())
    names = sorted(path.stem for path in folder.glob("*.jpg"))[:_FILES]
    # One transaction for all: what is measured is reading.
    with Database(journal.path, MIGRATIONS).transaction() as connection:
        connection.executemany(
            "INSERT INTO operations (kind, at, by, origin, detail, state, files)"
            " VALUES ('edit', '2026-01-01T00:00:00.000+00:00', 'local', '{}', '{}', 'done', 1)",
            [()] * (_OPERATIONS - 1),
        )
        connection.executemany(
            "INSERT INTO changes (operation, path, before, after, before_hash, after_hash) VALUES (?, ?, ?, ?, '', '')",
            [(n, f"{names[n % len(names)]}.txt", b"a red sofa", b"a blue chair") for n in range(1, _OPERATIONS)],
        )
    text = b"a photo of cat number %d, %s, window light, a wooden table, high detail"
    changes = [
        FileChange(f"{name}.txt", text % (n, b"red sofa"), text % (n, b"blue chair")) for n, name in enumerate(names)
    ]
    journal.finish(journal.begin(NewOperation("replace", changes, "local", Origin())))


def _timed(rerun: Any) -> float:
    seconds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        rerun()
        seconds.append(time.perf_counter() - start)
    return 1000 * median(seconds)


def measure(scratch: Path) -> list[Row]:
    from tests.doubles.dashboard import healthy, open_page

    folder = many_photos(scratch / "history", _FILES, width=64, height=48)
    os.environ |= {
        "TOOLKIT_HOME": str(scratch / "home"),
        "TOOLKIT_ROOTS": str(scratch),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    }
    _fill(folder)
    page = open_page(folder).switch_page("../pages/history.py").run()
    assert healthy(page)
    rows = []

    def add(what: str) -> None:
        figure = _timed(page.run)
        assert healthy(page)
        rows.append(Row(what, figure, "ms", "under 150 ms", figure < 150))

    add("history page, 20,000 operations, 100,000 files in one (median)")
    page.session_state["history.page"] = _OPERATIONS // 50
    add("its last page of operations")
    newest = page.session_state["app_state"].store.journal.operations(1)[0].operation
    page.session_state[f"history.files.{newest}"] = _FILES // 50
    page.session_state["app_state"].history.chosen = newest
    add("the last page of the 100,000 files")
    page.session_state["history.page"] = 1
    page.text_input(key="history.find").set_value("1").run()
    add("a search that finds more names than it follows")
    return rows
