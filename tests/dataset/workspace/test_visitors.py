"""Visitors who do not come back leave nothing for ever; whoever has a login, or words not saved, loses nothing."""

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
from tests.doubles.image_folder import draw_image, settings_at

LONG_AGO = time.time() - 3 * 86_400


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_at(tmp_path / "home", upload_days=2)
    # The first look is that of a server's first start.
    expire_visitors(made)
    return made


def leave(settings: Settings, owner: str, at: float = LONG_AGO) -> tuple[Path, Path]:
    """An owner's choices and sample, last touched at a time."""
    folder, workspace = settings.owner_folder(owner), settings.workspace(owner)
    kept = Preferences(folder)
    kept.choose("model", "blip")
    kept.close()
    draw_image(workspace / "sample" / "a.jpg")
    age(folder, at)
    age(workspace, at)
    return folder, workspace


def age(folder: Path, at: float = LONG_AGO) -> None:
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (at, at))


def test_what_a_visitor_left_long_ago_goes_and_what_is_younger_stays(settings: Settings) -> None:
    old, young = leave(settings, "session:old"), leave(settings, "visitor:young", time.time())
    assert set(expire_visitors(settings)) == set(old)
    assert not any(folder.exists() for folder in old)
    assert all(folder.is_dir() for folder in young)
    assert list(settings.home.rglob(".deleted-*")) == []


def test_what_belongs_to_the_machine_or_to_a_login_stays_for_ever(settings: Settings) -> None:
    owners = Owners(settings.home)
    owners.login("https://login.example", "ada", "ada@example.org", 1)
    ada = owners.login_name("https://login.example", "ada")
    kept = (*leave(settings, "local"), *leave(settings, ada))
    assert expire_visitors(settings) == []
    assert all(folder.is_dir() for folder in kept)


def test_words_that_are_not_saved_are_never_removed(settings: Settings) -> None:
    folder, workspace = leave(settings, "session:writer")
    preferences = Preferences(folder)
    preferences.keep_draft(workspace / "sample", "a.jpg", Draft("typed", "", Origin()))
    preferences.drop_draft(workspace / "sample", "b.jpg")
    preferences.close()
    age(folder)
    assert expire_visitors(settings) == []
    assert Preferences(folder).has_unsaved()


def test_uploads_and_exports_have_their_own_time(settings: Settings) -> None:
    _, workspace = leave(settings, "session:uploader")
    draw_image(workspace / "uploads" / "set" / "a.jpg")
    age(workspace)
    assert expire_visitors(settings) == []


def test_folders_of_a_version_before_stay_unless_they_are_known_to_be_a_visitors(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home", upload_days=2)
    unknown = leave(settings, "mail:ada@example.org")
    visitor = leave(settings, "cookie:" + "c" * 48)
    assert expire_visitors(settings) == []
    Owners(settings.home).visitor("c" * 48)
    assert set(expire_visitors(settings)) == set(visitor)
    assert all(folder.is_dir() for folder in unknown)


def test_a_damaged_file_that_may_hold_words_is_not_removed_with_what_lies_beside_it(settings: Settings) -> None:
    folder, _ = leave(settings, "session:old")
    file, garbage = folder / "preferences.sqlite", b"no database at all" * 500
    for path in folder.glob("preferences.sqlite-*"):
        path.unlink()
    file.write_bytes(garbage)
    for _ in range(2):
        age(folder)
        assert folder not in expire_visitors(settings)
    (aside,) = (path for path in folder.glob("*.damaged-*") if not path.name.endswith(("-wal", "-shm")))
    assert aside.read_bytes() == garbage


def test_one_visitor_whose_file_cannot_be_read_keeps_no_other_one_from_being_cleared(settings: Settings) -> None:
    folder, _ = leave(settings, "session:first")
    others = [leave(settings, f"session:{number}")[0] for number in range(3)]
    (folder / "preferences.sqlite").unlink()
    # A folder of that name can be neither read nor put aside.
    (folder / "preferences.sqlite").mkdir()
    age(folder)
    removed = expire_visitors(settings)
    assert set(others) <= set(removed)
    assert folder.is_dir()
