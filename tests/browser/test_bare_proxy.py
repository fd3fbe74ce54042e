"""Behind an nginx that says nothing of itself and asks by the name of this machine: nobody is `local` there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import Dashboard, serve
from tests.doubles.nginx import certificate, nginx
from tests.doubles.programs import free_port
from tests.doubles.visitor import Turned, Visitor, ask
from tests.missing import missing

pytestmark = pytest.mark.proxy

NAME = "captions.example.org"
COOKIE = f"toolkit_owner={'a' * 48}"

WEBSOCKETS = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
LARGE = WEBSOCKETS.replace('"upgrade"', '"Upgrade"')
AS_ITSELF = 'proxy_set_header Origin "http://127.0.0.1:{behind}";'


@contextmanager
def behind(
    tmp_path: Path, lines: str, *, tls: bool = False, own_account: bool = True, cors: bool = True
) -> Iterator[Any]:
    """A dashboard on loopback and an nginx with a bare proxy_pass in front: (nginx's port, the dashboard)."""
    home, photos, folder = tmp_path / "toolkit", tmp_path / "photos", tmp_path / "nginx"
    for one in (home, photos, folder):
        one.mkdir()
    Image.new("RGB", (60, 40), "red").save(photos / "a.jpg")
    port = free_port()
    both = certificate(folder) if tls else None
    secure = f"ssl_certificate {both}; ssl_certificate_key {both};" if tls else ""
    options = (
        {} if cors else {"STREAMLIT_SERVER_ENABLE_CORS": "false", "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false"}
    )
    with serve(home, photos, **options) as dashboard:
        number = dashboard.url.rpartition(":")[2]
        block = (
            f"server {{ listen 127.0.0.1:{port} {'ssl' if tls else ''}; {secure} "
            f"location / {{ proxy_pass {dashboard.url}; {lines.replace('{behind}', number)} }} }}"
        )
        with nginx(folder, port, block, own_account=own_account):
            yield port, dashboard


def owners(dashboard: Dashboard) -> set[str]:
    return {path.name for path in (dashboard.home / "owners").glob("*")}


@pytest.mark.parametrize("cors", [True, False])
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("lines", ["", WEBSOCKETS, WEBSOCKETS + AS_ITSELF, WEBSOCKETS + 'proxy_set_header Origin "";'])
def test_a_browser_is_not_local(tmp_path: Path, browser: Any, lines: str, tls: bool, cors: bool) -> None:
    context = browser.new_context(ignore_https_errors=True)
    with behind(tmp_path, lines, tls=tls, cors=cors) as (port, dashboard):
        tab = context.new_page()
        tab.goto(f"{'https' if tls else 'http'}://{NAME}:{port}/?folder={dashboard.photos}")
        if "Origin" in lines:
            tab.get_by_text("Showing 1 of").wait_for(timeout=30_000)
            assert owners(dashboard)
        else:
            tab.wait_for_function("() => document.readyState === 'complete'")
            with pytest.raises(Turned):
                Visitor(port, host=f"{NAME}:{port}", tls=tls)
        assert "local" not in owners(dashboard)
    context.close()


@pytest.mark.parametrize("cors", [True, False])
@pytest.mark.parametrize(
    ("lines", "own_account", "tls"),
    [(WEBSOCKETS, True, False), (WEBSOCKETS, True, True), (LARGE, False, False), (LARGE + AS_ITSELF, False, True)],
)
def test_whoever_forges_every_header_is_not_local(
    tmp_path: Path, lines: str, own_account: bool, tls: bool, cors: bool
) -> None:
    if not own_account and os.geteuid() != 0:
        missing("only root can start a program under another account")
    with behind(tmp_path, lines, tls=tls, own_account=own_account, cors=cors) as (port, dashboard):
        forged = f"http://127.0.0.1:{dashboard.url.rpartition(':')[2]}"
        told = {"Sec-Fetch-Site": "same-origin"}
        with Visitor(port, origin=forged, cookie=COOKIE, headers=told, tls=tls) as forger:
            assert "Showing 1 of" in forger.look(f"{forged}/", folder=str(dashboard.photos))
        assert owners(dashboard)
        assert "local" not in owners(dashboard)


def test_a_proxy_that_passes_the_name_on_and_is_not_known_gets_no_answer(tmp_path: Path) -> None:
    with behind(tmp_path, "proxy_set_header Host $http_host;") as (port, dashboard):
        assert ask(port, "/", host=NAME)[0].status == 403
        assert ask(port, "/_stcore/health", host=NAME)[0].status == 200
        assert owners(dashboard) == set()
