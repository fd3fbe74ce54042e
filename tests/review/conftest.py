"""Real photos, embedded once for all tests of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.photos import Photos, photos


@pytest.fixture(scope="session")
def flickr(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return photos(test_data, tmp_path_factory.mktemp("photos"))
