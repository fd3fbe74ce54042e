"""Sessions that have a folder open, without a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session.open_dataset import store_for
from app.session.state import AppState


def session_on(folder: Path) -> AppState:
    made = AppState(owner="local")
    made.store = store_for(made, folder, recursive=True, suffix=".txt")
    made.dataset = made.store.dataset
    return made


@pytest.fixture
def state(photos: Path) -> AppState:
    return session_on(photos)
