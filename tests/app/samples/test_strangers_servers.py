"""Who may send captions to a model server on the dashboard's own machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from lib.settings import settings
from tests.doubles.dashboard import choose_server, open_page, texts
from tests.doubles.provider_server import ProviderServer, Reply


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@pytest.fixture
def for_strangers(local_server: None) -> None:
    """A server that other machines reach. The folder's own fixture puts its address back."""
    st.config.set_option("server.address", "0.0.0.0")


def test_a_stranger_reaches_no_port_of_the_server_itself(
    for_strangers: None, photos: Path, server: ProviderServer
) -> None:
    page = choose_server(open_page(photos), server.url)
    assert "only those who sit at it may call it" in texts(page)
    assert server.requests == []


def test_a_listed_server_writes_for_strangers_and_its_refusals_stay_inside(
    for_strangers: None, photos: Path, server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLKIT_ALLOWED_HOSTS", server.url.removeprefix("http://"))
    settings.cache_clear()
    page = open_page(photos)
    server.enqueue(Reply.raw(b"CANARY of a service inside", 400))
    choose_server(page, server.url)
    assert server.requests
    assert "(400)" in texts(page)
    assert "CANARY" not in texts(page)


def test_who_sits_at_the_machine_is_told_what_the_server_said(photos: Path, server: ProviderServer) -> None:
    server.enqueue(Reply.raw(b"CANARY of a service inside", 400))
    assert "CANARY" in texts(choose_server(open_page(photos), server.url))
