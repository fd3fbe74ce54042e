"""Queries for what the last review said of an image."""

from __future__ import annotations

import pytest

from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.keywords import Haystack, parse
from lib.keywords.registry import FIELDS
from lib.last_review import ReviewedImage

MEASURED = frozenset({"agreement", "width", "bytes", "blur", "duplicate", "aspect", "height"})
KNOWN = {
    "a": ReviewedImage({"agreement": 4.5, "width": 300, "bytes": 2e6, "duplicate": 1}, frozenset({"dark"}), MEASURED),
    "b": ReviewedImage({"agreement": 10, "width": 512, "bytes": 999}, frozenset({"empty", "error"}), MEASURED),
    "c": ReviewedImage({"aspect": 2.5}, frozenset(), MEASURED),
    "new": None,
}


@pytest.fixture
def haystack() -> Haystack:
    return Haystack([ImageRecord(name) for name in KNOWN], facts={"review": lambda _: list(KNOWN.values())})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("agreement:<10%", "a"),
        ("agreement:<=10", "ab"),
        ("width:<512", "a"),
        ("NOT width:<512", "bcn"),
        ("bytes:>1MB", "a"),
        ("bytes:<1kB", "b"),
        ("aspect:>2.4", "c"),
        ("duplicate:yes", "a"),
        ("duplicate:no", "bc"),
        ("finding:empty", "b"),
        ("finding:ERROR, finding:dark", "ab"),
        ("blur:>0", ""),
    ],
)
def test_images_are_found_by_what_was_measured(haystack: Haystack, query: str, names: str) -> None:
    assert "".join(record.name[0] for record in parse(query).find(haystack)) == names
    assert parse(str(parse(query))) == parse(query)


@pytest.mark.parametrize("query", ["width:wide", "width:<10%", "agreement:<1MB", "duplicate:maybe", "bytes:>1parsec"])
def test_a_value_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput, match=query.partition(":")[0]):
        parse(query)


def test_what_no_review_has_looked_for_is_told_instead_of_finding_nothing() -> None:
    one = ReviewedImage({}, frozenset(), frozenset({"width"}))
    reviewed = Haystack([ImageRecord("a")], facts={"review": lambda _: [one]})
    with pytest.raises(InvalidInput, match="measured “agreement” yet"):
        parse("agreement:<10%").find(reviewed)


def test_findings_are_completed_with_those_that_there_are(haystack: Haystack) -> None:
    assert dict(FIELDS["finding"].values(haystack)) == {"dark": 1, "empty": 1, "error": 1}
    assert FIELDS["duplicate"].values(haystack) == [("yes", 1)]


def test_before_the_first_review_nothing_is_offered() -> None:
    def unknown(_: object) -> list[None]:
        raise InvalidInput("not reviewed")

    haystack = Haystack([ImageRecord("a")], facts={"review": unknown})
    assert FIELDS["finding"].values(haystack) == []
    with pytest.raises(InvalidInput, match="not reviewed"):
        parse("finding:dark").find(haystack)
