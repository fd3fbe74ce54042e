"""Reading what servers answer: JSON or not, and their own words about what went wrong."""

from __future__ import annotations

import json
import re
from typing import Any

from lib.errors import AnswerInvalid
from lib.providers.http.message import HttpResponse, JsonObject
from lib.providers.http.redaction import shown

_WORDS = ("message", "detail", "error", "title", "msg", "reason")
"""Where services put a sentence, best first (OpenAI, FastAPI, LM Studio, problem JSON)."""

_MARKUP = re.compile(rb"^\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)


def is_page(response: HttpResponse) -> bool:
    """True for HTML or XML: the answer of a proxy or of a web site, never of a model."""
    return "html" in response.header("content-type").lower() or bool(_MARKUP.match(response.body[:200]))


def read_json(response: HttpResponse) -> JsonObject:
    """The JSON object of an answer. Raises AnswerInvalid for a page, a stream, broken JSON, or another JSON value."""
    hint = "Check that the address is that of a captioning service, usually ending in /v1."
    if is_page(response):
        raise AnswerInvalid(f"{response.host} answered with a web page instead of a caption.", hint)
    if "event-stream" in response.header("content-type").lower():
        raise AnswerInvalid(f"{response.host} answered piece by piece, although a whole answer was asked for.", hint)
    if not response.body.strip():
        raise AnswerInvalid(f"{response.host} sent an empty answer.", "Try again; if it stays so, try another model.")
    value = _parsed(response.body)
    if not isinstance(value, dict):
        raise AnswerInvalid(f"{response.host} sent an answer that cannot be read.", hint)
    return value


def server_message(response: HttpResponse, secret: str = "") -> str:
    """The server's own words, fit to be shown ("" where it said nothing or sent a page).

    Understood are a string, an object, or a list under `error`, `detail`, `message` or `title`, and plain text.
    """
    if is_page(response):
        return ""
    value = _parsed(response.body)
    text = _sentence(value) if value is not None else response.body[:20_000].decode("utf-8", "replace")
    return shown(text, secret)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _sentence(value: Any, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if depth > 4:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_sentence(item, depth + 1) for item in value[:3])))
    if isinstance(value, dict):
        # FastAPI names the field in `loc`, without which "Field required" helps nobody.
        place = ".".join(str(part) for part in value["loc"]) if isinstance(value.get("loc"), list) else ""
        found = next(filter(None, (_sentence(value.get(word), depth + 1) for word in _WORDS)), "")
        return f"{place}: {found}" if place and found else found
    return ""
