"""What captions are like as a whole: how long, how they begin, which are the same."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.domain import ImageRecord
from lib.records import at_places, texts_of
from lib.text import words

_WIDTHS = (1, 2, 5, 10, 20, 50, 100)
_MOST_BARS = 30
OPENING_WORDS = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """How many captions have from `first` to `last` words, both included."""

    first: int
    last: int
    captions: int


def lengths(texts: Iterable[str]) -> list[Bar]:
    """A histogram of caption lengths in words, without gaps. Images without a caption are not counted."""
    sizes = Counter(len(words(text)) for text in texts if text.strip())
    if not sizes:
        return []
    low, high = min(sizes), max(sizes)
    span = high - low + 1
    width = next((width for width in _WIDTHS if span <= width * _MOST_BARS), -(-span // _MOST_BARS))
    bars: Counter[int] = Counter()
    for size, captions in sizes.items():
        bars[size // width] += captions
    return [Bar(at * width, at * width + width - 1, bars[at]) for at in range(low // width, high // width + 1)]


def opening(text: str, size: int = OPENING_WORDS) -> str:
    """The first words of a caption in small letters, "" where it has fewer."""
    first = words(text.lower())[:size]
    return " ".join(first) if len(first) == size else ""


def openings(texts: Iterable[str], size: int = OPENING_WORDS) -> list[tuple[str, int]]:
    """How captions begin, with the number of captions, the most common first. What begins only one is left out."""
    counts = Counter(start for text in texts if (start := opening(text, size)))
    return sorted(((start, n) for start, n in counts.items() if n > 1), key=lambda pair: (-pair[1], pair[0]))


def duplicates(records: Sequence[ImageRecord]) -> list[Sequence[ImageRecord]]:
    """Groups of images whose captions are the same but for case, punctuation and blanks; the largest group first."""
    texts = texts_of(records)
    # A number for each: of a million captions the gists themselves would take hundreds of megabytes.
    numbers = array("q", (hash(_gist(text)) if text.strip() else 0 for text in texts))
    times = Counter(numbers)
    groups: dict[str, list[int]] = {}
    for place, number in enumerate(numbers):
        if number and times[number] > 1:
            groups.setdefault(_gist(texts[place]), []).append(place)
    found = sorted((group for group in groups.values() if len(group) > 1), key=len, reverse=True)
    return [at_places(records, group) for group in found]


def _gist(text: str) -> str:
    folded = text.casefold()
    # A caption of signs alone has no words to compare.
    return " ".join(words(folded)) or " ".join(folded.split())
