"""How the names in a table find the images that are there."""

from __future__ import annotations

import unicodedata

import pytest

from lib.importing.base import ImageNames

COMPOSED = unicodedata.normalize("NFC", "Café.jpg")
DECOMPOSED = unicodedata.normalize("NFD", "Café.jpg")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (DECOMPOSED, COMPOSED),
        (COMPOSED, DECOMPOSED),
        (f"photos/{DECOMPOSED}", COMPOSED),
        (DECOMPOSED, COMPOSED.removesuffix(".jpg")),
        ("IMG_1.JPG", "img_1.jpg"),
        ("a/IMG_1.JPG", "IMG_1.jpg"),
        ("straße.jpg", "STRASSE.JPG"),
        ("photos/a.jpg", "/home/me/photos/a.jpg"),
        ("photos/a.jpg", "C:\\data\\photos\\a.jpg"),
    ],
)
def test_an_image_is_found_whatever_form_and_case_its_name_is_written_in(name: str, key: str) -> None:
    assert ImageNames([name, "other.png"]).find(key) == [name]


def test_the_name_as_it_is_spelled_comes_before_the_same_in_another_form() -> None:
    names = ImageNames([COMPOSED, DECOMPOSED])
    assert [names.find(COMPOSED), names.find(DECOMPOSED)] == [[COMPOSED], [DECOMPOSED]]


def test_another_case_finds_an_image_only_where_it_could_be_no_other() -> None:
    names = ImageNames(["A.jpg", "a.jpg", "B.jpg"])
    assert [names.find("A.jpg"), names.find("a.JPG"), names.find("b.jpg")] == [["A.jpg"], [], ["B.jpg"]]


def test_a_table_speaks_of_the_images_of_its_own_folder_first() -> None:
    names = ImageNames(["one/a.jpg", "two/a.jpg"])
    assert [names.find("a.jpg", "two"), names.find("A.JPG", "two"), names.find("a.jpg")] == [
        ["two/a.jpg"],
        ["two/a.jpg"],
        [],
    ]
