"""Captions that somebody made to keep a server busy: a tag file may have four megabytes, and all sessions share the
lock that a pattern holds while it is matched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from lib.bulk import tags as bulk
from lib.bulk.tag_text import all_tags
from lib.diff import word_diff
from lib.domain import ImageRecord, SidecarState
from lib.providers.cleaning import clean
from lib.review.captions.among_others import judged_together
from lib.review.captions.by_itself import Judge
from lib.review.captions.habits import habits_of
from lib.review.trainers.check import broken_rules
from lib.review.trainers.profiles import profiles
from lib.review.trainers.rules import TrainingFolder
from lib.text import (
    about_clip_tokens,
    from_spreadsheet_cell,
    join_tags,
    looks_like_tags,
    split_tags,
    spreadsheet_cell,
    words,
)
from tests.doubles.repository import ROOT

LENGTH = 20_000
SECONDS = 0.5
"""Where the time grows with the square of the length, it is two seconds and more."""

BEGINNINGS = ("", "a", "{", "<p ", "```", "![", "error")
PARTS = (
    " ", "\n", "\t", " \n", "a ", "a", "A", "é", "Ã", "Ã©", "\ufffd", "\u200b", "1", "1.", "1,", ".", ". ", "a.", "a-",
    "-", "_", "_a", "__", "*", "**", "**a", "# ", "- a\n", "\n-", "{", "{a", "{}", "|", "| ", "|||", " |||", "{|",
    ",", ", ", " ,", "， ", ";", "=", ";=", "'", '"', "“", "(", "()", "((a", "(a:1", "[", "[]", "![", "<", "<p", "<p>",
    "<|", "</s>", "</s> ", "<think>", "</think>", "&", "&#1", "\\", "\\n", "\\u0041", "http://", "www.a", "www.a.",
    "a@", "@a", "a@a.", "the ", "the\n", "the the ", "A b. ", "a b c d. ", "a?b", "--ar ", "<lora:", "...", "…",
    "sorry ", "i'm sorry ", "as an ", "please ", "let me know ", "if you want ", "is there ", "here is ",
    "this image ", "\u4e2d", "。", "`", "```",
)  # fmt: skip

Reading = Callable[[str], object]


def record(text: str) -> ImageRecord:
    return ImageRecord("a.jpg", text=text, state=SidecarState.TEXT)


def judged(text: str) -> list[object]:
    one, habits = record(text), habits_of([record(text)])
    judge = Judge(habits, "LATIN", "English", "xyz", False, profiles(), False, None)
    return [*judge.of_caption(one), *judged_together([one], judge)]


def trained_with(text: str) -> list[object]:
    folder = TrainingFolder(ROOT, [record(text)], {}, {})
    return [finding for profile in profiles() for finding in broken_rules(folder, profile)]


MANY_PATTERNS = ("review", "clean sentence", "clean tags")

READINGS: dict[str, Reading] = {
    "split_tags": split_tags,
    "all_tags": all_tags,
    "join_tags": join_tags,
    "looks_like_tags": looks_like_tags,
    "words": words,
    "about_clip_tokens": about_clip_tokens,
    "spreadsheet_cell": lambda text: from_spreadsheet_cell(spreadsheet_cell(text)),
    "word_diff": lambda text: word_diff(text, f"x{text[:-9]}"),
    "clean sentence": lambda text: clean(text, "sentence"),
    "clean tags": lambda text: clean(text, "tags"),
    "review": judged,
    "trainers": trained_with,
} | {
    type(change).__name__: change.rewriter([])
    for change in (
        bulk.RemoveTag("cat"), bulk.RenameTag("cat", "dog"), bulk.Deduplicate(), bulk.SortTags(),
        bulk.SortByFrequency(), bulk.MoveToFront("cat"), bulk.TidySpaces(), bulk.StripLeadIns(), bulk.LowerCase(),
    )
}  # fmt: skip


def hostile() -> Iterator[str]:
    for beginning in BEGINNINGS:
        for part in PARTS:
            yield beginning + (part * (LENGTH // len(part))) + "z"


def _seconds(reading: Reading, text: str) -> float:
    """Processor time of this thread."""
    start = time.thread_time()
    reading(text)
    return time.thread_time() - start


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in MANY_PATTERNS else ()) for name in READINGS]
)
def test_no_caption_takes_a_reader_long(name: str) -> None:
    slow = {}
    for text in hostile():
        reading = READINGS[name]
        if _seconds(reading, text) <= SECONDS:
            continue
        # Perhaps it is the machine that is slow. By the square a quarter takes a sixteenth, else about a quarter.
        whole, quarter = (min(_seconds(reading, some) for _ in range(3)) for some in (text, text[: len(text) // 4]))
        if whole > SECONDS and whole > 9 * quarter:
            slow[text[:20]] = round(whole, 1)
    assert not slow
