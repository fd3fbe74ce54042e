"""The dashboard behind a real nginx, set up as docs/deploy.md says, by https."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib.exporting.verify import verify
from tests.browser.conftest import Dashboard, serve
from tests.doubles.documented_host import NAME, nginx_block
from tests.doubles.nginx import certificate, nginx
from tests.doubles.programs import free_port

pytestmark = pytest.mark.proxy


@dataclass(frozen=True)
class Proxied:
    """The address that visitors use, and the dashboard behind it."""

    url: str
    dashboard: Dashboard


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Proxied]:
    home, photos, folder = tmp_path / "toolkit", tmp_path / "photos", tmp_path / "nginx"
    for one in (home, photos, folder):
        one.mkdir()
    port = free_port()
    with serve(home, photos, TOOLKIT_HOSTS=NAME, TOOLKIT_PROXIES="127.0.0.1") as dashboard:
        server = nginx_block(port, dashboard.url, certificate(folder))
        with nginx(folder, port, server):
            yield Proxied(f"https://{NAME}:{port}", dashboard)


@pytest.fixture
def visitor(browser: Any) -> Iterator[Callable[[], Any]]:
    """A tab in a fresh profile, for whom the test's certificate will do."""
    profiles = []

    def arrive() -> Any:
        profiles.append(browser.new_context(ignore_https_errors=True))
        tab = profiles[-1].new_page()
        tab.set_default_timeout(30_000)
        return tab

    yield arrive
    for profile in profiles:
        profile.close()


def test_the_page_opens_with_its_headers_and_a_secure_cookie(proxied: Proxied, visitor: Callable[[], Any]) -> None:
    tab = visitor()
    sockets: list[str] = []
    tab.on("websocket", lambda opened: sockets.append(opened.url))
    answer = tab.goto(proxied.url)
    tab.get_by_role("button", name="Sample dataset").click()
    tab.get_by_text("Showing 1 of").wait_for()
    assert sockets
    assert all(url.startswith(proxied.url.replace("https", "wss")) for url in sockets)
    headers = answer.headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["strict-transport-security"] == "max-age=31536000"
    (cookie,) = (one for one in tab.context.cookies() if one["name"] == "toolkit_owner")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")


def test_two_visitors_are_two_owners(
    proxied: Proxied, visitor: Callable[[], Any], until: Callable[[Callable[[], bool]], None]
) -> None:
    Image.new("RGB", (60, 40), "red").save(proxied.dashboard.photos / "a.jpg")
    one, two = visitor(), visitor()
    for tab, draft in ((one, "a draft of one"), (two, "a draft of two")):
        tab.goto(f"{proxied.url}/?folder={proxied.dashboard.photos}")
        tab.get_by_text("Showing 1 of").wait_for()
        assert tab.get_by_label("Tag", exact=True).input_value() == ""
        tab.get_by_label("Tag", exact=True).fill(draft)
        tab.get_by_text("not saved yet").first.wait_for()
    for tab, draft in ((one, "a draft of one"), (two, "a draft of two")):
        tab.reload()
        tab.get_by_text("Showing 1 of").wait_for()
        until(lambda tab=tab, draft=draft: tab.get_by_label("Tag", exact=True).input_value() == draft)


def test_an_upload_of_megabytes_and_a_download_go_through(
    proxied: Proxied, visitor: Callable[[], Any], tmp_path: Path
) -> None:
    photo = tmp_path / "noise.png"
    Image.effect_noise((2000, 1500), 90).save(photo)
    # nginx by itself takes one megabyte.
    assert photo.stat().st_size > 2_000_000
    tab = visitor()
    tab.goto(proxied.url)
    tab.get_by_text("Upload", exact=True).first.wait_for()
    tab.locator("input[type=file]").set_input_files([photo])
    tab.get_by_role("button", name="Upload and open").click()
    tab.get_by_text("Showing 1 of 1").wait_for()
    tab.get_by_label("Tag", exact=True).fill("noise, grey")
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_text("1 of 1 tagged").wait_for()
    tab.get_by_role("link", name="Export", exact=True).click()
    tab.locator("label", has_text="webdata.zip").click()
    tab.get_by_role("button", name="Export", exact=True).click()
    link = tab.locator(".st-key-export-outcome").get_by_role("link", name="Download webdata.zip", exact=True)
    with tab.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "webdata.zip")
    assert verify(tmp_path / "webdata.zip").samples == 1
    with zipfile.ZipFile(tmp_path / "webdata.zip") as archive:
        assert archive.read("noise.png") == photo.read_bytes()
