"""A search in columns finds what a search in records finds, whatever is asked."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pyarrow
import pytest

from lib.column_texts import BLOCK
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.keywords import Haystack, haystack_of, parse
from lib.keywords.column_haystack import ColumnHaystack
from lib.record_blocks import RecordColumns
from lib.record_columns import ColumnRecords

_PIECES = ["cat", "Cats", "dog", "hot dog", "ÉCOLE", "école", "e\u0301cole", "straße", "STRASSE", "x_cat", "cat-flap",
           "a.b", "猫", "👩‍🚀", "12", "(cat)", "\n", ",", "tag one", "re\\d+", "naïve", "cat\u0301", " "]  # fmt: skip

QUERIES = [
    "cat", "Cat, dog", "cat AND NOT dog", "NOT cat", "strasse", "école", "\"hot dog\"", "c*t", "*at", "ca*", "str*e",
    "猫", "tag:cat", "tag:\"tag one\"", "chars:<20", "name:photo1*", "name:9", "folder:a", "by:nobody",
    "(cat OR dog) AND 12",
    "a.b", "\"(cat)\"", "re\\d+", "cat-flap", "tokens:>8",
]  # fmt: skip


def rows(seed: int, count: int) -> list[tuple[str, str]]:
    draw = random.Random(seed)
    texts = [" ".join(draw.choices(_PIECES, k=draw.randrange(7))) for _ in range(count)]
    return [(f"{draw.choice(['', 'a/', 'a/b/'])}Photo{number}.jpg", text) for number, text in enumerate(texts)]


def in_columns(rows: Sequence[tuple[str, str]]) -> ColumnRecords:
    names, texts = zip(*rows, strict=True)
    large = pyarrow.large_string()
    chunks = pyarrow.chunked_array([pyarrow.array(texts, large)])
    return ColumnRecords(RecordColumns.of(pyarrow.array(names, large), chunks))


@pytest.mark.parametrize("whole_words", [False, True])
@pytest.mark.parametrize("query", QUERIES)
def test_the_same_is_found(query: str, whole_words: bool, seed: int) -> None:
    records = in_columns(rows(seed, 1_500))
    facts = {"author": lambda some: [None] * len(some)}
    wanted = parse(query, whole_words=whole_words)
    plain, columns = Haystack(list(records), facts=facts), haystack_of(records, facts=facts)
    assert isinstance(columns, ColumnHaystack)
    found = list(wanted.find(columns))
    assert found == list(wanted.find(plain))
    assert wanted.counts(columns) == wanted.counts(plain)
    among = list(range(0, 1_500, 3))
    assert list(wanted.find(columns, among)) == list(wanted.find(plain, among))


def test_most_of_the_queries_find_something_and_leave_something_out(seed: int) -> None:
    records = in_columns(rows(seed, 1_500))
    counts = [len(parse(query).find(haystack_of(records))) for query in QUERIES]
    assert sum(0 < count < 1_500 for count in counts) > len(QUERIES) * 3 // 4


def test_patterns_are_read_as_in_records(seed: int) -> None:
    records = in_columns(rows(seed, 1_500))
    query = parse(r"^cat\b, d.g$", regex=True)
    assert list(query.find(haystack_of(records))) == list(query.find(Haystack(list(records))))


def test_a_pattern_that_is_too_slow_is_refused() -> None:
    records = in_columns([("a.jpg", "a" * 60 + "!")])
    with pytest.raises(InvalidInput):
        parse("(a|aa)+$", regex=True).find(haystack_of(records))


def test_after_an_edit_only_its_block_is_folded_again() -> None:
    before = haystack_of(in_columns([(f"{number}.jpg", "A cat") for number in range(3 * BLOCK)]))
    assert isinstance(before, ColumnHaystack)
    before.tokens(0)
    before.tokens(BLOCK)
    columns = before.records.columns.with_texts({BLOCK + 3: "A Dog"})
    after = haystack_of(ColumnRecords(columns), before)
    assert isinstance(after, ColumnHaystack)
    assert [old is new for old, new in zip(before.column.chunks, after.column.chunks, strict=True)].count(False) <= 3
    assert [record.name for record in parse("dog").find(after)] == [f"{BLOCK + 3}.jpg"]
    # What was counted in the other blocks is known still.
    assert after.uncounted == 2 * BLOCK


def test_a_part_of_the_records_is_searched_alone(seed: int) -> None:
    some = in_columns(rows(seed, 900)).at(range(1, 900, 2))
    assert list(parse("cat").find(haystack_of(some))) == parse("cat").find(Haystack(list(some)))


def test_records_in_a_list_have_the_usual_haystack() -> None:
    assert type(haystack_of([ImageRecord("a.jpg")])) is Haystack
