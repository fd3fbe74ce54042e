"""What only many captions together tell: tags written in several ways, one opening for all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lib.bulk.base import Change, editable
from lib.bulk.tags import TidySpaces
from lib.domain import ImageRecord
from lib.review.captions import tags
from lib.review.captions.by_itself import Judge
from lib.review.captions.habits import common_opening
from lib.review.findings import Finding, Fix
from lib.text import counted, looks_like_tags

_OPENING_FROM, _OPENING_SHARE = 20, 0.5
_WAYS = {
    "tag_case": "in other letters",
    "tag_underscore": "with other blanks",
    "tag_plural": "in the other number",
}
_STRAY = re.compile(r"[^\S\n]{2,}|\t|,[^\S\n]*,|\A[^\S\n]+\S|\A,")


def judged_together(records: Sequence[ImageRecord], judge: Judge) -> Iterator[Finding]:
    """Findings of several images each."""
    if judge.habits.are_tags:
        yield from _variants(records)
    yield from _spacing(records)
    yield from _opening(records, judge)


def _variants(records: Sequence[ImageRecord]) -> Iterator[Finding]:
    text_of = {record.name: record.text for record in records}
    for one in tags.variants(records):
        here, there = counted(len(one.rare_in), "caption"), counted(one.usual_in, "caption")
        text = f"“{one.rare}” in {here} is “{one.usual}” {_WAYS[one.kind]}, as {there} {_have(one.usual_in)} it."
        changes = tags.renamed(records, one) if one.is_clear else ()
        fix = Fix(f"Write “{one.usual}”", changes, is_sure=not one.may_differ) if changes else None
        marked = one.places(text_of[one.rare_in[0]])
        yield Finding("captions", one.kind, one.rare_in, "hint", text, fix, marked, subject="caption")


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _spacing(records: Sequence[ImageRecord]) -> Iterator[Finding]:
    stray = [record for record in records if record.is_tagged and _STRAY.search(record.text.rstrip())]
    if not stray:
        return
    tidied = ((record, _tidy(record.text)) for record in editable(stray))
    changes = tuple(Change(record.name, record.text, tidy) for record, tidy in tidied if tidy != record.text)
    text = f"{counted(len(stray), 'caption')} with several blanks in a row, blanks in front, or empty tags."
    names = tuple(record.name for record in stray)
    fix = Fix("Tidy blanks and commas", changes) if changes else None
    yield Finding("captions", "spacing", names, "hint", text, fix, subject="caption")


def _tidy(text: str) -> str:
    if looks_like_tags(text):
        return TidySpaces().rewriter([])(text)[0]
    text = re.sub(r"[^\S\n]*,(?:[^\S\n]*,)+", ",", re.sub(r"[^\S\n]{2,}|\t", " ", text))
    return re.sub(r"\A[\s,]+", "", text)


def _opening(records: Sequence[ImageRecord], judge: Judge) -> Iterator[Finding]:
    captioned = [record for record in records if record.is_tagged]
    if len(captioned) < _OPENING_FROM or judge.trigger:
        return
    opening, places = common_opening([record.text for record in captioned])
    if len(places) < _OPENING_SHARE * len(captioned):
        return
    text = f"{len(places):,} of {len(captioned):,} captions open with “{opening}”, which tells no two pictures apart."
    names = tuple(captioned[place].name for place in places)
    yield Finding("captions", "opening", names, "hint", text, subject="caption")
