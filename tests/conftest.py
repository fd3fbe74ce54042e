"""Fixtures for all tests. Nothing of the developer's own toolkit data, keys or settings is ever touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.settings import Settings, settings

_ENVIRONMENT = (
    "NVIDIA_API_KEY", "HF_TOKEN", "OPENAI_API_KEY", "NVIDIA_BASE_URL", "HF_INFERENCE_BASE_URL", "OPENAI_BASE_URL",
)  # fmt: skip


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
