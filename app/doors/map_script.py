"""The map's drawing code, 4 MB of JavaScript: compressed once, kept by browsers, fetched before a map is wanted.

Streamlit would compress it anew for each browser, a third of a second, and lets no browser keep it.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import importlib.util
import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.doors.requests import path_of
from app.doors.this_server import base_path

_PACKAGE = "streamlit_plotly_events"
_COMPONENT = f"/component/{_PACKAGE}.plotly_events/"
_NAME = re.compile(r"static/js/2\.[0-9a-f]{8}\.chunk\.js")
_HEADERS = {
    # Its name holds a hash of its content.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}
_LEVEL = 6


def map_script_address() -> str:
    """Where a browser finds it, from the root of the host; "" where nobody answers for it before there is a map."""
    return f"{base_path()}{_COMPONENT}{_name()}" if MapScript.is_asked and _name() else ""


class MapScript:
    """Answers for the map's drawing code, and leaves all else to the application."""

    is_asked = False
    """One stands in the way of this server's requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        MapScript.is_asked = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_wanted = scope["type"] == "http" and scope["method"] == "GET" and _name()
        if not is_wanted or path_of(scope, base_path()) != f"{_COMPONENT}{_name()}":
            await self.app(scope, receive, send)
            return
        is_small = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        body = await asyncio.to_thread(_compressed if is_small else _whole)
        headers = _HEADERS | ({"Content-Encoding": "gzip"} if is_small else {})
        await Response(body, media_type="text/javascript", headers=headers)(scope, receive, send)


@functools.cache
def _build() -> Path | None:
    """The folder of the component's files, found without an import, which would make the component known too early."""
    found = importlib.util.find_spec(_PACKAGE)
    places = found.submodule_search_locations if found is not None else None
    return Path(places[0]) / "frontend" / "build" if places else None


@functools.cache
def _name() -> str:
    """What the component's page calls it, "" where there is none."""
    build = _build()
    try:
        page = (build / "index.html").read_text(encoding="utf-8") if build is not None else ""
    except OSError:
        return ""
    found = _NAME.search(page)
    return found.group() if found is not None else ""


def _whole() -> bytes:
    build = _build()
    assert build is not None
    return (build / _name()).read_bytes()


@functools.cache
def _compressed() -> bytes:
    return gzip.compress(_whole(), _LEVEL, mtime=0)
