"""Entries as LLaVA and ShareGPT have them: an image, and what was asked and answered about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ANSWERS = "answers"
"""The column under which the turns of the model stand."""

_TURNS = ("conversations", "messages")
_MODEL = ("gpt", "assistant", "model", "bot")
_MARKER = re.compile(r"\s*<(?:image|img)>\s*")


def is_conversation(entry: Mapping[str, Any]) -> bool:
    """Whether an entry holds turns."""
    return any(
        isinstance(entry.get(name), list) and entry[name] and all(isinstance(turn, dict) for turn in entry[name])
        for name in _TURNS
    )


def conversation_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with the model's answers as captions, without the marks of where the image was."""
    turns = next(entry[name] for name in _TURNS if isinstance(entry.get(name), list))
    answers = [
        _MARKER.sub(" ", text).strip()
        for turn in turns
        if turn.get("from", turn.get("role")) in _MODEL and (text := _said(turn.get("value", turn.get("content"))))
    ]
    return {name: value for name, value in entry.items() if name not in _TURNS} | {ANSWERS: answers}


def _said(content: Any) -> str:
    """The text of a turn: itself, or the texts among its parts."""
    if isinstance(content, list):
        return "\n".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return content if isinstance(content, str) else ""
