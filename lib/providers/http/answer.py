"""Reading what servers answer: JSON or not, and their own words about what went wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lib.errors import AnswerInvalid
from lib.providers.http.message import HttpResponse, JsonObject
from lib.providers.http.pieces import put_together
from lib.providers.http.redaction import shown

_WORDS = ("message", "detail", "error", "title", "msg", "reason")
"""Where services put a sentence, best first (OpenAI, FastAPI, LM Studio, problem JSON)."""

_CAUSES = (*_WORDS, "code", "type", "status", "errors", "metadata", "raw")
"""Where a cause may be told, for machines as for people."""

_CHECK = "Check that the address is that of a captioning service, usually ending in /v1."

_MARKUP = re.compile(rb"^\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)


def is_page(response: HttpResponse) -> bool:
    """True for HTML or XML: the answer of a proxy or of a web site, never of a model."""
    return "html" in response.header("content-type").lower() or bool(_MARKUP.match(response.body[:200]))


def read_json(response: HttpResponse) -> JsonObject:
    """The JSON object of an answer, put together where it came in pieces. Raises AnswerInvalid for anything else."""
    if "event-stream" in response.header("content-type").lower() or response.body.lstrip()[:5] == b"data:":
        # Some servers stream whatever they are asked for.
        whole = put_together(response.body)
        if not whole:
            raise AnswerInvalid(f"{response.host} answered piece by piece, with no caption in the pieces.", _CHECK)
        return whole
    value = read_value(response)
    if not isinstance(value, dict):
        raise AnswerInvalid(f"{response.host} sent an answer that cannot be read.", _CHECK)
    return value


def read_value(response: HttpResponse) -> Any:
    """The JSON of an answer, whatever it is. Raises AnswerInvalid for a page and for broken JSON."""
    if is_page(response):
        raise AnswerInvalid(f"{response.host} answered with a web page instead of a caption.", _CHECK)
    if not response.body.strip():
        raise AnswerInvalid(f"{response.host} sent an empty answer.", "Try again; if it stays so, try another model.")
    value = _parsed(response.body)
    if value is None:
        raise AnswerInvalid(f"{response.host} sent an answer that cannot be read.", _CHECK)
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


def is_json(response: HttpResponse) -> bool:
    """True where the body is JSON, whatever its type is called."""
    return _parsed(response.body) is not None


def causes(response: HttpResponse) -> str:
    """All that an answer says about what went wrong: sentences and codes, in lower case, for looking words up in."""
    value = _parsed(response.body)
    if value is None:
        return "" if is_page(response) else response.body[:20_000].decode("utf-8", "replace").lower()
    return " ".join(_causes(value)).lower()


def _causes(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str | int):
        yield str(value)
    elif isinstance(value, list) and depth < 5:
        for item in value[:10]:
            yield from _causes(item, depth + 1)
    elif isinstance(value, dict) and depth < 5:
        # Never all of it: some servers send back what they were sent, whose words are the user's.
        for word in _CAUSES:
            if word in value:
                yield from _causes(value[word], depth + 1)


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
