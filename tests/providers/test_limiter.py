"""Keeping pace: requests a minute, and a pause that all workers share."""

from __future__ import annotations

import threading
import time

from pydantic import SecretStr

from lib.providers.base import Connection
from lib.providers.http import Http, RateLimiter, RetryPlan, limiter_for, share_limiters
from lib.providers.nim import Nim
from lib.providers.registry import captioner
from lib.settings import Settings
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply
from tests.providers.conftest import model_of, quick_http, settings_for


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_minute_holds_more_than_the_allowed_requests():
    clock = Clock()
    limiter = RateLimiter(5, clock=clock, sleep=clock.sleep)
    sent = []
    for _ in range(23):
        assert limiter.wait()
        sent.append(clock.now)
        clock.now += 0.5
    for start in sent:
        assert sum(start <= moment < start + 60 for moment in sent) <= 5
    assert sent[-1] - sent[0] < 60 * 5


def test_a_turn_that_comes_too_late_is_refused_at_once_and_not_reserved():
    clock = Clock()
    limiter = RateLimiter(1, clock=clock, sleep=clock.sleep)
    assert limiter.wait()
    assert not limiter.wait(at_most=10)
    assert clock.now == 1000.0
    assert limiter.wait(at_most=61)


def test_a_pause_is_at_most_two_minutes():
    clock = Clock()
    limiter = RateLimiter(clock=clock, sleep=clock.sleep)
    limiter.pause(10_000)
    limiter.wait()
    assert clock.now == 1120.0


def test_one_key_has_one_limiter_and_another_key_another():
    one = limiter_for("Nim", SecretStr("a"), 40)
    assert one is limiter_for("Nim", SecretStr("a"), 40)
    assert one is not limiter_for("Nim", SecretStr("b"), 40)
    assert one is not limiter_for("HuggingFace", SecretStr("a"), 40)


def test_a_429_slows_every_worker_that_shares_the_key(server: ProviderServer, make, ask):
    plan = RetryPlan(tries=3, first_s=0.01)
    first, second, stranger = make(retry=plan), make(retry=plan), make(retry=plan, key="nvapi-another-key-here")
    ask(first), ask(second), ask(stranger)
    server.enqueue(Reply.raw(b"", 429, retry_after="0.6"))
    started = threading.Event()
    worker = threading.Thread(target=lambda: (started.set(), ask(first)))
    worker.start()
    started.wait(5)
    while len(server.requests) < 4:
        time.sleep(0.005)
    # The refusal is under way: give it time to arrive.
    time.sleep(0.1)
    begin = time.monotonic()
    assert ask(stranger).text == CAPTION
    assert time.monotonic() - begin < 0.3
    assert ask(second).text == CAPTION
    assert time.monotonic() - begin > 0.35
    worker.join(5)


def test_waiting_in_line_does_not_count_as_the_services_slowness(server: ProviderServer, make, ask):
    one = make(deadline_s=0.3)
    limiter_for("Nim", SecretStr("nvapi-CANARY-0123456789abcdef"), 40).pause(0.6)
    assert ask(one).text == CAPTION


def test_a_pace_that_the_user_sets_is_kept_by_all_who_share_the_key(server: ProviderServer, ask):
    configured, key = settings_for(server), SecretStr("nvapi-slow-and-steady")
    one = captioner(model_of("nim"), key=key, rpm=2, settings=configured, http=quick_http(configured))
    ask(one), ask(one)
    assert not limiter_for("Nim", key).wait(at_most=10)
    assert limiter_for("Nim", key, 40).wait(at_most=0)


def test_nvidias_own_hosts_are_asked_at_their_usual_pace_and_a_gateway_at_any():
    def pace(settings: Settings, rpm: int = 0) -> int:
        return Nim(
            model_of("nim"), Connection(settings, Http.of(settings), requests_per_minute=rpm)
        ).requests_per_minute

    assert pace(Settings()) == 40
    assert pace(Settings(), rpm=10) == 10
    assert pace(Settings(nvidia_base_url="http://127.0.0.1:8000")) == 0


def test_no_minute_holds_more_than_the_allowed_requests_after_a_pause_either():
    clock = Clock()
    limiter = RateLimiter(10, clock=clock, sleep=clock.sleep)
    sent = []
    for _ in range(6):
        limiter.wait()
        sent.append(clock.now)
    clock.now += 30
    # Four have a turn, and wait for it when the service asks everybody to slow down.
    waiting = [limiter.reserve() for _ in range(4)]
    assert waiting == [0.0, 0.0, 0.0, 0.0]
    later = [clock.now + (limiter.reserve() or 0.0) for _ in range(4)]
    limiter.pause(100)
    sent += [clock.now] * 4 + [max(turn, clock.now + 100) for turn in later]
    for _ in range(20):
        limiter.wait()
        sent.append(clock.now)
    for start in sent:
        assert sum(start <= moment < start + 60 for moment in sent) <= 10


def test_a_limiter_in_the_place_of_a_lost_one_begins_with_a_full_window():
    clock = Clock()
    limiter = RateLimiter(5, clock=clock, sleep=clock.sleep, is_full=True)
    assert limiter.reserve() == 60
    assert RateLimiter(5, clock=clock).reserve() == 0


def test_a_margin_makes_the_window_longer():
    clock = Clock()
    limiter = RateLimiter(1, clock=clock, sleep=clock.sleep, margin_s=1.0)
    limiter.wait()
    limiter.wait()
    assert clock.now == 1061.0


def test_a_worker_of_many_takes_its_turns_from_somebody_else():
    asked = []
    elsewhere = RateLimiter(7)

    def maker(name, rpm):
        asked.append(rpm)
        return elsewhere

    share_limiters(maker)
    assert limiter_for("Nim", SecretStr("a"), 7) is elsewhere
    assert asked == [7]
