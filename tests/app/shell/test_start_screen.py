"""What the start page offers to whom."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from lib.settings import settings
from tests.doubles.dashboard import open_page, texts


@pytest.mark.parametrize(("address", "is_offered"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_where_no_folders_are_shared_only_who_sits_at_the_machine_chooses_one(
    local_server: None, monkeypatch: pytest.MonkeyPatch, address: str, is_offered: bool
) -> None:
    monkeypatch.setenv("TOOLKIT_ROOTS", "")
    settings.cache_clear()
    st.config.set_option("server.address", address)
    page = open_page()
    assert ("Choose a directory" in texts(page)) is is_offered
    assert ("TOOLKIT_ROOTS" in texts(page)) is not is_offered
    assert page.button(key="picker.sample")


@pytest.mark.parametrize(("address", "is_told"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_only_an_administrator_is_told_that_the_space_of_all_is_nearly_used_up(
    local_server: None, monkeypatch: pytest.MonkeyPatch, toolkit_home: Path, address: str, is_told: bool
) -> None:
    monkeypatch.setenv("TOOLKIT_TOTAL_MB", "1")
    settings.cache_clear()
    st.config.set_option("server.address", address)
    theirs = toolkit_home / "workspace" / "somebody" / "uploads" / "set" / "a.jpg"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"x" * 950_000)
    page = open_page()
    assert ("The space of this server is nearly used up" in texts(page)) is is_told
