"""`captioner config`: the environment, `.env` and captioner.toml, in this order; keys stay untold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.program import result_of
from tests.commands.test_command_line import lib


def told(name: str, **environment: str) -> tuple[object, str]:
    (one,) = [one for one in result_of(lib("config", "--json", **environment))["settings"] if one["name"] == name]
    return one["value"], one["from"]


def test_the_environment_counts_before_dotenv_and_that_before_toml(toolkit_home: Path) -> None:
    assert told("TOOLKIT_PICTURE_MB") == (250, "default")
    (toolkit_home / "captioner.toml").write_text("picture_mb = 100\n")
    assert told("TOOLKIT_PICTURE_MB") == (100, str(toolkit_home / "captioner.toml"))
    (toolkit_home / ".env").write_text("TOOLKIT_PICTURE_MB=200\n")
    assert told("TOOLKIT_PICTURE_MB") == (200, str(toolkit_home / ".env"))
    assert told("TOOLKIT_PICTURE_MB", TOOLKIT_PICTURE_MB="300") == (300, "environment")


def test_a_dotenv_beside_the_toolkits_folder_counts_too(toolkit_home: Path) -> None:
    beside = toolkit_home.parent / ".env"
    beside.write_text("HF_TOKEN=hf_canary123\n")
    try:
        assert told("HF_TOKEN") == ("(set)", str(beside))
        assert "HF_TOKEN is set" in lib("models").stdout
    finally:
        beside.unlink()


def test_a_key_is_used_and_never_shown(toolkit_home: Path) -> None:
    (toolkit_home / ".env").write_text('export NVIDIA_API_KEY="nvapi-canary"\n')
    for command in (["config"], ["config", "--json"], ["models"], ["models", "--json"]):
        done = lib(*command)
        assert "canary" not in done.stdout + done.stderr
        assert "NVIDIA_API_KEY" in done.stdout


def test_the_working_folder_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("NVIDIA_BASE_URL=http://elsewhere.example\n")
    (tmp_path / "captioner.toml").write_text('nvidia_base_url = "http://elsewhere.example"\n')
    from tests.cli.program import captioner

    assert "elsewhere" not in captioner("config", cwd=tmp_path).stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_of_another_account_counts_for_nothing(toolkit_home: Path) -> None:
    (toolkit_home / ".env").write_text("TOOLKIT_PICTURE_MB=200\n")
    os.chown(toolkit_home / ".env", 65_534, 65_534)
    assert told("TOOLKIT_PICTURE_MB") == (250, "default")


@pytest.mark.parametrize("text", ["picture_mb = ", 'picture_mb = "many"'])
def test_a_file_that_cannot_be_used_is_named(toolkit_home: Path, text: str) -> None:
    (toolkit_home / "captioner.toml").write_text(f"{text}\n")
    done = lib("scan", toolkit_home)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "captioner.toml" in done.stderr


def test_the_folder_itself_is_not_said_by_a_file_in_it(toolkit_home: Path) -> None:
    (toolkit_home / "captioner.toml").write_text('home = "/elsewhere"\ntoolkit_home = "/elsewhere"\n')
    assert told("TOOLKIT_HOME") == (str(toolkit_home), "environment")
