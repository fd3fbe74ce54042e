"""One registry dialect: names to classes, in order, each imported at its first use."""

from __future__ import annotations

import sys

import pytest

from lib.errors import InvalidInput
from lib.registry import Registry


@pytest.fixture
def shapes() -> Registry[object]:
    return Registry[object](
        {"fraction": "fractions:Fraction", "absent": "no_such_module:Shape"}, unknown="There is no shape “{name}”."
    )


def test_a_name_gives_its_class(shapes: Registry[object]) -> None:
    from fractions import Fraction

    assert shapes["fraction"] is Fraction
    assert shapes.name_of(Fraction) == "fraction"


def test_names_are_listed_in_their_order_without_importing(shapes: Registry[object]) -> None:
    assert list(shapes) == ["fraction", "absent"]
    assert len(shapes) == 2
    assert "absent" in shapes
    assert shapes.modules == {"fractions", "no_such_module"}
    shapes.check("absent")
    assert "no_such_module" not in sys.modules


def test_an_unknown_name_is_told_the_legal_ones_also_where_it_looks_like_a_field(shapes: Registry[object]) -> None:
    for name in ("cube", "{names}", ""):
        with pytest.raises(InvalidInput) as caught:
            shapes[name]
        assert caught.value.message == f"There is no shape “{name}”."
        assert caught.value.hint == "Choose one of fraction, absent."


def test_a_broken_entry_fails_when_it_is_used(shapes: Registry[object]) -> None:
    with pytest.raises(ModuleNotFoundError):
        list(shapes.values())
