"""What a picture is called for who does not see it."""

from __future__ import annotations

from app.elements.gallery import alt_text


def test_a_picture_is_called_by_its_caption() -> None:
    assert alt_text("a.jpg", "A cat\non a mat. ") == "A cat on a mat."


def test_a_long_caption_is_cut_behind_a_word() -> None:
    cut = alt_text("a.jpg", "a very long caption " * 20)
    assert len(cut) <= 150
    assert cut.removesuffix(" …").split()[-1] in ["a", "very", "long", "caption"]


def test_without_blanks_it_is_cut_anywhere() -> None:
    assert alt_text("a.jpg", "猫" * 400).startswith("猫" * 100)


def test_a_picture_without_a_caption_is_called_by_its_name() -> None:
    assert alt_text("a.jpg", " ") == "a.jpg"
