"""The keyword language: what a query is true of, how it is written out, and what is said of a wrong one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.keywords import Haystack, Query, parse, quoted
from lib.keywords.grammar import MAX_DEPTH, MAX_KEYWORDS

# A busy machine is no failure.
patiently = settings(deadline=None)

QUERY_PIECES = (
    "cat", "red sofa", "AND", "OR", "NOT", "-", "(", ")", ",", '"', '""', "*", "tag:", "tokens:>5", "chars:<=9",
    "name:*a*", "folder:b", "by:hand", "by:nobody", " ", "\n", "ß", "é", "e\u0301", "c*t", ":", "x-y", "and", "\\",
)  # fmt: skip
queries = st.lists(st.sampled_from(QUERY_PIECES), max_size=12).map(" ".join) | st.lists(
    st.sampled_from(QUERY_PIECES), max_size=12
).map("".join)
captions = st.lists(
    st.sampled_from(["cat", "Red sofa", ", ", " ", "cats", "STRASSE", "é", "e\u0301", "İ", "-", "AND", "ct", "\n"]),
    max_size=8,
).map("".join)


def record(text: str, name: str = "a/b/photo_01.jpg") -> ImageRecord:
    return ImageRecord(name, text=text)


def read(text: str, **switches: bool) -> Query | None:
    try:
        return parse(text, **switches)
    except InvalidInput:
        return None


@pytest.mark.parametrize(
    ("query", "caption", "wanted"),
    [
        # Keywords: any of them, in any case, letter by letter
        ("cat", "A Cat on a sofa", True),
        ("cat", "two CATS", True),
        ("cat, dog", "two dogs", True),
        ("cat, dog", "a bird", False),
        ("cat\ndog", "two dogs", True),
        (" , cat,", "cat", True),
        ("red sofa", "a red sofa", True),
        ("red sofa", "a red, soft sofa", False),
        ("red  sofa", "red sofa", False),
        ("c.t", "cat", False),
        ("black and white", "a black and white photo", True),
        ("black and white", "black white", False),
        ("12:30", "at 12:30", True),
        ("t-shirt", "a T-shirt", True),
        ("dog - cat", "a dog - cat", True),
        ("cat_(animal)", "cat_(animal), solo", True),
        (r"cat_\(animal\)", r"cat_\(animal\), solo", True),
        ('5" vinyl', 'a 5" vinyl', True),
        ("straße", "STRASSE", True),
        ("STRASSE", "straße", True),
        ("cafe\u0301", "café", True),
        ("café", "CAFE\u0301", True),
        ("cafe", "cafe\u0301", False),
        ("猫", "白い猫", True),
        ("cat", "", False),
        # Phrases
        ('"red sofa"', "a red sofa", True),
        ('"(c)"', "copyright (C) 2001", True),
        ('"cat, dog"', "a cat, dog", True),
        ('"cat, dog"', "a cat", False),
        ('"say ""hi"""', 'they say "hi"', True),
        ('"NOT"', "do not", True),
        ('"a*b"', "a*b", True),
        ('"a*b"', "acb", False),
        # Exclusions
        ("-cat", "a dog", True),
        ("-cat", "a cat", False),
        ("-cat", "", True),
        ("dog -cat", "a dog", True),
        ("dog -cat", "a dog and a cat", False),
        ("cat, dog, -bird", "a dog", True),
        ("cat, dog, -bird", "a dog and a bird", False),
        ("cat, dog, -bird", "a tree", False),
        ("-cat, -dog", "a bird", True),
        ("-cat, -dog", "a dog", False),
        ("-red sofa", "a sofa", True),
        ("-red sofa", "a red sofa", False),
        ('-"red sofa" cat', "red cat", True),
        ("-(cat, dog)", "a bird", True),
        ("-(cat, dog)", "a dog", False),
        ("--cat", "cat", True),
        # Operators and brackets
        ("cat AND dog", "a dog and a cat", True),
        ("cat AND dog", "a cat", False),
        ("cat OR dog", "a dog", True),
        ("NOT cat", "a dog", True),
        ("NOT red sofa", "a red chair", True),
        ("cat OR dog AND red", "a cat", True),
        ("(cat OR dog) AND red", "a cat", False),
        ("(cat, dog) AND red", "a red dog", True),
        ("cat (dog, bird)", "a cat and a bird", True),
        ("cat (dog, bird)", "a cat", False),
        ("cat AND NOT (dog OR bird)", "a cat", True),
        ("cat NOT dog", "a cat and a dog", False),
        ("((cat))", "cat", True),
        ("ANDROID", "an android", True),
        # Tags
        ("tag:cat", "Cat, sofa", True),
        ("tag:cat", "cats, sofa", False),
        ("tag:cat", "a cat, sofa", False),
        ('tag:"red sofa"', "cat,  Red Sofa ", True),
        ("tag:red sofa", "red, blue sofa", True),
        ("tag:cat", "dog\ncat\nbird", True),
        ("-tag:cat", "cat, dog", False),
        ("TAG:cat", "cat", True),
        # Sizes
        ("chars:<4", "cat", True),
        ("chars:<4", "cats", False),
        ("chars:3", "cat", True),
        ("chars:=3", "cat", True),
        ("chars:<=3", "cat", True),
        ("chars:>=4", "cat", False),
        ("tokens:>75", "cat " * 76, True),
        ("tokens:>75", "cat " * 75, False),
        # Places
        ("name:*_01*", "", True),
        ("name:photo_*", "", True),
        ("name:*_01", "", True),
        ("name:*.JPG", "", True),
        ("name:*_02*", "", False),
        ("name:01", "", True),
        ("name:[p]hoto_01", "", False),
        ("name:*[p]hoto*", "", False),
        ("name:?hoto*", "", False),
        ("name:b", "", False),
        ("folder:a", "", True),
        ("folder:A/b/", "", True),
        ("folder:b", "", False),
        ("folder:*/b", "", True),
        ("folder:/", "", False),
        # Stars: whole words
        ("c*t", "a cat", True),
        ("c*t", "a coat", True),
        ("c*t", "coats", False),
        ("cat*", "two cats", True),
        ("cat*", "bobcat", False),
        ("*cat", "a bobcat", True),
        ("c*t", "c t", False),
        ("re* sofa", "a red sofa", True),
        ("b*n*n*", "bananas", True),
        ("*a*a*x", "banana", False),
        ("CA*", "cats", True),
        ("c**t", "coat", True),
        ("stra*e", "STRASSE", True),
        ("-c*t", "coat", False),
    ],
)
def test_what_a_query_is_true_of(query: str, caption: str, wanted: bool) -> None:
    assert parse(query).matches(record(caption)) is wanted


