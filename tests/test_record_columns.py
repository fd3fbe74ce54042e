"""Records over columns: they answer as a list of records would, and nothing that was given out ever changes."""

from __future__ import annotations

import random

import numpy
import pyarrow
import pytest

from lib.column_texts import BLOCK, taken
from lib.domain import ImageRecord, SidecarState
from lib.record_blocks import RecordColumns
from lib.record_columns import ColumnRecords, RowRecord
from lib.records import at_places, changes_between, count_tagged, named, names_of, places_among, some_texts, texts_of


def columns_of(rows: list[tuple[str, str]]) -> RecordColumns:
    names, texts = zip(*rows, strict=True)
    large = pyarrow.large_string()
    return RecordColumns.of(pyarrow.array(names, large), pyarrow.chunked_array([pyarrow.array(texts, large)]))


def listed(rows: list[tuple[str, str]]) -> list[ImageRecord]:
    return [
        RowRecord(name, text=text, state=SidecarState.TEXT if text else SidecarState.MISSING) for name, text in rows
    ]


@pytest.fixture
def rows(seed: int) -> list[tuple[str, str]]:
    """Rows of three blocks, not in the order of their names."""
    draw = random.Random(seed)
    names = [f"{draw.choice(['', 'a/', 'a/b/', 'ab/'])}é{number}.jpg" for number in range(2 * BLOCK + 100)]
    draw.shuffle(names)
    return [(name, draw.choice(["", " \n", "a cat", "ein Hündchen", "two dogs 🐶"])) for name in names]


def test_they_are_the_records_of_their_rows(rows: list[tuple[str, str]]) -> None:
    found, wanted = ColumnRecords(columns_of(rows)), listed(rows)
    assert list(found) == wanted
    assert (len(found), found[0], found[-1], found[BLOCK]) == (len(wanted), wanted[0], wanted[-1], wanted[BLOCK])
    assert list(found[5 : 2 * BLOCK : 777]) == wanted[5 : 2 * BLOCK : 777]
    assert list(found[::-1]) == wanted[::-1]
    with pytest.raises(IndexError):
        found[len(wanted)]


def test_a_row_is_found_by_its_name(rows: list[tuple[str, str]]) -> None:
    columns = columns_of(rows)
    assert [columns.find(name) for name, _ in rows] == list(range(len(rows)))
    assert [columns.find(name) for name in ("", "é", "zz", "a/é")] == [None] * 4


def test_what_is_asked_of_all_at_once_is_what_each_record_says(rows: list[tuple[str, str]]) -> None:
    found, wanted = ColumnRecords(columns_of(rows)), listed(rows)
    assert found.are_tagged().tolist() == [record.is_tagged for record in wanted]
    assert found.are_below("a").tolist() == [record.name.startswith("a/") for record in wanted]
    assert count_tagged(found) == count_tagged(wanted)
    some = {record.name for record in wanted[::3]} | {"gone.jpg"}
    assert list(named(found, some)) == named(wanted, some)
    assert list(named(found, some, are=False)) == named(wanted, some, are=False)
    assert list(texts_of(found)) == texts_of(wanted)
    halves = found.at(range(0, len(rows), 2)), wanted[::2]
    assert places_among(halves[0], found) == places_among(halves[1], wanted) == list(range(0, len(rows), 2))
    assert list(names_of(found)) == names_of(wanted)
    assert list(found.by_length(longest_first=True)) == sorted(wanted, key=lambda one: -len(one.text))
    assert len(some_texts(found, 100)) in range(100, 202)


def test_a_part_of_them_answers_for_itself_alone(rows: list[tuple[str, str]]) -> None:
    places = list(range(len(rows) - 1, 0, -5))
    found, wanted = ColumnRecords(columns_of(rows)).at(places), at_places(listed(rows), places)
    assert list(found) == wanted
    assert found.are_tagged().tolist() == [record.is_tagged for record in wanted]
    assert list(found[10:20]) == wanted[10:20]
    assert wanted[3] in found
    assert listed(rows)[0] not in found
    assert list(found.by_length(longest_first=False)) == sorted(wanted, key=lambda one: len(one.text))


def test_an_edit_leaves_what_was_given_out_as_it_was_and_tells_what_changed(rows: list[tuple[str, str]]) -> None:
    before = ColumnRecords(columns_of(rows))
    changes = {0: "new", BLOCK - 1: "newer", 2 * BLOCK + 3: "", 5: rows[5][1]}
    after = ColumnRecords(before.columns.with_texts(changes))
    assert list(before) == listed(rows)
    wanted = [(name, changes.get(place, text)) for place, (name, text) in enumerate(rows)]
    assert list(after) == listed(wanted)
    is_other = [place for place in sorted(changes) if changes[place] != rows[place][1]]
    assert changes_between(before, after) == [(before[place], after[place]) for place in is_other]


def test_an_edit_copies_no_block_but_its_own(rows: list[tuple[str, str]]) -> None:
    before = columns_of(rows)
    after = before.with_texts({BLOCK + 1: "new"})
    assert [old is new for old, new in zip(before.blocks, after.blocks, strict=True)] == [True, False, True]


def test_records_are_equal_to_what_shows_the_same_of_the_same_moment(rows: list[tuple[str, str]]) -> None:
    found = ColumnRecords(columns_of(rows))
    assert found == ColumnRecords(found.columns)
    assert found.at([1, 2]) == found.at([1, 2])
    assert found.at([1, 2]) != found.at([2, 1])
    assert found != ColumnRecords(found.columns.with_texts({0: "new"}))


def test_lists_of_records_are_compared_one_by_one() -> None:
    old, new = ImageRecord("a.jpg", text="a"), ImageRecord("a.jpg", text="b")
    other = ImageRecord("b.jpg")
    assert changes_between([old, other], [new, other]) == [(old, new)]
    assert changes_between([old], [new, other]) is None


@pytest.mark.parametrize("places", [[], [0], [9_000, 3], [3, 9_000, 9_001], [8_191, 8_192, 0, 8_192, 19_999]])
def test_texts_at_some_places_are_those_of_a_list(places: list[int]) -> None:
    texts = [f"caption {number}" for number in range(20_000)]
    blocks = [pyarrow.array(texts[start : start + BLOCK], pyarrow.large_string()) for start in range(0, 20_000, BLOCK)]
    found = taken(blocks, numpy.asarray(places, dtype=numpy.int64))
    assert found.to_pylist() == [texts[place] for place in places]


def test_a_page_of_records_copies_no_captions_but_its_own() -> None:
    texts = pyarrow.array(["a long caption " * 20] * 40_000, pyarrow.large_string())
    names = pyarrow.array([f"{number:06d}.jpg" for number in range(40_000)], pyarrow.large_string())
    records = ColumnRecords(RecordColumns.of(names, pyarrow.chunked_array([texts])))
    earlier = pyarrow.default_memory_pool()
    counted = pyarrow.proxy_memory_pool(earlier)
    pyarrow.set_memory_pool(counted)
    try:
        assert len(records[20_000:20_060].texts) == 60
        assert len(records.at([39_000, 5]).texts) == 2
    finally:
        pyarrow.set_memory_pool(earlier)
    assert 0 < counted.max_memory() < 100_000
