"""The Review page over a table: captions are reviewed and mended, and what needs image files is told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.review.state import NOT_OF_ROWS
from lib.progress import NOBODY
from lib.review import by_pieces, samples_under_review
from lib.settings import settings
from lib.tables.opening import open_table
from tests.app.review.test_review_page import kinds, look_at, press, review_page
from tests.doubles.dashboard import healthy, texts
from tests.doubles.tables import write_picture_table, write_table

CAPTIONS = [
    "A cat sleeps on a <b>red</b> sofa.",
    "A dog runs along the wide beach.",
    "",
    "A boat lies on a quiet lake, a boat lies on a quiet lake.",
    "A child plays with a wooden train.",
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_picture_table(tmp_path / "set/pets.parquet", CAPTIONS)


def captions(table: Path) -> list[str]:
    return [record.text for record in open_table(table, settings()).records]


def test_captions_of_rows_are_reviewed_and_what_needs_files_says_so(table: Path) -> None:
    page = review_page(table)
    assert {"captions/empty", "captions/markup", "captions/repeated"} <= set(kinds(page))
    assert page.button(key="review.all").disabled
    assert page.button(key="review.all").help == NOT_OF_ROWS
    look_at(page, "captions/markup").run()
    assert healthy(page)
    assert page.button(key="review.aside").disabled


def test_a_row_is_mended_by_an_edit_and_the_table_stays_as_it_was(table: Path) -> None:
    before = table.read_bytes()
    page = look_at(review_page(table), "captions/markup").run()
    press(page, "review.mend")
    assert captions(table)[0] == "A cat sleeps on a red sofa."
    assert table.read_bytes() == before


def test_what_was_found_right_is_not_told_again(table: Path) -> None:
    page = look_at(review_page(table), "captions/markup").run()
    press(page, "review.right")
    assert "captions/markup" not in kinds(press(page, "review.again"))


def test_no_file_that_a_row_is_called_after_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"x")
    table = write_table(tmp_path / "set/part-000000.parquet", [(str(secret), "a cat"), ("../secret.bin", "a dog")])
    records = open_table(table.parent, settings()).records
    assert not samples_under_review(table.parent, records, settings()).picture_keys(NOBODY)


def test_many_rows_are_reviewed_in_pieces_and_what_is_not_listed_is_counted(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_pieces, "MANY", 4)
    monkeypatch.setattr(by_pieces, "PIECE", 2)
    monkeypatch.setattr(by_pieces, "KEPT", 1)
    rows = [(f"{number}.jpg", text) for number, text in enumerate([*CAPTIONS, "", ""])]
    many = write_table(tmp_path / "many/rows.parquet", rows)
    page = review_page(many)
    assert {"captions/empty", "captions/markup", "captions/repeated"} <= set(kinds(page))
    assert "1 of 3" in texts(page)
    assert "7 captions measured" in texts(page)
    # For another trainer all rows are looked at again, not those alone that something was found of.
    page.selectbox(key="review.target").set_value("sd-scripts").run()
    assert "7 captions measured" in texts(page)
    press(look_at(page, "captions/markup").run(), "review.mend")
    assert captions(many)[0] == "A cat sleeps on a red sofa."