@pytest.mark.parametrize(
    ("query", "caption", "wanted"),
    [
        ("cat, dog", "a dog and a cat", True),
        ("cat, dog", "a dog", False),
        ("cat, -dog", "a cat", True),
        ("cat, dog OR bird", "cat, bird", True),
    ],
)
def test_all_keywords_are_asked_for_by_a_switch(query: str, caption: str, wanted: bool) -> None:
    assert parse(query, all=True).matches(record(caption)) is wanted


@pytest.mark.parametrize(
    ("query", "caption", "wanted"),
    [
        ("cat", "a cat.", True),
        ("cat", "cats", False),
        ("cat", "bobcat cat", True),
        ("cat", "cat_1", False),
        ('"(c)"', "(c) a", True),
        ("cafe", "cafe\u0301", False),
        ("red sofa", "red sofas", False),
        ("-cat", "cats", True),
    ],
)
def test_whole_words_by_a_switch(query: str, caption: str, wanted: bool) -> None:
    assert parse(query, whole_words=True).matches(record(caption)) is wanted


@pytest.mark.parametrize(
    ("query", "caption", "wanted"),
    [
        ("c.t", "Cut", True),
        ("^cat$", "a cat", False),
        ("(cat|dog), bird", "a dog", True),
        ("a{1,2}b", "aab", True),
        ("[a,b]x", "bx", True),
        (r"cat\, dog", "cat, dog", True),
        (r"cat\, dog", "a dog", False),
        ("cat AND dog", "cat and dog", True),
        ("cat AND dog", "dog and cat", False),
        (r"\bcat\b", "cats", False),
        ("-cat", "a -cat", True),
    ],
)
def test_patterns_by_a_switch(query: str, caption: str, wanted: bool) -> None:
    assert parse(query, regex=True).matches(record(caption)) is wanted


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "There is no keyword."),
        (" , ,", "There is no keyword."),
        ("cat AND", "character 5, at “AND”: AND needs a keyword after it"),
        ("cat AND, dog", "character 5, at “AND, dog”: AND needs a keyword after it"),
        ("OR cat", "character 1, at “OR cat”: OR needs a keyword before it"),
        ("cat NOT", "character 5, at “NOT”: NOT needs a keyword after it"),
        ("(cat", "character 1, at “(cat”: this bracket is not closed"),
        ("red (cat, dog", "character 5, at “(cat, dog”: this bracket is not closed"),
        ("cat)", "character 4, at “)”: this bracket closes none"),
        ("cat ()", "character 5, at “()”: there is nothing in these brackets"),
        ('a "cat', 'character 3, at “"cat”: this quotation mark has no second one'),
        ('cat, ""', 'character 6, at “""”: there is nothing between'),
        ("a, *", "character 4, at “*”: a star needs letters"),
        ("cat tag:", "character 5, at “tag:”: tag: needs a value"),
        ("tokens:many", "character 1, at “tokens:many”: tokens: needs a number"),
        ("chars:>", "chars: needs a number"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), "the brackets lie too deep"),
        ("NOT " * 1000 + "a", "the brackets lie too deep"),
        ("-" * 1000 + "a", "the brackets lie too deep"),
        (",".join("a" * (MAX_KEYWORDS + 1)), f"more than {MAX_KEYWORDS} keywords"),
        ("a" * 10_001, "longer than 10,000 characters"),
    ],
)
def test_a_wrong_query_is_a_sentence_that_points_at_the_place(query: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(query)
    assert said in caught.value.message


@pytest.mark.parametrize("query", ["", "ca(t", "cat, *dog", ",".join(["a"] * 21)])
def test_a_wrong_pattern_is_refused_when_read(query: str) -> None:
    with pytest.raises(InvalidInput):
        parse(query, regex=True)


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("cat, dog", "cat OR dog"),
        ("cat, dog, -bird", "(cat OR dog) AND NOT bird"),
        ("red sofa tag:cat", 'red sofa AND tag:"cat"'),
        ("a (b, c)", "a AND (b OR c)"),
        ('"NOT", c++', '"NOT" OR "c++"'),
        ("-(a b)", "NOT a b"),
        ("((a OR b) OR c)", "a OR b OR c"),
    ],
)
def test_a_query_is_written_out_in_one_way(query: str, written: str) -> None:
    assert str(parse(query)) == written


