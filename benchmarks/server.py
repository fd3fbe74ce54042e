"""A cold server to the first painted page, and the memory it takes, beside a bare Streamlit page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.folders import many_photos
from benchmarks.table import Row

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
_BARE = "import streamlit as st\nst.title('Bare')\n"


@contextmanager
def serving(script: Path, scratch: Path, home: str = "") -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server on the folders below `scratch`: its address and its process. `home`: its toolkit folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"TOOLKIT_HOME": home or str(scratch / "server-home"), "TOOLKIT_ROOTS": str(scratch)}
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait()


def _first_paint(browser: Any, script: Path, text: str, scratch: Path) -> float:
    start = time.perf_counter()
    with serving(script, scratch) as (url, _):
        page = browser.new_page()
        while True:
            try:
                page.goto(url)
                break
            except Exception:
                time.sleep(0.05)
        page.get_by_text(text).first.wait_for(timeout=60_000)
        seconds = time.perf_counter() - start
        page.close()
    return seconds


def _megabytes(process: subprocess.Popen[bytes]) -> float:
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _memory(browser: Any, script: Path, query: str, text: str, scratch: Path) -> float:
    with serving(script, scratch) as (url, process):
        page = browser.new_page()
        while True:
            try:
                page.goto(url + query)
                break
            except Exception:
                time.sleep(0.05)
        page.get_by_text(text).first.wait_for(timeout=120_000)
        # Opening, counting tags and checking images all have their peak behind them by then.
        time.sleep(20 if query else 3)
        megabytes = _megabytes(process)
        page.close()
    return megabytes


def measure(scratch: Path) -> list[Row]:
    from playwright.sync_api import sync_playwright

    bare = scratch / "bare.py"
    bare.write_text(_BARE)
    ours = ROOT / "app" / "server.py"
    folder = many_photos(scratch / "memory", 100_000)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        _first_paint(browser, bare, "Bare", scratch)
        floor = min(_first_paint(browser, bare, "Bare", scratch) for _ in range(3))
        figure = min(_first_paint(browser, ours, "Open a folder", scratch) for _ in range(3))
        query = "?" + urllib.parse.urlencode({"folder": folder})
        light = _memory(browser, bare, "", "Bare", scratch)
        loaded = _memory(browser, ours, query, "of 100,000", scratch)
        browser.close()
    return [
        Row("cold server to first painted page", figure, "s", "under 3 s above floor", figure < floor + 3, floor),
        Row("memory, 100,000 photos open", loaded, "MB", "under 250 MB above floor", loaded < light + 250, light),
    ]
