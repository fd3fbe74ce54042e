"""Plans over captions: what would change, exactly, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.bulk import (
    Change,
    Find,
    RemoveTag,
    plan_affix,
    plan_replace,
    plan_tags,
)
from lib.dataset.tag_files.sidecar import MAX_BYTES
from lib.domain import ImageRecord, SidecarState
from lib.errors import InvalidInput
from tests.bulk.plans import (
    captions,
    patiently,
    record,
    replaced,
    tag_like,
)


@pytest.mark.parametrize(
    "plan",
    [
        lambda records: plan_affix(records, "x"),
        lambda records: plan_replace(records, Find("cat"), "dog"),
        lambda records: plan_replace(records, Find("c.t", regex=True), "dog"),
        lambda records: plan_tags(records, RemoveTag("cat")),
    ],
)
def test_captions_that_cannot_be_edited_are_left_out(plan):
    records = [
        ImageRecord("bad.jpg", text="cat", state=SidecarState.UNDECODABLE),
        ImageRecord("two.jpg", text="cat", state=SidecarState.TEXT, shared=True),
        ImageRecord("good.jpg", text="cat", state=SidecarState.TEXT),
    ]
    assert [change.name for change in plan(records)] == ["good.jpg"]


@pytest.mark.parametrize(
    ("text", "find", "replacement", "wanted"),
    [
        ("cat, cat", Find("cat"), "dog", "dog, dog"),
        ("Cat", Find("cat"), "dog", "Cat"),
        ("Cat", Find("cat", ignore_case=True), r"\1 $1 \g<0>", r"\1 $1 \g<0>"),
        ("red cat", Find(r"(\w+) (\w+)", regex=True), r"\2 \1", "cat red"),
        ("red cat", Find(r"(?<colour>\w+) ", regex=True), r"\g<colour>-", "red-cat"),
        ("cat", Find("(x)?cat", regex=True), r"[\1]", "[]"),
        ("cat", Find("cat", regex=True), "$1", "$1"),
        ("cat", Find("cat", regex=True), r"a\nb", "a\nb"),
        ("cat", Find("cat", regex=True), r"a\\b", r"a\b"),
        ("cat", Find("cat"), "a\r\nb", "a\nb"),
        ("cat", Find(".*", regex=True), "dog", "dog"),
        ("cat", Find("^", regex=True), "a ", "a cat"),
        ("cat", Find("$", regex=True), "!", "cat!"),
        ("a\nb", Find("(?m)^", regex=True), "- ", "- a\n- b"),
        ("cat", Find("cat"), "cat", "cat"),
        ("cat", Find("cat"), "", ""),
        ("aba", Find("(?r)a", regex=True), "x", "xbx"),
        ("a ||| b", Find("||"), "/", "a /| b"),
    ],
)
def test_replace(text, find, replacement, wanted):
    assert replaced(text, find, replacement) == wanted


@pytest.mark.parametrize("find", [Find("cat"), Find("CAT", ignore_case=True), Find("c.t", regex=True)])
def test_hits_are_counted_for_each_caption(find):
    records = [record("cat cat"), record("dog", "b.jpg"), record("a cat", "c.jpg")]
    assert plan_replace(records, find, "fox") == [
        Change("a.jpg", "cat cat", "fox fox", 2),
        Change("c.jpg", "a cat", "a fox", 1),
    ]


@pytest.mark.parametrize("template", [r"\2", r"\g<name>", r"\g<1", "\\", r"\q"])
def test_a_wrong_replacement_is_refused_even_without_a_match(template):
    with pytest.raises(InvalidInput, match="replacement"):
        plan_replace([record("dog")], Find("(cat)", regex=True), template)


@pytest.mark.parametrize("find", [Find("a"), Find("A", ignore_case=True), Find("(?=(a*))", regex=True)])
def test_a_caption_that_would_outgrow_its_file_is_refused(find):
    big = r"\1" if find.regex else "b" * 5_000
    with pytest.raises(InvalidInput, match="grow beyond"):
        plan_replace([record("a" * (MAX_BYTES // 1_000))], find, big)


@patiently
@given(captions, captions.filter(bool), captions)
def test_literal_replace_is_str_replace(text, old, new):
    assert replaced(text, Find(old), new) == text.replace(old, new)


@patiently
@given(tag_like, st.text(alphabet="abA,|{1", min_size=1, max_size=2), st.text(alphabet="ab1$", max_size=4))
def test_a_pattern_of_escaped_letters_gives_what_the_literal_gives(text, old, new):
    as_pattern = plan_replace([record(text)], Find(re.escape(old), regex=True), new)
    assert as_pattern == plan_replace([record(text)], Find(old), new)
