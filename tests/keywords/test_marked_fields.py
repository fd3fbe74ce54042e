"""Queries for what people have said of an image."""

from __future__ import annotations

import pytest

from lib.domain import ImageMarks, ImageRecord
from lib.errors import InvalidInput
from lib.keywords import Haystack, parse
from lib.keywords.registry import FIELDS

KNOWN = {
    "a": ImageMarks(left_out=True),
    "b": ImageMarks(rating=5),
    "c": ImageMarks(left_out=True, rating=3),
    "d": ImageMarks(rating=4),
    "e": None,
}


@pytest.fixture
def haystack() -> Haystack:
    return Haystack([ImageRecord(name) for name in KNOWN], facts={"marks": lambda _: list(KNOWN.values())})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("left_out:yes", "ac"),
        ("left_out:NO", "bde"),
        ("rating:>=4", "bd"),
        ("rating:<4", "c"),
        ("rating:5", "b"),
        ("rating:>3", "bd"),
        ("rating:none", "ae"),
        ("left_out:yes AND rating:<=3", "c"),
        ("NOT rating:none", "bcd"),
    ],
)
def test_images_are_found_by_their_marks(haystack: Haystack, query: str, names: str) -> None:
    assert "".join(record.name for record in parse(query).find(haystack)) == names
    assert parse(str(parse(query))) == parse(query)


@pytest.mark.parametrize("query", ["left_out:maybe", "rating:6", "rating:0", "rating:many", "rating:>none"])
def test_a_value_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput, match=query.partition(":")[0]):
        parse(query)


def test_a_query_knows_whether_it_asks_for_what_is_left_out() -> None:
    assert parse("cat AND NOT left_out:yes").asks_for_left_out
    assert not parse("cat, rating:5").asks_for_left_out


def test_completions_tell_how_many_images_have_each_mark(haystack: Haystack) -> None:
    assert FIELDS["left_out"].values(haystack) == [("yes", 2)]
    assert FIELDS["rating"].values(haystack) == [("5", 1), ("4", 1), ("3", 1), ("none", 2)]
    unmarked = Haystack([ImageRecord("a")])
    assert FIELDS["left_out"].values(unmarked) == FIELDS["rating"].values(unmarked) == []
