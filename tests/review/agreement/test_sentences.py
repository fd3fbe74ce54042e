"""Captions are cut where sentences end, and nowhere else."""

from __future__ import annotations

import pytest

from lib.review.agreement.sentences import sentences_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A cat.", ["A cat."]),
        ("A cat sits there. A dog runs by! Is it late?", ["A cat sits there.", "A dog runs by!", "Is it late?"]),
        ("A cat sits by St. Paul's church. A dog is there.", ["A cat sits by St. Paul's church.", "A dog is there."]),
        ("cat, red sofa, f/2.8 lens", ["cat, red sofa, f/2.8 lens"]),
        ("A line of words here\nand a second line", ["A line of words here", "and a second line"]),
        ("“A cat is there.” A dog is here.", ["“A cat is there.”", "A dog is here."]),
        ("A cat sits there. Yes.", ["A cat sits there. Yes."]),
        ("一只猫坐在那里。一只狗在跑步。", ["一只猫坐在那里。", "一只狗在跑步。"]),
        ("  A cat is here.  ", ["A cat is here."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text, expected):
    assert [text[start:end] for start, end in sentences_of(text)] == expected
