"""What the tests of lib.dataset share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lib.settings import Settings
from tests.doubles.image_folder import settings_at


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path / "home", roots=[str(tmp_path / "data")])


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of hostile files; tests that want it are skipped without."""
    folder = os.environ.get("TOOLKIT_TEST_DATA", "")
    if not folder:
        pytest.skip("TOOLKIT_TEST_DATA is not set")
    return Path(folder)
