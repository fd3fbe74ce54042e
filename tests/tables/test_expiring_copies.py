"""A copy of a table that a visitor left goes after the days of uploads; edits, and what others own, never do."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lib.dataset.workspace.visitors import expire_visitors
from lib.domain import Origin
from lib.owners import Owners
from lib.preferences import Draft, Preferences
from lib.settings import Settings
from lib.tables.copying import copy_table, expire_copies, note_opened
from lib.tables.opening import open_table
from lib.urls import parse_url
from tests.doubles.image_folder import settings_at
from tests.doubles.tables import write_table

LONG_AGO = time.time() - 3 * 86_400
VISITOR = "session:old"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_at(tmp_path / "home", upload_days=2)
    # The first look is that of a server's first start.
    expire_visitors(made)
    return made


def copied(settings: Settings, tmp_path: Path, owner: str = VISITOR, files: int = 1) -> Path:
    """A copy of a table with so many parts, as an owner makes one."""
    for number in range(files):
        write_table(tmp_path / f"set/part-{number:06d}.parquet", [(f"{number}.jpg", "a cat")])
    return copy_table(parse_url(f"file://{tmp_path}/set"), settings.workspace(owner) / "tables")


def age(settings: Settings) -> None:
    for path in (settings.home / "workspace").rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


def edit(copy: Path, settings: Settings) -> None:
    open_table(copy, settings).overlay.write("aa", {"0.jpg": "mine"})


@pytest.mark.parametrize("files", [1, 2])
def test_what_nobody_opened_goes_and_what_is_younger_stays(settings: Settings, tmp_path: Path, files: int) -> None:
    copy = copied(settings, tmp_path, files=files)
    folder = copy if files > 1 else copy.parent
    assert expire_copies(settings) == []
    age(settings)
    note_opened(copy, settings, VISITOR)
    assert expire_copies(settings) == []
    age(settings)
    assert expire_copies(settings) == [folder]
    assert not folder.exists()


@pytest.mark.parametrize("files", [1, 2])
def test_what_was_edited_is_never_removed(settings: Settings, tmp_path: Path, files: int) -> None:
    copy = copied(settings, tmp_path, files=files)
    edit(copy, settings)
    age(settings)
    assert expire_copies(settings) == []
    assert expire_visitors(settings) == []
    assert open_table(copy, settings).get("0.jpg").text == "mine"  # type: ignore[union-attr]


def test_copies_of_the_machine_and_of_a_login_stay(settings: Settings, tmp_path: Path) -> None:
    owners = Owners(settings.home)
    owners.login("https://login.example", "ada", "ada@example.org", 1)
    kept = [copied(settings, tmp_path, owner) for owner in ("local", owners.login_name("https://login.example", "ada"))]
    age(settings)
    assert expire_copies(settings) == []
    assert all(copy.exists() for copy in kept)


def test_a_copy_with_words_that_are_not_saved_stays(settings: Settings, tmp_path: Path) -> None:
    copy = copied(settings, tmp_path)
    preferences = Preferences(settings.owner_folder(VISITOR))
    preferences.keep_draft(copy, "0.jpg", Draft("typed", "", Origin()))
    preferences.close()
    age(settings)
    assert expire_copies(settings) == []
    assert copy.exists()


def test_what_else_a_visitor_left_goes_once_the_copies_are_gone(settings: Settings, tmp_path: Path) -> None:
    copied(settings, tmp_path)
    age(settings)
    assert expire_visitors(settings) == []
    expire_copies(settings)
    age(settings)
    assert expire_visitors(settings) == [settings.workspace(VISITOR)]
