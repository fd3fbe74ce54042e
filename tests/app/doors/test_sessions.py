"""A session's id is no key: another browser neither takes the session up nor uploads into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.doors.session_door import SessionBook
from tests.app.doors.conftest import ANOTHER, COOKIE, OPENED, folders, port_of
from tests.browser.conftest import Dashboard, serve
from tests.doubles.visitor import Visitor, ask

pytestmark = pytest.mark.slow

_FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n'


@pytest.fixture(scope="module", params=["app/server.py", "app/main.py"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A server for several people, with the middleware and without it."""
    home, photos = folders(tmp_path_factory.mktemp("shared"))
    with serve(home, photos, request.param, ADDRESS="0.0.0.0", TOOLKIT_HOSTS="") as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    home, photos = folders(tmp_path_factory.mktemp("guarded"))
    with serve(home, photos, ADDRESS="0.0.0.0", STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION="false") as running:
        yield running


def upload(server: Dashboard, session: str, method: str = "PUT", **headers: str) -> int:
    kind = "multipart/form-data; boundary=x"
    path = f"/_stcore/upload_file/{session}/some-file"
    return ask(port_of(server), path, method=method, body=_FILE, content_type=kind, **headers)[0].status


def test_the_same_browser_takes_its_session_up_again(shared: Dashboard) -> None:
    with Visitor(port_of(shared), cookie=COOKIE) as first:
        assert OPENED in first.look(folder=str(shared.photos))
    with Visitor(port_of(shared), cookie=COOKIE, session=first.session) as again:
        assert OPENED in again.look()
        assert again.session == first.session


@pytest.mark.parametrize("cookie", [ANOTHER, "", f"{COOKIE}x"])
def test_another_browser_gets_a_fresh_session(shared: Dashboard, cookie: str) -> None:
    with Visitor(port_of(shared), cookie=COOKIE) as first:
        assert OPENED in first.look(folder=str(shared.photos))
    with Visitor(port_of(shared), cookie=cookie, session=first.session) as thief:
        assert OPENED not in thief.look()
        # Not the second time either, when nothing has changed any more.
        assert OPENED not in thief.look()


def test_a_visitor_without_any_cookie_cannot_be_followed(shared: Dashboard) -> None:
    with Visitor(port_of(shared)) as first:
        assert OPENED in first.look(folder=str(shared.photos))
    with Visitor(port_of(shared), session=first.session) as thief:
        assert OPENED not in thief.look()


def test_the_id_of_anothers_session_is_struck_out_of_the_handshake(guarded: Dashboard) -> None:
    with Visitor(port_of(guarded), cookie=COOKIE) as first:
        first.look(folder=str(guarded.photos))
        with Visitor(port_of(guarded), cookie=ANOTHER, session=first.session) as thief:
            thief.look()
            assert thief.session != first.session
        # Its owner was not thrown out either.
        assert OPENED in first.look()


def test_only_the_owner_of_a_session_uploads_into_it(guarded: Dashboard) -> None:
    with Visitor(port_of(guarded), cookie=COOKIE) as owner:
        owner.look()
        for method in ("PUT", "DELETE"):
            assert upload(guarded, owner.session, method, cookie=COOKIE) == 204
            assert upload(guarded, owner.session, method, cookie=ANOTHER) == 403
            assert upload(guarded, owner.session, method) == 403


def test_nobody_uploads_into_a_session_that_is_not_past_the_door(guarded: Dashboard) -> None:
    assert upload(guarded, "no-such-session", cookie=COOKIE) == 403
    with Visitor(port_of(guarded), cookie=COOKIE) as somebody:
        # Connected, and its page has not run yet: its id is known to Streamlit, and to us not.
        assert upload(guarded, somebody.session or "unknown", cookie=COOKIE) == 403


@pytest.mark.parametrize("way", ["a/b/c", "a//b", "", "a", "%2e%2e/a/b"])
def test_a_path_that_names_no_session_is_no_way_round(guarded: Dashboard, way: str) -> None:
    response, _ = ask(port_of(guarded), f"/_stcore/upload_file/{way}", method="PUT", body=_FILE, cookie=COOKIE)
    assert response.status in (400, 403, 404)


def test_the_oldest_sessions_are_forgotten_first() -> None:
    book = SessionBook()
    for number in range(10_001):
        book.note(str(number), "mine")
    assert not book.is_of("0", "mine")
    assert book.is_of("1", "mine")
    book.strike("1")
    assert not book.is_of("1", "mine")


def test_a_session_without_a_cookie_is_nobodys() -> None:
    book = SessionBook()
    book.note("a", "")
    assert not book.is_of("a", "")
