"""What the tests of lib.dataset share."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.settings import Settings
from tests.doubles.image_folder import settings_at


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path / "home", roots=[str(tmp_path / "data")])
