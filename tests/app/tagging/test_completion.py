"""What the text box is handed to complete a typed tag from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.doubles.dashboard import open_page, settle


def box_data(page: AppTest) -> dict[str, Any]:
    elements = [element.proto.json for element in page.get("bidi_component")]
    (box,) = [json.loads(data) for data in elements if "isWhole" in data]
    return dict(box)


def test_the_box_has_the_tags_of_the_folder_the_most_frequent_first(photos: Path) -> None:
    for name in ("a", "c", "sub/e"):
        (photos / f"{name}.txt").write_text("dog, red hat")
    box = box_data(settle(open_page(photos)))
    assert box["terms"] == [["dog", 4], ["red hat", 3], ["red sofa", 1]]
    assert box["isWhole"]


def test_of_very_many_tags_the_box_has_some_and_knows_it(photos: Path) -> None:
    for name in ("a", "c", "sub/e"):
        (photos / f"{name}.txt").write_text(", ".join(f"tag {number}" for number in range(500)))
    box = box_data(settle(open_page(photos)))
    assert len(box["terms"]) < 500
    assert not box["isWhole"]


def test_captions_that_are_sentences_are_not_completed(photos: Path) -> None:
    (photos / "b.txt").write_text("A dog lies on a red sofa in the sun.")
    assert box_data(settle(open_page(photos)))["terms"] == []
