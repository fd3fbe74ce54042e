"""Tags of captions: removed, renamed, sorted, cleaned."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.bulk import (
    Deduplicate,
    LowerCase,
    MoveToFront,
    RemoveTag,
    RenameTag,
    SortByFrequency,
    SortTags,
    StripLeadIns,
    TidySpaces,
    plan_tags,
)
from lib.bulk.tag_text import all_tags
from lib.errors import InvalidInput
from tests.bulk.plans import (
    OPERATIONS,
    captions,
    patiently,
    record,
    retagged,
    tag_like,
    tags,
)


@pytest.mark.parametrize(
    ("operation", "text", "wanted"),
    [
        (RemoveTag("cat"), "a, cat, b, cat", "a, b"),
        (RemoveTag("cat"), "a,dog ,  b", "a,dog ,  b"),
        (RemoveTag("cat"), "black cat, category", "black cat, category"),
        (RemoveTag("cat"), "cat", ""),
        (RemoveTag("Cat"), "cat", "cat"),
        (RemoveTag("Cat", ignore_case=True), "cat, CAT, dog", "dog"),
        (RemoveTag("cat, dog"), "cat, fox, dog", "fox"),
        (RemoveTag("cat"), "cat ||| a,b ||| cat, c", "||| a,b ||| c"),
        (RemoveTag("cat"), "cat;;;dog, cat", "cat;;;dog"),
        (RemoveTag("a"), "{a, b|c}, a, {a|{b, a}}", "{a, b|c}, {a|{b, a}}"),
        (RemoveTag("b"), "{a, b, c", "{a, c"),
        (RemoveTag("cat"), "cat\ndog, cat\n", "dog\n"),
        (RemoveTag("000 people"), "1,000 people, 000 people", "1,000 people"),
        (RenameTag("cat", "tom cat"), "a, cat,b", "a, tom cat, b"),
        (RenameTag("kitty", "cat"), "kitty, sofa, cat", "sofa, cat"),
        (RenameTag("kitty", "cat"), "kitty, kitty", "cat"),
        (RenameTag("kitty", "cat"), "cat, cat,dog", "cat, cat,dog"),
        (RenameTag("CAT", "Cat", ignore_case=True), "cat, dog", "Cat, dog"),
        (RenameTag("cat", "cat"), "cat,cat", "cat,cat"),
        (Deduplicate(), "a, b,a, A", "a, b, A"),
        (Deduplicate(), "a,b", "a,b"),
        (Deduplicate(), "a ||| a, b", "a ||| b"),
        (Deduplicate(), "a;;;b, a, a;;;b", "a;;;b, a"),
        (Deduplicate(), "a, b\na, a", "a, b\na"),
        (SortTags(), "b, C, a", "a, b, C"),
        (SortTags(), "a,b", "a,b"),
        (SortTags(), "z, y ||| b, a ||| d, c", "z, y ||| a, b ||| d, c"),
        (SortTags(), "b;;;a, {z, y}, a", "a, b;;;a, {z, y}"),
        (MoveToFront("sks"), "a, sks, b", "sks, a, b"),
        (MoveToFront("sks"), "sks,a", "sks,a"),
        (MoveToFront("sks"), "a,b", "a,b"),
        (MoveToFront("SKS", ignore_case=True), "a, sks", "sks, a"),
        (MoveToFront("sks"), "a ||| b, sks", "sks, a ||| b"),
        (MoveToFront("sks"), "a, sks\nb, sks", "sks, a\nsks, b"),
        (TidySpaces(), " a ,b,,  c  d , ", "a, b, c d"),
        (TidySpaces(), "a, b", "a, b"),
        (TidySpaces(), "1,000  people", "1,000 people"),
        (TidySpaces(), "a  |||  b;;;c , {x,  y}\n", "a ||| b;;;c, {x,  y}\n"),
        (
            StripLeadIns(),
            "This image shows a cat, and a dog that it does not like.",
            "A cat, and a dog that it does not like.",
        ),
        (StripLeadIns(), "this picture shows Paris", "Paris"),
        (StripLeadIns(), "Here is a caption:\nA cat.\n", "A cat.\n"),
        (StripLeadIns(), "The image depicts one dog.\nThis image shows two dogs.", "One dog.\nTwo dogs."),
        (StripLeadIns(), "Tags: cat, dog, red sofa", "cat, dog, red sofa"),
        (StripLeadIns(), "The picture hangs on a wall. ", "The picture hangs on a wall. "),
        (LowerCase(), "A Cat,DOG", "a cat,dog"),
        (LowerCase(), "A, {Red|{Blue, B}} B, __Colours/A__ ||| C;;;D", "a, {Red|{Blue, B}} b, __Colours/A__ ||| c;;;d"),
        (LowerCase(), "A {B", "a {b"),
    ],
)
def test_tag_operations(operation, text, wanted):
    assert retagged(text, operation) == wanted


def test_sorting_by_frequency_counts_a_tag_once_an_image():
    texts = ["rare, rare, rare, cat", "dog, cat", "dog, cat", "dog, bird"]
    changes = plan_tags([record(text, f"{n}.jpg") for n, text in enumerate(texts)], SortByFrequency())
    assert {change.name: change.after for change in changes} == {"0.jpg": "cat, rare, rare, rare"}


@pytest.mark.parametrize(
    ("operation", "hits"), [(RemoveTag("a"), 3), (RenameTag("a", "z"), 3), (Deduplicate(), 2), (MoveToFront("b"), 1)]
)
def test_tag_operations_count_what_differs(operation, hits):
    assert [change.hits for change in plan_tags([record("a, a, b, a")], operation)] == [hits]


@pytest.mark.parametrize(
    "operation",
    [RemoveTag(" , "), RenameTag("", "a"), RenameTag("a", " "), RenameTag("a, b", "c"), MoveToFront("a, b")],
)
def test_operations_without_a_proper_tag_are_refused(operation):
    with pytest.raises(InvalidInput):
        plan_tags([record("a, b")], operation)


@pytest.mark.parametrize("operation", OPERATIONS)
@patiently
@given(text=st.one_of(captions, st.text(), tag_like))
def test_no_caption_makes_a_plan_fail_or_lose_its_separators(operation, text):
    changes = plan_tags([record(text)], operation)
    for change in changes:
        assert change.before != change.after
        if not isinstance(operation, Deduplicate | RemoveTag | RenameTag | StripLeadIns):
            assert change.after.count("|||") == text.count("|||")


@pytest.mark.parametrize("operation", [Deduplicate(), SortTags(), TidySpaces(), LowerCase(), RemoveTag("a")])
@patiently
@given(text=st.one_of(captions, tag_like, tags))
def test_twice_is_once(operation, text):
    once = retagged(text, operation)
    assert retagged(once, operation) == once


@pytest.mark.parametrize("operation", [SortTags(), SortByFrequency(), MoveToFront("a"), TidySpaces()])
@patiently
@given(text=tags)
def test_reordering_keeps_every_tag(operation, text):
    spaces_aside = [" ".join(tag.split()) for tag in all_tags(text)]
    assert Counter(" ".join(tag.split()) for tag in all_tags(retagged(text, operation))) == Counter(spaces_aside)


@patiently
@given(tags)
def test_a_removed_tag_is_gone_and_the_others_are_not(text):
    kept = [tag for tag in all_tags(text) if tag != "a"]
    assert all_tags(retagged(text, RemoveTag("a"))) == kept


def test_stray_braces_are_read_in_linear_time():
    start = time.perf_counter()
    for text in ("{" * 100_000, "{a, " * 50_000, "}{" * 50_000, "{" * 50_000 + "}" * 50_000, "__a" * 50_000):
        retagged(text, Deduplicate())
        retagged(text, LowerCase())
    assert time.perf_counter() - start < 5
