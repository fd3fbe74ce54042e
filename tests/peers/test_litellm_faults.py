"""What a real proxy makes of each fault of a service behind it: every one is told as what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lib import errors
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply
from tests.peers.test_litellm import proxy, through
from tests.providers.conftest import ask, picture

pytestmark = pytest.mark.peers

__all__ = ["ask", "picture"]

MOCKS = {
    "pace": "litellm.RateLimitError",
    "context": "litellm.ContextWindowExceededError",
    "crash": "litellm.InternalServerError",
    "fine": "A brown dog runs.",
    "thinks": "<think>Hm, a dog.</think>A brown dog runs.",
}


@pytest.fixture(scope="module")
def service() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@pytest.fixture(scope="module")
def url(service: ProviderServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    mocked = [
        {"model_name": name, "litellm_params": {"model": "openai/x", "api_key": "k", "mock_response": said}}
        for name, said in MOCKS.items()
    ]
    behind = {"api_base": f"{service.url}/v1", "api_key": "sk-behind"}
    passed = [
        {"model_name": name, "litellm_params": {"model": f"openai/{name}", **behind}} for name in ("plain", "gpt-5")
    ]
    with proxy(tmp_path_factory.mktemp("litellm-faults"), [*mocked, *passed]) as at:
        yield at


@pytest.fixture
def behind(service: ProviderServer) -> Iterator[ProviderServer]:
    service.requests.clear()
    yield service
    service._queue.clear()


Ask = Callable[..., Any]


def error_of(ask: Ask, url: str, model: str) -> errors.ProviderError:
    with pytest.raises(errors.ProviderError) as caught:
        ask(through(url, model=model))
    return caught.value


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        ("pace", errors.RateLimited, "slow down"),
        ("context", errors.RequestRejected, "longer than"),
        ("crash", errors.ProviderUnavailable, "mock internal server error"),
        ("nowhere", errors.ModelNotFound, "nowhere"),
    ],
)
def test_its_own_faults(url: str, ask: Ask, model: str, kind: type[Exception], words: str) -> None:
    error = error_of(ask, url, model)
    assert type(error) is kind, error
    assert words in error.message
    assert error.hint


@pytest.mark.parametrize("model", ["fine", "thinks"])
def test_captions_come_through_without_thoughts(url: str, ask: Ask, model: str) -> None:
    assert ask(through(url, model=model)).text == "A brown dog runs."


def test_credits_that_are_used_up_behind_it_are_no_pace(url: str, ask: Ask, behind: ProviderServer) -> None:
    said = {"message": "You exceeded your current quota, please check your plan.", "code": "insufficient_quota"}
    behind.enqueue(*[Reply.json({"error": said | {"type": "insufficient_quota"}}, 429)] * 4)
    error = error_of(ask, url, "plain")
    assert type(error) is errors.CreditsExhausted, error
    assert error.stops_run


def test_an_account_whose_budget_is_used_up(
    behind: ProviderServer, ask: Ask, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = {"model": "openai/plain", "api_base": f"{behind.url}/v1", "api_key": "sk", "input_cost_per_token": 1.0}
    settings = {"litellm_settings": {"num_retries": 0}, "router_settings": {
        "provider_budget_config": {"openai": {"budget_limit": 0.000001, "time_period": "1d"}}}}  # fmt: skip
    folder = tmp_path_factory.mktemp("litellm-budget")
    with proxy(folder, [{"model_name": "plain", "litellm_params": model}], **settings) as at:
        one = through(at, model="plain")
        found: list[errors.ProviderError] = []
        for _ in range(40):
            # What a caption cost is reckoned after it was given.
            try:
                ask(one)
            except errors.ProviderError as error:
                found.append(error)
                break
    assert type(found[0]) is errors.CreditsExhausted, found[0]


def test_a_model_that_takes_no_temperature_is_asked_without(url: str, ask: Ask, behind: ProviderServer) -> None:
    caption = ask(through(url, model="gpt-5"), params={"max_tokens": 50, "temperature": 0.2})
    assert caption.text == CAPTION
    assert caption.params is not None
    assert "temperature" not in caption.params
    assert "temperature" not in behind.requests[-1].body


def test_a_parameter_that_the_service_behind_it_refuses_is_renamed(url: str, ask: Ask, behind: ProviderServer) -> None:
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    refused = {"message": said, "param": "max_tokens", "code": "unsupported_parameter"}
    behind.enqueue(Reply.json({"error": refused}, 400))
    assert ask(through(url, model="plain"), params={"max_tokens": 50}).text == CAPTION
    assert behind.requests[-1].body["max_completion_tokens"] == 50


def test_a_service_that_only_streams_is_read_through_it(url: str, ask: Ask, behind: ProviderServer) -> None:
    stream = (
        b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,'
        b'"delta":{"role":"assistant","content":"A brown dog"},"finish_reason":null}]}\n\n'
        b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,'
        b'"delta":{"content":" runs."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    )
    only = {"message": "This model only support stream mode, please enable the stream parameter."}
    behind.enqueue(Reply.json({"error": only}, 400), Reply.raw(stream, content_type="text/event-stream"))
    assert ask(through(url, model="plain")).text == "A brown dog runs."
