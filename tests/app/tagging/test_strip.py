"""The strip below the picture: the current image among its neighbours, in their order."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lib.settings import settings
from tests.doubles.dashboard import open_page


@pytest.mark.parametrize(
    ("number", "first", "last"), [(1, 1, 11), (4, 1, 11), (7, 2, 12), (24, 19, 29), (28, 20, 30), (30, 20, 30)]
)
def test_the_strip_does_not_go_round_the_ends(many: Path, number: int, first: int, last: int) -> None:
    strip = strip_of(open_page(many, f"p{number - 1:02d}.jpg"))
    assert [item["label"] for item in strip["items"]] == [str(place) for place in range(first, last + 1)]
    assert strip["selected"] == f"p{number - 1:02d}.jpg"


def test_an_image_outside_the_scope_is_marked_among_those_within(photos: Path) -> None:
    strip = strip_of(open_page(photos, "b.jpg", tagged="untagged"))
    assert [item["name"] for item in strip["items"]] == ["b.jpg", "c.png", "d.JPG"]


def test_a_thumbnail_is_called_by_its_caption(photos: Path) -> None:
    strip = strip_of(open_page(photos))
    assert [item["alt"] for item in strip["items"]][:3] == ["A cat on a mat.", "dog, red sofa", "c.png"]


def test_another_run_of_the_page_reads_no_thumbnail_but_sees_a_changed_image(photos: Path) -> None:
    before = strip_of(page := open_page(photos))
    shutil.rmtree(settings().thumbnails)
    assert strip_of(page.run()) == before
    assert not settings().thumbnails.exists()
    Image.new("RGB", (30, 90), "red").save(photos / "b.jpg")
    after = strip_of(page.run())
    changed = [
        old["name"] for old, new in zip(before["items"], after["items"], strict=True) if old["src"] != new["src"]
    ]
    assert changed == ["b.jpg"]


def strip_of(page: AppTest) -> dict[str, Any]:
    elements = [element.proto.json for element in page.get("bidi_component")]
    (strip,) = [json.loads(data) for data in elements if '"label": "Neighbours"' in data]
    return dict(strip)
