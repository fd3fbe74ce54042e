"""Names of an export are given once, and remembered in a few bytes."""

from __future__ import annotations

from lib.exporting.taken_names import TakenNames


def test_a_name_is_free_once() -> None:
    taken = TakenNames()
    names = [f"photos/{number}.jpg" for number in range(5_000)]
    assert all(map(taken.add, names))
    assert not any(map(taken.add, names))
    assert taken.add("half a character \ud83d.jpg")


def test_a_name_takes_a_few_bytes() -> None:
    taken = TakenNames()
    for number in range(20_000):
        taken.add(f"{number}.jpg")
    assert taken.bytes <= 20_000 * 8 * 4
