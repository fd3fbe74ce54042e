"""An address with a secret, where it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.app.doors.conftest import OPENED, folders, port_of
from tests.browser.conftest import Dashboard, serve
from tests.doubles.visitor import Turned, Visitor, ask

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def secretive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    home, photos = folders(tmp_path_factory.mktemp("secret"))
    with serve(home, photos, TOOLKIT_SECRET_ADDRESS="1") as running:
        yield running


def printed(server: Dashboard) -> str:
    """The path of the address that was printed, with its secret."""
    (path,) = re.findall(rf"{re.escape(server.url)}(/\?token=\S+)", server.log.read_text())
    return str(path)


def cookie_of(server: Dashboard) -> str:
    response, _ = ask(port_of(server), printed(server))
    return response.headers["set-cookie"].partition(";")[0]


def test_the_plain_address_is_not_enough(secretive: Dashboard) -> None:
    for path in ("/", "/?token=", "/?token=guessed", "/static/index.html", "/media/x.png"):
        response, body = ask(port_of(secretive), path)
        assert response.status == 403
        assert b"printed" in body
    with pytest.raises(Turned, match="403"):
        Visitor(port_of(secretive))
    assert ask(port_of(secretive), "/_stcore/health")[0].status == 200


def test_the_printed_address_opens_the_door_and_takes_the_secret_out_of_sight(secretive: Dashboard) -> None:
    response, body = ask(port_of(secretive), f"{printed(secretive)}&folder=%2Fa%20b")
    assert response.status == 303
    assert response.headers["location"] == "?folder=%2Fa+b"
    assert "HttpOnly" in response.headers["set-cookie"]
    secret = printed(secretive).partition("=")[2]
    assert secret.encode() not in body
    with Visitor(port_of(secretive), cookie=cookie_of(secretive)) as person:
        assert OPENED in person.look(folder=str(secretive.photos))
    assert (secretive.home / "owners" / "local").is_dir()


def test_the_secret_does_not_help_a_foreign_page(secretive: Dashboard) -> None:
    with pytest.raises(Turned, match="403"):
        Visitor(port_of(secretive), cookie=cookie_of(secretive), origin="http://localhost:9999")
    assert ask(port_of(secretive), printed(secretive), host="evil.example")[0].status == 403


def test_a_letter_of_any_script_is_no_secret(secretive: Dashboard) -> None:
    assert ask(port_of(secretive), "/?token=%C3%A9")[0].status == 403


def test_where_nothing_can_give_the_secret_nobody_gets_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    home, photos = folders(tmp_path_factory.mktemp("alone"))
    with serve(home, photos, "app/main.py", TOOLKIT_SECRET_ADDRESS="1") as alone, Visitor(port_of(alone)) as person:
        seen = person.look(folder=str(photos))
        assert OPENED not in seen
        assert "app/server.py" in seen
