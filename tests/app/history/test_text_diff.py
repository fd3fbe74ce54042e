"""A change is shown with its differing words marked, short enough to be read, and never as markup."""

from __future__ import annotations

import re

from app.history.text_diff import text_diff


def test_differing_words_are_marked_on_their_side() -> None:
    shown = text_diff(b"a red sofa", b"a blue sofa")
    assert "<div class='before'>a <del>red</del> sofa</div>" in shown
    assert "<div class='after'>a <ins>blue</ins> sofa</div>" in shown


def test_foreign_markup_is_escaped_on_both_sides() -> None:
    shown = text_diff(b"<b>x</b> & <script>", b"<b>y</b> <img src=x>")
    assert "<" not in re.sub(r"</?(?:div|del|ins)(?: class='[\w-]+')?>", "", shown)
    assert "&lt;" in shown
    assert "&amp;" in shown


def test_where_there_is_no_text_it_is_said_why() -> None:
    assert "<em>no tag file</em>" in text_diff(None, b"x")
    assert "<em>empty</em>" in text_diff(b"x", b"")
    assert "<em>not readable text</em>" in text_diff(b"caf\xe9", b"x")


def test_a_line_end_that_came_or_went_can_be_seen() -> None:
    assert "<del>↵\n</del>" in text_diff(b"a\n", b"a")


def test_a_very_long_caption_is_shown_round_its_change() -> None:
    long = "word " * 200_000
    shown = text_diff(f"{long}cat {long}".encode(), f"{long}dog {long}".encode())
    assert len(shown) < 2_500
    assert "<del>cat</del>" in shown
    assert "<ins>dog</ins>" in shown


def test_a_very_long_change_is_cut_and_says_so() -> None:
    shown = text_diff(b"", b"x" * 10_000)
    assert "7,000 more characters" in shown
