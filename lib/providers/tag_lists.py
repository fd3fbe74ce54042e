"""Tags out of a model's words: commas of any script, bullets, hashtags, and JSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lib.text import split_tags

_BULLET = re.compile(r"^\s*(?:[-*+•·‣▪◦●○►✓✔→–—]\s+|\(?\d{1,3}(?:[.)]\s+|、\s*)|•)")
_HEADING = re.compile(r"^\s*(?:\*\*|__)[\w /&-]{1,30}(?::(?:\*\*|__)|(?:\*\*|__):)\s*")
_HASHTAG = re.compile(r"#(?=[^\W\d_])(?![0-9a-fA-F]*[0-9][0-9a-fA-F]*\b)")
_COMMAS = re.compile(r"[，、،､]")
_OTHERS = (re.compile(r"[;；]"), re.compile(r"\s[|·•/]\s"))
"""Tried in turn where a text has no comma."""
_MOST_LAYERS = 20
"""Quotes within stars within quotes: more than any answer has, few enough to take no time."""
_NAMES = ("tags", "keywords", "labels", "tag", "keyword", "label", "name", "text", "caption")


def tags_in(text: str) -> list[str]:
    """The tags of an answer, each once, in the order they were given."""
    if text[:1] in ("[", "{") and (listed := list(_from_json(text))):
        text = "\n".join(listed)
    lines = [_HEADING.sub("", _BULLET.sub("", line)) for line in text.splitlines()]
    tags = split_tags(_COMMAS.sub(",", "\n".join(lines)))
    for pattern in _OTHERS:
        if len(tags) == 1:
            tags = split_tags(pattern.sub(",", tags[0]))
    return unique_tags([tag for part in tags for tag in _hashtags(part)])


def unique_tags(tags: Sequence[str]) -> list[str]:
    """Tags trimmed, lower-case, without a full stop at the end or a hash before, each once, in order."""
    return list(dict.fromkeys(tidy for tag in tags if (tidy := _tidy(tag))))


def _tidy(tag: str) -> str:
    for _ in range(_MOST_LAYERS):
        former = tag
        tag = tag.strip().strip("\"'“”`").rstrip(".。").strip()
        if len(tag) > 4 and tag.startswith("**") and tag.endswith("**"):
            tag = tag[2:-2]
        tag = _HASHTAG.sub("", tag, count=1) if tag.startswith("#") else tag
        if tag == former:
            break
    return tag.lower()


def _hashtags(part: str) -> list[str]:
    words = part.split()
    # "#1 dog" is one tag; so is "dog #2".
    return words if len(words) > 1 and all(_HASHTAG.match(word) for word in words) else [part]


def _from_json(text: str) -> Iterator[str]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if re.match(r"[\[{]\s*[\"'\[{]", text):
            # Cut off by max_tokens, or quoted as Python does: the words themselves are whole.
            yield from re.split(r"[,:\n]", re.sub(r"[\[\]{}]", "\n", text))
        return
    yield from _strings(value)


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < 4:
        for item in value:
            yield from _strings(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        named = [value[name] for name in _NAMES if isinstance(value.get(name), str | list)]
        if named:
            yield from _strings(named[0], depth + 1)
        elif all(isinstance(item, int | float) for item in value.values()):
            # Tags with how sure the model was of each.
            yield from value
        else:
            for item in value.values():
                yield from _strings(item, depth + 1)
