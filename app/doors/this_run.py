"""The browser behind a run of the script, as its handshake had it. Here alone Streamlit's own client is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.doors.accounts import is_own_account
from app.doors.requests import visit_of
from app.doors.rules import House, Visit, not_from_here, refusal
from app.doors.secret_address import knows_secret
from app.doors.this_server import this_house


@dataclass
class _Connection:
    """What is looked up once a connection: a port may be another program's later."""

    own_account: bool | None
    page: str = ""
    """The address that the browser shows; runs that the server starts by itself do not bring it."""


@dataclass
class _Known:
    of: WeakKeyDictionary[Any, _Connection] = field(default_factory=WeakKeyDictionary)


_connections = _Known()


def why_refused() -> str:
    """Why this run must show nothing, "" where it may. In front of it nobody may have looked: app/main.py alone."""
    if browser_is_gone():
        return "The browser behind this page is gone."
    if _is_test():
        return ""
    if not knows_secret(st.context.cookies):
        return "This server asks for an address with a secret. Only app/server.py can give one: see docs/deploy.md."
    return refusal(_visit(_client()), this_house())


def browser_is_gone() -> bool:
    """Whether the connection behind this run has ended meanwhile."""
    return runtime.exists() and _client() is None


def is_from_this_machine() -> bool:
    """Whether a person at this machine looks at this run. A run of AppTest counts as one."""
    return _comes_from_here(this_house())


def would_be_from_this_machine() -> bool:
    """Whether they would count as such a person if only this machine could reach the server: to tell them so."""
    return _comes_from_here(replace(this_house(), address="127.0.0.1"))


def _comes_from_here(house: House) -> bool:
    client = _client()
    if client is None or not house.is_private or house.asks_for_login:
        return False
    if _is_test():
        return True
    known = _connections.of.get(client) or _connections.of.setdefault(client, _Connection(_own_account(client)))
    known.page = st.context.url or known.page
    return not not_from_here(_visit(client), house, known.page, own_account=known.own_account)


def browser_mark() -> str:
    """What tells the browser behind this run from others, where the middleware's cookie is missing.

    Streamlit's own cookie, else the connection itself: then a session ends with its connection.
    """
    if _is_test():
        return ""
    return str(st.context.cookies.get("_streamlit_xsrf") or st.context.headers.get("Sec-WebSocket-Key") or "")


def session_id() -> str:
    """The id by which a browser takes up a session again; "" outside of a run."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else ""


def _is_test() -> bool:
    """Whether nothing listens: AppTest puts a stand-in where the runtime would be."""
    return runtime.exists() and not issubclass(type(runtime.get_instance()), runtime.Runtime)


def _client() -> Any:
    return runtime.get_instance().get_client(session_id()) if runtime.exists() else None


def _visit(client: Any) -> Visit:
    if scope := _scope(client):
        return visit_of(scope)
    context = client.client_context
    return Visit(context.headers) if context is not None else Visit(())


def _scope(client: Any) -> dict[str, Any]:
    """The handshake as the server got it; empty for an agent's request, which has none."""
    scope = getattr(getattr(client, "_websocket", None), "scope", None)
    return scope if isinstance(scope, dict) else {}


def _own_account(client: Any) -> bool | None:
    try:
        return is_own_account(int(_scope(client)["client"][1]), int(_scope(client)["server"][1]))
    except (KeyError, TypeError, ValueError, IndexError):
        return False
