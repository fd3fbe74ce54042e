"""Asks every request for a file, and every WebSocket, for its login. The middleware of app/server.py."""

from __future__ import annotations

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.session.login import is_login_wanted, login_of
from app.session.login_cookie import claims_in, is_of_login
from lib.errors import LoggedOut, LoginRefused

# What belongs to somebody, by the beginning of its path. All else is the program itself: the page on which a person
# logs in needs it, and it is the same for everybody.
_CLOSED = ("media", "download", "app/static", "_stcore")
_OPEN = ("_stcore/health", "_stcore/host-config", "_stcore/bidi-components", "_stcore/metrics")


class LoginDoor:
    """Where a login is wanted, no file is given to, or taken from, a request without one.

    A WebSocket is let through, since Streamlit draws the page with the button to log in. But a login from before its
    owner logged out is taken off it, so that whoever plays it again is nobody.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and is_login_wanted():
            refusal = await run_in_threadpool(_refusal, scope)
            if scope["type"] == "websocket":
                if isinstance(refusal, LoggedOut):
                    _take_login_off(scope)
            elif refusal is not None and _is_closed(scope):
                answer = PlainTextResponse(str(refusal), 401, {"Cache-Control": "no-store"})
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _refusal(scope: Scope) -> LoginRefused | None:
    try:
        # Read as Streamlit's own code will read them.
        login_of(claims_in(HTTPConnection(scope).cookies))
    except LoginRefused as refused:
        return refused
    return None


def _is_closed(scope: Scope) -> bool:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
    inner = path.strip("/").removeprefix(base).strip("/")
    return _is_below(inner, _CLOSED) and not _is_below(inner, _OPEN)


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _take_login_off(scope: Scope) -> None:
    headers = MutableHeaders(scope=scope)
    pairs = [pair.strip() for pair in ";".join(headers.getlist("cookie")).split(";")]
    headers["cookie"] = "; ".join(pair for pair in pairs if not is_of_login(pair.partition("=")[0].strip()))
