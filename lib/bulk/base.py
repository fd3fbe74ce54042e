"""What a plan consists of, and which captions it may touch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lib.domain import ImageRecord, SidecarState

Rewriter = Callable[[str], tuple[str, int]]
"""A caption's new text, and how many places of it differ."""


@dataclass(frozen=True, slots=True)
class Change:
    """One caption before and after. `name` is the image's, `hits` the number of places that differ."""

    name: str
    before: str
    after: str
    hits: int = 1


def editable(records: Iterable[ImageRecord]) -> Iterator[ImageRecord]:
    """The records whose caption may be changed; the one who applies a plan reports the others."""
    return (record for record in records if not record.shared and record.state is not SidecarState.UNDECODABLE)


def changes(records: Iterable[ImageRecord], rewrite: Rewriter) -> list[Change]:
    """Those captions that come out different."""
    found = []
    for record in editable(records):
        before = record.text
        after, hits = rewrite(before)
        if "\r" in after:
            # Captions have "\n" for every line end, whatever their file has, so that a change is never one of these.
            after = after.replace("\r\n", "\n").replace("\r", "\n")
        if after != before:
            found.append(Change(record.name, before, after, hits))
    return found
