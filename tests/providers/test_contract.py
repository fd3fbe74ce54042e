"""What every service in the registry keeps to, whichever it is: a new line in PROVIDERS is tested here unasked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pydantic import SecretStr

from lib.domain import Caption, CaptionRequest, ModelSpec, PreparedImage
from lib.errors import KeyMissing, ToolkitError
from lib.providers.base import Captioner
from lib.providers.http import AddressPolicy, Http, RetryPlan
from lib.providers.parameters import describe, parse_parameters, with_defaults
from lib.providers.registry import PROVIDERS, captioner, find_model, load_models, served_model
from lib.settings import Settings
from tests.doubles.provider_server import ProviderServer, Reply
from tests.doubles.tiny_models import tiny_blip

PACKAGED = load_models(Path("/nonexistent/models.toml"))
KEY = "contract-key-0123456789"
WITH_KEY = [name for name, entry in PROVIDERS.items() if entry.key_name]


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer("This image shows a red square.") as running:
        yield running


@pytest.fixture(scope="module")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_blip(folder / "blip-image-captioning-base")
    return folder


@pytest.fixture
def configured(server: ProviderServer, models_folder: Path) -> Settings:
    return Settings(models_folder=models_folder, **dict.fromkeys(Settings().base_urls, f"{server.url}/v1"))


def model_of(provider: str) -> ModelSpec:
    if provider == "local":
        return PACKAGED["blip-base"]
    model = next(model for model in PACKAGED.values() if model.provider == provider)
    return model if model.target else served_model(model, "tiny-vision")


def request_for(model: ModelSpec, **options: object) -> CaptionRequest:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "JPEG")
    return CaptionRequest(PreparedImage(buffer.getvalue(), "image/jpeg", 40, 30), model, "Describe it.", **options)


def build(provider: str, settings: Settings, key: str | None = KEY) -> Captioner:
    http = Http(AddressPolicy.of(settings), deadline_s=20, retry=RetryPlan(tries=2, first_s=0.01))
    secret = SecretStr(key) if key else None
    return captioner(model_of(provider), key=secret, settings=settings, http=http)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_service_writes_a_clean_caption_and_says_how_long_it_took(provider, configured):
    one = build(provider, configured)
    caption = one.caption(request_for(one.model))
    assert isinstance(one, Captioner)
    assert one.model == model_of(provider)
    assert isinstance(caption, Caption)
    assert caption.text
    assert caption.text == caption.text.strip()
    assert not caption.text.startswith("This image shows")
    assert caption.seconds > 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_service_keeps_to_the_style_of_the_request(provider, configured, server):
    one = build(provider, configured)
    server.caption = "- Red\n- Square\n- red"
    text = one.caption(request_for(one.model, style="tags")).text
    assert text == text.lower()
    assert "\n" not in text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_service_needs_a_key_or_does_not_as_it_says(provider, configured):
    entry = PROVIDERS[provider]
    if not entry.needs_key:
        assert build(provider, configured, key=None)
        return
    with pytest.raises(KeyMissing) as caught:
        build(provider, configured, key=None)
    assert entry.key_name in caught.value.hint


@pytest.mark.parametrize("provider", WITH_KEY)
def test_every_key_that_the_server_holds_is_read(provider, monkeypatch):
    name = PROVIDERS[provider].key_name
    monkeypatch.setenv(name, f" {KEY}\n")
    assert Settings().key_for(name).get_secret_value() == KEY


@pytest.mark.parametrize("provider", WITH_KEY)
def test_every_key_goes_into_the_authorization_header_and_no_address(provider, configured, server):
    one = build(provider, configured)
    one.caption(request_for(one.model))
    assert [received.header("authorization") for received in server.requests] == [f"Bearer {KEY}"]
    assert KEY not in server.requests[0].path


@pytest.mark.parametrize("provider", WITH_KEY)
def test_every_failure_is_a_toolkit_error_with_a_next_step(provider, configured, server):
    one = build(provider, configured)
    for status in range(400, 512):
        server.enqueue(*[Reply.json({"error": KEY}, status)] * 2)
        with pytest.raises(ToolkitError) as caught:
            one.caption(request_for(one.model))
        assert caught.value.message
        assert caught.value.hint
        assert KEY not in str(caught.value)
        assert server.requests
        server._queue.clear()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_service_has_a_name_and_a_model(provider):
    entry = PROVIDERS[provider]
    assert entry.label
    assert any(model.provider == provider for model in PACKAGED.values())


@pytest.mark.parametrize("model", PACKAGED.values(), ids=PACKAGED)
def test_every_model_can_be_found_explained_and_built(model, configured):
    assert find_model(model.label, PACKAGED) == find_model(model.id.upper(), PACKAGED) == model
    assert model.provider in PROVIDERS
    assert describe(model)
    given = ", ".join(f"{name}={value}" for name, value in with_defaults({}, model).items())
    assert parse_parameters(given, model) == with_defaults({}, model)
    assert captioner(model, key=SecretStr(KEY), settings=configured).model == model
