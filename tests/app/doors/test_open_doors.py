"""The dashboard on loopback as a real server: foreign names, foreign pages, foreign sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.app.doors.conftest import COOKIE, OPENED, folders, owners, port_of
from tests.browser.conftest import Dashboard, serve
from tests.doubles.visitor import Turned, Visitor, ask

pytestmark = pytest.mark.slow

_PATHS = (
    "/",
    "/_stcore/host-config",
    "/download/x",
    "/static/index.html",
    "/_stcore/metrics",
    "/media/x.png",
    "/export",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with serve(*folders(tmp_path_factory.mktemp("doors")), TOOLKIT_HOSTS="", TOOLKIT_SECRET_ADDRESS="") as running:
        yield running


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """app/main.py with nothing round it, as Community Cloud may run it."""
    home, photos = folders(tmp_path_factory.mktemp("alone"))
    with serve(home, photos, "app/main.py", TOOLKIT_HOSTS="", TOOLKIT_SECRET_ADDRESS="") as running:
        yield running


@pytest.fixture(scope="module", params=["app/server.py", "app/main.py"])
def strangers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A server that nobody comes to from this machine."""
    home, photos = folders(tmp_path_factory.mktemp("strangers"))
    with serve(home, photos, request.param, TOOLKIT_HOSTS="", TOOLKIT_SECRET_ADDRESS="") as running:
        yield running


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_at_the_machine_itself_one_is_local(server: Dashboard, name: str) -> None:
    with Visitor(port_of(server), host=f"{name}:{port_of(server)}") as person:
        assert OPENED in person.look(folder=str(server.photos))
    assert "local" in owners(server)


def test_nothing_watches_the_source_files_of_a_server(server: Dashboard) -> None:
    # A watcher goes through all modules between two pages, and exchanges them while somebody is at work.
    with Visitor(port_of(server)) as person:
        person.look(folder=str(server.photos))
        handles = []
        for path in Path(f"/proc/{server.process.pid}/fd").iterdir():
            # Some are closed meanwhile.
            with suppress(FileNotFoundError):
                handles.append(str(path.readlink()))
    assert any("socket" in handle for handle in handles)
    assert not any("inotify" in handle for handle in handles)


@pytest.mark.parametrize("path", _PATHS)
def test_a_foreign_name_gets_no_answer_from_any_path(server: Dashboard, path: str) -> None:
    response, body = ask(port_of(server), path, host="evil.example")
    assert response.status == 403
    assert b"TOOLKIT_HOSTS" in body
    assert "set-cookie" not in {name.lower() for name in response.headers}


def test_a_foreign_name_opens_no_websocket(server: Dashboard) -> None:
    for name in ("evil.example", f"evil.example:{port_of(server)}", "localhost.evil.example"):
        with pytest.raises(Turned, match="403"):
            Visitor(port_of(server), host=name)


@pytest.mark.parametrize("origin", ["http://localhost:9999", "http://evil.example", "null", "http://127.0.0.1"])
def test_a_foreign_page_opens_no_websocket_and_gets_no_answer(server: Dashboard, origin: str) -> None:
    with pytest.raises(Turned, match="403"):
        Visitor(port_of(server), origin=origin)
    for method in ("GET", "PUT", "DELETE", "POST"):
        assert ask(port_of(server), "/_stcore/upload_file/a/b", method=method, origin=origin)[0].status == 403


def test_whether_it_lives_is_said_to_everybody(server: Dashboard) -> None:
    assert ask(port_of(server), "/_stcore/health", host="evil.example")[0].status == 200


def test_metrics_are_closed_unless_asked_for(server: Dashboard, tmp_path: Path) -> None:
    assert ask(port_of(server), "/_stcore/metrics")[0].status == 404
    with serve(*folders(tmp_path), TOOLKIT_METRICS="1") as open_one:
        response, body = ask(port_of(open_one), "/_stcore/metrics")
        assert response.status == 200
        assert b"active_sessions" in body


def test_listed_names_are_answered_and_are_not_local(tmp_path: Path) -> None:
    home, photos = folders(tmp_path)
    with serve(home, photos, TOOLKIT_HOSTS="captions.example.org") as running:
        port = port_of(running)
        assert ask(port, "/", host="captions.example.org")[0].status == 200
        assert ask(port, "/", host="evil.example")[0].status == 403
        with Visitor(port, host="captions.example.org", cookie=COOKIE) as visitor:
            assert OPENED in visitor.look(folder=str(photos))
        assert owners(running)
        assert "local" not in owners(running)


def test_https_counts_only_from_a_listed_proxy(server: Dashboard, tmp_path: Path) -> None:
    def cookie(port: int) -> str:
        response, _ = ask(port, "/", accept="text/html", x_forwarded_proto="https", x_forwarded_for="203.0.113.9")
        return next(text for name, text in response.headers.items() if "toolkit_owner" in text and name.lower())

    assert "Secure" not in cookie(port_of(server))
    with serve(*folders(tmp_path), TOOLKIT_PROXIES="127.0.0.1") as behind:
        assert "Secure" in cookie(port_of(behind))


@pytest.mark.parametrize(
    "visitor",
    [
        {"headers": {"X-Forwarded-For": "203.0.113.9"}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=203.0.113.9"}},
        {"origin": None},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
    ],
)
def test_whoever_may_come_through_a_proxy_is_a_visitor(strangers: Dashboard, visitor: dict[str, object]) -> None:
    with Visitor(port_of(strangers), cookie=COOKIE, **visitor) as somebody:  # type: ignore[arg-type]
        assert OPENED in somebody.look(folder=str(strangers.photos))
    assert owners(strangers)
    assert "local" not in owners(strangers)


def test_a_browser_that_shows_another_address_is_a_visitor(strangers: Dashboard) -> None:
    with Visitor(port_of(strangers), cookie=COOKIE) as somebody:
        assert OPENED in somebody.look("http://captions.example.org/", folder=str(strangers.photos))
    assert "local" not in owners(strangers)


def test_main_alone_shows_nothing_to_foreign_names_and_pages(alone: Dashboard) -> None:
    for stranger in ({"host": "evil.example"}, {"origin": "http://localhost:9999"}):
        with Visitor(port_of(alone), **stranger) as visitor:
            seen = visitor.look(folder=str(alone.photos))
            assert OPENED not in seen
            assert str(alone.photos.name) not in seen
            assert "This re" in seen or "does not answer to the name" in seen
    assert owners(alone) == set()


def test_main_alone_knows_a_person_at_the_machine(alone: Dashboard) -> None:
    with Visitor(port_of(alone)) as person:
        assert OPENED in person.look(folder=str(alone.photos))
    assert "local" in owners(alone)
