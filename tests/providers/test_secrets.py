"""A key goes to its own service and nowhere else: not into errors, reprs, logs or URLs, nor to other hosts."""

from __future__ import annotations

import base64
import io
import logging
import traceback

import pytest
from pydantic import SecretStr

from lib import errors
from lib.domain import CaptionRequest
from lib.providers.base import Connection, HttpRequest, HttpResponse
from lib.providers.http import RedactKeys, guard_logging, limiter_for, shown
from lib.providers.nim import Nim
from lib.providers.registry import captioner, list_served_models
from tests.doubles.provider_server import ProviderServer, Reply
from tests.providers.conftest import CANARY, model_of, quick_http, settings_for

ODD = "plain-canary-that-looks-like-no-key"


@pytest.mark.parametrize("key", [CANARY, ODD])
@pytest.mark.parametrize("service", ["nim", "nim-img", "huggingface", "openai-compatible"])
@pytest.mark.parametrize(
    "reply",
    [
        *[lambda key, status=status: Reply.json({"error": f"key {key} is bad"}, status) for status in (400, 401, 500)],
        lambda key: Reply.json({"error": f"Bearer {key}"}),
        lambda key: Reply.raw(b"", 302, location=f"http://127.0.0.1/?key={key}"),
        lambda key: Reply(drop=True),
        lambda key: Reply.raw(key.encode(), 403),
    ],
)
def test_a_key_that_the_server_repeats_is_shown_nowhere(server: ProviderServer, make, ask, caplog, service, reply, key):
    caplog.set_level(logging.DEBUG)
    server.enqueue(*[reply(key)] * 3)
    with pytest.raises(errors.ProviderError) as caught:
        ask(make(service, key=key))
    written = "".join(traceback.format_exception(caught.value))
    everything = [written, repr(caught.value), str(vars(caught.value)), caplog.text]
    assert not any(key in text for text in everything)
    assert all(key not in received.path for received in server.requests)


def test_neither_key_nor_picture_is_in_a_repr(server: ProviderServer, picture):
    configured = settings_for(server)
    model = model_of("nim")
    connection = Connection(configured, quick_http(configured), SecretStr(CANARY))
    message = Nim(model, connection).prepare(CaptionRequest(picture, model, "x"))
    text = base64.b64encode(picture.data).decode()
    for value in (message, connection, HttpResponse(200, {"set-cookie": CANARY}, text.encode(), server.url)):
        assert CANARY not in repr(value)
        assert text[:60] not in repr(value)
    assert CANARY not in message.url


@pytest.mark.parametrize("bad", ["nvapi-abc\ndef", "nvapi-abc def", "nvapi-ключ", "nvapi-\x00"])
def test_a_key_that_no_header_can_hold_is_refused_without_printing_it(server: ProviderServer, make, ask, bad):
    with pytest.raises(errors.KeyRejected) as caught:
        ask(make("nim", key=bad))
    assert bad not in "".join(traceback.format_exception(caught.value))
    assert server.requests == []


def test_a_key_pasted_with_blanks_round_it_works(server: ProviderServer, make, ask):
    ask(make("nim", key=f"  {CANARY}\n"))
    assert server.requests[0].header("authorization") == f"Bearer {CANARY}"


def test_the_servers_own_key_never_goes_to_an_address_that_a_visitor_typed(server: ProviderServer, ask):
    with ProviderServer() as foreign:
        configured = settings_for(server, openai_api_key=CANARY)
        http = quick_http(configured)
        model = model_of("openai-compatible")
        ask(captioner(model, base_url=foreign.url, settings=configured, http=http))
        list_served_models(foreign.url, settings=configured, http=http)
        assert all("authorization" not in received.headers for received in foreign.requests)
        ask(captioner(model, settings=configured, http=http))
        ask(captioner(model, base_url=f"{server.url}/v1/", settings=configured, http=http))
        assert [received.header("authorization") for received in server.requests] == [f"Bearer {CANARY}"] * 2


def test_a_base_url_is_not_used_for_services_with_an_address_of_their_own(server: ProviderServer, ask):
    with ProviderServer() as foreign:
        configured = settings_for(server, nvidia_api_key=CANARY)
        ask(captioner(model_of("nim"), base_url=foreign.url, settings=configured, http=quick_http(configured)))
        assert foreign.requests == []
        assert len(server.requests) == 1


def test_the_log_filter_takes_keys_and_pictures_out():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("tests.redaction")
    logger.propagate = False
    logger.addHandler(handler)
    guard_logging(handler, handler)
    assert sum(isinstance(known, RedactKeys) for known in handler.filters) == 1
    picture = base64.b64encode(bytes(range(256)) * 4).decode()
    try:
        logger.warning("sent %s with %s", {"Authorization": f"Bearer {ODD}"}, "sk-proj-abcdef123456")
        logger.warning("body data:image/jpeg;base64,%s", picture)
        logger.warning("raw %s and hf_abcdefghijk", picture)
        logger.warning("100% of %d", "not a number")
        try:
            raise ValueError(f"login https://user:hunter2@host/ {CANARY}")
        except ValueError:
            logger.exception("failed")
    finally:
        logger.removeHandler(handler)
    written = stream.getvalue()
    for secret in (ODD, "sk-proj", picture[:80], "hf_abc", CANARY, "hunter2"):
        assert secret not in written
    assert "sent" in written
    assert "ValueError" in written


def test_the_limiters_do_not_remember_the_key_itself():
    from lib.providers.http import limiter

    limiter_for("Nim", SecretStr(CANARY), 40)
    assert CANARY not in repr(limiter._limiters)
    assert all(CANARY not in str(vars(known)) for known in limiter._limiters.values())


def test_shown_removes_a_key_of_unknown_shape():
    assert shown(f"bad key {ODD}!", ODD) == "bad key [key]!"


def test_a_request_says_whether_it_carries_a_key():
    assert "with a key" in repr(HttpRequest("GET", "https://a.example", key=SecretStr("x")))
    assert "no key" in repr(HttpRequest("GET", "https://a.example"))
