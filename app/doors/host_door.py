"""The outermost door: foreign names and pages get no answer; what a proxy tells counts where it is believed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from app.doors.requests import path_of, turn_away, visit_of
from app.doors.rules import House, Visit, refusal
from app.doors.this_server import base_path, this_house
from lib.settings import settings

HEALTH = frozenset({"/_stcore/health"})
"""Whether the server lives: said to whoever asks."""

_METRICS = "/_stcore/metrics"

_log = logging.getLogger(__name__)


class HostDoor:
    """Answers requests and WebSockets that were sent to one of this server's names by no foreign page."""

    def __init__(self, app: ASGIApp, house: Callable[[], House] = this_house) -> None:
        self.app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        house, visit, path = self._house(), visit_of(scope), path_of(scope, base_path())
        if path not in HEALTH or scope["type"] == "websocket":
            if why := refusal(visit, house):
                _log.warning("Turned away: %s %s", scope["type"], why)
                await turn_away(scope, receive, send, why)
                return
            if path.rstrip("/") == _METRICS and not settings().metrics:
                await turn_away(scope, receive, send, "TOOLKIT_METRICS=1 opens this.", HTTPStatus.NOT_FOUND)
                return
        _correct(scope, visit, house)
        await self.app(scope, receive, send)


def _correct(scope: Scope, visit: Visit, house: House) -> None:
    """Write into the scope which host and scheme count, for all who read them after us."""
    own = "x-forwarded-proto" not in visit.headers and scope.get("scheme") in ("https", "wss")
    secure = visit.is_secure(house, own=own or bool(st.get_option("server.sslCertFile")))
    plain = "ws" if scope["type"] == "websocket" else "http"
    scope["scheme"] = f"{plain}s" if secure else plain
    told = visit.one("x-forwarded-host") if house.believes(visit.peer) else ""
    if told:
        headers = MutableHeaders(scope=scope)
        headers["host"] = told.rpartition(",")[2].strip()
