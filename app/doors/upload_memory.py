"""What uploads hold in memory: capped for a session, a visitor and the server, and let go when a session closes.

Streamlit keeps an uploaded file in memory until its session is closed, and closes none that merely lost its connection.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from app.doors.requests import path_of, turn_away
from app.doors.this_server import base_path
from lib.memory import allowed, left, return_at_once

_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+/?")
_CLOSED_BY_BROWSER = (1_000, 1_001)
_AFTER_CLOSE_S, _AFTER_LOSS_S = 2.0, 120.0
"""How long files are kept for a session whose tab was closed, and for one whose line was lost: it may come back."""

_SERVER_PART, _VISITOR_PART = 0.5, 0.5
"""Of what the server may take; and of that, what one visitor may."""

_SERVER_MOST, _SESSION_MOST = 4_000_000_000, 1_000_000_000


def caps() -> tuple[int, int, int]:
    """The bytes that uploads may hold: of a session, of a visitor, of all."""
    server = min(int(_SERVER_PART * allowed()), _SERVER_MOST)
    visitor = int(_VISITOR_PART * server)
    return min(visitor, _SESSION_MOST), visitor, server


class UploadMemory:
    """Turns uploads away that would hold too much, and frees those of sessions that are gone."""

    def __init__(self, app: ASGIApp, cookie: str) -> None:
        return_at_once()
        self.app = app
        self._cookie = cookie
        self._lock = threading.Lock()
        self._visitors: dict[str, str] = {}
        """Of each session that ever uploaded, whose it is."""
        self._arriving: dict[str, int] = {}
        self._gone: dict[str, float] = {}
        """Of sessions without a connection: from when on their files are let go."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connected(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "PUT":
            await self._upload(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _connected(self, scope: Scope, receive: Receive, send: Send) -> None:
        code = 0

        async def heard() -> Message:
            nonlocal code
            message = await receive()
            if message["type"] == "websocket.disconnect":
                code = message.get("code", 0)
            return message

        try:
            await self.app(scope, heard, send)
        finally:
            wait = _AFTER_CLOSE_S if code in _CLOSED_BY_BROWSER else _AFTER_LOSS_S
            self._note_gone(wait)
            asyncio.get_running_loop().call_later(wait + 0.1, self.sweep)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _UPLOAD.fullmatch(path_of(scope, base_path()))
        if match is None:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        size = headers.get("content-length", "")
        if not size.isdigit():
            await turn_away(scope, receive, send, "An upload must say its size.", HTTPStatus.LENGTH_REQUIRED)
            return
        self.sweep()
        visitor = cookie_parser(headers.get("cookie", "")).get(self._cookie, "") or str(scope.get("client"))
        with self._room(match["session"], visitor, int(size)) as why:
            if why:
                await turn_away(scope, receive, send, why, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            await self.app(scope, receive, send)
        if not runtime.get_instance().is_active_session(match["session"]):
            # It closed while the last of the file arrived.
            self._note_gone(_AFTER_LOSS_S)

    @contextmanager
    def _room(self, session: str, visitor: str, size: int) -> Iterator[str]:
        """Holds room for a file that arrives; gives why there is none, or ""."""
        with self._lock:
            self._visitors[session] = visitor
            why = self._too_much(session, visitor, size)
            if not why:
                self._arriving[session] = self._arriving.get(session, 0) + size
        try:
            yield why
        finally:
            if not why:
                with self._lock:
                    self._arriving[session] -= size

    def _too_much(self, session: str, visitor: str, size: int) -> str:
        held = _held()
        for one, arriving in self._arriving.items():
            held[one] = held.get(one, 0) + arriving
        own = sum(count for one, count in held.items() if self._visitors.get(one) == visitor)
        whose = ("this tab", "your tabs", "all visitors")
        for cap, have, who in zip(caps(), (held.get(session, 0), own, sum(held.values())), whose, strict=True):
            if have + size > cap:
                return (
                    f"Uploads of {who} may hold {cap // 1_000_000:,} MB in memory, and hold {have // 1_000_000:,} MB."
                    " Open or remove those that have arrived, then upload fewer at a time."
                )
        # What arrives lies on the disk until all of it is there.
        if size > left() - sum(self._arriving.values()):
            return (
                "This server is short of memory: models, pictures or others' uploads hold what there is."
                " Try again later, or upload fewer at a time."
            )
        return ""

    def _note_gone(self, wait: float) -> None:
        active = runtime.get_instance().is_active_session
        now = time.monotonic()
        with self._lock:
            for session in _held():
                if active(session):
                    self._gone.pop(session, None)
                else:
                    self._gone.setdefault(session, now + wait)

    def sweep(self) -> None:
        """Lets go of the files of sessions that have been gone for long enough. On the server's own thread."""
        if not runtime.exists():
            return
        server, now = runtime.get_instance(), time.monotonic()
        with self._lock:
            gone = self._gone.items()
            back = [session for session, _ in gone if server.is_active_session(session)]
            due = [session for session, when in gone if when <= now and session not in back]
            for session in (*back, *due):
                del self._gone[session]
            held = _held()
            for session in [one for one in self._visitors if one not in held and not server.is_active_session(one)]:
                self._visitors.pop(session)
                self._arriving.pop(session, None)
        for session in due:
            # What its widgets remember of the files goes with it.
            server.close_session(session)
            _manager().remove_session_files(session)


def _manager() -> MemoryUploadedFileManager:
    manager = runtime.get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    return manager


def _held() -> dict[str, int]:
    """The bytes of the files that have arrived, by session."""
    return {
        session: sum(len(file.data) for file in list(files.values()))
        for session, files in list(_manager().file_storage.items())
    }
