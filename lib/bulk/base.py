"""What a plan consists of, and which captions it may touch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.domain import ImageRecord, SidecarState
from lib.errors import InvalidInput

MOST_GROWTH = 200_000_000
"""Bytes of memory that a plan may take beyond the captions that it begins with."""

Rewriter = Callable[[str], tuple[str, int]]
"""A caption's new text, and how many places of it differ."""


@dataclass(frozen=True, slots=True)
class Change:
    """One caption before and after. `name` is the image's, `hits` the number of places that differ.

    `as_plain`: its file is written as UTF-8 without a byte-order mark, whatever it was; else as it is.
    """

    name: str
    before: str
    after: str
    hits: int = 1
    as_plain: bool = False


def editable(records: Iterable[ImageRecord]) -> Iterator[ImageRecord]:
    """The records whose caption may be changed; the one who applies a plan reports the others."""
    return (record for record in records if not record.shared and record.state is not SidecarState.UNDECODABLE)


def changes(records: Iterable[ImageRecord], rewrite: Rewriter) -> list[Change]:
    """Those captions that come out different. Raises InvalidInput where they would outgrow tag files, or the memory."""
    found = []
    left = MOST_GROWTH
    for record in editable(records):
        before = record.text
        after, hits = rewrite(before)
        if "\r" in after:
            # Captions have "\n" for every line end, whatever their file has, so that a change is never one of these.
            after = after.replace("\r\n", "\n").replace("\r", "\n")
        if after != before:
            check_size(len(after), len(before))
            left -= max(0, sys.getsizeof(after) - sys.getsizeof(before))
            if left < 0:
                raise InvalidInput(
                    f"The captions would grow by more than {MOST_GROWTH // 1_000_000} MB together.",
                    "Nothing was changed. Put in less, or change fewer captions at a time.",
                )
            found.append(Change(record.name, before, after, hits))
    return found


def check_size(size: int, before: int) -> None:
    """Raises InvalidInput for a caption that would grow to more than a tag file may hold."""
    if size > max(MAX_BYTES, before):
        raise InvalidInput(
            f"A caption would grow beyond {MAX_BYTES // 1_000_000} MB.",
            "Nothing was changed. Make what is put in shorter, or find fewer places.",
        )
