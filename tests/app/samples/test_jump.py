"""A number leads to its image, from the first to the last, and to no other."""

from __future__ import annotations

import pytest

from app.samples.navigate import jump
from app.session.open_dataset import current_name
from app.session.state import AppState
from lib.errors import InvalidInput


@pytest.mark.parametrize(("number", "image"), [("1", "a.jpg"), ("2", "b.jpg"), ("4", "d.JPG"), ("5", "sub/e.webp")])
def test_each_number_leads_to_its_image(state: AppState, number: str, image: str) -> None:
    state.index = 2
    jump(state, number)
    assert current_name(state) == image


@pytest.mark.parametrize("number", ["0", "6", "-1"])
def test_a_number_beyond_the_ends_leads_nowhere(state: AppState, number: str) -> None:
    state.index = 2
    with pytest.raises(InvalidInput, match="no image"):
        jump(state, number)
    assert current_name(state) == "c.png"
