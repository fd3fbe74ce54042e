"""What a version of before has kept for a visitor or a login is found again, whatever cuts the change short."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from lib.dataset.saving.open_journal import journal_for
from lib.dataset.workspace.roots import resolve_folder
from lib.dataset.workspace.uploads import UploadSpace
from lib.exporting.space import ExportSpace
from lib.former_owners import hide_cookies, take_over
from lib.jobs.ledger import Ledger
from lib.owners import owners_of
from lib.preferences import Preferences
from lib.settings import Settings
from tests.doubles.former_home import COOKIE, EMAIL, former_home, workspace_of

ISSUER = "https://login.example"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = made_in(tmp_path)
    yield made
    owners_of(made.home).close()


def made_in(folder: Path) -> Settings:
    former_home(folder / "home", folder / "photos")
    return Settings(home=folder / "home")


def photos(settings: Settings) -> Path:
    return settings.home.parent / "photos"


def visit(settings: Settings) -> str:
    """The first visit of the browser after the change; gives its owner."""
    hide_cookies(settings)
    return owners_of(settings.home).visitor(COOKIE)


def log_in(settings: Settings, subject: str = "1", email: str = EMAIL) -> str:
    owners = owners_of(settings.home)
    owners.login(ISSUER, subject, email, 1)
    owner = owners.login_name(ISSUER, subject)
    take_over(settings, owner)
    return owner


def found(settings: Settings, owner: str) -> dict[str, Any]:
    """Everything that an owner finds."""
    upload = settings.workspace(owner) / "uploads" / "holiday"
    with closing(Preferences(settings.owner_folder(owner))) as kept:
        draft, uploaded = kept.draft(photos(settings), "photo_0.jpg"), kept.draft(upload, "a.jpg")
        preferences = {
            "drafts": [one.text if one else "" for one in (draft, uploaded)],
            "filters": sorted(kept.filters()),
            "presets": sorted(kept.presets()),
            "stop words": sorted(kept.stop_words()[0]),
            "folders": {folder.root for folder in kept.recent_folders()},
        }
    exports = ExportSpace(settings, owner)
    with closing(Ledger(settings.home / "runs.sqlite")) as ledger:
        runs = [run.title for run in ledger.of(owner)]
    history = [newest(settings, root, owner) for root in (photos(settings), upload)]
    return preferences | {
        "uploads": [folder.name for folder in UploadSpace(settings, owner).folders()],
        "upload may be opened": owner and resolve_folder(str(upload), settings, owner) == upload,
        "sample": sorted(path.name for path in settings.workspace(owner).glob("sample/*")),
        "exports": [export.path.name for export in exports.kept()],
        "runs": runs,
        "undoable": history,
    }


def newest(settings: Settings, root: Path, owner: str) -> str:
    """What the owner wrote last into a dataset, as its journal has it."""
    journal = journal_for(root, settings)
    entry = journal.newest_undoable(owner)
    journal.close()
    return "" if entry is None else (journal.file_changes(entry.operation)[0].after or b"").decode()


def all_of(settings: Settings, former: str, kind: str) -> dict[str, Any]:
    upload = workspace_of(settings.home, former) / "uploads" / "holiday"
    return {
        "drafts": [f"a draft of {kind}", f"a draft in an upload of {kind}"],
        "filters": [f"filter of {kind}"],
        "presets": [f"preset of {kind}"],
        "stop words": [f"word-of-{kind}"],
        "folders": {photos(settings), upload},
        "uploads": ["holiday"],
        "upload may be opened": True,
        "sample": ["drawn.jpg", "drawn.txt"],
        "exports": ["captions.csv"],
        "runs": [f"Captions for {kind}"],
        "undoable": [f"saved by {kind}", f"uploaded by {kind}"],
    }


def test_a_visitor_finds_everything_under_the_new_name_in_the_place_of_before(settings: Settings) -> None:
    owner = visit(settings)
    assert COOKIE not in owner
    assert found(settings, owner) == all_of(settings, f"cookie:{COOKIE}", "cookie")
    assert settings.workspace(owner) == workspace_of(settings.home, f"cookie:{COOKIE}")


def test_a_login_finds_everything_that_was_kept_under_its_email(settings: Settings) -> None:
    owner = log_in(settings)
    assert found(settings, owner) == all_of(settings, f"mail:{EMAIL}", "mail")
    # So does the same account by another e-mail, at its next login.
    assert log_in(settings, email="lovelace@example.org") == owner
    assert found(settings, owner)["drafts"] == ["a draft of mail", "a draft in an upload of mail"]


def test_what_was_kept_under_an_email_is_taken_over_once(settings: Settings) -> None:
    first, second = log_in(settings), log_in(settings, "2")
    assert first != second
    assert settings.workspace(first) != settings.workspace(second)
    assert found(settings, first)["runs"] == ["Captions for mail"]
    assert newest(settings, photos(settings), second) == ""


def test_an_account_that_was_here_before_takes_nothing_over_with_a_later_email(settings: Settings) -> None:
    owner = log_in(settings, "2", "bob@example.org")
    assert log_in(settings, "2", EMAIL) == owner
    assert newest(settings, photos(settings), owner) == ""
    assert settings.workspace(owner) != workspace_of(settings.home, f"mail:{EMAIL}")


def test_another_visitor_finds_nothing_of_it(settings: Settings) -> None:
    hide_cookies(settings)
    other = owners_of(settings.home).visitor("d" * 48)
    assert not settings.workspace(other).exists()
    assert newest(settings, photos(settings), other) == ""


def test_the_cookie_stands_in_no_file_any_more(settings: Settings) -> None:
    opened = journal_for(photos(settings), settings)
    opened.close()
    with closing(sqlite3.connect(opened.path)) as connection:
        # Rows that were deleted leave their bytes behind, where SQLite was not built to wipe them.
        connection.execute("PRAGMA secure_delete = OFF")
        copy = "INSERT INTO operations SELECT ?, kind, at, by, origin, detail, state, '', 0, '', 0 FROM operations"
        connection.executemany(f"{copy} WHERE id = 1", [(number,) for number in range(100, 600)])
        connection.commit()
        connection.execute("DELETE FROM operations WHERE id >= 100")
        connection.commit()
    assert opened.path.read_bytes().count(COOKIE.encode()) > 100
    visit(settings)
    assert [path for path in settings.home.rglob("*") if path.is_file() and COOKIE.encode() in path.read_bytes()] == []


def test_a_damaged_journal_keeps_nothing_else_from_being_found(settings: Settings) -> None:
    damaged = min(settings.journals.glob("*.sqlite"))
    damaged.write_bytes(b"no database, however long it may be" * 100)
    owner = visit(settings)
    with closing(Ledger(settings.home / "runs.sqlite")) as ledger:
        assert [run.title for run in ledger.of(owner)] == ["Captions for cookie"]
    assert list(settings.journals.glob(f"{damaged.name}.damaged-*"))


def test_a_fresh_toolkit_folder_gets_no_file_of_this(tmp_path: Path) -> None:
    fresh = Settings(home=tmp_path / "home")
    hide_cookies(fresh)
    assert not fresh.home.exists()


@pytest.mark.kills
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_at_any_statement_loses_nothing(tmp_path: Path) -> None:
    """A process that is killed at its n-th statement, for every n, and then one that is not."""
    at = 0
    finished = False
    while not finished:
        at += 1
        settings = made_in(tmp_path / str(at))
        finished = not _killed_at(at, settings)
        visitor, login = visit(settings), log_in(settings)
        assert found(settings, visitor) == all_of(settings, f"cookie:{COOKIE}", "cookie"), at
        assert found(settings, login) == all_of(settings, f"mail:{EMAIL}", "mail"), at
        assert b"cookie:" + COOKIE.encode() not in b"".join(
            path.read_bytes() for path in settings.home.rglob("*.sqlite*") if path.is_file()
        )
        owners_of(settings.home).close()
    assert at > 20


def _killed_at(statement: int, settings: Settings) -> bool:
    """Visit and log in, in a process that is killed before that statement; false where it came to its end."""
    child = os.fork()
    if child == 0:
        count = 0

        def look(frame: FrameType, event: str, called: Any) -> None:
            nonlocal count
            if event == "c_call" and getattr(called, "__name__", "") in ("execute", "executemany"):
                count += 1
                if count == statement:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(look)
        visit(settings)
        log_in(settings)
        os._exit(0)
    _, how = os.waitpid(child, 0)
    return os.WIFSIGNALED(how)
