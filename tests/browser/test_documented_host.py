"""A host that is set up from docs/deploy.md: nginx, TLS, a login for all; and those who try to break out of it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from http.client import HTTPSConnection
from typing import Any

import pytest

from tests.browser.test_login import box, cookies_of
from tests.doubles.documented_host import NAME, Host, documented_host
from tests.doubles.visitor import Turned, Visitor

pytestmark = [pytest.mark.login, pytest.mark.proxy]

PROGRAM = ("/", "/index.html", "/tagging", "/settings", "/.streamlit/secrets.toml", "/app/main.py", "/MEDIA/x.png")
"""Answered with the program itself, the same for everybody."""
CLOSED = (
    "/_stcore/stream", "/_stcore/script-health-check", "/_stcore/agent/interact", "/_stcore/agent/openapi.json",
    "/_stcore/agent/mcp", "/_stcore/upload_file/a/b", "/_stcore/message", "/media/x.png", "//media/x.png",
    "/%6dedia/x.png", "/media%2fx.png", "/media//x", "/download/x", "//download/x", "/app/static/x",
    "/app/static/../main.py", "/_stcore/_/../../media/x",
)  # fmt: skip
OUTSIDE = ("/etc", "/", "{home}", "{home}/workspace", "{photos}/..", "{photos}/../toolkit", "~", "/proc/self/root/etc")


@pytest.fixture(scope="module")
def host(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with documented_host(browser, tmp_path_factory.mktemp("host")) as made:
        yield made


@pytest.fixture(scope="module")
def cookies(host: Host) -> dict[str, str]:
    """Of each who has logged in, past the door or not, and of nobody."""
    return {"": ""} | {name: cookies_of(host.log_in(name)) for name in ("ada", "bob", "eve")}


def status(host: Host, path: str, cookie: str = "", method: str = "GET", **headers: str) -> int:
    connection = HTTPSConnection("127.0.0.1", host.port, context=ssl._create_unverified_context(), timeout=20)
    try:
        told = {"Host": f"{NAME}:{host.port}"} | ({"Cookie": cookie} if cookie else {})
        connection.request(method, path, b"x" if method == "PUT" else None, told | headers)
        return connection.getresponse().status
    finally:
        connection.close()


def visit(host: Host, cookie: str, session: str = "", **more: Any) -> Visitor:
    token = re.search('_streamlit_xsrf="?([^;"]+)', cookie)
    name = more.pop("name", f"{NAME}:{host.port}")
    return Visitor(
        host.port, host=name, cookie=cookie, session=session, token=token[1] if token else "", tls=True, **more
    )


def seen(host: Host, cookie: str, folder: str, **more: Any) -> str:
    """All that the page of a folder sends to somebody who speaks by hand."""
    with visit(host, cookie, **more) as visitor:
        return visitor.look(folder=folder)


@pytest.mark.parametrize("who", ["", "eve"])
def test_who_may_not_come_in_gets_the_program_and_nothing_else(host: Host, cookies: dict[str, str], who: str) -> None:
    assert {path: status(host, path, cookies[who]) for path in CLOSED} == dict.fromkeys(CLOSED, 401)
    assert {path: status(host, path, cookies[who]) for path in PROGRAM} == dict.fromkeys(PROGRAM, 200)
    assert status(host, "/_stcore/health", cookies[who]) == 200
    assert status(host, "/_stcore/metrics", cookies[who]) == 404
    for method in ("PUT", "DELETE"):
        # As another browser than the session's, which nobody there has.
        assert status(host, "/_stcore/upload_file/a/b", cookies[who], method) == 403
    words = seen(host, cookies[who], str(host.dashboard.photos))
    assert "Log in" in words
    assert "words 0" not in words
    assert "photo_0" not in words


def test_who_may_come_in_sees_the_folder_and_no_other(host: Host, cookies: dict[str, str]) -> None:
    photos, home = host.dashboard.photos, host.dashboard.home
    assert "words 0" in seen(host, cookies["bob"], str(photos))
    for outside in OUTSIDE:
        words = seen(host, cookies["bob"], outside.format(home=home, photos=photos))
        assert "This path cannot be opened here." in words, outside
    assert status(host, "/_stcore/metrics", cookies["bob"]) == 404


@pytest.mark.parametrize(
    "told",
    [
        {"name": "127.0.0.1"},
        {"name": "localhost"},
        {"origin": None},
        {"origin": "http://captions.example.org"},
        {"origin": "null"},
        {"name": "evil.example"},
        {"name": f"{NAME}.evil.example"},
    ],
)
def test_by_another_name_or_from_another_page_no_login_counts(
    host: Host, cookies: dict[str, str], told: dict[str, Any]
) -> None:
    try:
        words = seen(host, cookies["ada"], str(host.dashboard.photos), **told)
    except Turned:
        return
    assert "Log in" in words
    assert "words 0" not in words


def test_a_person_at_the_machine_itself_needs_the_login_too(host: Host) -> None:
    port = int(host.dashboard.url.rpartition(":")[2])
    with Visitor(port) as visitor:
        words = visitor.look(folder=str(host.dashboard.photos))
    assert "Log in" in words
    assert "words 0" not in words


def test_nobody_takes_up_the_session_of_another(host: Host, cookies: dict[str, str]) -> None:
    photos = str(host.dashboard.photos)
    with visit(host, cookies["ada"]) as ada:
        ada.look(folder=photos)
        session = ada.session
    owner = next(part for part in cookies["ada"].split("; ") if part.startswith("toolkit_owner"))
    without = "; ".join(part for part in cookies["bob"].split("; ") if not part.startswith("toolkit_owner"))
    for cookie in (cookies["bob"], f"{without}; {owner}", cookies["eve"], ""):
        with visit(host, cookie, session) as other:
            assert "words 0" not in other.look()
            assert other.session != session


def test_no_cookie_and_no_key_stands_in_what_is_written_down(host: Host, cookies: dict[str, str]) -> None:
    tab = host.log_in("ada", host.folder_link)
    box(tab).fill("words of ada")
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_text("Saved").first.wait_for()
    written = [path for path in host.dashboard.home.rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in (*written, host.dashboard.log)]
    told = [part.partition("=")[2].strip('"') for part in "; ".join(cookies.values()).split("; ") if part]
    for secret in ("canary", *(value for value in told if len(value) > 20)):
        assert not any(secret.encode() in data for data in kept), secret[:12]
    # Datasets and thumbnails are guarded by the folder above them.
    own = [path for path in written if not {"workspace", "cache"}.intersection(path.parts)]
    assert [str(path) for path in own if path.stat().st_mode & 0o077] == []
    assert host.dashboard.home.stat().st_mode & 0o077 == 0


def test_after_a_log_out_the_cookies_of_before_open_nothing(host: Host) -> None:
    tab = host.log_in("ada", host.folder_link)
    tab.get_by_text("Showing 1 of").wait_for()
    before = cookies_of(tab)
    tab.get_by_role("button", name="Log out").click()
    tab.get_by_role("button", name="Log in").wait_for()
    assert "words 0" not in seen(host, before, str(host.dashboard.photos))
    assert {status(host, path, before) for path in CLOSED} == {401}
