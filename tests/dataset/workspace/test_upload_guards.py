"""One upload at a time in a space, so that what is counted is what is there; and no caption of any size."""

from __future__ import annotations

import io
import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.dataset.workspace.upload_names import MOST_ALIKE, NameRefused, NameTable
from lib.dataset.workspace.uploads import UploadSpace
from lib.errors import WriteFailed
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder


class Asking(io.BytesIO):
    """An upload that asks for the space's lock while it is read, and notes that it could not have it."""

    def __init__(self, data: bytes, settings: Settings, space: UploadSpace) -> None:
        super().__init__(data)
        self._settings, self._space = settings, space
        self.kept_out = 0

    def read(self, size: int | None = -1, /) -> bytes:
        with pytest.raises(WriteFailed), locked(self._settings.locks, self._space.root, wait=0):
            pass
        self.kept_out += 1
        return super().read(size)


def test_nobody_else_takes_room_while_an_upload_is_counted(tmp_path: Path, settings: Settings) -> None:
    space = UploadSpace(settings, "me")
    file = Asking(draw_image(tmp_path / "a.jpg").read_bytes(), settings, space)
    assert space.save("set", [("a.jpg", file)]).added == ["a.jpg"]
    assert file.kept_out


def test_nobody_uploads_into_a_folder_that_is_being_removed(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    space, kept_out = UploadSpace(settings, "me"), []
    space.save("set", [("a.jpg", io.BytesIO(draw_image(tmp_path / "a.jpg").read_bytes()))])
    rename = os.rename

    def asking(source: Any, target: Any) -> None:
        with pytest.raises(WriteFailed), locked(settings.locks, space.root, wait=0):
            pass
        kept_out.append(Path(source).name)
        rename(source, target)

    monkeypatch.setattr(os, "rename", asking)
    space.delete("set")
    assert kept_out == ["set"]
    assert space.folders() == []


def test_a_caption_as_large_as_a_picture_is_refused(settings: Settings) -> None:
    files = [("fits.txt", io.BytesIO(b"x" * MAX_BYTES)), ("large.txt", io.BytesIO(b"x" * (MAX_BYTES + 1)))]
    report = UploadSpace(settings, "me").save("set", files)
    assert report.added == ["fits.txt"]
    assert [(name, "too large" in reason) for name, reason in report.refused] == [("large.txt", True)]
    assert sorted(path.name for path in report.folder.iterdir() if not path.name.startswith(".")) == ["fits.txt"]


@pytest.mark.parametrize("name", ["../a.jpg", "sub\\..\\a.jpg", "a\0.jpg", "sub\0/a.jpg"])
def test_a_name_that_could_lead_out_is_refused_with_that_reason(tmp_path: Path, name: str) -> None:
    with pytest.raises(NameRefused, match="leads out"):
        NameTable(tmp_path).place(name)


def test_a_new_name_is_free_on_disks_that_take_two_spellings_for_one(tmp_path: Path) -> None:
    image_folder(tmp_path, {"Straße/a.jpg": None})
    table = NameTable(tmp_path)
    assert str(table.place("Straße/a.jpg", fresh=True)) == "Straße/a (2).jpg"
    assert str(table.place("STRASSE/A.jpg", fresh=True)) == "STRASSE/A (3).jpg"


def test_a_name_that_differs_from_one_there_by_its_case_alone_gets_a_number(tmp_path: Path) -> None:
    """On many disks the two would be one file."""
    table = NameTable(image_folder(tmp_path, {"a.jpg": None}))
    assert str(table.place("A.jpg")) == "A (2).jpg"
    assert str(table.place("A.txt")) == "A (2).txt"
    assert str(table.place("a.txt")) == "a.txt"


def test_names_that_differ_by_case_alone_each_get_a_number_without_counting_up_from_the_first(tmp_path: Path) -> None:
    table = NameTable(tmp_path)
    spellings = ["".join(letters) for letters in product(*(letter + letter.upper() for letter in "abcdefghijkl"))]
    steps = 0

    class Counting(dict[tuple[str, str], str]):
        def __contains__(self, key: object) -> bool:
            nonlocal steps
            steps += 1
            return super().__contains__(key)

    table._owners = Counting()
    places = [str(table.place(f"{spelling}.jpg", fresh=True)) for spelling in spellings]
    assert len({place.casefold() for place in places}) == len(spellings)
    assert places[-1] == f"ABCDEFGHIJKL ({len(spellings)}).jpg"
    assert steps < 4 * len(spellings)


def test_names_that_are_like_many_there_are_refused_in_the_end(tmp_path: Path) -> None:
    names = ["a", *(f"a ({number})" for number in range(2, MOST_ALIKE + 1))]
    table = NameTable(image_folder(tmp_path, {f"{name}.jpg": None for name in names[:1]}))
    for name in names[1:]:
        table.place(f"{name}.jpg")
    with pytest.raises(NameRefused, match="too many"):
        table.place("a.jpg", fresh=True)
