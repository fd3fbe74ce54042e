"""What is read from the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lib.owners import owner_id
from lib.settings import Access, Settings


def test_roots_and_hosts_are_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_ROOTS", os.pathsep.join(["/a", " /b ", ""]))
    monkeypatch.setenv("TOOLKIT_ALLOWED_HOSTS", "gpu-box, 10.0.0.7:8000")
    read = Settings()
    assert read.roots == [Path("/a"), Path("/b")]
    assert read.allowed_hosts == ["gpu-box", "10.0.0.7:8000"]


def test_what_concerns_the_doors_is_closed_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Settings()
    assert (usual.hosts, usual.proxies, usual.secret_address, usual.metrics) == ([], [], False, False)
    monkeypatch.setenv("TOOLKIT_HOSTS", "captions.example.org, gpu-box:8501")
    monkeypatch.setenv("TOOLKIT_PROXIES", "127.0.0.1,10.1.0.0/16")
    monkeypatch.setenv("TOOLKIT_SECRET_ADDRESS", "1")
    monkeypatch.setenv("TOOLKIT_METRICS", "1")
    asked = Settings()
    assert asked.hosts == ["captions.example.org", "gpu-box:8501"]
    assert asked.proxies == ["127.0.0.1", "10.1.0.0/16"]
    assert asked.secret_address
    assert asked.metrics


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_MODELS_FOLDER", "")
    monkeypatch.setenv("TOOLKIT_ROOTS", "")
    read = Settings()
    assert read.models_folder is None
    assert read.roots == []


def test_a_key_is_stripped_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVIDIA_API_KEY", " nvapi-canary\n")
    read = Settings()
    assert read.key_for("NVIDIA_API_KEY").get_secret_value() == "nvapi-canary"
    assert "canary" not in repr(read)
    assert read.key_for("UNKNOWN").get_secret_value() == ""


def test_no_address_is_taken_for_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVIDIA_BASE_URL", "http://127.0.0.1:8000")
    read = Settings()
    assert read.key_for("NVIDIA_BASE_URL").get_secret_value() == ""
    assert read.base_urls["nvidia_base_url"] == "http://127.0.0.1:8000"


def test_an_owners_name_never_becomes_a_path(configured: Settings) -> None:
    folder = configured.owner_folder("mail:../../etc/passwd")
    assert folder.parent == configured.home / "owners"
    assert owner_id("local") == "local"
    assert owner_id("a") != owner_id("b")


def test_the_lists_of_who_may_log_in_are_read_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Access().allowed_emails == []
    monkeypatch.setenv("TOOLKIT_ALLOWED_EMAILS", "ada@example.org, bob@example.org,")
    monkeypatch.setenv("TOOLKIT_ALLOWED_DOMAINS", "example.net")
    monkeypatch.setenv("TOOLKIT_ADMINS", "Ada@Example.org")
    read = Access()
    assert (read.guests.emails, read.guests.domains) == (["ada@example.org", "bob@example.org"], ["example.net"])
    assert read.is_admin("ada@example.org")
    assert not read.is_admin("bob@example.org")
    monkeypatch.setenv("TOOLKIT_ALLOWED_EMAILS", "ada@example.org")
    assert Access().allowed_emails == ["ada@example.org"]
