"""What is found in captions, and patterns that would never end."""

from __future__ import annotations

import json
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.bulk import (
    Find,
    plan_replace,
)
from lib.errors import InvalidInput
from tests.bulk.plans import (
    METACHARACTERS,
    captions,
    patiently,
    record,
    replaced,
)


@pytest.mark.parametrize(
    ("find", "text", "wanted"),
    [
        (Find("cat"), "cat Cat cats", [(0, 3), (8, 11)]),
        (Find("cat", ignore_case=True), "cat Cat", [(0, 3), (4, 7)]),
        (Find("cat", whole_word=True), "cats cat bobcat cat_ cat", [(5, 8), (21, 24)]),
        (Find("C++", whole_word=True), "C++ C++11 xC++ (C++)", [(0, 3), (16, 19)]),
        (Find("(c)", whole_word=True), "(c) a(c) (c), (c)b", [(0, 3), (9, 12)]),
        (Find("cafe", whole_word=True), "cafe\u0301 cafe", [(6, 10)]),
        (Find("a|b", regex=True, whole_word=True), "a ab b", [(0, 1), (5, 6)]),
        (Find("a # letter", regex=True, whole_word=True), "a # letter", [(0, 10)]),
        (Find("(?x)a # letter", regex=True, whole_word=True), "a ab", [(0, 1)]),
        (Find("猫"), "白い猫", [(2, 3)]),
        (Find(".*", regex=True), "cat\ndog", [(0, 3), (4, 7)]),
        (Find("^", regex=True), "cat", [(0, 0)]),
        (Find("x*", regex=True), "axb", [(0, 0), (1, 2), (3, 3)]),
        (Find("(?r)a", regex=True), "aba", [(0, 1), (2, 3)]),
        (Find("A", regex=True, ignore_case=True), "aA", [(0, 1), (1, 2)]),
    ],
)
def test_find_all(find, text, wanted):
    assert find.find_all(text) == wanted


@pytest.mark.parametrize("case", [False, True])
@pytest.mark.parametrize("word", [False, True])
def test_literal_text_never_acts_as_a_pattern(case, word):
    find = Find(METACHARACTERS, ignore_case=case, whole_word=word)
    assert find.find_all(f"x {METACHARACTERS} y") == [(2, 2 + len(METACHARACTERS))]
    assert find.find_all("aab c d 1 0 anything e f g h") == []
    for part in METACHARACTERS.split():
        assert replaced(f"x {part} y", Find(part, ignore_case=case, whole_word=word), r"\1$0\g<0>") == (
            r"x \1$0\g<0> y"
        )


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("cat(", "character 5, after “cat(”: missing )"),
        ("*cat", "character 1, at its beginning: nothing to repeat"),
        ("[a", "unterminated character set"),
        (r"\p{nonsense}", "unknown property"),
        (r"\L<names>", "undefined named list"),
        ("(?au)a", "mutually incompatible"),
        ("(" * 900, "brackets lie too deep"),
        ("a" * 1001, "longer than 1,000 characters"),
        ("a{" + "9" * 5_000 + "}", "longer than 1,000 characters"),
        ("((a{999}){999}){999}", "repeats too often"),
        ("a{99999999999999999999}", "repeats too often"),
        ("(?x)(?:a{ 20000 }){ 20000 }", "repeats too often"),
        ("(?x)(?:a{ 2 0\n000 }){# often\n2#\n0000}", "repeats too often"),
        ("(?:" + "a?" * 450 + "){20000}", "repeats too often"),
        ("(?:" + "()" * 400 + "){120}", "repeats too often"),
        ("(?:" * 30 + "a" + "b?)+" * 30, "repeats too often"),
        ("(?x)" + "(?:" * 30 + "a" + "b?) # often\n+" * 30, "repeats too often"),
        ("(?:" * 30 + "a" + "b?){1,}" * 30, "repeats too often"),
        ("(?x)(?:aa?) # often\n {20000}", "repeats too often"),
    ],
)
def test_a_wrong_pattern_says_where(pattern, place):
    with pytest.raises(InvalidInput, match="The pattern") as caught:
        Find(pattern, regex=True).compile()
    assert place in str(caught.value)
    assert "Nothing was changed" in caught.value.hint


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        r"(\d{1,3}\.){3}\d{1,3}",
        r"(\w+ )+(\w+ )+\w+ \w+ \w+ \w+ \w+ \w+ \w+ \w+ \w+ \w+ \w+",
        "a{1,3}",
        "(?:ab){2}",
        "(?:a, ){100,}",
        "(?:ab?){,30000}",
        "a{9000}",
        "{a} # {b}",
    ],
)
def test_ordinary_repeats_are_allowed(pattern):
    assert Find(pattern, regex=True).compile().pattern == pattern


def test_memory_that_runs_out_while_compiling_is_explained(monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("lib.find.patterns.compile", full)
    with pytest.raises(InvalidInput, match="needs too much memory"):
        Find("a very large pattern", regex=True).compile()


def test_a_pattern_that_fills_much_memory_is_not_kept():
    small, large = Find("a{3}", regex=True), Find("(?:a?b){300}", regex=True)
    assert small.compile() is small.compile()
    assert large.compile() is not large.compile()


@pytest.mark.parametrize("regex", [False, True])
def test_nothing_to_find_is_refused(regex):
    with pytest.raises(InvalidInput, match="nothing to look for"):
        plan_replace([record("cat")], Find("", regex=regex), "x")


@patiently
@given(st.text(), st.booleans(), st.booleans(), captions)
def test_any_pattern_works_or_is_refused(pattern, case, word, text):
    try:
        spans = Find(pattern, True, case, word).find_all(text)
    except InvalidInput:
        return
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_patterns_that_explode_end_within_a_second(test_data: Path):
    for pattern, text in json.loads((test_data / "hostile/strings/made/redos.json").read_text(encoding="utf-8")):
        start = time.perf_counter()
        try:
            plan_replace([record(text, f"{n}.jpg") for n in range(20)], Find(pattern, regex=True), "x")
            message = ""
        except InvalidInput as error:
            message = error.message
        assert not message or ("too slow" in message and pattern[:70] in message)
        assert time.perf_counter() - start < 1, pattern


def test_other_threads_go_on_while_a_pattern_explodes():
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        with pytest.raises(InvalidInput, match="too slow"):
            Find("(a|aa)+$", regex=True).find_all("a" * 60 + "!")
    finally:
        done.set()
        thread.join()
    assert len(ticks) > 5


def test_a_pattern_that_explodes_is_named_and_changes_nothing():
    records = [record("a"), record("a" * 60 + "!", "b.jpg")]
    with pytest.raises(InvalidInput, match=r"“\(a\|aa\)\+\$” is too slow") as caught:
        plan_replace(records, Find("(a|aa)+$", regex=True), "x")
    assert "Nothing was changed" in caught.value.hint


def test_a_pattern_that_is_a_little_slow_everywhere_is_stopped_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lib.find.OPERATION_SECONDS", 0.05)
    records = [record("ab" * 5_000, f"{n}.jpg") for n in range(200)]
    with pytest.raises(InvalidInput, match="too slow"):
        plan_replace(records, Find("a", regex=True), "x")
