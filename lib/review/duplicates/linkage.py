"""Groups in which every picture is a twin of every other: a chain of likenesses makes no group."""

from __future__ import annotations

from collections.abc import Sequence

from lib.review.duplicates.pairs import Twins


def complete_groups(pairs: Sequence[Twins]) -> list[list[int]]:
    """Complete linkage, the most alike first. Rows of a group in ascending order.

    A pair of which one has found a closer group stays a group of its own, so that none is lost: of an original and two
    cuttings that share nothing, both pairs are told.
    """
    likeness = {(one.first, one.second): one.likeness for one in pairs}
    group: dict[int, set[int]] = {}
    for one in sorted(pairs, key=lambda pair: (-pair.likeness, pair.first, pair.second)):
        left = group.setdefault(one.first, {one.first})
        right = group.setdefault(one.second, {one.second})
        if left is right or not all(_ordered(a, b) in likeness for a in left for b in right):
            continue
        left |= right
        for row in right:
            group[row] = left
    found = {id(members): sorted(members) for members in group.values() if len(members) > 1}
    alone = {row for row, members in group.items() if len(members) == 1}
    best: dict[int, Twins] = {}
    for one in pairs:
        for row in alone & {one.first, one.second}:
            if row not in best or one.likeness > best[row].likeness:
                best[row] = one
    rest = {(one.first, one.second) for one in best.values()}
    return sorted([*found.values(), *map(list, rest)])


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
