"""Answers that come piece by piece (server-sent events), put together as if they had come whole. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lib.providers.http.message import JsonObject

_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


def put_together(body: bytes) -> JsonObject:
    """The chat answer that a stream of pieces amounts to; empty where no piece holds anything."""
    said: list[str] = []
    whole: JsonObject = {}
    message: JsonObject = {"role": "assistant"}
    choice: JsonObject = {}
    for piece in _pieces(body):
        whole |= {name: piece[name] for name in ("error", "usage") if piece.get(name)}
        choices = piece.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(first, dict):
            continue
        # Some send the whole message once more at the end, which counts alone.
        for name in ("delta", "message"):
            if isinstance(part := first.get(name), dict):
                said = _read(part, said if name == "delta" else [], message)
        choice |= {name: first[name] for name in ("finish_reason", "error") if first.get(name)}
    if said or choice or len(message) > 1:
        whole["choices"] = [{**choice, "message": {**message, "content": "".join(said)}}]
    return whole


def _pieces(body: bytes) -> Iterator[JsonObject]:
    for line in body.decode("utf-8", "replace").splitlines():
        name, _, data = line.partition(":")
        if name.strip() != "data":
            continue
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            # "[DONE]", or a piece that was cut.
            continue
        if isinstance(value, dict):
            yield value


def _read(part: JsonObject, said: list[str], message: JsonObject) -> list[str]:
    for name in _THOUGHTS:
        if isinstance(thought := part.get(name), str):
            message[name] = message.get(name, "") + thought
    return [*said, _text(part.get("content"))]


def _text(content: Any) -> str:
    if isinstance(content, list):
        parts = (part for part in content if isinstance(part, dict) and part.get("type") in ("text", None))
        return "".join(str(part.get("text") or "") for part in parts)
    return content if isinstance(content, str) else ""
