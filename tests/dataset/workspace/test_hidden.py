"""Hidden folders of processes that were killed go, wherever the toolkit makes them; those in use stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from lib.dataset.workspace.hidden import clear_hidden, clear_killed, hidden_folder, pictures_left
from tests.doubles.image_folder import age, draw_image, settings_at
from tests.doubles.repository import ROOT
from tests.doubles.unwilling_disk import refusing


def test_what_a_killed_push_import_or_export_left_is_removed_for_owners_who_do_not_return(tmp_path: Path) -> None:
    here = settings_at(tmp_path / "home")
    workspace = here.workspace("cookie:gone")
    places = [
        here.home / "pushes",
        workspace,
        workspace / "pushes",
        workspace / "exports" / "photos",
        workspace / "uploads" / "photos",
    ]
    for place in places:
        left = place / ".~dead.part" / "files"
        left.mkdir(parents=True)
        (left / "large.bin").write_bytes(bytes(1000))
        (place / "kept.jpg").write_bytes(b"kept")
    with hidden_folder(here.workspace("cookie:here") / "pushes") as used:
        (used / "part.bin").write_bytes(b"in use")
        clear_hidden(here)
        assert (used / "part.bin").read_bytes() == b"in use"
    assert not list(here.home.rglob("*.part"))
    assert all((place / "kept.jpg").exists() for place in places)


_DAY_S = 86_400
_DYING = """
import os, signal, sys
from pathlib import Path
from lib.dataset.workspace.hidden import hidden_folder

with hidden_folder(Path(sys.argv[1])) as folder:
    (folder / "00000001.jpg").write_bytes(b"staged")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_in(parent: Path) -> Path:
    """What a process leaves in a folder that was killed while it imported."""
    done = subprocess.run([sys.executable, "-c", _DYING, str(parent)], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    (left,) = parent.glob(".~*")
    return left


def test_what_a_killed_import_left_goes_once_it_is_a_day_old(tmp_path: Path) -> None:
    left = killed_in(tmp_path)
    assert clear_killed(tmp_path) == []
    assert left.exists(), "another machine may be at work there"
    age(left, _DAY_S + 60)
    assert clear_killed(tmp_path) == []
    assert not left.exists()


def test_a_clock_set_back_clears_nothing(tmp_path: Path) -> None:
    left = killed_in(tmp_path)
    assert clear_killed(tmp_path, now=0) == []
    assert left.exists()


def test_a_folder_whose_lock_is_held_stays_however_old_it_is(tmp_path: Path) -> None:
    left = killed_in(tmp_path)
    with FileLock(left / "lock"):
        age(left, 9 * _DAY_S)
        assert clear_killed(tmp_path) == []
        assert left.exists()


@pytest.mark.parametrize(
    "name", [".~0123456789ab.parts", ".~0123456789.part", ".mine", ".~0123456789aB.part", "x.part"]
)
def test_names_that_are_not_ours_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name / "files").mkdir(parents=True)
    (tmp_path / name / "lock").touch()
    age(tmp_path, 9 * _DAY_S)
    assert clear_killed(tmp_path) == []
    assert (tmp_path / name / "files").exists()


def test_a_folder_of_our_name_without_our_lock_file_stays_and_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".~0123456789ab.part" / "files").mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    (tmp_path / ".~ab0123456789.part").symlink_to(elsewhere)
    age(tmp_path, 9 * _DAY_S)
    assert clear_killed(tmp_path) == []
    assert (tmp_path / ".~0123456789ab.part").exists()
    assert (elsewhere / "lock").exists()


@pytest.mark.parametrize("of_today", [True, False])
def test_pictures_that_were_moved_there_are_told_and_stay(tmp_path: Path, of_today: bool) -> None:
    left = killed_in(tmp_path)
    if not of_today:
        # Earlier versions did not say when they began.
        (left / "begun").unlink()
    mine = draw_image(tmp_path / "mine.jpg")
    age(mine.parent, 2 * _DAY_S)
    os.utime(mine, (1_000_000_000, 1_000_000_000))
    mine.rename(left / "files" / "mine.jpg")
    age(left, 2 * _DAY_S)
    kept = clear_killed(tmp_path)
    assert kept == [left]
    told = pictures_left(kept)
    assert told is not None
    assert left.name in told.message
    assert (left / "files" / "mine.jpg").exists()
    (left / "files" / "mine.jpg").rename(mine)
    age(left, 2 * _DAY_S)
    assert clear_killed(tmp_path) == []
    assert not left.exists()
    assert pictures_left([]) is None


def test_whichever_change_is_refused_no_hidden_folder_is_left(tmp_path: Path) -> None:
    after = 0
    while True:
        parent = tmp_path / str(after)
        with refusing(parent, after) as refusal:
            try:
                with hidden_folder(parent):
                    pass
            except OSError:
                assert refusal.refused
        assert not parent.exists() or list(parent.iterdir()) == []
        if not refusal.refused:
            break
        after += 1
    assert after > 3
