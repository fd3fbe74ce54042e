"""Every layout that people bring gives the captions in it, whatever it is encoded in."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from lib.importing.registry import TABLES
from tests.importing.tables.layout import FIRST, ONE, Layout
from tests.importing.tables.layouts import TEXTS
from tests.importing.tables.reading import captions, found


def _encoded(layout: Layout, encoding: str) -> bytes:
    mark = "utf-8" if encoding == "utf-8-sig" else encoding
    return layout.text.replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{mark}"?>').encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("layout", TEXTS.values(), ids=TEXTS.keys())
def test_every_layout_gives_its_captions_in_any_encoding(tmp_path: Path, layout: Layout, encoding: str) -> None:
    table = found(tmp_path / layout.name, _encoded(layout, encoding))
    assert captions(table) == layout.says
    assert table.faults == []
    assert table.kind == layout.kind
    assert captions(table) == layout.says, "its rows can be read again"


@pytest.mark.parametrize("layout", TEXTS.values(), ids=TEXTS.keys())
def test_lines_may_end_as_windows_ends_them(tmp_path: Path, layout: Layout) -> None:
    table = found(tmp_path / layout.name, layout.text.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert captions(table) == layout.says


@pytest.mark.parametrize("has_header", [True, False])
def test_a_workbook_gives_its_captions(tmp_path: Path, has_header: bool) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Only words"])
    sheet = book.create_sheet("captions")
    for row in [("n", "image", "caption")] if has_header else []:
        sheet.append(row)
    for number, (name, text) in enumerate(FIRST.items()):
        sheet.append((number, name, text.replace("=", "'=")))
    book.save(tmp_path / "x.xlsx")
    table = found(tmp_path / "x.xlsx", (tmp_path / "x.xlsx").read_bytes())
    assert captions(table) == {name: [text.replace("=", "'=") for text in texts] for name, texts in ONE.items()}
    assert (table.kind, table.note) == ("excel", "the sheet “captions” of 2")


def test_every_kind_in_the_registry_is_tried_here() -> None:
    assert set(TABLES) == {layout.kind for layout in TEXTS.values()} | {"excel"}
