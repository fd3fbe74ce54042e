"""Fixtures for all tests. Nothing of the developer's own toolkit data, keys or settings is ever touched."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.settings import Settings, settings

_ENVIRONMENT = [str(field.validation_alias) for field in Settings.model_fields.values() if field.validation_alias]

# Read at import: the fixture below takes all TOOLKIT_ variables away.
SEED = int(os.environ.get("TOOLKIT_SEED") or random.SystemRandom().randrange(2**32))

# What `make test-all` runs beyond `make test`.
MORE = frozenset({"slow", "kills", "peers", "proxy", "ray", "large", "axe", "guide", "login", "soak"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(mark.name in MORE for mark in item.iter_markers()):
            item.add_marker(pytest.mark.more)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say once what was not tested here, and how many tests that were for each reason."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)]
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.section("not tested on this machine")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:4d}  {reason}")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """What a test's random choices begin with: told when it fails, and set by TOOLKIT_SEED to repeat it."""
    request.node.add_report_section("setup", "seed", f"TOOLKIT_SEED={SEED}")
    return SEED


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Signals are heard by what a test starts, also where a shell lets its background jobs ignore Ctrl+C."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def toolkit_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A toolkit folder of this test's own, and an environment without keys."""
    home = tmp_path_factory.mktemp("home")
    for name in [
        *_ENVIRONMENT,
        *(name for name in os.environ if name.startswith("TOOLKIT_") and name != "TOOLKIT_TEST_DATA"),
    ]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOOLKIT_HOME", str(home))
    settings.cache_clear()
    yield home
    settings.cache_clear()


@pytest.fixture
def configured(toolkit_home: Path) -> Settings:
    """The settings that belong to `toolkit_home`."""
    return settings()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Real photos and hostile files, where the machine has them (TOOLKIT_TEST_DATA)."""
    folder = os.environ.get("TOOLKIT_TEST_DATA", "")
    if not folder:
        pytest.skip("TOOLKIT_TEST_DATA is not set: no real photos or hostile files on this machine")
    return Path(folder)
