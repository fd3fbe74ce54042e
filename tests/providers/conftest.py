"""A loopback service, a picture, and captioners that retry in milliseconds."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr

from lib.domain import CaptionRequest, ModelSpec, PreparedImage
from lib.providers.base import Captioner
from lib.providers.fitting import forget_fits
from lib.providers.http import AddressPolicy, Http, RetryPlan, forget_limiters
from lib.providers.registry import captioner, find_model, load_models, served_model
from lib.settings import Settings
from tests.doubles.provider_server import ProviderServer

CANARY = "nvapi-CANARY-0123456789abcdef"


@pytest.fixture(autouse=True)
def _own_pace() -> Iterator[None]:
    forget_limiters()
    forget_fits()
    yield
    forget_limiters()
    forget_fits()


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@pytest.fixture
def picture() -> PreparedImage:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(buffer, "JPEG")
    return PreparedImage(buffer.getvalue(), "image/jpeg", 64, 48)


def settings_for(server: ProviderServer, **more: Any) -> Settings:
    """Settings that send every service to the loopback server."""
    return Settings(nvidia_base_url=server.url, hf_base_url=f"{server.url}/v1", openai_base_url=server.url, **more)


def quick_http(settings: Settings, **options: Any) -> Http:
    """A sender with real retries, made short, for a person at this machine unless told otherwise."""
    options.setdefault("deadline_s", 10.0)
    options.setdefault("retry", RetryPlan(tries=3, first_s=0.01, longest_s=0.02, loading_s=0.0))
    here = options.pop("at_this_machine", True)
    return Http(AddressPolicy.of(settings, at_this_machine=here), poll_s=0.01, **options)


def model_of(service: str) -> ModelSpec:
    """One model for each service over HTTP; `nim-img` is NIM's old form."""
    if service == "openai-compatible":
        return served_model(find_model("openai-compatible"), "tiny-vision")
    return find_model({"nim": "llama-3-2-11b-vision", "nim-img": "kosmos-2", "huggingface": "gemma-3-12b"}[service])


Make = Callable[..., Captioner]


@pytest.fixture
def make(server: ProviderServer) -> Make:
    def build(service: str | ModelSpec = "nim", *, key: str | None = CANARY, **options: Any) -> Captioner:
        model = model_of(service) if isinstance(service, str) else service
        configured = settings_for(server)
        return captioner(
            model, key=SecretStr(key) if key else None, settings=configured, http=quick_http(configured, **options)
        )

    return build


@pytest.fixture
def ask(picture: PreparedImage) -> Callable[..., Any]:
    """Ask a captioner for a caption of the picture."""

    def send(one: Captioner, prompt: str = "Describe it.", **options: Any) -> Any:
        return one.caption(CaptionRequest(picture, one.model, prompt, **options))

    return send


__all__ = ["CANARY", "load_models", "make", "model_of", "quick_http", "settings_for"]
