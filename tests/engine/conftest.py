"""What tests of engines share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.ray_cluster import Cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One for all tests that leave it whole."""
    found = Cluster.start()
    yield found
    found.end()
