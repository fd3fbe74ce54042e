"""Marks of images as an operation of their own: left out, kept again, stars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.dataset.journal.rows import MarkWish
from lib.dataset.saving.operations import Applied, operations_of
from lib.dataset.saving.store import Store

LEAVE_OUT, KEEP, RATE = "leave_out", "keep", "rate"
"""The kinds of its operations in the history."""


def leave_out(store: Store, names: Sequence[str], *, out: bool = True) -> Applied:
    """Leaves images out of what is made of the dataset, or keeps them again: one operation, no file is touched.

    Raises WriteFailed.
    """
    return mark_images(store, [MarkWish(name, "left_out", int(out)) for name in dict.fromkeys(names)])


def mark_images(store: Store, wishes: Sequence[MarkWish], *, arguments: Mapping[str, Any] | None = None) -> Applied:
    """Sets marks as one operation, those that are not so already. Raises WriteFailed."""
    out = {bool(wish.value) for wish in wishes if wish.mark == "left_out"}
    kind = RATE if not out else LEAVE_OUT if True in out else KEEP
    return operations_of(store).apply([], kind, marks=wishes, arguments=arguments)
