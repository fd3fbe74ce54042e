"""The sender against a real server that misbehaves: deadline, size, redirects, retries, polling, connections."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from lib import errors
from lib.providers.http import RetryPlan
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply, chat_answer


def timed(action: Callable[[], object], kind: type[Exception]) -> tuple[Exception, float]:
    start = time.monotonic()
    with pytest.raises(kind) as caught:
        action()
    return caught.value, time.monotonic() - start


WHOLE = json.dumps(chat_answer()).encode()
DRIP = tuple(WHOLE[index : index + 1] for index in range(len(WHOLE)))
HEADERS = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, HEADERS, DRIP, interval=0.1),
        Reply(200, HEADERS, DRIP, interval=0.1, sized=False),
        Reply(200, HEADERS, (WHOLE,), head_interval=0.1),
        Reply(200, HEADERS, (WHOLE,), delay=30),
        Reply(500, HEADERS, DRIP, interval=0.1),
    ],
    ids=["body drips", "body drips until the end of the connection", "headers drip", "silence", "an error drips"],
)
def test_no_server_outlives_the_deadline(server: ProviderServer, make, ask, reply):
    server.enqueue(reply)
    one = make(deadline_s=1.0)
    error, seconds = timed(lambda: ask(one), errors.DeadlineExceeded)
    assert 0.9 < seconds < 5
    assert "within 1 seconds" in str(error)


def test_retries_end_within_the_deadline_with_the_servers_own_error(server: ProviderServer, make, ask):
    server.enqueue(*[Reply.json({"detail": "busy"}, 503)] * 50)
    one = make(deadline_s=2.0, retry=RetryPlan(tries=50, first_s=0.5, longest_s=0.5))
    error, seconds = timed(lambda: ask(one), errors.ProviderUnavailable)
    assert seconds < 8
    assert "busy" in str(error)
    assert 2 <= len(server.requests) < 6


def test_polling_ends_at_the_deadline(server: ProviderServer, make, ask):
    waiting = Reply.raw(b"", 202, nvcf_reqid="abc-1", nvcf_status="in-progress")
    server.enqueue(*[waiting] * 1000)
    _, seconds = timed(lambda: ask(make(deadline_s=0.6)), errors.DeadlineExceeded)
    assert seconds < 5


@pytest.mark.parametrize("sized", [True, False])
def test_an_oversized_answer_is_not_read_to_its_end(server: ProviderServer, make, ask, sized):
    server.enqueue(Reply(200, HEADERS, (b" " * 300_000,), sized=sized))
    with pytest.raises(errors.AnswerInvalid, match="more than 100 kB"):
        ask(make(max_answer=100 * 1024))


def test_a_compressed_answer_is_refused_unopened(server: ProviderServer, make, ask):
    server.enqueue(Reply(200, {**HEADERS, "Content-Encoding": "gzip"}, (b"\x1f\x8b",)))
    with pytest.raises(errors.AnswerInvalid, match="compressed"):
        ask(make())
    assert server.requests[0].header("accept-encoding") == "identity"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_never_followed(server: ProviderServer, make, ask, status):
    with ProviderServer() as elsewhere:
        server.enqueue(Reply.raw(b"", status, location=f"{elsewhere.url}/v1/chat/completions?key=secret"))
        with pytest.raises(errors.RequestRejected, match="redirect") as caught:
            ask(make())
        assert elsewhere.requests == []
    assert "secret" not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_again(server: ProviderServer, make, ask, status):
    server.enqueue(Reply.raw(b"", status))
    assert ask(make()).text == CAPTION
    assert len(server.requests) == 2


def test_a_dropped_connection_is_tried_again(server: ProviderServer, make, ask):
    server.enqueue(Reply(drop=True))
    assert ask(make()).text == CAPTION


def test_a_server_that_keeps_hanging_up_is_named_with_its_port(server: ProviderServer, make, ask):
    server.enqueue(*[Reply(drop=True)] * 3)
    with pytest.raises(errors.ProviderUnavailable) as caught:
        ask(make())
    assert type(caught.value) is errors.ProviderUnavailable
    assert "127.0.0.1" in caught.value.message
    assert server.url.rpartition(":")[2] in caught.value.message


def test_nothing_listening_is_said_plainly(make, ask, server: ProviderServer):
    one = make()
    server.stop()
    with pytest.raises(errors.ProviderUnavailable, match="cannot be reached"):
        ask(one)


@pytest.mark.parametrize(
    "header",
    [{"retry_after": "0.4"}, {"retry_after_ms": "400"}],
)
def test_the_wait_a_server_asks_for_is_kept(server: ProviderServer, make, ask, header):
    server.enqueue(Reply.raw(b"", 503, **header))
    start = time.monotonic()
    ask(make())
    assert 0.4 <= time.monotonic() - start < 5


def test_a_wait_in_words_is_kept(server: ProviderServer, make, ask):
    said = "Rate limit reached for requests. Please try again in 0.4s. Visit https://example.com to learn more."
    server.enqueue(Reply.json({"error": {"message": said, "code": "rate_limit_exceeded"}}, 429))
    start = time.monotonic()
    ask(make())
    assert 0.4 <= time.monotonic() - start < 5


def test_a_date_in_retry_after_is_kept(server: ProviderServer, make, ask):
    when = datetime.now(UTC) + timedelta(seconds=2)
    server.enqueue(Reply.raw(b"", 503, retry_after=format_datetime(when, usegmt=True)))
    start = time.monotonic()
    ask(make())
    # The date has whole seconds, so up to one second of the two is lost.
    assert 0.8 < time.monotonic() - start < 20


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_of_hours_is_given_up_at_once(server: ProviderServer, make, ask, status):
    server.enqueue(Reply.raw(b"", status, retry_after="10800"))
    kind = errors.RateLimited if status == 429 else errors.ProviderUnavailable
    _, seconds = timed(lambda: ask(make(deadline_s=100_000.0)), kind)
    assert seconds < 30
    assert len(server.requests) == 1


def test_a_wait_beyond_the_deadline_is_given_up_at_once(server: ProviderServer, make, ask):
    server.enqueue(Reply.raw(b"", 503, retry_after="60"))
    _, seconds = timed(lambda: ask(make(deadline_s=30.0)), errors.ProviderUnavailable)
    assert seconds < 20


@pytest.mark.parametrize("odd", ["nan", "-5", "soon", "inf"])
def test_an_odd_retry_after_does_no_harm(server: ProviderServer, make, ask, odd):
    server.enqueue(Reply.raw(b"", 503, retry_after=odd))
    start = time.monotonic()
    if odd == "inf":
        with pytest.raises(errors.ProviderUnavailable):
            ask(make())
    else:
        assert ask(make()).text == CAPTION
    assert time.monotonic() - start < 20


def test_connections_are_kept_alive(server: ProviderServer, make, ask):
    one = make()
    for _ in range(3):
        ask(one)
    assert len({received.connection for received in server.requests}) == 1


def test_a_connection_that_was_cut_is_not_used_again(server: ProviderServer, make, ask):
    one = make(deadline_s=0.5)
    server.enqueue(Reply(200, HEADERS, DRIP, interval=0.1))
    timed(lambda: ask(one), errors.DeadlineExceeded)
    assert ask(one).text == CAPTION


def test_a_netrc_adds_no_login(server: ProviderServer, make, ask, tmp_path: Path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password hunter2\ndefault login x password y\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    ask(make("openai-compatible", key=None))
    assert "authorization" not in server.requests[0].headers


def test_a_proxy_is_never_used_for_this_machine(server: ProviderServer, make, ask, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask(make()).text == CAPTION


def test_cookies_are_not_kept(server: ProviderServer, make, ask):
    server.enqueue(Reply.json(chat_answer(), set_cookie="track=1"))
    one = make()
    ask(one)
    ask(one)
    assert "cookie" not in server.requests[1].headers


LOADING = Reply.json({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, 503)


def test_a_model_that_is_being_loaded_is_waited_for_beyond_all_tries(server: ProviderServer, make, ask):
    server.enqueue(*[LOADING] * 12)
    one = make(retry=RetryPlan(tries=2, first_s=0.01, loading_s=60, loading_step_s=0.01), deadline_s=5)
    assert ask(one).text == CAPTION
    assert len(server.requests) == 13


def test_a_model_that_loads_for_ever_is_given_up_after_a_limit(server: ProviderServer, make, ask):
    server.enqueue(*[LOADING] * 500)
    one = make(retry=RetryPlan(tries=2, first_s=0.01, loading_s=0.2, loading_step_s=0.05))
    with pytest.raises(errors.ModelLoading, match="still loading"):
        ask(one)
    assert 2 <= len(server.requests) < 10
