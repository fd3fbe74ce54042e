"""The dropdown of models: what the services list beside the file's entries, what is gone, what is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.settings import settings
from tests.doubles.dashboard import choose_server, healthy, open_page, settle, texts
from tests.doubles.provider_server import ProviderServer, Reply


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderServer]:
    """NVIDIA's place taken by a server on loopback, with a key for it."""
    with ProviderServer(models=["meta/llama-3.2-90b-vision-instruct", "new/model"]) as running:
        monkeypatch.setenv("NVIDIA_BASE_URL", running.url)
        monkeypatch.setenv("NVIDIA_API_KEY", "nvapi-for-a-test-0123")
        settings.cache_clear()
        yield running
    settings.cache_clear()


def asked(page: AppTest) -> AppTest:
    """The page once the lists have come."""
    for job in cache.background_runner().of("local"):
        assert job.wait(30)
    page.run()
    assert healthy(page)
    return page


def options(page: AppTest) -> list[str]:
    return list(page.selectbox(key="generate.model").options)


def test_what_a_service_lists_stands_beside_the_files_models(photos: Path, service: ProviderServer) -> None:
    page = asked(open_page(photos))
    assert [received.path for received in service.requests] == ["/v1/models"]
    shown = options(page)
    assert "new/model  ·  NVIDIA NIM" in shown
    assert "Llama 3.2 Vision 90B  ·  NVIDIA NIM" in shown
    assert "Kosmos-2 (gone)  ·  NVIDIA NIM" in shown
    assert "Gemma 3 12B  ·  Hugging Face" in shown
    assert "lists 2 models" in texts(page)
    page.selectbox(key="generate.model").select("kosmos-2").run()
    assert "this one not among them" in texts(page)
    asked(open_page(photos))
    assert len(service.requests) == 1


def test_a_model_of_no_file_writes_a_caption(photos: Path, service: ProviderServer) -> None:
    page = asked(open_page(photos))
    page.selectbox(key="generate.model").select("nim:new/model").run()
    page.button(key="generate.start").click().run()
    settle(page)
    assert service.requests[-1].body["model"] == "new/model"
    assert page.selectbox(key="generate.model").value == "nim:new/model"


def test_a_service_that_cannot_be_asked_is_told_quietly(photos: Path, service: ProviderServer) -> None:
    service.enqueue(*[Reply.raw(b"no", 401)] * 4)
    page = asked(open_page(photos))
    assert "could not be asked what it serves" in texts(page)
    assert "those of the file" in texts(page)
    assert not any("(gone)" in option for option in options(page))
    page.button(key="generate.ask_again").click().run()
    service._queue.clear()


def test_without_a_key_nobody_is_asked(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer() as running:
        monkeypatch.setenv("NVIDIA_BASE_URL", running.url)
        monkeypatch.setenv("HF_INFERENCE_BASE_URL", f"{running.url}/v1")
        settings.cache_clear()
        page = open_page(photos)
        page.selectbox(key="generate.model").select("kosmos-2").run()
        page.selectbox(key="generate.model").select("gemma-3-12b").run()
        asked(page)
        assert running.requests == []
    settings.cache_clear()


def test_a_server_of_ones_own_is_asked_what_it_serves_as_soon_as_its_address_is_there(photos: Path) -> None:
    with ProviderServer("x", models=["one", "two"]) as server:
        page = open_page(photos)
        page.selectbox(key="generate.model").select("openai-compatible").run()
        assert server.requests == []
        page.text_input(key="generate.base_url").set_value(server.url).run()
        settle(page)
        page.run()
        field = page.selectbox(key="generate.served_model")
        assert (field.value, field.options) == ("one", ["one", "two"])
        page.run()
        assert len(server.requests) == 1


def test_a_key_goes_unasked_to_no_other_address_than_it_was_typed_for(photos: Path) -> None:
    with ProviderServer() as server, ProviderServer() as other:
        page = choose_server(open_page(photos), server.url)
        page.text_input(key="generate.key.openai-compatible").set_value("sk-canary-123456").run()
        choose_server(page, server.url)
        assert server.requests[-1].header("authorization") == "Bearer sk-canary-123456"
        choose_server(page, other.url)
        assert other.requests
        assert not [asked for asked in other.requests if "canary" in (asked.header("authorization") or "")]
        page.button(key="generate.list").click().run()
        choose_server(page, other.url)
        assert other.requests[-1].header("authorization") == "Bearer sk-canary-123456"
