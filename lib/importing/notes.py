"""The json beside an image, as WebDataset, img2dataset and gallery-dl have it: its captions, and our own promises."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TEXT_KEYS = (
    "caption", "captions", "text", "texts", "txt", "prompt", "description", "blip_caption", "long_caption",
    "short_caption", "content", "title", "tag_string", "tags",
)  # fmt: skip
"""Under which names a caption stands, the likeliest first."""

_JOINED = frozenset({"tags"})
"""A list of these is one caption."""

_OURS = frozenset({"key", "file_name", "caption", "width", "height", "sha256", "origin"})
"""What our own export writes beside every image. img2dataset may write most of these, but never where from."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a json says of the image beside it: its captions, the name that it had, the hash that we promised.

    `origin`: who wrote the caption, where our own export tells it.
    """

    texts: tuple[str, ...]
    name: str = ""
    sha256: str = ""
    origin: object = None


def note_of(data: bytes, chosen: str | None = None) -> Note | None:
    """What a json says of one image, None where it is no such json. `chosen`: under which name its caption stands."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or _is_table(content):
        return None
    spelled = {str(key).lower(): value for key, value in reversed(content.items())}
    keys = TEXT_KEYS if chosen is None or chosen.lower() not in spelled else (chosen.lower(),)
    found = ((key, _texts(spelled[key], key in _JOINED)) for key in keys if key in spelled)
    texts = next((texts for _, texts in found if texts), ())
    name = content.get("file_name")
    is_ours = content.keys() >= _OURS and isinstance(content["origin"], dict)
    sha256, origin = (str(content["sha256"]), content["origin"]) if is_ours else ("", None)
    note = Note(texts, name if isinstance(name, str) else "", sha256, origin)
    return note if texts or is_ours else None


def _is_table(content: Mapping[str, Any]) -> bool:
    """True where it speaks of many things: then a text in it is not of one image."""
    return any(isinstance(value, list) and any(isinstance(one, dict) for one in value) for value in content.values())


def _texts(value: object, joined: bool) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if not isinstance(value, Sequence) or isinstance(value, bytes):
        return ()
    texts = tuple(text for text in value if isinstance(text, str) and text.strip())
    return (", ".join(texts),) if joined and texts else texts
