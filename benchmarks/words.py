"""Searching and counting 100,000 captions: keywords, logic, a pattern, words, and the picture of them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.folders import caption_words
from benchmarks.table import Row
from lib.domain import ImageRecord, SidecarState
from lib.keywords import Haystack, parse
from lib.words import compare, count, count_each, draw_cloud

_CAPTIONS = 100_000
_ROUNDS = 7


def _records() -> list[ImageRecord]:
    draw, words = random.Random(7), caption_words()
    return [
        ImageRecord(f"{number:06d}.jpg", text=" ".join(draw.choices(words, k=12)) + ".", state=SidecarState.TEXT)
        for number in range(_CAPTIONS)
    ]


def _seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def measure(scratch: Path) -> list[Row]:
    records = _records()
    haystack = Haystack(records)
    return [*_queries(haystack), *_making_ready(records, haystack), *_words(records)]


def _queries(haystack: Haystack) -> list[Row]:
    texts = haystack.folded
    floor = _seconds(lambda: [text for text in texts if "red house" in text])
    literal = _seconds(lambda: parse("red house").find(haystack))
    rows = [
        Row(
            f"query of {_CAPTIONS:,} captions, literal", literal * 1e3, "ms", "under 50 ms, at most 3 × `in`",
            literal < 0.05 and literal <= 3 * floor, floor * 1e3,
        )
    ]  # fmt: skip
    cases = (
        ("boolean", "(dog OR cat) AND beach AND NOT running", False, 100),
        ("three keywords, one excluded", "dog, red house, boat, -street", False, 100),
        ("stars within words", "r*d b*t, w*n", False, 600),
        ("regex", r"(dog|cat) \w+ing (red|blue)", True, 600),
    )
    for what, query, regex, limit in cases:
        figure = 1e3 * _seconds(lambda query=query, regex=regex: parse(query, regex=regex).find(haystack))
        rows.append(Row(f"query of {_CAPTIONS:,} captions, {what}", figure, "ms", f"under {limit} ms", figure < limit))
    return rows


def _making_ready(records: list[ImageRecord], haystack: Haystack) -> list[Row]:
    first = 1e3 * _seconds(lambda: Haystack(records))
    again = 1e3 * _seconds(lambda: Haystack(records, haystack))
    return [
        Row(f"making {_CAPTIONS:,} captions ready to search", first, "ms", "under 100 ms", first < 100),
        Row("the same after an edit", again, "ms", "under 50 ms", again < 50),
    ]


def _words(records: list[ImageRecord]) -> list[Row]:
    texts = [record.text for record in records]
    single = _seconds(lambda: count(texts))
    counted = count(texts).counted
    half = len(texts) // 2
    typical = _seconds(lambda: compare(*count_each([texts[:half], texts[half:]])))
    # As many different words as a real folder has, not the few of these captions.
    pairs = ((word, other, at) for at, other in enumerate(counted, 1) for word in counted)
    many = {word + other: counted[word] // at + 1 for word, other, at in pairs}
    draw_cloud(counted)  # Reading the font and importing the packages is paid once a server.
    picture = _seconds(lambda: draw_cloud(many))
    return [
        Row(f"word counts of {_CAPTIONS:,} captions", single, "s", "under 1 s", single < 1),
        Row("comparing one half of them with the other", typical, "s", "under 2 s", typical < 2),
        Row("the picture of a word cloud, PNG and SVG", picture, "s", "under 1.5 s", picture < 1.5),
    ]
