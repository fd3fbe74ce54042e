"""Requests that a server refuses by name are written anew in its own manner, once, and so from then on."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from lib import errors
from lib.providers.base import Captioner
from tests.doubles.provider_server import CAPTION, ProviderServer, Received, Reply

OPEN = "openai-compatible"


def refuse(message: str, **more: Any) -> Reply:
    return Reply.json({"error": {"message": message, "type": "invalid_request_error", **more}}, 400)


class Choosy(ProviderServer):
    """Answers as OpenAI's own models of today do: one complaint at a time, each naming its parameter."""

    def reply_to(self, received: Received) -> Reply:
        body = received.body or {}
        if "max_tokens" in body:
            said, complaint = "Unsupported parameter: 'max_tokens' is not supported with this model. ", "max_tokens"
            reply = refuse(said + "Use 'max_completion_tokens' instead.", param=complaint, code="unsupported_parameter")
        elif body.get("temperature", 1) != 1:
            reply = refuse(
                "Unsupported value: 'temperature' does not support 0.2 with this model.",
                param="temperature",
                code="unsupported_value",
            )
        else:
            return super().reply_to(received)
        self.requests.append(received)
        return reply


def parameters(received: Received) -> dict[str, Any]:
    return {name: value for name, value in received.body.items() if name not in ("model", "messages", "stream")}


@pytest.fixture
def choosy(monkeypatch: pytest.MonkeyPatch):
    with Choosy() as running:
        yield running


def test_max_tokens_is_renamed_and_a_temperature_left_out_where_the_server_says_so(choosy: Choosy, ask):
    one = built(choosy)
    caption = ask(one, params={"max_tokens": 500, "temperature": 0.2})
    assert caption.text == CAPTION
    assert [parameters(received) for received in choosy.requests] == [
        {"max_tokens": 500, "temperature": 0.2},
        {"max_completion_tokens": 500, "temperature": 0.2},
        {"max_completion_tokens": 500},
    ]
    assert caption.params == {"max_completion_tokens": 500}


def built(server: ProviderServer, model: str = "tiny-vision") -> Captioner:
    from lib.providers.registry import captioner, find_model, served_model
    from tests.providers.conftest import quick_http, settings_for

    configured = settings_for(server)
    return captioner(served_model(find_model(OPEN), model), settings=configured, http=quick_http(configured))


def test_what_a_model_refuses_is_remembered_for_it_and_for_no_other(choosy: Choosy, ask):
    ask(built(choosy))
    before = len(choosy.requests)
    ask(built(choosy))
    assert len(choosy.requests) == before + 1
    ask(built(choosy, "another"))
    assert len(choosy.requests) > before + 2


def test_workers_that_learn_at_the_same_time_all_get_their_captions(choosy: Choosy, ask):
    one, texts = built(choosy), []
    threads = [threading.Thread(target=lambda: texts.append(ask(one).text)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [CAPTION] * 6


def test_what_was_sent_as_asked_says_nothing_of_it(server: ProviderServer, make, ask):
    assert ask(make(OPEN)).params is None


@pytest.mark.parametrize(
    ("reply", "gone"),
    [
        (refuse("Unrecognized request argument supplied: top_p"), "top_p"),
        (refuse("litellm.UnsupportedParamsError: openai does not support parameters: ['top_p'], for model=x"), "top_p"),
        (refuse("gpt-5 models don't support temperature=0.2. Only temperature=1 is supported."), "temperature"),
        (refuse("`temperature` and `top_p` cannot both be specified for this model."), "top_p"),
        (refuse("property 'seed' is unsupported"), "seed"),
        (Reply.json([{"error": {"message": 'Unknown name "seed": Cannot find field.'}}], 400), "seed"),
        (
            Reply.json({"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs"}]}, 422),
            "seed",
        ),
    ],
)
def test_each_servers_way_of_naming_a_parameter_is_read(server: ProviderServer, make, ask, reply, gone):
    server.enqueue(reply)
    given = {"max_tokens": 9, "temperature": 0.2, "top_p": 0.5, "seed": 3}
    caption = ask(make(OPEN), params=given)
    assert parameters(server.requests[1]) == caption.params == {k: v for k, v in given.items() if k != gone}


@pytest.mark.parametrize(
    "reply",
    [
        refuse("temperature must be between 0 and 2"),
        refuse("max_tokens is too large: 4096. This model supports at most 2048 completion tokens."),
        refuse("The picture is not supported"),
        refuse("Unsupported parameter: 'frequency_penalty'", param="frequency_penalty", code="unsupported_parameter"),
    ],
)
def test_what_is_not_named_or_only_too_large_is_told_and_not_changed(server: ProviderServer, make, ask, reply):
    server.enqueue(reply)
    with pytest.raises(errors.RequestRejected):
        ask(make(OPEN))
    assert len(server.requests) == 1


def test_a_server_that_refuses_all_that_is_tried_is_asked_no_more(server: ProviderServer, make, ask):
    said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server.enqueue(*[refuse(f"{said} 'max_completion_tokens' is unsupported, too")] * 20)
    with pytest.raises(errors.RequestRejected):
        ask(make(OPEN), params={"max_tokens": 5})
    assert len(server.requests) <= 4


STREAM = (
    b'data: {"choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"hm"}}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{"content":"A red "}}]}\n\n'
    b": keep-alive\n\n"
    b'data: {"choices":[{"index":0,"delta":{"content":"dog."},"finish_reason":"length"}]}\n\n'
    b'data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5}}\n\n'
    b"data: [DONE]\n\n"
)


@pytest.mark.parametrize(
    "words",
    [
        "This model only support stream mode, please enable the stream parameter to access the model.",
        "Streaming is required for this model.",
        "stream must be set to true",
    ],
)
def test_a_model_that_only_streams_is_read_piece_by_piece(server: ProviderServer, make, ask, words):
    stream = Reply.raw(STREAM, content_type="text/event-stream")
    server.enqueue(refuse(words), stream, stream)
    one = make(OPEN)
    caption = ask(one)
    assert (caption.text, caption.truncated) == ("A red dog.", True)
    assert (caption.usage.read, caption.usage.written) == (12, 5)
    ask(one)
    assert [received.body["stream"] for received in server.requests] == [False, True, True]
    assert "text/event-stream" in server.requests[1].header("accept")


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json"])
def test_a_server_that_streams_unasked_is_read_all_the_same(server: ProviderServer, make, ask, kind):
    server.enqueue(Reply.raw(STREAM, content_type=kind))
    assert ask(make(OPEN)).text == "A red dog."


def test_an_error_in_the_midst_of_a_stream_is_told(server: ProviderServer, make, ask):
    piece = json.dumps({"error": {"message": "Upstream fell over", "code": "x"}}).encode()
    server.enqueue(Reply.raw(b"data: " + piece + b"\n\n", content_type="text/event-stream"))
    with pytest.raises(errors.RequestRejected, match="Upstream fell over"):
        ask(make(OPEN))


def test_a_picture_is_sent_bare_where_a_server_wants_no_object_round_it(server: ProviderServer, make, ask):
    place = ["body", "messages", 0, "content", 1, "image_url"]
    server.enqueue(Reply.json({"detail": [{"loc": place, "msg": "Input should be a valid string"}]}, 422))
    assert ask(make(OPEN)).text == CAPTION
    first, second = (received.body["messages"][0]["content"][1]["image_url"] for received in server.requests)
    assert second == first["url"]
