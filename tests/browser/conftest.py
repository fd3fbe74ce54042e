"""A real server and a real browser. Screenshots are kept under screenshots/, which git ignores."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from tests.doubles import forked
from tests.doubles.forked import ROOT
from tests.doubles.programs import free_port, stop

SCREENSHOTS = ROOT / "screenshots"

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-unsafe-swiftshader",
    # A name that is pointed at this machine: a proxy's, or a hostile page's.
    "--host-resolver-rules=MAP *.example.org 127.0.0.1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Dashboard:
    """A running server: its address, its toolkit folder, and a folder that its users may open."""

    url: str
    home: Path
    photos: Path
    process: subprocess.Popen[bytes] | BaseProcess
    log: Path


@contextmanager
def serve(
    home: Path, photos: Path, script: str = "app/server.py", *options: str, **environment: str
) -> Iterator[Dashboard]:
    """Start the dashboard on a free port by its command line, as `make run` does, and stop it at the end."""
    port = free_port()
    command = [sys.executable, "-m", *_command(script, port, environment.pop("ADDRESS", "127.0.0.1")), *options]
    log = home.parent / f"server-{port}.log"
    with log.open("wb") as output:
        clean = _environment(home, photos) | environment
        process = subprocess.Popen(command, cwd=ROOT, env=clean, stdout=output, stderr=output)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", lambda: process.poll() is None, log)
        yield Dashboard(f"http://127.0.0.1:{port}", home, photos, process, log)
    finally:
        stop(process)


def _command(script: str, port: int, address: str = "127.0.0.1") -> list[str]:
    return [
        "streamlit", "run", script, "--server.port", str(port), "--server.address", address,
        "--server.headless", "true",
    ]  # fmt: skip


def _environment(home: Path, photos: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    clean.pop("HF_TOKEN", None)
    return clean | {"TOOLKIT_HOME": str(home), "TOOLKIT_ROOTS": str(photos), "HF_HUB_OFFLINE": "1"}


def _wait_for(url: str, alive: Callable[[], bool], log: Path) -> None:
    for _ in range(1500):
        if not alive():
            break
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"the dashboard did not start:\n{log.read_text()}")


def forked_server(port: int, home: Path, photos: Path, log: Path, script: str = "app/server.py") -> BaseProcess:
    """The dashboard on a port, once it answers: a process that is forked rather than started anew."""
    process = forked.start(forked.dashboard, _command(script, port), _environment(home, photos), log, log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process.is_alive, log)
    except BaseException:
        process.kill()
        raise
    return process


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    """The dashboard on an empty toolkit folder: a process of the test's own."""
    home, photos = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    photos.mkdir()
    port, log = free_port(), tmp_path / "server.log"
    process = forked_server(port, home, photos, log)
    yield Dashboard(f"http://127.0.0.1:{port}", home, photos, process, log)
    # Its folders end with the test, so nothing need be put in order.
    process.kill()
    process.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A fresh browser profile; a screenshot of its last state is kept whether the test passed or not."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    tab = context.new_page()
    tab.set_default_timeout(15_000)
    yield tab
    SCREENSHOTS.mkdir(exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"{request.node.name}.png")
    context.close()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait until something is true, half a minute at most."""

    def wait(condition: Callable[[], bool]) -> None:
        for _ in range(600):
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError("this did not come true within half a minute")

    return wait


def open_scope(page: Any) -> None:
    """Open the choices of the scope."""
    page.locator(".st-key-scope-change").get_by_role("button", name="change").click()
    page.locator("label", has_text="Whole words").wait_for()


def choose_server(page: Any, url: str) -> None:
    """Take the model server at `url` for the next caption."""
    fold = page.locator(".st-key-generate-fold details")
    if fold.count() and fold.first.get_attribute("open") is None:
        # On the Tagging page the model is one line, which opens.
        fold.locator("summary").first.click()
        # While it unfolds, or while the page runs, a list that is opened in it is closed again.
        page.wait_for_function(
            "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
            " && document.getAnimations().every(one => one.playState !== 'running')"
        )
    page.get_by_label("Model", exact=True).click()
    page.get_by_role("option", name="A server of your own").click()
    page.get_by_label("Base URL").fill(url)
    page.get_by_label("Base URL").press("Enter")
    page.wait_for_function("() => [...document.querySelectorAll('input')].some(e => e.value === 'tiny-vision')")
