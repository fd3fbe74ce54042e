"""LiteLLM's proxy between us and a service: an OpenAI-compatible server of others, with a key of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lib.errors import ModelNotFound, ProviderError, RateLimited
from lib.providers.base import Captioner
from lib.providers.http import RetryPlan
from lib.providers.registry import captioner, find_model, list_served_models, served_model
from lib.settings import Settings
from tests.doubles.programs import free_port, stop, wait_until_up
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply
from tests.peers.conftest import program, quiet_environment
from tests.providers.conftest import ask, picture, quick_http

pytestmark = pytest.mark.peers

__all__ = ["ask", "picture"]

_KEY = "sk-of-the-proxy"
_BEHIND = "sk-of-the-service"


@pytest.fixture(scope="module")
def service() -> Iterator[ProviderServer]:
    """What the proxy passes everything on to."""
    with ProviderServer() as running:
        yield running


@contextmanager
def proxy(folder: Path, models: list[dict[str, Any]], **more: Any) -> Iterator[str]:
    """LiteLLM's proxy with a list of models, as its configuration file writes them: its address."""
    command, port = program("litellm"), free_port()
    config = {
        "model_list": models,
        "litellm_settings": {"num_retries": 0},
        "router_settings": {"disable_cooldowns": True},
        "general_settings": {"master_key": _KEY},
    }
    # Every JSON document is a YAML document, too.
    (folder / "config.yaml").write_text(json.dumps(config | more))
    log = folder / "litellm.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(command), "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env=quiet_environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_up(process, f"http://127.0.0.1:{port}/health/liveliness", log, seconds=240)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


@pytest.fixture(scope="module")
def url(service: ProviderServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """LiteLLM's proxy in front of the service."""
    behind = {"model": "openai/tiny-vision", "api_base": f"{service.url}/v1", "api_key": _BEHIND}
    with proxy(tmp_path_factory.mktemp("litellm"), [{"model_name": "tiny-vision", "litellm_params": behind}]) as at:
        yield at


def through(url: str, model: str = "tiny-vision", key: str = _KEY, tries: int = 1) -> Captioner:
    configured = Settings(openai_base_url=url)
    served = served_model(find_model("openai-compatible"), model)
    http = quick_http(configured, deadline_s=60.0, retry=RetryPlan(tries, 0.01, 0.02))
    return captioner(served, key=SecretStr(key), settings=configured, http=http)


def test_a_caption_comes_back_and_the_picture_gets_there(
    url: str, service: ProviderServer, ask: Callable[..., Any]
) -> None:
    assert ask(through(url), "Describe it.").text == CAPTION
    received = service.requests[-1]
    assert received.prompt == "Describe it."
    (image,) = (part["image_url"]["url"] for part in received.body["messages"][-1]["content"] if "image_url" in part)
    assert image.startswith("data:image/jpeg;base64,")
    # Our key is for the proxy alone.
    assert received.header("authorization") == f"Bearer {_BEHIND}"


def test_its_models_are_listed(url: str) -> None:
    configured = Settings(openai_base_url=url)
    listed = list_served_models(settings=configured, http=quick_http(configured), key=SecretStr(_KEY))
    assert [str(name) for name in listed] == ["tiny-vision"]


def test_a_wrong_key_gets_no_caption_and_is_not_repeated(
    url: str, service: ProviderServer, ask: Callable[..., Any]
) -> None:
    before = len(service.requests)
    # Without a database of keys it calls this a bad request.
    with pytest.raises(ProviderError) as caught:
        ask(through(url, key="sk-of-somebody-else"))
    assert "somebody-else" not in f"{caught.value} {caught.value.hint}"
    assert len(service.requests) == before


def test_a_model_that_it_does_not_know_is_told_by_name(url: str, ask: Callable[..., Any]) -> None:
    with pytest.raises(ModelNotFound, match="nobody/no-such-model") as caught:
        ask(through(url, model="nobody/no-such-model"))
    assert caught.value.hint


def test_an_error_of_the_service_behind_it_is_translated(
    url: str, service: ProviderServer, ask: Callable[..., Any]
) -> None:
    busy = Reply.json({"error": {"message": "Slow down.", "type": "rate_limit"}}, status=429)
    tries = 2
    service.enqueue(*[busy] * tries)
    with pytest.raises(RateLimited):
        ask(through(url, tries=tries))
