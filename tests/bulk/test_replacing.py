"""What a replacement does to the longest captions."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from lib.bulk.replacing import plan_replace, replace_one
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.domain import ImageRecord, SidecarState
from lib.errors import InvalidInput
from lib.find import Find


def test_a_caption_as_long_as_may_be_is_changed_where_it_does_not_grow() -> None:
    whole = ImageRecord("a.jpg", text="ab" * (MAX_BYTES // 2), state=SidecarState.TEXT)
    for wanted in ("cd", "c"):
        (change,) = plan_replace([whole], Find("ab"), wanted)
        assert change.after == wanted * (MAX_BYTES // 2)


LONG = ImageRecord("a.jpg", text="a" * 20_000, state=SidecarState.TEXT)


@pytest.mark.parametrize(
    "replace",
    [
        lambda: plan_replace([LONG], Find("(.*)", regex=True), r"\1" * 5_000),
        lambda: plan_replace([LONG], Find("(?=(.*))a", regex=True), r"\1" * 5_000),
        lambda: replace_one(LONG.text, Find("(.*)", regex=True), r"\1" * 5_000, 0),
    ],
)
def test_a_replacement_of_many_groups_is_refused_before_it_is_made(replace: Callable[[], object]) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match="grow beyond"):
            replace()
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("find", [Find("a" * 1_000_000, ignore_case=True), Find("a" * 1_000_000, whole_word=True)])
def test_a_text_to_find_that_takes_seconds_to_compile_is_refused(find: Find) -> None:
    with pytest.raises(InvalidInput, match="longer than"):
        plan_replace([LONG], find, "b")
