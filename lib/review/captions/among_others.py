"""What only many captions together tell: tags written in several ways, one opening for all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lib.bulk.base import Change, changes, editable
from lib.bulk.tag_text import all_tags
from lib.bulk.tags import RenameTag, TidySpaces
from lib.domain import ImageRecord
from lib.review.captions import tags
from lib.review.captions.by_itself import Judge
from lib.review.captions.habits import common_opening
from lib.review.captions.tag_sets import Slip, tag_set
from lib.review.findings import Finding, Fix, Severity
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
        yield from _strange_tags(records)
    yield from _spacing(records)
    yield from _opening(records, judge)


def _variants(records: Sequence[ImageRecord]) -> Iterator[Finding]:
    text_of = {record.name: record.text for record in records}
    for one in tags.variants(records):
        here, there = counted(len(one.rare_in), "caption"), counted(one.usual_in, "caption")
        text = f"“{one.rare}” in {here} is “{one.usual}” {_WAYS[one.kind]}, as {there} {_have(one.usual_in)} it."
        renamed = tags.renamed(records, one) if one.is_clear else ()
        fix = Fix(f"Write “{one.usual}”", renamed, is_sure=not one.may_differ) if renamed else None
        marked = tags.places_of(one.rare, text_of[one.rare_in[0]])
        yield Finding("captions", one.kind, one.rare_in, "hint", text, fix, marked, subject="caption")


def _strange_tags(records: Sequence[ImageRecord]) -> Iterator[Finding]:
    """Captions of tags that broke off, hold a slip, or are of another language than the others."""
    found, text_of = tag_set(records), {record.name: record.text for record in records}
    cut = list(found.cut())
    for one in cut:
        there = f"{counted(one.usual_in, 'caption')} {_have(one.usual_in)} “{one.usual}”"
        text = f"It ends with “{one.tag}”, which is no tag of any other; {there}."
        # A single word may be one that only this picture shows.
        sure: Severity = "warning" if " " in one.tag else "hint"
        yield _of_one(one.name, "cut_off", sure, text, [_last_place(text_of[one.name], one.tag)])
    broken = {one.name for one in cut}
    for one in found.misspelt():
        if one.name not in broken:
            yield _misspelt(next(record for record in records if record.name == one.name), one)
    told = set[str]()
    for name, language in found.foreign():
        told.add(name)
        usual = found.usual or "of another one"
        yield _of_one(name, "language", "warning", f"Its tags look like {language}; most of the others are {usual}.")
    for name in found.strangers():
        if name not in told | broken:
            yield _of_one(name, "unlike", "hint", "None of its words is in any other caption, and those share theirs.")


def _of_one(name: str, kind: str, severity: Severity, text: str, marked: Sequence[tuple[int, int]] = ()) -> Finding:
    return Finding("captions", kind, (name,), severity, text, marked=tuple(marked), subject="caption")


def _last_place(text: str, tag: str) -> tuple[int, int]:
    end = len(text.rstrip())
    return end - len(tag), end


def _misspelt(record: ImageRecord, slip: Slip) -> Finding:
    there = f"{counted(slip.usual_in, 'caption')} {_have(slip.usual_in)} it"
    text = f"“{slip.tag}” is in no other caption, and one letter from “{slip.usual}”, as {there}."
    written = next(tag for tag in all_tags(record.text) if tag.casefold().replace("_", " ") == slip.tag)
    rename = RenameTag(written, slip.usual).rewriter([])
    change = () if record.shared else tuple(changes([record], rename))
    fix = Fix(f"Write “{slip.usual}”", change, is_sure=False) if change else None
    marked = tags.places_of(written, record.text)
    return Finding("captions", "tag_misspelt", (record.name,), "hint", text, fix, marked, subject="caption")


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _spacing(records: Sequence[ImageRecord]) -> Iterator[Finding]:
    stray = [record for record in records if record.is_tagged and _STRAY.search(record.text.rstrip())]
    if not stray:
        return
    tidied = ((record, _tidy(record.text)) for record in editable(stray))
    tidy_ones = tuple(Change(record.name, record.text, tidy) for record, tidy in tidied if tidy != record.text)
    text = f"{counted(len(stray), 'caption')} with several blanks in a row, blanks in front, or empty tags."
    names = tuple(record.name for record in stray)
    fix = Fix("Tidy blanks and commas", tidy_ones) if tidy_ones else None
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
