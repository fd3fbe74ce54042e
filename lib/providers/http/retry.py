"""When to ask again, and how long to wait first."""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from lib.errors import ModelLoading, ProviderError, ProviderUnavailable, RateLimited
from lib.providers.http.message import HttpResponse

RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504})

_IN_WORDS = re.compile(rb"(?:retry|try again) in ([0-9]{1,6}(?:\.[0-9]{1,9})?) ?(ms|s|m)\b", re.IGNORECASE)
_UNITS = {b"ms": 0.001, b"s": 1.0, b"m": 60.0}


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """Tries in all; the first wait and the longest, in seconds, doubling between; and the longest wait we obey.

    A server that loads its model is asked again every `loading_step_s` for `loading_s`, on top of all else.
    """

    tries: int = 4
    first_s: float = 0.5
    longest_s: float = 8.0
    obeyed_s: float = 120.0
    loading_s: float = 300.0
    loading_step_s: float = 3.0

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after the n-th try (from 1), with jitter so that workers do not return in step."""
        return float(min(self.first_s * 2 ** (attempt - 1), self.longest_s) * random.uniform(0.75, 1.25))


class Again(Exception):
    """One try failed in a way that another may not. `wait_s` is how long to wait before the next."""

    def __init__(self, error: ProviderError, wait_s: float) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def wanted_wait(response: HttpResponse) -> float | None:
    """Seconds that the server asks us to wait: `retry-after-ms`, `Retry-After` as seconds or an HTTP date, or words.

    OpenAI and Google write into a 429 when to come back: “Please try again in 7.5s”.
    """
    millis, text = response.header("retry-after-ms"), response.header("retry-after")
    for value, unit in ((millis, 1000), (text, 1)):
        try:
            seconds = float(value) / unit
        except ValueError:
            continue
        if seconds == seconds and seconds >= 0:
            return seconds
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        found = _IN_WORDS.search(response.body[:20_000]) if response.status == 429 else None
        return float(found[1]) * _UNITS[found[2].lower()] if found else None


def may_pass(status: int, error: ProviderError) -> bool:
    """Whether another try makes sense.

    A service may answer a transient status for a lasting reason (llama.cpp's 500 for a model without eyes); its
    provider says so by giving another class of error than these two.
    """
    if isinstance(error, ModelLoading):
        # Minutes rather than seconds: whoever sends waits for it beside the tries.
        return False
    return status in RETRIED and isinstance(error, RateLimited | ProviderUnavailable)
