"""The text for a bug report."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from app.settings.bug_report import versions
from lib.commands.version import version
from tests.doubles.repository import ROOT


def test_it_has_the_versions_and_nothing_of_the_machine_s_owner(
    toolkit_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_canary1234567")
    text = versions("Mozilla/5.0 (X11)")
    assert version() in text
    assert f"Python {platform.python_version()}" in text
    assert "streamlit 1." in text
    assert "browser: Mozilla/5.0 (X11)" in text
    for secret in ("canary", str(toolkit_home), str(ROOT), str(Path.home()), platform.node()):
        assert secret not in text
