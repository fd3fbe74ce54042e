"""The toolkit's own folder is for its account alone; the users' folders follow the umask."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lib.bulk import Change, apply_changes
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.preferences import Preferences
from lib.private import close_home, private_file, private_folder
from lib.settings import Settings
from lib.sqlite import Database
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import Exported, exported

__all__ = ["exported"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True, params=[0o000])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """An account that leaves everything open to everybody, or as much as a test says."""
    before = os.umask(request.param)
    yield int(request.param)
    os.umask(before)


def test_folders_that_are_made_are_closed_and_those_that_were_there_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(0o755)
    private_folder(tmp_path / "there" / "a" / "b")
    assert [mode(tmp_path / "there" / name) for name in ("a", "a/b")] == [0o700, 0o700]
    assert mode(tmp_path / "there") == 0o755


def test_a_file_is_made_closed_and_keeps_what_it_holds(tmp_path: Path) -> None:
    private_file(tmp_path / "kept")
    (tmp_path / "kept").write_text("words")
    private_file(tmp_path / "kept")
    assert ((tmp_path / "kept").read_text(), mode(tmp_path / "kept")) == ("words", 0o600)


def test_a_database_and_what_sqlite_makes_beside_it_are_closed(tmp_path: Path) -> None:
    database = Database(tmp_path / "new" / "a.sqlite", ("CREATE TABLE words (word TEXT)",))
    with database.transaction() as connection:
        connection.execute("INSERT INTO words VALUES ('cat')")
    files = {path.name: mode(path) for path in (tmp_path / "new").iterdir()}
    assert files == dict.fromkeys(("a.sqlite", "a.sqlite-wal", "a.sqlite-shm"), 384)
    assert mode(tmp_path / "new") == 0o700
    database.close()


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("journals/a.sqlite", "owners/local/preferences.sqlite", "runs.sqlite"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"x")
    (home / "workspace" / "local" / "uploads").mkdir(parents=True)
    (home / "workspace" / "local" / "uploads" / "a.txt").write_text("cat")
    close_home(home)
    own = [path for path in home.rglob("*") if "workspace/local" not in str(path)]
    assert {mode(path) for path in own} == {0o600, 0o700}
    assert [mode(home / name) for name in ("", "workspace")] == [0o700, 0o700]
    # Datasets are guarded by the folder above them.
    assert mode(home / "workspace" / "local" / "uploads" / "a.txt") == 0o666


def test_a_link_in_the_folder_leaves_what_it_leads_to_alone(tmp_path: Path) -> None:
    (tmp_path / "theirs.txt").write_text("theirs")
    (tmp_path / "photos").mkdir()
    home = tmp_path / "home"
    home.mkdir()
    (home / "link").symlink_to(tmp_path / "theirs.txt")
    (home / "folder").symlink_to(tmp_path / "photos")
    close_home(home)
    assert (mode(tmp_path / "theirs.txt"), mode(tmp_path / "photos")) == (0o666, 0o777)


def test_a_home_that_cannot_be_made_is_told_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    close_home(tmp_path / "file" / "home")
    assert "could not be made" in caplog.text


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o027], indirect=True, ids=oct)
def test_the_users_folders_follow_the_umask_and_the_toolkits_own_does_not(
    umask: int, tmp_path: Path, configured: Settings, exported: Exported
) -> None:
    close_home(configured.home)
    root = image_folder(tmp_path / "photos", {"a.jpg": None, "b.jpg": "b", "c.jpg": None})
    dataset = open_dataset(root)
    store = Store(root, journal_for(root, configured), "local", configured, dataset)
    for name in ("a.jpg", "c.jpg"):
        record = dataset.get(name)
        assert record is not None
        if name == "a.jpg":
            store.save(record, "saved", store.read(record).hash)
    apply_changes(store, [Change("c.jpg", "", "in bulk")], "replace")
    export = exported(root, "imagefolder").path
    import_into(export, ImportTarget(tmp_path / "imported", configured, "local"))
    with closing(Preferences(configured.owner_folder("visitor:1"))) as kept:
        kept.choose("a", "choice")

    new = [root / "a.txt", root / "c.txt", *export.rglob("*"), *(tmp_path / "imported").rglob("*")]
    files = {mode(path) for path in new if path.is_file()}
    assert files == {0o666 & ~umask}
    assert {mode(path) for path in new if path.is_dir()} <= {0o777 & ~umask}
    own = list(configured.home.rglob("*"))
    assert {path.name for path in own} >= {"journals", "locks", "preferences.sqlite"}
    assert {mode(path) for path in (configured.home, *own) if path.is_dir()} == {0o700}
    assert {mode(path) for path in own if path.is_file()} == {0o600}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_another_account_reads_nothing_of_it() -> None:
    home = Path(tempfile.mkdtemp())
    home.chmod(0o755)
    try:
        (home / "workspace").mkdir()
        (home / "workspace" / "a.txt").write_text("theirs")
        look = ["cat", str(home / "workspace" / "a.txt")]
        assert subprocess.run(look, user=65534, group=65534, capture_output=True, check=False).returncode == 0
        close_home(home)
        assert subprocess.run(look, user=65534, group=65534, capture_output=True, check=False).returncode != 0
    finally:
        shutil.rmtree(home)
