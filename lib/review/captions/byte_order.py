"""Byte-order marks: three bytes that an editor puts before a caption, and that a trainer reads as part of it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from lib.bulk.base import Change
from lib.domain import SidecarState
from lib.record_columns import RowRecord
from lib.review.file_heads import head_of
from lib.review.findings import Finding, Fix
from lib.review.samples import ReviewSamples

_WHY = "Its tag file begins with a byte-order mark (EF BB BF): a trainer reads it as part of the first word."


def marked_files(samples: ReviewSamples) -> Iterator[Finding]:
    """A finding for each tag file in UTF-8 that begins with one. The text as it is shown has none."""
    for record in samples.records:
        if record.state is not SidecarState.TEXT or isinstance(record, RowRecord):
            continue
        if head_of(samples.root, record.sidecar, len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
            change = Change(record.name, record.text, record.text, as_plain=True)
            fix = None if record.shared else Fix("Take the mark off", (change,))
            yield Finding("captions", "byte_order_mark", (record.name,), "hint", _WHY, fix, subject="caption")
