"""What a replacement does to the longest captions."""

from __future__ import annotations

from lib.bulk.replacing import plan_replace
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.domain import ImageRecord, SidecarState
from lib.find import Find


def test_a_caption_as_long_as_may_be_is_changed_where_it_does_not_grow() -> None:
    whole = ImageRecord("a.jpg", text="ab" * (MAX_BYTES // 2), state=SidecarState.TEXT)
    for wanted in ("cd", "c"):
        (change,) = plan_replace([whole], Find("ab"), wanted)
        assert change.after == wanted * (MAX_BYTES // 2)
