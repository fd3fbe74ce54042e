"""What is for administrators alone: they see and do it, and nobody else, whatever they type or press."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.caches import kept_things
from lib.images.thumbnails import thumbnail
from lib.jobs.runner import Job
from lib.settings import settings
from tests.doubles.dashboard import MAIN, healthy, open_page, settle, texts

SERVERS = ("Keys of this server", "All work on this server", "TOOLKIT_ROOTS", "Caches", "This server")


@pytest.fixture
def going_on() -> Iterator[Job]:
    """Work of somebody else that does not end by itself."""
    begun = threading.Event()

    def work(job: Job) -> None:
        begun.set()
        job.advance(3, 10)
        while not job.is_cancelled():
            threading.Event().wait(0.01)
        job.raise_if_cancelled()

    job = cache.job_runner().submit("visitor:0123456789abcdef", "a key", "Captions for holiday", work)
    assert begun.wait(10)
    yield job
    job.cancel()
    assert job.wait(10)


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks is a visitor of a server that is bound to all addresses."""
    monkeypatch.setattr("app.session.owner.is_from_this_machine", lambda: False)


def part(name: str) -> AppTest:
    page = open_page(screen="settings")
    page.segmented_control(key="settings.part").set_value(name).run()
    for job in cache.background_runner().of("server"):
        assert job.wait(30)
    page.run()
    assert healthy(page)
    return page


def test_a_visitor_sees_nothing_of_the_server_whatever_the_address_says(visitor: None, going_on: Job) -> None:
    page = AppTest.from_file(str(MAIN), default_timeout=30)
    for name, value in {"settings.part": "This server", "part": "Jobs", "admin": "1"}.items():
        page.query_params[name] = value
    page.session_state["settings.part"] = "This server"
    page.run()
    page.switch_page("../pages/settings.py").run()
    assert healthy(page)
    assert "Your keys" in texts(page)
    assert not [word for word in SERVERS if word in texts(page)]
    assert "holiday" not in texts(page)
    assert not [button.key for button in page.button if (button.key or "").startswith(("settings.c", "settings.look"))]


def test_who_is_no_administrator_any_more_gets_nothing_done(going_on: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    page = part("Jobs")
    for module in ("app.session.owner", "app.settings.administrator", "app.settings.work_panel"):
        monkeypatch.setattr(f"{module}.is_admin", lambda: False)
    page.button(key=f"settings.cancel.{going_on.id}").click().run()
    assert not going_on.is_cancelled()
    assert "for administrators" in texts(page)


def test_all_work_is_told_with_its_owner_and_can_be_cancelled(going_on: Job) -> None:
    page = part("Jobs")
    assert "Captions for holiday" in texts(page)
    assert "visitor 01234567 · 30% · for 1 s" in texts(page)
    assert "89abcdef" not in texts(page)
    page.button(key=f"settings.cancel.{going_on.id}").click().run()
    assert going_on.wait(10)
    assert going_on.state == "cancelled"
    page.run()
    assert "Nothing goes on just now." in texts(page)


def test_the_servers_keys_are_told_as_set_with_their_origin_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, toolkit_home: Path
) -> None:
    monkeypatch.setenv("NVIDIA_API_KEY", "nvapi-canary-1234")
    (toolkit_home / ".env").write_text("HF_TOKEN=hf_canary5678\n")
    settings.cache_clear()
    shown = texts(part("This server"))
    assert "<td>NVIDIA_API_KEY</td><td>NVIDIA NIM</td><td>set</td><td>the environment</td>" in shown
    assert f"<td>HF_TOKEN</td><td>Hugging Face</td><td>set</td><td>{toolkit_home / '.env'}</td>" in shown
    assert "<td>OPENAI_API_KEY</td><td>OpenAI-compatible server</td><td>not set</td><td></td>" in shown
    assert "canary" not in shown


def test_models_and_folders_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_ROOTS", f"{tmp_path}:{tmp_path / 'gone'}")
    settings.cache_clear()
    shown = texts(part("This server"))
    assert "<td>Sentence-BERT</td><td>clusters by captions</td>" in shown
    assert "<td>BLIP base</td><td>captions</td>" in shown
    assert f"<td>{tmp_path}</td><td></td>" in shown
    assert f"<td>{tmp_path / 'gone'}</td><td>not there</td>" in shown


def test_a_cache_is_cleared_once_that_is_confirmed_and_its_cost_was_told(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.new("RGB", (90, 60), "teal").save(picture)
    thumbnail(picture, 40, settings().thumbnails, 500)
    kept = kept_things(settings())[0]
    page = part("This server")
    page.button(key="settings.clear.thumbnails").click().run()
    assert kept.cost in texts(page)
    page.button(key="settings.keep_it.thumbnails").click().run()
    assert kept.size > 0
    page.button(key="settings.clear.thumbnails").click().run()
    page.button(key="settings.clear_it.thumbnails").click().run()
    told = [toast.value for toast in page.toast]
    for job in cache.job_runner().of("server"):
        assert job.wait(30)
    settle(page)
    assert kept.size == 0
    assert "Thumbnails cleared" in [*told, *(toast.value for toast in page.toast)]
