"""Streamlit's front end opens no error dialog over the page. A middleware of app/server.py."""

from __future__ import annotations

import json

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.doors.requests import path_of
from app.doors.this_server import base_path

_ASKED = "/_stcore/host-config"


class NoErrorDialogs:
    """Answers the front end's question what its host wants: no dialogs about errors.

    The one about a server that is away would take the focus out of the text box and bar the page until the server is
    back; what is typed meanwhile would go nowhere. The page says it by itself (app/style.css).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or path_of(scope, base_path()) != _ASKED:
            await self.app(scope, receive, send)
            return
        # Packed it could not be read here.
        del MutableHeaders(scope=scope)["accept-encoding"]
        start: Message = {}
        body = b""

        async def gather(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                told = _without_dialogs(body) if start["status"] == 200 else body
                MutableHeaders(scope=start)["content-length"] = str(len(told))
                await send(start)
                await send({"type": "http.response.body", "body": told})

        await self.app(scope, receive, gather)


def _without_dialogs(body: bytes) -> bytes:
    return json.dumps(json.loads(body) | {"blockErrorDialogs": True}).encode()
