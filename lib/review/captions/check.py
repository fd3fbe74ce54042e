"""Captions by themselves, whatever their pictures show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from lib.progress import Progress
from lib.review.base import Check
from lib.review.captions.among_others import judged_together
from lib.review.captions.by_itself import judge_of
from lib.review.captions.byte_order import marked_files
from lib.review.findings import CheckReport, Finding
from lib.review.samples import ReviewSamples, raise_if_cancelled
from lib.text import counted

_STEP = 500
_TOLD = 3


class CaptionsCheck(Check):
    """Reads each caption twice: for what is usual in the dataset, then against that."""

    label = "Captions"
    about = "Captions that are missing, cut off, too long, or hold what does not belong there."
    kinds: ClassVar[Mapping[str, str]] = {
        "empty": "without a word",
        "undecodable": "that are no text",
        "placeholder": "that stand for one",
        "refusal": "in which a model refuses",
        "leftovers": "with what a model left",
        "markup": "with marks of HTML or markdown",
        "address": "with an address",
        "opening": "with an opening that says nothing",
        "encoding": "in a broken encoding",
        "escaped": "with escapes",
        "byte_order_mark": "with a byte-order mark before the text",
        "unseen": "with characters that nobody sees",
        "spacing": "with stray blanks or commas",
        "cut_off": "cut in mid-sentence",
        "repeated": "that repeat themselves",
        "too_long": "too long for the tokenizer",
        "too_short": "much shorter than the others",
        "language": "in another language",
        "unlike": "whose words no other has",
        "other_form": "in another form than the others",
        "tag_twice": "with a tag twice",
        "tag_case": "with a tag in other letters",
        "tag_underscore": "with a tag in other blanks",
        "tag_misspelt": "with a tag one letter from a usual one",
        "tag_plural": "with a tag in singular and plural",
        "trigger_missing": "without the trigger word",
        "trigger_not_first": "with the trigger word not first",
    }

    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        judge = judge_of(samples)
        found: list[Finding] = []
        for number, record in enumerate(samples.records):
            if number % _STEP == 0:
                raise_if_cancelled(progress)
                progress.advance(number, len(samples.records))
            found += judge.of_caption(record)
        found += judged_together(samples.records, judge)
        found += marked_files(samples)
        return CheckReport(found, notes=[*judge.notes, *_without_image(samples.orphans)])


def _without_image(orphans: Sequence[str]) -> list[str]:
    """A caption whose picture is gone, or is called otherwise, is a finding about no image."""
    if not orphans:
        return []
    told = ", ".join(orphans[:_TOLD])
    if orphans[_TOLD:]:
        told += f" and {counted(len(orphans) - _TOLD, 'other')}"
    return [f"{counted(len(orphans), 'tag file')} {'has' if len(orphans) == 1 else 'have'} no image: {told}."]
