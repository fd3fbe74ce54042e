"""The trigger word, or any word that nearly every caption begins with: where it is missing or not first. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from lib.bulk.affix import plan_affix
from lib.bulk.base import Change
from lib.domain import ImageRecord
from lib.review.captions.language import COMMON_WORDS
from lib.text import split_tags, words

_MOST, _FEWEST = 0.8, 8
_NOT_TRIGGERS = frozenset(word for text in COMMON_WORDS.values() for word in text.split()) | {
    "man", "woman", "people", "dog", "group", "photo", "picture", "image", "close", "close-up", "some", "several",
}  # fmt: skip

Stand = Literal["missing", "not first", ""]


def guessed(records: Sequence[ImageRecord]) -> str:
    """What nearly all captions begin with, where that is no common word: a tag, or the first word; "" for none."""
    texts = [record.text.strip() for record in records if record.is_tagged]
    if len(texts) < _FEWEST:
        return ""
    for first in (_first_tag, _first_word):
        begin, count = Counter(map(first, texts)).most_common(1)[0]
        plain = begin.lower()
        if begin and count >= _MOST * len(texts) and plain not in _NOT_TRIGGERS and len(words(begin)) <= 4:
            return begin
    return ""


def _first_tag(text: str) -> str:
    tags = split_tags(text.split("\n")[0])
    return tags[0] if len(tags) > 1 else ""


def _first_word(text: str) -> str:
    return (words(text) or [""])[0]


def stand(text: str, trigger: str) -> Stand:
    """How a caption stands to the trigger; "" where it begins with it, letters as they are."""
    body = text.strip()
    pattern = rf"(?<!\w){re.escape(trigger)}(?!\w)"
    if re.match(pattern, body):
        return ""
    return "not first" if re.search(pattern, body) else "missing"


def put_first(record: ImageRecord, trigger: str) -> tuple[Change, ...]:
    """The change that begins a caption with the trigger. Where it stands as a tag of its own, it moves."""
    tags = split_tags(record.text)
    if "\n" not in record.text.strip() and trigger in tags and len(tags) > 1:
        rest = [tag for tag in tags if tag != trigger]
        return (Change(record.name, record.text, ", ".join([trigger, *rest])),)
    if stand(record.text, trigger) == "not first":
        # Within a sentence it cannot be moved without a look.
        return ()
    return tuple(plan_affix([record], prefix=trigger, only_where_missing=True))
