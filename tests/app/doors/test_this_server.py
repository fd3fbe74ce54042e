"""How the rules see the server that runs here."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.secrets import Secrets

from app.doors.this_server import asks_for_login, base_path, this_house


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (None, False),
        ('NVIDIA_API_KEY = ""\n', False),
        ('[auth]\nclient_id = "x"\n', True),
        # Whoever meant to set up a login and mistyped it did not mean to let everybody be local.
        ("[auth\n", True),
    ],
)
def test_a_login_is_asked_for_by_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, asks: bool
) -> None:
    path = tmp_path / "secrets.toml"
    if text is not None:
        path.write_text(text)
    before = st.get_option("secrets.files")
    st.config.set_option("secrets.files", [str(path)])
    monkeypatch.setattr(st, "secrets", Secrets())
    try:
        assert asks_for_login() is asks
        assert this_house().asks_for_login is asks
    finally:
        st.config.set_option("secrets.files", before)


def test_everything_lies_below_the_path_that_the_server_is_put_under(local_server: None) -> None:
    assert base_path() == ""
    st.config.set_option("server.baseUrlPath", "/captions/")
    try:
        assert base_path() == "/captions"
    finally:
        st.config.set_option("server.baseUrlPath", "")


def test_the_address_is_what_the_server_was_bound_to(local_server: None) -> None:
    assert this_house().is_private
    st.config.set_option("server.address", "0.0.0.0")
    assert not this_house().is_private
