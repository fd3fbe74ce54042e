"""Uploads hold only so much memory, for a session, a visitor and the server, and none of a session that is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.app.doors.conftest import ANOTHER, COOKIE, OPENED, folders, port_of
from tests.browser.conftest import Dashboard, serve
from tests.doubles.visitor import Visitor, ask

pytestmark = pytest.mark.slow

_MEMORY_MB = 400
"""Of which uploads get a half, and a visitor a half of that."""

_FILE = 20_000_000
_START = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
_END = b"\r\n--x--\r\n"
_TOO_LARGE, _TAKEN, _NO_SIZE = 413, 204, 411
_THIRD = f"toolkit_owner={'c' * 48}"


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Dashboard]:
    home, photos = folders(tmp_path)
    settings = {
        "TOOLKIT_MEMORY_MB": str(getattr(request, "param", _MEMORY_MB)),
        "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false",
    }
    with serve(home, photos, ADDRESS="0.0.0.0", **settings) as running:
        yield running


def _visit(server: Dashboard, cookie: str) -> Visitor:
    visitor = Visitor(port_of(server), cookie=cookie)
    assert OPENED in visitor.look(folder=str(server.photos))
    return visitor


def _upload(server: Dashboard, visitor: Visitor, cookie: str, name: str) -> tuple[int, str]:
    body = _START + bytes(_FILE) + _END
    path = f"/_stcore/upload_file/{visitor.session}/{name}"
    kind = "multipart/form-data; boundary=x"
    answer, words = ask(port_of(server), path, method="PUT", body=body, content_type=kind, cookie=cookie)
    return answer.status, words.decode()


def _in_use(server: Dashboard) -> float:
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * 4_096 / 1e6


def _wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    tick = threading.Event()
    for _ in range(int(seconds / 0.1)):
        if condition():
            return
        tick.wait(0.1)
    raise AssertionError("it did not come about")


def test_a_session_a_visitor_and_a_server_hold_only_so_much(server: Dashboard) -> None:
    with _visit(server, COOKIE) as first, _visit(server, COOKIE) as second, _visit(server, ANOTHER) as another:
        # A hundred megabytes for a visitor, with what stands round each file.
        assert [_upload(server, first, COOKIE, f"a{number}")[0] for number in range(3)] == [_TAKEN] * 3
        assert _upload(server, second, COOKIE, "b")[0] == _TAKEN
        # In another tab of the same browser too.
        status, words = _upload(server, second, COOKIE, "c")
        assert status == _TOO_LARGE
        assert "100 MB" in words
        assert [_upload(server, another, ANOTHER, f"a{number}")[0] for number in range(4)] == [_TAKEN] * 4
        # What was taken away again is free again.
        path = f"/_stcore/upload_file/{first.session}/a0"
        assert ask(port_of(server), path, method="DELETE", cookie=COOKIE)[0].status == _TAKEN
        assert _upload(server, second, COOKIE, "d")[0] == _TAKEN
        with _visit(server, _THIRD) as third:
            assert _upload(server, third, _THIRD, "a")[0] == _TAKEN
            status, words = _upload(server, third, _THIRD, "b")
            assert status == _TOO_LARGE
            assert "all visitors" in words
            assert "200 MB" in words


def test_what_a_closed_tab_uploaded_is_let_go(server: Dashboard) -> None:
    with _visit(server, COOKIE):
        pass
    # Once a folder is open, the server imports what a map needs.
    _wait_for(lambda: "/sklearn/cluster/_k_means" in Path(f"/proc/{server.process.pid}/maps").read_text())
    before = _in_use(server)
    for _ in range(3):
        with _visit(server, COOKIE) as visitor:
            statuses = [_upload(server, visitor, COOKIE, f"a{number}")[0] for number in range(4)]
            assert statuses == [_TAKEN] * 4
            assert _in_use(server) > before + 60
        # Or else the next four would not be taken, either.
        _wait_for(lambda: _in_use(server) < before + 40)


# Less than a server takes that does nothing, so that nothing is left; a visitor would have 22 MB of it.
@pytest.mark.parametrize("server", [90], indirect=True)
def test_an_upload_that_does_not_fit_beside_what_is_in_use_is_turned_away(server: Dashboard) -> None:
    with _visit(server, COOKIE) as visitor:
        status, words = _upload(server, visitor, COOKIE, "a")
        assert status == _TOO_LARGE
        assert "short of memory" in words


def test_an_upload_of_unknown_size_is_turned_away(server: Dashboard) -> None:
    with _visit(server, COOKIE) as visitor:
        path = f"/_stcore/upload_file/{visitor.session}/a"
        body = iter([_START, b"hello", _END])
        answer, _ = ask(port_of(server), path, method="PUT", body=body, cookie=COOKIE)  # type: ignore[arg-type]
        assert answer.status == _NO_SIZE
