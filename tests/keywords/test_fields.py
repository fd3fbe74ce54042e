"""The fields of the query language: one registry, which reads, explains and completes them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lib.domain import Author, ImageRecord
from lib.errors import InvalidInput
from lib.keywords import Haystack, parse
from lib.keywords.registry import FIELDS

_AT = "2026-01-01T00:00:00+00:00"

AUTHORS: dict[str, Author | None] = {
    "gemma.jpg": Author("model", _AT, "gemma-4-31b"),
    "edited.jpg": Author("model", _AT, "Gemma-3-12b", edited_at=_AT),
    "llava.jpg": Author("model", _AT, "llava:7b"),
    "typed.jpg": Author("hand", _AT),
    "in.jpg": Author("import", _AT),
    "told.jpg": Author("import", _AT, "gemma-2"),
    "outside.jpg": None,
    "sub/untagged.jpg": None,
}


@pytest.fixture
def haystack() -> Haystack:
    records = [ImageRecord(name, text="" if "untagged" in name else "a cat") for name in AUTHORS]

    def authors(of: Sequence[ImageRecord]) -> list[Author | None]:
        return [AUTHORS[record.name] for record in of]

    return Haystack(records, facts={"author": authors})


def found(query: str, haystack: Haystack) -> list[str]:
    return [record.name.partition(".")[0] for record in parse(query).find(haystack)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("by:gemma", ["gemma", "edited", "told"]),
        ("by:GEMMA-4", ["gemma"]),
        ("by:gemma*", ["gemma", "edited", "told"]),
        ("by:*7b", ["llava"]),
        ("by:emma-4*", []),
        ("by:llava:7b", ["llava"]),
        ("by:hand", ["edited", "typed"]),
        ("by:import", ["in", "told"]),
        ("by:model", ["gemma", "edited", "llava", "told"]),
        ("by:nobody", ["outside"]),
        ("by:gemma -by:hand", ["gemma", "told"]),
        ("by:import by:gemma", ["told"]),
        ("by:hand, by:nobody", ["edited", "typed", "outside"]),
        ("NOT by:model", ["typed", "in", "outside", "sub/untagged"]),
    ],
)
def test_captions_are_found_by_who_wrote_them(query: str, names: list[str], haystack: Haystack) -> None:
    assert found(query, haystack) == names
    assert found(str(parse(query)), haystack) == names


def test_what_is_known_of_captions_is_asked_for_once_and_only_where_it_matters() -> None:
    asked = []

    def authors(of: Sequence[ImageRecord]) -> list[None]:
        asked.append(len(of))
        return [None] * len(of)

    haystack = Haystack([ImageRecord("a.jpg", text="a cat")] * 5, facts={"author": authors})
    parse("cat, tag:cat, name:a, chars:>2").find(haystack)
    assert asked == []
    parse("by:hand").find(haystack)
    parse("by:gemma, by:nobody").find(haystack)
    assert asked == [5]


def test_where_nobody_knows_an_author_all_captions_are_nobodys() -> None:
    records = [ImageRecord("a.jpg", text="a cat"), ImageRecord("b.jpg")]
    assert parse("by:nobody").find(Haystack(records)) == records[:1]
    assert parse("by:hand, by:model").find(Haystack(records)) == []


def test_by_is_completed_with_the_authors_that_there_are(haystack: Haystack) -> None:
    assert dict(FIELDS["by"].values(haystack)) == {
        "gemma-4-31b": 1, "Gemma-3-12b": 1, "llava:7b": 1, "gemma-2": 1, "hand": 2, "import": 2, "nobody": 1,
    }  # fmt: skip
    assert FIELDS["folder"].values(haystack) == [("sub", 1)]


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_explains_itself_with_queries_that_can_be_read(name: str, haystack: Haystack) -> None:
    field = FIELDS[name]
    assert field.name == name
    assert field.help
    for written, finds in field.help:
        assert finds
        assert written.startswith(f"{name}:")
        query = parse(written)
        assert isinstance(query.root, field)
        assert parse(str(query)) == query
        query.find(haystack)
    for value, count in field.values(haystack):
        assert len(parse(f'{name}:"{value}"').find(haystack)) == count
    with pytest.raises(InvalidInput, match="right behind it"):
        parse(f"{name}: cat")
