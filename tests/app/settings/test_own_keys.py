"""One's own keys: held by the session, tried against the service, told to nobody."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.hub import Hub
from lib.settings import settings
from tests.doubles import dashboard
from tests.doubles.dashboard import choose_server, healthy, open_page
from tests.doubles.hub_server import TOKEN, HubServer
from tests.doubles.provider_server import ProviderServer, Reply

KEY = "nvapi-canary-0123456789"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderServer]:
    """NVIDIA's place taken by a server on loopback."""
    with ProviderServer(models=["one", "two", "three"]) as running:
        monkeypatch.setenv("NVIDIA_BASE_URL", running.url)
        settings.cache_clear()
        yield running
    settings.cache_clear()


def texts(page: AppTest) -> str:
    """What a person reads: Streamlit's markdown takes the backslashes away."""
    return dashboard.texts(page).replace("\\", "")


def give(page: AppTest, key: str = KEY, name: str = "nim") -> AppTest:
    page.text_input(key=f"settings.typed.{name}").set_value(key)
    page.button(key=f"settings.use.{name}").click().run()
    assert healthy(page)
    return page


def answer_to_a_test(page: AppTest, name: str = "nim") -> str:
    """Press Test; what the page says once the answer is there."""
    page.button(key=f"settings.test.{name}").click().run()
    for job in cache.background_runner().of("local"):
        assert job.wait(30)
    page.run()
    assert healthy(page)
    return texts(page)


def everything(page: AppTest) -> str:
    """All that the browser was sent."""
    boxes = [f"{box.value} {box.proto}" for box in page.text_input]
    return texts(page) + "\n".join(boxes) + "\n".join(toast.value for toast in page.toast)


def test_a_key_that_was_given_is_used_on_all_pages_and_not_sent_back(service: ProviderServer, photos: Path) -> None:
    page = give(open_page(photos, screen="settings"))
    assert "You have given a key." in texts(page)
    assert KEY not in everything(page)
    page.switch_page("../pages/tagging.py").run()
    page.selectbox(key="generate.model").select("kosmos-2").run()
    page.button(key="generate.start").click().run()
    for job in cache.job_runner().of("local"):
        assert job.wait(30)
    assert f"Bearer {KEY}" in [received.header("authorization") for received in service.requests]
    page.switch_page("../pages/settings.py").run()
    assert "You have given a key." in texts(page)
    assert KEY not in everything(page)


def test_a_key_that_was_given_is_written_nowhere(service: ProviderServer, toolkit_home: Path) -> None:
    answer_to_a_test(give(open_page(screen="settings")))
    files = [path for path in toolkit_home.rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_a_key_is_tested_by_asking_what_the_service_lists(service: ProviderServer) -> None:
    page = open_page(screen="settings")
    assert page.button(key="settings.test.nim").disabled
    assert "NVIDIA NIM answers, and lists 3 models." in answer_to_a_test(give(page))
    assert [received.header("authorization") for received in service.requests] == [f"Bearer {KEY}"]


def test_a_key_that_is_refused_is_told_with_the_reason_and_never_with_the_key(service: ProviderServer) -> None:
    service.enqueue(Reply.json({"detail": f"Authentication failed for {KEY}"}, status=401))
    page = give(open_page(screen="settings"))
    assert "The API key was refused" in answer_to_a_test(page)
    assert KEY not in everything(page)


def test_a_test_that_takes_long_is_let_go(service: ProviderServer) -> None:
    service.enqueue(Reply(delay=60))
    page = give(open_page(screen="settings"))
    start = time.monotonic()
    page.button(key="settings.test.nim").click().run()
    assert "Asking NVIDIA NIM" in texts(page)
    page.button(key="settings.stop.nim").click().run()
    assert "Asking NVIDIA NIM" not in texts(page)
    assert not page.button(key="settings.test.nim").disabled
    assert time.monotonic() - start < 30


def test_a_key_is_forgotten_where_that_is_asked_for(service: ProviderServer, photos: Path) -> None:
    page = give(open_page(photos, screen="settings"))
    page.button(key="settings.forget.nim").click().run()
    assert "this server has none" in texts(page)
    page.switch_page("../pages/tagging.py").run()
    page.selectbox(key="generate.model").select("kosmos-2").run()
    assert page.text_input(key="generate.key.nim").value == ""


def test_a_key_that_was_typed_beside_a_model_is_known_here(service: ProviderServer, photos: Path) -> None:
    page = open_page(photos)
    page.selectbox(key="generate.model").select("kosmos-2").run()
    page.text_input(key="generate.key.nim").set_value(KEY).run()
    page.switch_page("../pages/settings.py").run()
    assert "You have given a key." in texts(page)
    assert KEY not in everything(page)


def test_the_servers_own_key_is_used_and_tested_where_none_was_given(
    service: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NVIDIA_API_KEY", "nvapi-of-the-server-42")
    settings.cache_clear()
    page = open_page(screen="settings")
    assert "this server’s own is used" in texts(page)
    assert "lists 3 models" in answer_to_a_test(page)
    assert service.requests[-1].header("authorization") == "Bearer nvapi-of-the-server-42"
    assert "of-the-server" not in everything(page)


def test_a_key_for_ones_own_server_goes_unasked_to_that_address_alone(photos: Path) -> None:
    with ProviderServer() as server, ProviderServer() as other:
        page = choose_server(open_page(photos), server.url)
        page.switch_page("../pages/settings.py").run()
        give(page, "sk-canary-123456", "openai-compatible")
        assert server.url in texts(page)
        assert "lists 2 models" in answer_to_a_test(page, "openai-compatible")
        assert server.requests[-1].header("authorization") == "Bearer sk-canary-123456"
        page.switch_page("../pages/tagging.py").run()
        choose_server(page, other.url)
        assert other.requests
        assert not [asked for asked in other.requests if "canary" in (asked.header("authorization") or "")]


def test_nothing_typed_is_no_key(service: ProviderServer) -> None:
    page = give(open_page(screen="settings"), "  ")
    assert "No key was typed." in texts(page)
    assert page.button(key="settings.test.nim").disabled


def test_a_token_of_the_hub_is_tested_by_asking_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as hub:
        monkeypatch.setattr("app.settings.key_tests.Hub", functools.partial(Hub, endpoint=hub.url))
        # What this machine happens to have is never sent.
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        settings.cache_clear()
        page = open_page(screen="settings")
        assert page.button(key="settings.test.hub").disabled
        give(page, "hf_of-nobody-4711", "hub")
        assert "The API key was refused" in answer_to_a_test(page, "hub")
        assert "4711" not in everything(page)
        give(page, TOKEN, "hub")
        assert "The Hugging Face Hub knows this token: it is ada’s." in answer_to_a_test(page, "hub")
        assert TOKEN not in everything(page)
        assert page.session_state["hub.token"] == TOKEN
