"""Whether a login is wanted, and who is an administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from app.session import login
from app.session.login import is_login_wanted, may_act

Write = Callable[[str | None], None]


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes the server's secrets, None for no such file, as Streamlit finds them when it looks again."""
    path, before = tmp_path / "secrets.toml", st.get_option("secrets.files")
    monkeypatch.setattr(login, "_seen", [])
    monkeypatch.setattr(secrets_singleton, "_file_watchers_installed", True)

    def write(text: str | None) -> None:
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        secrets_singleton._reset()

    secrets_singleton._reset()
    config.set_option("secrets.files", [str(path)])
    yield write
    secrets_singleton._reset()
    config.set_option("secrets.files", before)


def test_a_login_is_wanted_where_the_secrets_have_a_section_for_it(secrets: Write) -> None:
    secrets(None)
    assert not is_login_wanted()
    secrets('HF_TOKEN = ""\n')
    assert not is_login_wanted()
    assert may_act()
    secrets('[auth]\nclient_id = "x"\n')
    assert is_login_wanted()
    assert not may_act()


def test_secrets_that_cannot_be_read_may_have_asked_for_a_login(secrets: Write) -> None:
    secrets("[auth\n")
    assert is_login_wanted()


@pytest.mark.parametrize("then", [None, "", "[auth\n"])
def test_a_login_that_was_wanted_once_stays_wanted(secrets: Write, then: str | None) -> None:
    secrets('[auth]\nclient_id = "x"\n')
    assert is_login_wanted()
    secrets(then)
    assert is_login_wanted()


def _page() -> None:
    import streamlit as st

    from app.session.owner import is_admin

    st.text("administrator" if is_admin() else "visitor")


def test_who_sits_at_the_machine_is_an_administrator_and_a_visitor_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AppTest.from_function(_page).run().text[0].value == "administrator"
    monkeypatch.setattr("app.session.owner.current_owner", lambda: "visitor:1")
    assert AppTest.from_function(_page).run().text[0].value == "visitor"


def test_where_a_login_is_wanted_nobody_is_an_administrator_without_one(secrets: Write) -> None:
    secrets('[auth]\nclient_id = "x"\n')
    assert AppTest.from_function(_page).run().text[0].value == "visitor"
