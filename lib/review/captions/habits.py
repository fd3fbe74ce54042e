"""What is usual in a dataset: how its captions end, which words they use. A caption is judged by the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from lib.domain import ImageRecord
from lib.review.captions.openings import opens_as_photo
from lib.text import looks_like_tags, words

FULL_STOPS = ".!?…。！？।؟"
_BETWEEN_TAGS = re.compile(r",(?: (?! )|(?=\S))")
_CLOSING = "\"'”’»)]」』`*"


@dataclass(frozen=True, slots=True)
class Habits:
    """What is usual, of all captions that have a word.

    `tagged` is the share of those that look like tags, `stopped` of those that end with a full stop or the like.
    `uses` counts the captions that a word is in, `last` those that it ends, in small letters.
    `length` is the usual number of words, `shouted` the share of captions in capitals, `as_photos` of those that begin
    with "a photo of" or the like, `separator` what mostly stands between two tags.
    """

    captions: int = 0
    tagged: float = 0.0
    stopped: float = 0.0
    length: float = 0.0
    shouted: float = 0.0
    uses: Counter[str] = field(default_factory=Counter)
    last: Counter[str] = field(default_factory=Counter)
    as_photos: float = 0.0
    separator: str = ", "

    @property
    def are_tags(self) -> bool:
        return self.tagged > 0.5

    def is_used_elsewhere(self, word: str) -> bool:
        """Whether another caption has this word, which stands in one."""
        return self.uses[word] > 1


def habits_of(records: Iterable[ImageRecord]) -> Habits:
    """What is usual in these captions."""
    texts = [record.text.strip() for record in records if record.is_tagged]
    if not texts:
        return Habits()
    uses: Counter[str] = Counter()
    last: Counter[str] = Counter()
    lengths = []
    for text in texts:
        found = [word.lower() for word in words(text)]
        lengths.append(len(found))
        uses.update(set(found))
        if found:
            last[found[-1]] += 1
    tagged = sum(map(looks_like_tags, texts))
    stopped = sum(map(has_stop, texts))
    shouted = sum(map(is_shouted, texts))
    count = len(texts)
    as_photos = sum(map(opens_as_photo, texts)) / count
    return Habits(
        count, tagged / count, stopped / count, median(lengths), shouted / count, uses, last, as_photos,
        _separator(texts),
    )  # fmt: skip


def _separator(texts: Iterable[str]) -> str:
    found = Counter(one for text in texts if looks_like_tags(text) for one in _BETWEEN_TAGS.findall(text))
    return found.most_common(1)[0][0] if found else ", "


def is_shouted(text: str) -> bool:
    """Whether a text of several words is in capitals throughout."""
    return text.isupper() and len(words(text)) > 2


def has_stop(text: str) -> bool:
    """Whether a text ends as sentences do; quotes and brackets may close behind the stop."""
    return text.rstrip().rstrip(_CLOSING + " ").endswith(tuple(FULL_STOPS)) or text.rstrip().endswith(tuple(FULL_STOPS))


def common_opening(texts: Sequence[str], size: int = 4) -> tuple[str, list[int]]:
    """The `size` words that most texts begin with, and the places of those texts."""
    begins: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        found = words(text)[:size]
        if len(found) == size:
            begins.setdefault(" ".join(found).lower(), []).append(place)
    if not begins:
        return "", []
    return max(begins.items(), key=lambda pair: len(pair[1]))
