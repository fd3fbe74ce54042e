"""The middleware round the dashboard: owner cookie and security headers."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.server import VisitorMiddleware
from app.session.owner import COOKIE
from tests.doubles.dashboard import healthy
from tests.doubles.repository import ROOT


def ask(*, scheme: str = "http", method: str = "GET", **headers: str) -> dict[str, list[str]]:
    """The headers of the answer to a request, by lower-case name."""
    sent: list[dict[str, Any]] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"hello"})

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "scheme": scheme, "headers": raw}
    # In a thread of its own: Playwright's event loop runs in this one, once a test has used the browser.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, VisitorMiddleware(page)(scope, None, send)).result()  # type: ignore[arg-type]
    found: dict[str, list[str]] = {}
    for name, value in sent[0]["headers"]:
        found.setdefault(name.decode().lower(), []).append(value.decode())
    return found


def test_a_browser_without_an_id_gets_an_unguessable_one_that_scripts_cannot_read() -> None:
    first, second = (ask(accept="text/html")["set-cookie"][0] for _ in range(2))
    assert first.startswith(f"{COOKIE}=")
    assert len(first.partition("=")[2].partition(";")[0]) >= 32
    assert "HttpOnly" in first
    assert "SameSite=Lax" in first
    assert "Secure" not in first
    assert first != second


def test_over_https_the_cookie_is_marked_secure() -> None:
    assert "Secure" in ask(scheme="https", accept="text/html")["set-cookie"][0]


def test_what_a_stranger_says_of_https_is_not_believed_here() -> None:
    assert "Secure" not in ask(accept="text/html", x_forwarded_proto="https")["set-cookie"][0]


@pytest.mark.parametrize(
    "request_",
    [
        {"accept": "text/html", "cookie": f"{COOKIE}=known"},
        {"accept": "text/html", "cookie": f'other={{"a": 1}}; {COOKIE}=known'},
        {"accept": "*/*"},
        {"method": "POST"},
    ],
)
def test_no_other_request_gets_a_cookie(request_: dict[str, str]) -> None:
    assert "set-cookie" not in ask(**request_)


def test_every_answer_forbids_other_hosts() -> None:
    headers = ask(accept="*/*")
    policy = headers["content-security-policy"][0]
    assert "default-src 'self'" in policy
    assert "img-src 'self' data: blob:" in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == ["nosniff"]


def test_a_host_that_runs_the_file_as_a_page_gets_the_page(photos: Path) -> None:
    page = AppTest.from_file(str(ROOT / "app" / "server.py"), default_timeout=30)
    page.query_params["folder"] = str(photos)
    page.run()
    assert healthy(page)
    assert any("Showing 1 of" in element.value for element in page.markdown)
