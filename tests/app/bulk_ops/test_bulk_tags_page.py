"""The Bulk Ops page's logic: what is put before and after tags, and the tag operations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.bulk_ops.test_bulk_ops_page import bulk_page, press, rows, side
from tests.doubles.dashboard import open_scope, texts


def test_affix_goes_only_where_it_is_missing_unless_asked_otherwise(photos: Path) -> None:
    page = bulk_page(photos, "Add to all tags")
    page.text_input(key="bulk.prefix").set_value("dog")
    open_scope(page).text_input(key="scope.query").set_value("sofa")
    page.run()
    press(page, "bulk.preview")
    assert "No tag in scope would change" in texts(page)
    page.checkbox(key="bulk.only_missing").uncheck().run()
    press(page, "bulk.preview")
    assert [side(row, "after") for row in rows(page)] == ["dog, dog, red sofa"]


def test_a_chosen_separator_stands_between(photos: Path) -> None:
    page = bulk_page(photos, "Add to all tags")
    page.text_input(key="bulk.suffix").set_value("indoors")
    page.selectbox(key="bulk.separator").select(" ")
    open_scope(page).text_input(key="scope.query").set_value("sofa")
    page.run()
    press(page, "bulk.preview")
    assert [side(row, "after") for row in rows(page)] == ["dog, red sofa indoors"]


@pytest.mark.parametrize(
    ("operation", "before", "fields", "after"),
    [
        ("Remove a tag", "dog, cat", {"bulk.tag": "dog"}, "cat"),
        ("Rename a tag", "dog, cat", {"bulk.tag": "dog", "bulk.new_tag": "wolf"}, "wolf, cat"),
        ("Move a tag to the front", "dog, cat", {"bulk.tag": "cat"}, "cat, dog"),
        ("Remove repeated tags", "dog, cat, dog", {}, "dog, cat"),
        ("Sort by the alphabet", "dog, cat", {}, "cat, dog"),
        ("Sort by frequency", "dog, red sofa", {}, "red sofa, dog"),
        ("Trim and collapse spaces", "dog ,  red   sofa", {}, "dog, red sofa"),
        ("Strip lead-ins", "This image shows a dog.", {}, "A dog."),
        ("Lower-case", "Dog, Cat", {}, "dog, cat"),
    ],
)
def test_each_tag_operation_is_previewed_and_applied(
    photos: Path, operation: str, before: str, fields: dict[str, str], after: str
) -> None:
    (photos / "b.txt").write_text(before)
    (photos / "c.txt").write_text("red sofa, red sofa")
    page = bulk_page(photos, "Tag operations")
    page.selectbox(key="bulk.operation").select(operation).run()
    for key, value in fields.items():
        page.text_input(key=key).set_value(value)
    page.run()
    press(page, "bulk.preview")
    assert {row["name"]: side(row, "after") for row in rows(page)}["b.jpg"] == after
    assert (photos / "b.txt").read_text() == before
    press(page, "bulk.apply")
    assert (photos / "b.txt").read_text() == after


def test_a_tag_is_met_in_any_case_where_asked_for(photos: Path) -> None:
    page = bulk_page(photos, "Tag operations")
    page.text_input(key="bulk.tag").set_value("DOG").run()
    press(page, "bulk.preview")
    assert "No tag in scope would change" in texts(page)
    page.checkbox(key="bulk.tag_ignore_case").check().run()
    press(page, "bulk.preview")
    assert [side(row, "after") for row in rows(page)] == ["red sofa"]
