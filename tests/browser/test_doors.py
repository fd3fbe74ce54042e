"""The doors as a browser meets them: at the machine itself, by a name that was pointed there, from a foreign page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import Dashboard, serve
from tests.doubles.loopback import Handler, Loopback

pytestmark = pytest.mark.slow

_TRIES = """async (port) => {
    const tried = {};
    for (const host of ["localhost", "127.0.0.1"]) {
        tried[`socket ${host}`] = await new Promise((done) => {
            const socket = new WebSocket(`ws://${host}:${port}/_stcore/stream`, ["streamlit"]);
            socket.onopen = () => done("open");
            socket.onerror = () => done("closed");
        });
        tried[`fetch ${host}`] = await fetch(`http://${host}:${port}/_stcore/host-config`)
            .then((answer) => answer.text(), () => "closed");
    }
    return tried;
}"""


class _Page(Handler):
    """A page of somebody else's, on another port of this machine."""

    def answer(self) -> None:
        body = b"<!doctype html><title>Elsewhere</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def owners(dashboard: Dashboard) -> set[str]:
    return {path.name for path in (dashboard.home / "owners").glob("*")}


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_at_the_machine_itself_a_browser_is_local(page: Any, dashboard: Dashboard, name: str) -> None:
    Image.new("RGB", (60, 40), "red").save(dashboard.photos / "a.jpg")
    page.goto(f"{dashboard.url.replace('127.0.0.1', name)}/?folder={dashboard.photos}")
    page.get_by_text("Showing 1 of").wait_for()
    assert owners(dashboard) == {"local"}


def test_a_name_that_was_pointed_at_this_machine_shows_nothing(page: Any, dashboard: Dashboard) -> None:
    port = dashboard.url.rpartition(":")[2]
    answer = page.goto(f"http://evil.example.org:{port}/?folder={dashboard.photos}")
    assert answer.status == 403
    assert "TOOLKIT_HOSTS" in page.inner_text("body")
    assert page.evaluate(_TRIES, port) == {
        f"{way} {name}": "closed" for name in ("localhost", "127.0.0.1") for way in ("socket", "fetch")
    }
    assert owners(dashboard) == set()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "evil.example.org"])
def test_a_page_on_another_port_reaches_nothing(page: Any, dashboard: Dashboard, name: str) -> None:
    with Loopback(_Page) as elsewhere:
        page.goto(elsewhere.url.replace("127.0.0.1", name))
        tried = page.evaluate(_TRIES, dashboard.url.rpartition(":")[2])
    assert set(tried.values()) == {"closed"}


@pytest.mark.slow
def test_the_printed_address_works_and_loses_its_secret(page: Any, tmp_path: Path) -> None:
    home, photos = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    photos.mkdir()
    with serve(home, photos, TOOLKIT_SECRET_ADDRESS="1") as dashboard:
        assert page.goto(dashboard.url).status == 403
        (address,) = re.findall(r"http://\S+token=\S+", dashboard.log.read_text())
        page.goto(address)
        page.get_by_role("button", name="Sample dataset").click()
        page.get_by_text("Showing 1 of").wait_for()
        assert "token" not in page.url
        page.reload()
        page.get_by_text("Showing 1 of").wait_for()
        assert owners(dashboard) == {"local"}
