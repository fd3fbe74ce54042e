"""Records that a scan makes in bulk are the same as those that the constructor makes, whatever fields they get."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import pytest

from lib.dataset.scan.read_records import make_record, make_records, usual_values
from lib.domain import ImageRecord, SidecarState


@dataclass(frozen=True, slots=True)
class _Longer:
    name: str
    added: int = 7
    more: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Wanting:
    name: str
    needed: int


def test_every_field_of_a_record_is_there() -> None:
    one = make_record("a.jpg", ".txt", "a cat", SidecarState.TEXT, False)
    (other,) = make_records(["a.jpg"], ".txt", ["a cat"])
    expected = ImageRecord("a.jpg", ".txt", "a cat", SidecarState.TEXT)
    for record in (one, other):
        assert [getattr(record, one.name) for one in fields(ImageRecord)] == [
            getattr(expected, one.name) for one in fields(ImageRecord)
        ]


def test_a_field_that_is_not_filled_by_hand_gets_its_default() -> None:
    made = [object.__new__(_Longer) for _ in range(2)]
    for record in made:
        for setter, usual in usual_values(_Longer, "name"):
            setter(record, usual())
    assert [(record.added, record.more) for record in made] == [(7, []), (7, [])]
    assert made[0].more is not made[1].more


def test_a_field_without_a_default_that_nobody_fills_is_found_at_once() -> None:
    with pytest.raises(TypeError, match="needed"):
        usual_values(_Wanting, "name")
