"""`review` of more rows than are held as records goes by pieces, as the Review page does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lib.commands.application import made
from lib.review import by_pieces
from tests.doubles.tables import write_table

CAPTIONS = ["A cat sits on a <b>sofa</b>.", "", "A dog runs.", "", "", "A bird sings in a tree.", "A child plays ball."]


@pytest.fixture
def table(tmp_path: Path, toolkit_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(by_pieces, "MANY", 4)
    monkeypatch.setattr(by_pieces, "PIECE", 3)
    monkeypatch.setattr(by_pieces, "KEPT", 1)
    return write_table(tmp_path / "many.parquet", ((f"{number}.jpg", text) for number, text in enumerate(CAPTIONS)))


def reviewed(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[dict[str, Any], str]:
    with pytest.raises(SystemExit):
        made("review").main([*map(str, words), "--json"])
    out, err = capsys.readouterr()
    return json.loads(out), err


@pytest.mark.parametrize("options", [[], ["--checks", "captions"]])
def test_the_worst_of_each_kind_are_listed_and_the_others_counted(
    table: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found, _ = reviewed(capsys, table, *options)
    assert found["checks"] == ["captions"]
    assert [one["images"] for one in found["findings"] if one["kind"] == "empty"] == [["1.jpg"]]
    assert found["more"]["empty"] == 2
    assert found["counts"]["not_listed"] == sum(found["more"].values())
    assert any("in pieces of 3" in note for note in found["notes"])


def test_an_image_whose_findings_are_not_listed_is_not_clean(
    table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut, _ = reviewed(capsys, table)
    monkeypatch.setattr(by_pieces, "KEPT", 100)
    whole, _ = reviewed(capsys, table)
    assert not whole["more"]
    assert cut["counts"]["clean"] == whole["counts"]["clean"]


def test_checks_that_are_named_and_a_table_of_numbers_are_about_all_rows_at_once(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "numbers.csv"
    for options in (["--checks", "captions,trainer"], ["--checks", "captions", "--out", out]):
        found, _ = reviewed(capsys, table, *options)
        assert len({name for one in found["findings"] if one["kind"] == "empty" for name in one["images"]}) == 3
        assert not found["more"]
    assert len(out.read_text().splitlines()) == 1 + len(CAPTIONS)
