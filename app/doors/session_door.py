"""Sessions belong to the browser that opened them: another one neither takes them up again nor uploads into them."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from app.doors.requests import path_of, turn_away
from app.doors.this_server import base_path

_KEPT = 10_000
_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+/?")
_UPLOADS = "/_stcore/upload_file"
_PROTOCOL = "sec-websocket-protocol"
_ONLY_LOOKS = frozenset({"OPTIONS", "GET", "HEAD"})


class SessionBook:
    """Which browser each session belongs to, by the id in its cookie. Safe for threads.

    A session is written down once its owner is past the login. The oldest are forgotten, and written down again at
    their next run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cookies: OrderedDict[str, str] = OrderedDict()

    def note(self, session: str, cookie: str) -> None:
        """This session belongs to the browser with this cookie; without one to nobody who could come back."""
        with self._lock:
            self._cookies[session] = cookie
            self._cookies.move_to_end(session)
            while len(self._cookies) > _KEPT:
                self._cookies.popitem(last=False)

    def strike(self, session: str) -> None:
        """This session belongs to nobody any more."""
        with self._lock:
            self._cookies.pop(session, None)

    def is_of(self, session: str, cookie: str) -> bool:
        with self._lock:
            return bool(cookie) and self._cookies.get(session) == cookie


SESSIONS = SessionBook()


class SessionDoor:
    """Strikes the id of another browser's session out of a handshake, and turns uploads into it away."""

    def __init__(self, app: ASGIApp, cookie: str, book: SessionBook = SESSIONS) -> None:
        self.app = app
        self._cookie = cookie
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self._strike_out(scope)
        elif scope["type"] == "http" and not self._may_upload(scope):
            await turn_away(scope, receive, send, "This upload belongs to another session. Load the page again.")
            return
        await self.app(scope, receive, send)

    def _strike_out(self, scope: Scope) -> None:
        browser = self._browser(scope)
        # Read last: whoever reads the headers of a scope puts a list of its own there.
        headers = MutableHeaders(scope=scope)
        # The protocol's name, a token against foreign pages, the session: Streamlit's front end writes all three there.
        told = [entry.strip() for entry in ",".join(headers.getlist(_PROTOCOL)).split(",")]
        if len(told) > 2 and not self._book.is_of(told[2], browser):
            headers[_PROTOCOL] = ", ".join(told[:2])

    def _may_upload(self, scope: Scope) -> bool:
        path = path_of(scope, base_path())
        if not path.startswith(_UPLOADS) or scope["method"] in _ONLY_LOOKS:
            return True
        match = _UPLOAD.fullmatch(path)
        return match is not None and self._book.is_of(match["session"], self._browser(scope))

    def _browser(self, scope: Scope) -> str:
        cookies = Headers(scope=scope).getlist("cookie")
        return cookie_parser("; ".join(cookies)).get(self._cookie, "")
