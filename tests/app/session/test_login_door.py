"""Requests for files, and WebSockets, at a server that wants a login: real cookies, signed as Streamlit signs them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from app.session import login
from app.session.login_cookie import claims_in
from app.session.login_door import LoginDoor
from lib.owners import owners_of
from lib.settings import settings

NOW = int(time.time())
ADA = {
    "iss": "https://login.example", "sub": "1", "email": "ada@example.org", "email_verified": True, "iat": NOW - 60,
    "is_logged_in": True,
}  # fmt: skip
CLOSED = ("/media/a.png", "/download/ticket", "/_stcore/upload_file/session/file", "/app/static/a.png")
OPEN = ("/", "/tagging", "/static/a.js", "/component/a/b.js", "/_stcore/health", "/_stcore/host-config", "/auth/login")


@pytest.fixture(autouse=True)
def login_is_wanted(monkeypatch: pytest.MonkeyPatch, toolkit_home: object) -> Iterator[None]:
    monkeypatch.setattr(login, "_seen", [True])
    monkeypatch.setenv("TOOLKIT_ALLOWED_EMAILS", "ada@example.org")
    yield
    owners_of(settings().home).close()


def cookies(claims: dict[str, Any], secret: str = "") -> dict[str, str]:
    """The cookies that Streamlit gives a browser for these claims."""
    secret, made = secret or get_cookie_secret(), {}

    def sign(name: str, value: str) -> bytes:
        return create_signed_value(secret, name, value)

    def keep(name: str, value: str) -> None:
        made[name] = sign(name, value).decode()

    set_cookie_with_chunks(keep, sign, "_streamlit_user", claims, cookie_attr_size=60)
    return made


def signed_by_hand(text: str) -> str:
    return create_signed_value(get_cookie_secret(), "_streamlit_user", text).decode()


def client(sent: dict[str, str]) -> TestClient:
    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("theirs")

    async def told(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_json(dict(socket.cookies))
        await socket.close()

    routes = [WebSocketRoute("/_stcore/stream", told), Route("/{path:path}", page, methods=["GET", "PUT"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(LoginDoor)]), cookies=sent)


def statuses(sent: dict[str, str], paths: tuple[str, ...]) -> set[int]:
    browser = client(sent)
    return {browser.get(path).status_code for path in paths} | {browser.put(path).status_code for path in paths}


def seen_by_streamlit(sent: dict[str, str]) -> dict[str, str]:
    with client(sent).websocket_connect("/_stcore/stream") as socket:
        return dict(socket.receive_json())


def test_files_are_for_those_who_are_logged_in_and_the_program_is_for_everybody() -> None:
    assert statuses(cookies(ADA), CLOSED) == {200}
    assert statuses({}, CLOSED) == {401}
    assert statuses({}, OPEN) == {200}


@pytest.mark.parametrize(
    "claims",
    [
        ADA | {"is_logged_in": False},
        ADA | {"email_verified": False},
        ADA | {"email": "bob@example.org"},
        {name: value for name, value in ADA.items() if name != "email"},
        {},
    ],
)
def test_a_login_that_does_not_count_gets_no_file(claims: dict[str, Any]) -> None:
    assert statuses(cookies(claims), CLOSED) == {401}


def test_a_cookie_that_this_server_has_not_signed_is_none() -> None:
    signed = cookies(ADA)["_streamlit_user"]
    assert statuses(cookies(ADA, "another server's secret"), CLOSED) == {401}
    assert statuses({"_streamlit_user": signed[:-2] + "xx"}, CLOSED) == {401}
    assert statuses({"_streamlit_user_tokens": signed}, CLOSED) == {401}
    for kept in ("é", signed_by_hand("no json"), signed_by_hand("[1]")):
        assert claims_in({"_streamlit_user": kept}) == {}


def test_a_login_that_fills_several_cookies_counts_whole_or_not_at_all() -> None:
    many = cookies(ADA | {"groups": [f"{number}-{hash(str(number))}" for number in range(600)]})
    assert len(many) > 2
    assert statuses(many, CLOSED) == {200}
    many.pop("_streamlit_user_2")
    assert statuses(many, CLOSED) == {401}


def test_a_log_out_ends_every_login_of_before_and_none_of_later() -> None:
    owners = owners_of(settings().home)
    owners.login("https://login.example", "1", "ada@example.org", NOW - 60)
    owner = owners.login_name("https://login.example", "1")
    owners.log_out(owner, NOW - 10)
    assert statuses(cookies(ADA), CLOSED) == {401}
    assert statuses(cookies(ADA | {"iat": NOW - 10}), CLOSED) == {401}
    assert statuses(cookies(ADA | {"iat": NOW - 9}), CLOSED) == {200}
    # Another account is not touched by it.
    assert statuses(cookies(ADA | {"sub": "2"}), CLOSED) == {200}


def test_a_login_of_before_a_log_out_never_reaches_a_page() -> None:
    sent = {"first": "1", **cookies(ADA), "_streamlit_user_tokens": "x", "toolkit_owner": "2"}
    assert seen_by_streamlit(sent).keys() == sent.keys()
    owners = owners_of(settings().home)
    owners.login("https://login.example", "1", "ada@example.org", NOW - 60)
    owners.log_out(owners.login_name("https://login.example", "1"), NOW)
    assert seen_by_streamlit(sent) == {"first": "1", "toolkit_owner": "2"}


def test_who_is_on_no_list_reaches_the_page_that_says_so() -> None:
    sent = cookies(ADA | {"email": "bob@example.org"})
    assert seen_by_streamlit(sent) == sent


def test_a_name_that_is_taken_off_the_list_gets_no_file_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert statuses(cookies(ADA), CLOSED) == {200}
    monkeypatch.setenv("TOOLKIT_ALLOWED_EMAILS", "bob@example.org")
    assert statuses(cookies(ADA), CLOSED) == {401}


def test_where_no_login_is_wanted_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "_seen", [])
    assert statuses({}, CLOSED + OPEN) == {200}
