"""OpenAI's chat form, as nearly all servers speak it: the body of a request, and what an answer holds. Pure."""

from __future__ import annotations

import base64
from typing import Any

from lib.domain import CaptionRequest, ModelSpec, PreparedImage, Usage
from lib.errors import RequestRejected
from lib.providers.http import JsonObject
from lib.providers.parameters import with_defaults

_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details", "thinking", "thoughts")
"""Where servers put what a model thought, beside its answer."""

_WRITING, _THINKING = ("text", "output_text", None), ("thinking", "reasoning", "reasoning_text", "thought")
"""Types of parts that an answer may be made of."""


def data_url(image: PreparedImage, model: ModelSpec) -> str:
    """The picture as a data URL. Raises RequestRejected where its base64 text is longer than the model takes."""
    text = base64.b64encode(image.data).decode("ascii")
    limit = model.limit.max_base64
    if limit and len(text) >= limit:
        raise RequestRejected(
            f"The picture is too large for {model.label}: {len(text):,} characters where {limit:,} is the limit.",
            "Use a smaller picture.",
        )
    return f"data:{image.mime};base64,{text}"


def chat_body(request: CaptionRequest, model: ModelSpec) -> JsonObject:
    """The request that every OpenAI-style server takes: one picture as a data URL beside the prompt, no streaming."""
    content: list[JsonObject] = [
        {"type": "text", "text": request.prompt},
        {"type": "image_url", "image_url": {"url": data_url(request.image, model)}},
    ]
    message = {"role": "user", "content": content}
    return {"model": model.target, "messages": [message], "stream": False, **with_defaults(request.params, model)}


def usage_of(data: JsonObject) -> Usage:
    """The tokens that an answer says were read and written."""
    told = data.get("usage")
    told = told if isinstance(told, dict) else {}
    read, written = told.get("prompt_tokens"), told.get("completion_tokens")
    return Usage(read if isinstance(read, int) else 0, written if isinstance(written, int) else 0)


def text_of(message: JsonObject) -> str:
    """What a message says, without what its model thought."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text") or "") for part in _parts(content, _WRITING))
    return content if isinstance(content, str) else ""


def is_thoughtful(message: JsonObject) -> bool:
    """True for a message that holds thoughts beside its text."""
    return any(message.get(name) for name in _THOUGHTS) or bool(_parts(message.get("content"), _THINKING))


def _parts(content: Any, kinds: tuple[str | None, ...]) -> list[JsonObject]:
    found = content if isinstance(content, list) else []
    return [part for part in found if isinstance(part, dict) and part.get("type") in kinds]
