"""Words before and after captions: each once, and nothing of the caption lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.bulk import (
    plan_affix,
)
from tests.bulk.plans import (
    after,
    captions,
    patiently,
    record,
    tag_like,
)


@pytest.mark.parametrize(
    ("text", "prefix", "suffix", "separator", "wanted"),
    [
        ("cat", "sks", "", ", ", "sks, cat"),
        ("cat", "", "4k", ", ", "cat, 4k"),
        ("cat", "sks", "4k", " ", "sks cat 4k"),
        ("", "sks", "4k", ", ", "sks, 4k"),
        (" \n", "sks", "", ", ", "sks"),
        ("", "", "4k", ", ", "4k"),
        ("", "  ", "", ", ", ""),
        ("cat", "  ", "", ", ", "cat"),
        ("sks, cat", "sks", "", ", ", "sks, cat"),
        ("sks dog", "sks", "", ", ", "sks dog"),
        ("sks", "sks", "", ", ", "sks"),
        ("category", "cat", "", ", ", "cat, category"),
        ("bobcat", "", "cat", ", ", "bobcat, cat"),
        ("a cat", "", "cat", ", ", "a cat"),
        ("cat", "re", "", "", "recat"),
        ("recat", "re", "", "", "recat"),
        ("cat", "a photo of ", "", "", "a photo of cat"),
        ("cat\n", "sks", "4k", ", ", "sks, cat, 4k\n"),
        ("sks, cat", "sks", "4k", ", ", "sks, cat, 4k"),
        ("0", "0 ", "00", "", "0 000"),
        ("0", "00", " 0", "", "000 0"),
        ("dog, beach,", "", "hd", ", ", "dog, beach, hd"),
        ("dog, beach , ,\n", "", "hd,", ", ", "dog, beach, hd\n"),
        ("dog, beach,", "sks,", "", ", ", "sks, dog, beach"),
        (", dog,, beach", "sks", "", ", ", "sks, dog, beach"),
        ("犬、浜、", "", "hd", ", ", "犬、浜, hd"),
        (",", "sks,", ", hd", ", ", "sks, hd"),
        ("dog, hd,", "", "hd", ", ", "dog, hd,"),
        ("sks, dog,", "sks,", "", ", ", "sks, dog,"),
        ("dog, beach,", "", ", hd", "", "dog, beach, hd"),
        ("dog", "sks,", "", " ", "sks, dog"),
        ("dog,", "sks,", "x,", " ", "sks, dog, x"),
        ("dog,", "a photo of a", "", " ", "a photo of a dog,"),
        ("dog,", "", "A cat.", "\n", "dog,\nA cat."),
        ("{red,,blue} dog,", "", "hd", ", ", "{red,,blue} dog, hd"),
        ("dog,beach,", "", "hd", ",", "dog,beach,hd"),
    ],
)
def test_affix(text, prefix, suffix, separator, wanted):
    assert after(plan_affix([record(text)], prefix, suffix, separator, also_blank=True), text) == wanted


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_image_without_a_caption_gets_none_by_an_affix(text):
    assert plan_affix([record(text)], "sks", "4k") == []


def test_affix_is_added_again_where_asked_for():
    assert after(plan_affix([record("sks, cat")], "sks", only_where_missing=False), "sks, cat") == "sks, sks, cat"


def test_affix_counts_what_it_added():
    changes = plan_affix([record("cat"), record("sks, cat", "b.jpg")], "sks", "4k")
    assert [change.hits for change in changes] == [2, 1]


@patiently
@given(captions, captions, captions, st.sampled_from([", ", " ", "", "|", "x", "\n"]))
def test_affix_twice_is_affix_once(text, prefix, suffix, separator):
    for also_blank in (False, True):
        once = after(plan_affix([record(text)], prefix, suffix, separator, also_blank=also_blank), text)
        assert plan_affix([record(once)], prefix, suffix, separator, also_blank=also_blank) == []


@patiently
@given(tag_like, tag_like, tag_like, st.sampled_from([", ", " ", ""]))
def test_words_put_before_and_after_tags_leave_no_empty_tag(text, prefix, suffix, separator):
    text, prefix, suffix = (part.replace("{", "") for part in (text, f"{prefix}a, ", f" ,b{suffix}"))
    changed = after(plan_affix([record(text)], prefix, suffix, separator), text)
    assert changed == text or not re.search(r",[^\S\n]*,|,\s*$", changed)
