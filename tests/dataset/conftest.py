"""What the tests of lib.dataset share."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.dataset.scan import gathering, scanner
from lib.settings import Settings
from tests.doubles.image_folder import settings_at


@pytest.fixture(params=["in a list", "in columns"])
def kept_either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that uses it is made with records as few images have them, and as hundreds of thousands have them."""
    if request.param == "in columns":
        monkeypatch.setattr(gathering, "PACKED_ABOVE", 0)
        # Worth its third of a second after a million images, and not at each of a thousand openings of six.
        monkeypatch.setattr(scanner, "give_back", lambda: None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path / "home", roots=[str(tmp_path / "data")])
