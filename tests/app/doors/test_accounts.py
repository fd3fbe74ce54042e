"""Telling under which account the other end of a connection runs."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator

import pytest

from app.doors.accounts import is_own_account
from tests.missing import missing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists whose connections are whose")

_NOBODY = 65534


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_connection_of_ones_own_is_ones_own(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as mine:
        assert is_own_account(mine.getsockname()[1], port) is True


def test_a_connection_that_the_other_side_closed_is_nobodys(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as mine:
        client_port = mine.getsockname()[1]
    assert is_own_account(client_port, port) is False


def test_where_the_system_lists_nothing_it_says_nothing() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert is_own_account(1, unused.getsockname()[1]) is None


def test_a_connection_of_another_account_is_anothers(listening: socket.socket) -> None:
    if os.geteuid() != 0:
        missing("only root can start a program under another account")
    port = listening.getsockname()[1]
    os.seteuid(_NOBODY)
    try:
        theirs = socket.create_connection(("127.0.0.1", port))
    finally:
        os.seteuid(0)
    with theirs:
        assert is_own_account(theirs.getsockname()[1], port) is False
