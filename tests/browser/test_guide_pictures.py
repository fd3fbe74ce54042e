"""The pictures of the guide can be made, whatever became of the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.guide_pictures import MOST_BYTES, SCENES, WINDOW, make_pictures


@pytest.mark.guide
def test_every_picture_of_the_guide_can_be_made(browser: Any, tmp_path: Path) -> None:
    made = make_pictures(tmp_path / "guide", browser)
    assert [path.stem for path in made] == list(SCENES)
    for path in made:
        assert path.stat().st_size <= MOST_BYTES, path.name
        with Image.open(path) as picture:
            assert picture.size == (WINDOW["width"], WINDOW["height"])
            # Something is on it beside the ground.
            assert len(picture.convert("L").getcolors() or []) > 20, path.name
