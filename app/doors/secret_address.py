"""An address with a secret in it, as Jupyter prints one: for machines that several people share."""

from __future__ import annotations

import hmac
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.doors.host_door import HEALTH
from app.doors.requests import path_of, turn_away
from app.doors.this_server import base_path
from lib.settings import settings

SECRET = secrets.token_urlsafe(24)
"""This server's, until it ends."""

_FIELD = "token"
_ASK = "Open the address that the server printed when it started: it ends in a secret (TOOLKIT_SECRET_ADDRESS)."


def cookie_name() -> str:
    """What the secret is kept under. Servers on several ports of one machine share their cookies."""
    return f"toolkit_secret_{st.get_option('server.port')}"


def knows_secret(cookies: Any) -> bool:
    """Whether a browser with these cookies may come in: it opened the printed address, or none was asked for."""
    return not settings().secret_address or _is_secret(str(cookies.get(cookie_name()) or ""))


def _is_secret(told: str) -> bool:
    return hmac.compare_digest(told.encode(), SECRET.encode())


class SecretDoor:
    """Answers browsers that opened the printed address once. The secret goes from the address into a cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_free = scope["type"] == "lifespan" or path_of(scope, base_path()) in HEALTH
        if is_free or knows_secret(cookie_parser(Headers(scope=scope).get("cookie", ""))):
            await self.app(scope, receive, send)
            return
        fields = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        if scope["type"] == "http" and _is_secret(dict(fields).get(_FIELD, "")):
            await _let_in(scope, fields)(scope, receive, send)
        else:
            await turn_away(scope, receive, send, _ASK)


def _let_in(scope: Scope, fields: list[tuple[str, str]]) -> RedirectResponse:
    # The address bar, the history and the tab's own links are to be without the secret.
    left = urlencode([field for field in fields if field[0] != _FIELD])
    cookie = SimpleCookie({cookie_name(): SECRET})
    about: dict[str, Any] = {"httponly": True, "samesite": "Lax", "path": "/", "secure": scope["scheme"] == "https"}
    cookie[cookie_name()].update(about)
    headers = {"Set-Cookie": cookie[cookie_name()].OutputString(), "Cache-Control": "no-store"}
    # Relative to this very request, so that no path can lead elsewhere.
    return RedirectResponse(f"?{left}", 303, headers)


@asynccontextmanager
async def printed_address(_: object) -> AsyncIterator[None]:
    """Print the address with the secret while the server starts, where it is asked for."""
    if settings().secret_address:
        sys.stdout.write(f"\n  Open this address, with its secret: {_address()}\n\n")
        sys.stdout.flush()
    yield


def _address() -> str:
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    name = str(st.get_option("server.address") or "localhost")
    name = {"0.0.0.0": "localhost", "::": "localhost"}.get(name, f"[{name}]" if ":" in name else name)
    return f"{scheme}://{name}:{st.get_option('server.port')}{base_path()}/?{_FIELD}={SECRET}"
