"""Bulk edits that put in much: what does not fit into a tag file or into memory is refused, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from lib.bulk.affix import plan_affix
from lib.bulk.base import MOST_GROWTH, Change
from lib.bulk.replacing import plan_replace
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.domain import ImageRecord, SidecarState
from lib.errors import InvalidInput
from lib.find import Find

MUCH = "x" * 1_000_000

Plan = Callable[[Sequence[ImageRecord]], list[Change]]

PLANS: list[Plan] = [
    lambda records: plan_affix(records, prefix=MUCH),
    lambda records: plan_affix(records, suffix=MUCH),
    lambda records: plan_replace(records, Find("cat"), MUCH),
    lambda records: plan_replace(records, Find("c.t", regex=True), MUCH),
]


def captions(count: int) -> list[ImageRecord]:
    return [ImageRecord(f"{number}.jpg", text="cat", state=SidecarState.TEXT) for number in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_that_would_fill_the_memory_is_refused(plan: Plan) -> None:
    fits = MOST_GROWTH // len(MUCH) // 4
    assert len(plan(captions(fits))) == fits
    with pytest.raises(InvalidInput, match="together"):
        plan(captions(1 + MOST_GROWTH // len(MUCH)))


def test_words_that_outgrow_a_tag_file_are_refused() -> None:
    with pytest.raises(InvalidInput, match="grow beyond"):
        plan_affix(captions(1), prefix="x" * MAX_BYTES)
