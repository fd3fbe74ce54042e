"""Files that go to a browser piece by piece: a ticket stands for one file, and is good in one browser only."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.session.login import is_login_wanted, login_of
from app.session.login_cookie import claims_in
from app.session.owner import COOKIE
from lib.errors import LoginRefused

_KEPT = 10_000
"""Tickets remembered; the oldest are forgotten, and a page that is drawn again gets new ones."""


class Tickets:
    """Which file each ticket stands for. Safe for threads.

    A request carries a ticket and never a path. The ticket is tied to the login that the page was drawn for, or to
    the cookie of the browser where no login is wanted: a link that was passed on leads nowhere.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: OrderedDict[str, tuple[str, Path]] = OrderedDict()
        self._given: dict[tuple[str, Path], str] = {}

    def give(self, cookie: str, path: Path) -> str:
        """The ticket for a file in a browser; the same one each time."""
        with self._lock:
            ticket = self._given.setdefault((cookie, path), secrets.token_urlsafe(24))
            self._files[ticket] = cookie, path
            self._files.move_to_end(ticket)
            while len(self._files) > _KEPT:
                _, oldest = self._files.popitem(last=False)
                del self._given[oldest]
            return ticket

    def find(self, ticket: str, cookie: str) -> Path | None:
        """The file of a ticket, None for another browser's."""
        with self._lock:
            owner, path = self._files.get(ticket, ("", None))
        return path if cookie and cookie == owner else None


_tickets = Tickets()
_routes: list[Route] = []


def download_route() -> Route:
    """The route that answers tickets, for the application that serves the dashboard."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    route = Route(f"/{base}/download/{{ticket}}".replace("//", "/"), _answer)
    _routes.append(route)
    return route


def link_for(path: Path) -> str:
    """Where this browser can download a file, relative to a page; "" where nothing answers tickets.

    `path` must be the owner's own: whoever draws the page sees to that.
    """
    bearer = _bearer(st.context.cookies)
    return f"download/{_tickets.give(bearer, path)}" if _routes and bearer else ""


def _bearer(cookies: Mapping[str, str]) -> str:
    """Who is at the other end of a request, or of a page's WebSocket, "" for nobody."""
    if not is_login_wanted():
        return cookies.get(COOKIE, "")
    try:
        return login_of(claims_in(cookies)).owner
    except LoginRefused:
        return ""


async def _answer(request: Request) -> Response:
    path = _tickets.find(request.path_params["ticket"], _bearer(request.cookies))
    if path is None or not path.is_file():
        return PlainTextResponse("This export is not here any more. Open the Export page again.", 404)
    return FileResponse(path, filename=path.name, headers={"Cache-Control": "private, no-store"})
