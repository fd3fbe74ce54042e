"""Keys and pictures taken out of text before anybody sees it."""

from __future__ import annotations

import logging
import re
from typing import Any

SHOWN_CHARS = 300
"""How much of a server's own words a user is shown."""

_SECRETS = (
    # The prefixes are those of NVIDIA, Hugging Face and OpenAI keys; a bearer token may look like anything.
    (re.compile(r"\b(bearer\s+)[^\s\"',;<>]+", re.IGNORECASE), r"\1[key]"),
    (re.compile(r"\b(?:nvapi-|hf_|sk-)[A-Za-z0-9_\-*.]{6,}"), "[key]"),
    (re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=_-]*"), "[picture]"),
    (re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}"), "[picture]"),
    (re.compile(r"(https?://)[^/\s@\"'<>]+@"), r"\1"),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


def redact(text: str) -> str:
    """The text without keys, bearer tokens, logins in addresses, and base64 of pictures."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def shown(text: str, secret: str = "") -> str:
    """A stranger's words made fit to be shown: one line, redacted, at most `SHOWN_CHARS` characters.

    `secret` is the key that was sent, in case the server repeats it and it looks like no key we know.
    """
    # Cut first at a generous length: redaction of megabytes would take time that nobody has.
    line = _CONTROL.sub(" ", text[: SHOWN_CHARS * 40])
    if len(secret) >= 4:
        line = line.replace(secret, "[key]")
    line = " ".join(redact(line).split())
    return line if len(line) <= SHOWN_CHARS else line[: SHOWN_CHARS - 1].rstrip() + "…"


class RedactKeys(logging.Filter):
    """A logging filter that rewrites a record's message, arguments and traceback text. It drops nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = f"{record.msg} {record.args}"
        record.msg, record.args = redact(message), None
        if record.exc_info and not record.exc_text:
            # Formatted here once; handlers reuse exc_text, so that the clean text is the one written.
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True


def guard_logging(*targets: logging.Logger | logging.Handler) -> None:
    """Put `RedactKeys` on handlers, or on a logger's handlers and itself. Doing it twice does no harm."""
    for target in targets:
        places: list[Any] = [target, *target.handlers] if isinstance(target, logging.Logger) else [target]
        for place in places:
            if not any(isinstance(known, RedactKeys) for known in place.filters):
                place.addFilter(RedactKeys())
