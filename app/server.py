"""The dashboard as an ASGI application: doors, owner cookie, security headers and downloads round app/main.py.

`make run` starts this.
"""

from __future__ import annotations

import runpy
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

_HERE = Path(__file__).resolve().parent
if str(_HERE.parent) not in sys.path:
    sys.path.insert(0, str(_HERE.parent))

from app.doors.error_dialogs import NoErrorDialogs  # noqa: E402
from app.doors.host_door import HostDoor  # noqa: E402
from app.doors.map_script import MapScript  # noqa: E402
from app.doors.secret_address import SecretDoor, printed_address  # noqa: E402
from app.doors.session_door import SessionDoor  # noqa: E402
from app.doors.upload_memory import UploadMemory  # noqa: E402
from app.session.downloads import download_route  # noqa: E402
from app.session.first_imports import import_ahead  # noqa: E402
from app.session.login_door import LoginDoor  # noqa: E402
from app.session.owner import COOKIE  # noqa: E402

_YEAR_S = 365 * 24 * 3600

# Streamlit's own front end needs inline styles, evaluated chart code and blob workers. What matters here: nothing
# is fetched from, sent to, or framed by another host, whatever a caption or a file name says.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss: data: blob:",
        "worker-src 'self' blob:",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class VisitorMiddleware:
    """Gives each browser an unguessable id in an HttpOnly cookie, and each answer the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookie = _new_cookie(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if cookie:
                    headers.append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _new_cookie(scope: Scope) -> str:
    """A Set-Cookie value for a browser that opens the page without an id; "" for all other requests."""
    headers = Headers(scope=scope)
    wants_page = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
    if not wants_page or COOKIE in cookie_parser(headers.get("cookie", "")):
        return ""
    # The outermost door has written there what a proxy tells, where it is believed.
    secure = scope["scheme"] == "https"
    cookie = SimpleCookie({COOKIE: secrets.token_hex(24)})
    about: dict[str, Any] = {"httponly": True, "samesite": "Lax", "path": "/", "max-age": _YEAR_S, "secure": secure}
    cookie[COOKIE].update(about)
    return cookie[COOKIE].OutputString()


@asynccontextmanager
async def _while_it_serves(app: object) -> AsyncIterator[None]:
    import_ahead()
    async with printed_address(app):
        yield


if get_script_run_ctx(suppress_warning=True) is None:
    app = st.App(
        _HERE / "main.py",
        routes=[download_route()],
        lifespan=_while_it_serves,
        middleware=[
            Middleware(HostDoor),
            Middleware(SecretDoor),
            Middleware(SessionDoor, cookie=COOKIE),
            Middleware(VisitorMiddleware),
            Middleware(LoginDoor),
            Middleware(UploadMemory, cookie=COOKIE),
            Middleware(NoErrorDialogs),
            Middleware(MapScript),
        ],
    )
else:
    # A host that knows no st.App runs this file as a page. Then it is one, with as little round it as app/main.py.
    runpy.run_path(str(_HERE / "main.py"), run_name="__main__")
