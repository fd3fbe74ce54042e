"""ASGI's scopes read as the rules want them, and answers to what is turned away."""

from __future__ import annotations

import os
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.doors.rules import Visit

_TURNED_AWAY = 1008
"""What a WebSocket is closed with against the rules. Before it stands, the browser sees 403."""


def visit_of(scope: Scope) -> Visit:
    """A request, or the handshake of a WebSocket."""
    return Visit(Headers(scope=scope).items(), _peer(scope))


def _peer(scope: Scope) -> str:
    """The address at the other end of the connection, as far as uvicorn leaves it there.

    It believes X-Forwarded-For from this machine, and then puts the address that it finds there, with port 0, in place
    of the real one.
    """
    host, port = scope.get("client") or ("", -1)
    if port == 0 and "x-forwarded-for" in Headers(scope=scope):
        return "" if "FORWARDED_ALLOW_IPS" in os.environ else "127.0.0.1"
    return str(host)


def path_of(scope: Scope, base: str) -> str:
    """The path below the one that this server is put under."""
    path = str(scope.get("path") or "").removeprefix(str(scope.get("root_path") or ""))
    return path.removeprefix(base)


async def turn_away(
    scope: Scope, receive: Receive, send: Send, why: str, status: HTTPStatus = HTTPStatus.FORBIDDEN
) -> None:
    """Answer a request with a sentence, a WebSocket by not opening it."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _TURNED_AWAY, "reason": ""})
        return
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    await PlainTextResponse(why + "\n", status, headers)(scope, receive, send)