@patiently
@given(queries | st.text(max_size=30), st.booleans(), st.booleans())
def test_what_is_written_out_reads_back_as_the_same_query(text: str, every: bool, whole: bool) -> None:
    query = read(text, all=every, whole_words=whole)
    if query is not None:
        assert parse(str(query), all=every, whole_words=whole) == query
        assert parse(str(query), all=not every, whole_words=whole) == query


@patiently
@given(st.text(alphabet="ab,([{}])\\|.*^ ", max_size=12), st.booleans())
def test_patterns_read_back_as_the_same_query(text: str, every: bool) -> None:
    query = read(text, all=every, regex=True)
    if query is not None:
        assert parse(str(query), all=every, regex=True) == query


def test_a_pattern_given_twice_is_written_twice() -> None:
    assert str(parse("a., a.", regex=True)) == "a., a."


@patiently
@given(st.text(max_size=30), st.booleans(), st.booleans(), st.booleans(), captions)
def test_any_text_is_a_query_or_is_refused(text: str, every: bool, whole: bool, regex: bool, caption: str) -> None:
    query = read(text, all=every, whole_words=whole, regex=regex)
    if query is not None:
        assert query.matches(record(caption)) in (True, False)
        assert all(0 <= start <= end <= len(caption) for start, end in query.spans(caption))


@patiently
@given(queries, st.lists(captions, max_size=6), st.booleans())
def test_not_parts_the_captions_in_two(text: str, texts: list[str], whole: bool) -> None:
    query = read(text, whole_words=whole)
    opposite = read(f"NOT ({text})", whole_words=whole)
    if query is None or opposite is None:
        return
    records = [record(caption, f"{number}.jpg") for number, caption in enumerate(texts)]
    haystack = Haystack(records)
    assert sorted([*query.find(haystack), *opposite.find(haystack)], key=records.index) == records


@patiently
@given(queries, queries, captions)
def test_operators_are_those_of_logic(left: str, right: str, caption: str) -> None:
    one, other = read(left), read(right)
    if one is None or other is None:
        return
    sides = one.matches(record(caption)), other.matches(record(caption))
    if (both := read(f"({one}) AND ({other})")) is not None:
        assert both.matches(record(caption)) is all(sides)
    if (either := read(f"({one}) OR ({other})")) is not None:
        assert either.matches(record(caption)) is any(sides)


@patiently
@given(st.text(min_size=1, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_quoted_letters_mean_themselves(text: str, before: str, after: str) -> None:
    query = parse(quoted(text))
    assert query.matches(record(text))
    assert query == parse(str(query))
    if text.isascii() and before.isascii() and after.isascii():
        assert query.matches(record(before + text + after))
