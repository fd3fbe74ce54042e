"""The one place that speaks to a network: checked address, no redirects, a deadline for the whole call, a byte cap."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Protocol

import requests
from pydantic import SecretStr
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from urllib3.exceptions import HTTPError

from lib.errors import (
    AnswerInvalid,
    DeadlineExceeded,
    KeyRejected,
    ModelLoading,
    ProviderError,
    RateLimited,
    RequestRejected,
)
from lib.providers.http.address import Address, AddressPolicy
from lib.providers.http.limiter import Limiter, RateLimiter
from lib.providers.http.message import HttpRequest, HttpResponse
from lib.providers.http.proxies import proxies_for, shown_proxy
from lib.providers.http.retry import Again, RetryPlan, may_pass, wanted_wait
from lib.providers.http.unreachable import unreachable
from lib.providers.http.wire import Wires
from lib.settings import Settings

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes of an answer that are read at most. A caption is a thousandth of that."""

_CHUNK = 64 * 1024
_CONNECT_S = 10.0

log = logging.getLogger(__name__)


class Service(Protocol):
    """What the sender must know of a service."""

    def follow_up(self, response: HttpResponse) -> HttpRequest | None: ...

    def error_for(self, response: HttpResponse) -> ProviderError: ...


class Http:
    """Sends requests for one set of settings. Safe to share among threads."""

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        deadline_s: float = 120.0,
        retry: RetryPlan | None = None,
        max_answer: int = MAX_ANSWER,
        poll_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._policy = policy
        self._deadline_s = deadline_s
        self._retry = retry or RetryPlan()
        self._max_answer = max_answer
        self._poll_s = poll_s
        self._sleep = sleep
        self._wires = Wires(policy.check_peer)

    @classmethod
    def of(cls, settings: Settings, *, at_this_machine: bool = False) -> Http:
        """The sender of this server. `at_this_machine`: for a person who sits at it."""
        policy = AddressPolicy.of(settings, at_this_machine=at_this_machine, proxied=lambda url: bool(proxies_for(url)))
        return cls(policy, deadline_s=settings.request_deadline_s)

    def check(self, url: str) -> None:
        """Raise HostRefused where an address may not be spoken to, ProviderUnavailable where its name is unknown."""
        self._policy.check(url)

    def exchange(self, request: HttpRequest, service: Service, limiter: Limiter | None = None) -> HttpResponse:
        """The service's final 200 answer, after retries and polling, or a ProviderError.

        The deadline runs from the moment the limiter gives the turn: waiting in our own queue is no fault of the
        service, and a run of many images must not fail for standing in line. A server that is still loading its model
        is waited for in the same way, up to a limit of its own.
        """
        loading_until = time.monotonic() + self._retry.loading_s
        while True:
            try:
                return self._exchange(request, service, limiter or RateLimiter())
            except ModelLoading as loading:
                if time.monotonic() + self._retry.loading_step_s > loading_until:
                    raise
                log.info("Waiting for a model to load: %s", loading)
                self._sleep(self._retry.loading_step_s)

    def _exchange(self, request: HttpRequest, service: Service, limiter: Limiter) -> HttpResponse:
        limiter.wait()
        deadline = time.monotonic() + self._deadline_s
        response = self._persist(request, service, limiter, deadline)
        while (following := service.follow_up(response)) is not None:
            if time.monotonic() + self._poll_s > deadline:
                raise self._late()
            self._sleep(self._poll_s)
            # Asking whether it is ready is no new request, so it needs no turn.
            response = self._persist(following, service, RateLimiter(), deadline)
        return response

    def _persist(self, request: HttpRequest, service: Service, limiter: Limiter, deadline: float) -> HttpResponse:
        failures: list[Again] = []

        def attempt() -> HttpResponse:
            # The first turn was taken before the deadline began.
            if failures and not limiter.wait(at_most=max(0.0, deadline - time.monotonic())):
                raise failures[-1].error
            try:
                return self._attempt(request, service, limiter, len(failures) + 1, deadline)
            except Again as failure:
                failures.append(failure)
                raise

        retrying = Retrying(
            wait=lambda state: failures[-1].wait_s,
            stop=self._stop(deadline),
            retry=retry_if_exception_type(Again),
            before_sleep=lambda state: log.info("Again in %.1f s: %s", state.upcoming_sleep, failures[-1].error),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except Again as failure:
            raise failure.error from None

    def _stop(self, deadline: float) -> Callable[[RetryCallState], bool]:
        enough = stop_after_attempt(self._retry.tries)
        return lambda state: enough(state) or time.monotonic() + state.upcoming_sleep >= deadline

    def _attempt(
        self, request: HttpRequest, service: Service, limiter: Limiter, number: int, deadline: float
    ) -> HttpResponse:
        backoff = self._retry.backoff(number)
        response = self._send(request, deadline, backoff)
        if response.status in (200, 202):
            return response
        if 300 <= response.status < 400:
            raise RequestRejected(
                f"{response.host} answered with a redirect ({response.status}), which is not followed: "
                "the key and the picture go to the address you chose and nowhere else.",
                "Check the address; it may need https or another path.",
                status=response.status,
            )
        refusal = service.error_for(response)
        asked = wanted_wait(response)
        wait_s = backoff if asked is None else asked
        if isinstance(refusal, RateLimited):
            limiter.pause(wait_s)
        if may_pass(response.status, refusal) and wait_s <= self._retry.obeyed_s:
            raise Again(refusal, wait_s)
        raise refusal

    def _send(self, request: HttpRequest, deadline: float, backoff: float) -> HttpResponse:
        address = self._policy.check(request.url)
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._late()
        with self._wires.cut_after(left) as cut:
            try:
                response = self._read(request, left, address)
            except (requests.RequestException, HTTPError, OSError) as error:
                if cut.happened or time.monotonic() >= deadline:
                    raise self._late() from None
                raise unreachable(request.url, address, error, backoff) from None
        if cut.happened:
            # Where the end of the connection ends the answer, a cut one looks whole.
            raise self._late()
        return response

    def _read(self, request: HttpRequest, left: float, address: Address) -> HttpResponse:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "captioning-toolkit"}
        headers |= {**request.headers, **_authorization(request.key)}
        answer = self._wires.session().request(
            request.method,
            request.url,
            headers=headers,
            json=request.json,
            proxies=proxies_for(request.url),
            allow_redirects=False,
            stream=True,
            timeout=(min(left, _CONNECT_S), left),
        )
        with answer:
            if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
                # A few compressed bytes can unfold without end, so we asked for none.
                raise AnswerInvalid(f"{address.host} sent a compressed answer that nobody asked for.")
            body = bytearray()
            length = answer.headers.get("Content-Length", "")
            if length.isdecimal() and int(length[:20]) > self._max_answer:
                raise self._oversized(address)
            while chunk := answer.raw.read1(_CHUNK, decode_content=False):
                body += chunk
                if len(body) > self._max_answer:
                    raise self._oversized(address)
            found = {name.lower(): value for name, value in answer.headers.items()}
            quotable = self._policy.may_quote(request.url)
            proxy = shown_proxy(request.url)
            return HttpResponse(answer.status_code, found, bytes(body), request.url, quotable, proxy)

    def _oversized(self, address: Address) -> AnswerInvalid:
        return AnswerInvalid(
            f"{address.host} sent more than {self._max_answer // 1024:,} kB, which is no caption. "
            "The rest was not read.",
            "Check that the address is that of a captioning service.",
        )

    def _late(self) -> DeadlineExceeded:
        return DeadlineExceeded(
            f"No whole answer came within {self._deadline_s:g} seconds.",
            "Try again later or with a smaller model; TOOLKIT_REQUEST_DEADLINE_S sets how long to wait.",
        )


def _authorization(key: SecretStr | None) -> dict[str, str]:
    secret = key.get_secret_value().strip() if key else ""
    if not secret:
        return {}
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        # requests would refuse it too, and print the key while doing so.
        raise KeyRejected(
            "The API key holds blanks or letters that no key has.", "Copy it again, alone, into the API key field."
        )
    return {"Authorization": f"Bearer {secret}"}
