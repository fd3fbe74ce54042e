"""The form of a run over many images: what it will cost, what is wished for, what is not as wished."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.settings import settings
from tests.doubles.dashboard import choose_server, open_page, settle, texts
from tests.doubles.provider_server import ProviderServer, Received


def form(folder: Path, url: str) -> AppTest:
    page = open_page(folder, screen="bulk_ops")
    if page.button_group(key="bulk.tool").value != "Generate":
        page.button_group(key="bulk.tool").set_value("Generate").run()
    return choose_server(page, url)


def test_the_cost_is_told_before_the_run_once_three_were_tried(photos: Path) -> None:
    (settings().home / "models.toml").write_text("[models.openai-compatible]\nprice_in = 100000\nprice_out = 200000\n")
    with ProviderServer() as server:
        page = form(photos, server.url)
        assert "to see what" in texts(page)
        assert "tokens, time and money" in texts(page)
        page = settle(page.button(key="bulk.try").click().run())
        tried = len(server.requests) - 1
        told = texts(page)
    assert "1 token read and 7 written a picture" in told
    assert f"Reckoned from the {tried} tried" in told
    assert r"about \$" in told


def test_what_was_tried_of_one_model_tells_nothing_of_another(photos: Path) -> None:
    with ProviderServer() as server:
        page = form(photos, server.url)
        page = settle(page.button(key="bulk.try").click().run())
        assert "Reckoned from" in texts(page)
        page.selectbox(key="generate.served_model").select("tiny-text").run()
    assert "Reckoned" not in texts(page)


def test_captions_that_are_not_as_wished_are_saved_and_listed(photos: Path) -> None:
    def say(received: Received) -> str:
        return "A cat."

    with ProviderServer(say) as server:
        page = form(photos, server.url)
        page.text_input(key="generate.must").set_value("dog").run()
        assert "must hold: “dog”" not in texts(page)
        page = settle(page.button(key="bulk.generate").click().run())
        prompts = [received.prompt for received in server.requests if received.method == "POST"]
    assert all("It must hold: “dog”." in prompt for prompt in prompts)
    assert len(prompts) % 2 == 0
    expanders = [expander.label for expander in page.expander]
    assert f"{len(prompts) // 2:,} not as wished" in expanders
    assert "lacks “dog”" in texts(page)


def test_a_key_of_the_servers_that_is_kept_back_is_told(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-server-0123")
    settings.cache_clear()
    with ProviderServer() as server:
        page = form(photos, server.url)
        assert "is not sent to that address" in texts(page)
        assert {received.header("authorization") for received in server.requests} == {""}
        page.text_input(key="generate.key.openai-compatible").set_value("sk-typed-0123").run()
    assert "is not sent" not in texts(page)
    settings.cache_clear()


def test_the_pace_that_was_chosen_stays_over_pages_tools_and_models(photos: Path) -> None:
    page = open_page(photos, screen="bulk_ops")
    page.selectbox(key="generate.model").select("kosmos-2").run()
    page.number_input(key="bulk.workers").set_value(9).run()
    page.button_group(key="bulk.tool").set_value("Add to all tags").run()
    page.button_group(key="bulk.tool").set_value("Generate").run()
    assert page.number_input(key="bulk.workers").value == 9
    page.switch_page("../pages/history.py").run().switch_page("../pages/bulk_ops.py").run()
    assert page.number_input(key="bulk.workers").value == 9
    page.selectbox(key="generate.model").select("blip-base").run()
    page.selectbox(key="generate.model").select("kosmos-2").run()
    assert page.number_input(key="bulk.workers").value == 9
