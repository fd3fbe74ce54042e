"""Sending: one sender for all services, with its address policy, retries, deadline, pace and redaction."""

from __future__ import annotations

from lib.providers.http.address import Address, AddressPolicy, as_reachable, parse
from lib.providers.http.answer import causes, is_json, is_page, read_json, read_value, server_message
from lib.providers.http.limiter import (
    Limiter,
    LimiterMaker,
    RateLimiter,
    forget_limiters,
    limiter_for,
    named_limiter,
    share_limiters,
    sleep_until_turn,
)
from lib.providers.http.message import HttpRequest, HttpResponse, JsonObject
from lib.providers.http.redaction import RedactKeys, guard_logging, redact, shown
from lib.providers.http.retry import RetryPlan, wanted_wait
from lib.providers.http.sender import Http

__all__ = [
    "Address",
    "AddressPolicy",
    "Http",
    "HttpRequest",
    "HttpResponse",
    "JsonObject",
    "Limiter",
    "LimiterMaker",
    "RateLimiter",
    "RedactKeys",
    "RetryPlan",
    "as_reachable",
    "causes",
    "forget_limiters",
    "guard_logging",
    "is_json",
    "is_page",
    "limiter_for",
    "named_limiter",
    "parse",
    "read_json",
    "read_value",
    "redact",
    "server_message",
    "share_limiters",
    "shown",
    "sleep_until_turn",
    "wanted_wait",
]
