"""A server that nobody here wrote: `transformers serve` with a tiny Idefics3, through the OpenAI-compatible form."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.errors import ModelNotFound, ProviderError
from lib.providers.registry import captioner, find_model, list_served_models, served_model
from lib.settings import Settings
from tests.doubles.programs import free_port, stop, wait_until_up
from tests.doubles.tiny_models import WORDS, tiny_idefics3
from tests.missing import missing
from tests.providers.conftest import quick_http

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_idefics3(tmp_path_factory.mktemp("serve") / "tiny-idefics3")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    command = Path(sys.executable).with_name("transformers")
    try:
        import fastapi  # noqa: F401
    except ModuleNotFoundError:
        missing("transformers serve is not installed")
    port = free_port()
    log, cache = folder.parent / "serve.log", folder.parent / "hub"
    # Listing models fails where there is no cache at all.
    cache.mkdir()
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(command), "serve", "--host", "127.0.0.1", "--port", str(port), str(folder)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(cache)},
        )
        try:
            wait_until_up(process, f"http://127.0.0.1:{port}/health", log, seconds=90)
            yield f"http://127.0.0.1:{port}"
        finally:
            stop(process)


def test_a_caption_comes_back(url: str, folder: Path, ask):
    configured = Settings(openai_base_url=url)
    http = quick_http(configured, deadline_s=60.0)
    model = served_model(find_model("openai-compatible"), str(folder))
    caption = ask(captioner(model, settings=configured, http=http), "a cat", params={"max_tokens": 6})
    assert caption.text
    assert set(caption.text.lower().split()) <= set(WORDS)


def test_its_models_are_listed_without_a_fault(url: str):
    configured = Settings(openai_base_url=url)
    assert isinstance(list_served_models(settings=configured, http=quick_http(configured)), list)


def test_an_unknown_model_is_an_error_with_a_next_step(url: str, ask):
    configured = Settings(openai_base_url=url)
    model = served_model(find_model("openai-compatible"), "nobody/no-such-model")
    with pytest.raises(ProviderError) as caught:
        ask(captioner(model, settings=configured, http=quick_http(configured, deadline_s=30.0)))
    assert caught.value.hint
    assert isinstance(caught.value, ModelNotFound) or caught.value.status is not None
