"""What a value of a table is worth as a caption: a text, several, tags, or nothing."""

from __future__ import annotations

import json
import re
from typing import Any

TAG_LISTS = ("tags", "tag_list", "tag_string", "keywords")
"""A list under such a name is one caption, not several."""

_INSIDE = ("raw", "text", "caption", "label", "name")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*%?")


def texts_of(value: Any, column: str = "") -> tuple[str, ...] | None:
    """The captions in a value: none where it is empty, several where it is a list; None where it is no text."""
    if value is None:
        return ()
    if isinstance(value, str):
        # The Hub's own way to put a list into a cell.
        if value.startswith(('["', '[ "')) and value.rstrip().endswith("]"):
            try:
                return texts_of(json.loads(value), column)
            except (ValueError, RecursionError):
                return (value,)
        return (value,) if value.strip() else ()
    if isinstance(value, dict):
        inner = next((value[key] for key in _INSIDE if isinstance(value.get(key), str)), None)
        return None if inner is None else texts_of(inner)
    if not isinstance(value, list):
        return None
    found: list[str] = []
    for one in value:
        texts = texts_of(one) if isinstance(one, str | dict) else None
        if texts is None:
            return None
        found += texts
    return (", ".join(found),) if found and column.lower() in TAG_LISTS else tuple(found)


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None
