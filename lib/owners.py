"""Whose things they are: owners' names that give nothing away, their folders, and until when they had logged out."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from filelock import FileLock

from lib.files import write_atomic
from lib.private import FILE, private_folder
from lib.sqlite import Database, Salvage, Told

LOCAL = "local"
VISITOR = "visitor:"
LOGIN = "login:"
FORMER_VISITOR = "cookie:"
"""So began the names of visitors that held the cookie itself, and those of logins that were an e-mail."""
FORMER_LOGIN = "mail:"

_MIGRATIONS = (
    # former: under which name of before an owner's things are known, "" where there are none of before.
    # newest_login, logged_out: in seconds since the epoch.
    """
    CREATE TABLE owners (
        owner TEXT PRIMARY KEY, folder TEXT NOT NULL UNIQUE, email TEXT NOT NULL DEFAULT '',
        former TEXT NOT NULL DEFAULT '', is_taken_over INTEGER NOT NULL DEFAULT 1,
        newest_login INTEGER NOT NULL DEFAULT 0, logged_out INTEGER NOT NULL DEFAULT 0
    );
    CREATE UNIQUE INDEX by_former ON owners (former) WHERE former != '';
    CREATE TABLE steps_done (name TEXT PRIMARY KEY)
    """,
    # Folders whose owner is not known: an e-mail that has not logged in again yet may be the owner.
    "CREATE TABLE folders_of_before (folder TEXT PRIMARY KEY)",
)

_FOLDERS_NOTED = "folders of before"

_REMEMBERED = 10_000

_log = logging.getLogger(__name__)


def owner_id(owner: str) -> str:
    """A folder name for an owner: `local` stays readable, all else becomes 32 hex digits."""
    return owner if owner == LOCAL else hashlib.sha256(owner.encode()).hexdigest()[:32]


class Owners:
    """The owners that one toolkit folder knows. Safe for threads and processes.

    A name is a hash of what a browser or a login service says, keyed with a secret of this folder: whoever reads it
    in a journal can neither present it as a cookie nor find the account. What was kept under a name of before stays
    where it is, so that links to it go on working: its folder is written down here as that of the new name.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._db = Database(home / "owners.sqlite", _MIGRATIONS, Told("The list of owners"), Salvage())
        self._lock = threading.Lock()
        self._key = b""
        self._folders: dict[str, str] = {}
        self._logged_out: dict[str, int] = {}
        self._logins: set[tuple[str, str, int]] = set()

    def visitor_name(self, cookie: str) -> str:
        """The owner that a browser's cookie stands for."""
        return VISITOR + self._hash(f"{FORMER_VISITOR}{cookie}")

    def login_name(self, issuer: str, subject: str) -> str:
        """The owner that an account of a login service is."""
        return LOGIN + self._hash(json.dumps([issuer, subject]))

    def visitor(self, cookie: str) -> str:
        """The owner who is here with a cookie: a folder of before under it is from now on that of the owner."""
        owner, former = self.visitor_name(cookie), owner_id(FORMER_VISITOR + cookie)
        if owner not in self._folders:
            if self._is_used(former):
                sql = "INSERT OR IGNORE INTO owners (owner, folder) VALUES (?, ?)"
                with self._db.transaction() as connection:
                    connection.execute(sql, (owner, former))
            if len(self._folders) > _REMEMBERED:
                self._folders.clear()
            self._folders[owner] = self._folder_written(owner)
        return owner

    def login(self, issuer: str, subject: str, email: str, at: int) -> bool:
        """A login made out `at` is here; true for one that this process has not seen yet.

        At the first one of an account, what was kept under its e-mail becomes its owner's.

        Whose e-mail that was is asked once: another account with the same e-mail gets none of it, nor does this one
        of what was kept under an e-mail that it has later.
        """
        owner, former = self.login_name(issuer, subject), FORMER_LOGIN + email
        if (owner, email, at) in self._logins:
            return False
        with self._db.transaction() as connection:
            if connection.execute("SELECT 1 FROM owners WHERE owner = ?", (owner,)).fetchone() is None:
                if connection.execute("SELECT 1 FROM owners WHERE former = ?", (former,)).fetchone() is not None:
                    former = ""
                folder = owner_id(former) if former and self._is_used(owner_id(former)) else owner_id(owner)
                connection.execute(
                    "INSERT INTO owners (owner, folder, former, is_taken_over) VALUES (?, ?, ?, ?)",
                    (owner, folder, former, not former),
                )
            # Another browser may still be in with a login of before, and an e-mail of before.
            sql = "UPDATE owners SET email = ?, newest_login = ? WHERE owner = ? AND newest_login <= ?"
            connection.execute(sql, (email, at, owner, at))
        self._folders[owner] = self._folder_written(owner)
        self._logins.add((owner, email, at))
        return True

    def to_take_over(self, owner: str) -> str:
        """Under which name of before journals and runs still hold things of this owner, "" for none."""
        rows = self._rows("SELECT former FROM owners WHERE owner = ? AND NOT is_taken_over", (owner,))
        return str(rows[0]["former"]) if rows else ""

    def note_taken_over(self, owner: str) -> None:
        with self._db.transaction() as connection:
            connection.execute("UPDATE owners SET is_taken_over = 1 WHERE owner = ?", (owner,))

    def folder(self, owner: str) -> str:
        """The name of an owner's folders."""
        if owner.startswith((VISITOR, LOGIN)):
            return self._folders.get(owner) or self._folder_written(owner)
        return owner_id(owner)

    def email(self, owner: str) -> str:
        """The e-mail that a login had when it was last here, "" for all others."""
        if owner.startswith(FORMER_LOGIN):
            return owner.removeprefix(FORMER_LOGIN)
        rows = self._rows("SELECT email FROM owners WHERE owner = ?", (owner,)) if owner.startswith(LOGIN) else []
        return str(rows[0]["email"]) if rows else ""

    def shown(self, owner: str) -> str:
        """An owner in words for the administrator: an e-mail where there is one, and never a cookie."""
        if owner.startswith(FORMER_VISITOR):
            return self.visitor_name(owner.removeprefix(FORMER_VISITOR))
        return self.email(owner) or owner

    def log_out(self, owner: str, now: float | None = None) -> None:
        """From now on no login of this owner counts that was made out until now, on whichever computer.

        Logins are counted in whole seconds of the login service's clock, which may be ahead of ours. Raises
        DatabaseFailed or OSError where it cannot be written down; it then counts as long as this process lives.
        """
        at = int(time.time() if now is None else now)
        with self._lock:
            self._logged_out[owner] = max(at, self._logged_out.get(owner, 0))
        sql = "UPDATE owners SET logged_out = max(logged_out, newest_login, ?) WHERE owner = ?"
        with self._db.transaction() as connection:
            connection.execute(sql, (at, owner))

    def logged_out(self, owner: str) -> int:
        """Until when all logins of this owner are over, in seconds since the epoch; 0 for never."""
        rows = self._rows("SELECT logged_out FROM owners WHERE owner = ?", (owner,))
        return max(self._logged_out.get(owner, 0), *(int(row["logged_out"]) for row in rows), 0)

    def folders_to_keep(self) -> frozenset[str]:
        """The folders that are not a passing visitor's: `local`, logins, and those that a version before had made.

        Which ones that had made is written down when this is asked first; among them, a visitor's who came back since
        is none of these.
        """
        if not self.is_done(_FOLDERS_NOTED):
            places = (self._home / "owners", self._home / "workspace")
            there = {path.name for place in places if place.is_dir() for path in place.iterdir() if path.is_dir()}
            with self._db.transaction() as connection:
                rows = [(name,) for name in sorted(there)]
                connection.executemany("INSERT OR IGNORE INTO folders_of_before VALUES (?)", rows)
                connection.execute("INSERT OR IGNORE INTO steps_done VALUES (?)", (_FOLDERS_NOTED,))
        sql = (
            "SELECT folder FROM folders_of_before WHERE folder NOT IN (SELECT folder FROM owners WHERE owner LIKE ?)"
            " UNION SELECT folder FROM owners WHERE owner LIKE ?"
        )
        rows_kept = self._rows(sql, (f"{VISITOR}%", f"{LOGIN}%"))
        return frozenset({LOCAL, *(str(row["folder"]) for row in rows_kept)})

    def is_done(self, step: str) -> bool:
        """Whether something that is done once in the life of a toolkit folder was done."""
        return bool(self._rows("SELECT 1 FROM steps_done WHERE name = ?", (step,)))

    def note_done(self, step: str) -> None:
        with self._db.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO steps_done VALUES (?)", (step,))

    def close(self) -> None:
        """Let go of the file until the next use."""
        self._db.close()

    def _folder_written(self, owner: str) -> str:
        rows = self._rows("SELECT folder FROM owners WHERE owner = ?", (owner,))
        return str(rows[0]["folder"]) if rows else owner_id(owner)

    def _is_used(self, folder: str) -> bool:
        return any((self._home / kind / folder).is_dir() for kind in ("owners", "workspace"))

    def _rows(self, sql: str, parameters: Sequence[object]) -> list[sqlite3.Row]:
        # A toolkit folder that nobody has logged in to, or brought things of before to, needs no such file.
        return self._db.rows(sql, parameters) if self._db.path.exists() else []

    def _hash(self, text: str) -> str:
        with self._lock:
            if not self._key:
                self._key = _secret(self._home)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]


def _secret(home: Path) -> bytes:
    """The secret of a toolkit folder, made at the first use; one for this process where it cannot be written."""
    path = home / "secret"
    try:
        private_folder(home)
        with FileLock(home / "secret.lock", mode=FILE):
            if not path.exists():
                write_atomic(path, secrets.token_hex(32).encode(), mode=FILE)
        return path.read_bytes()
    except OSError as exc:
        _log.error("No secret could be kept in %s (%s): visitors find nothing again after a restart.", home, exc)
        return secrets.token_bytes(32)


@lru_cache(maxsize=8)
def owners_of(home: Path) -> Owners:
    """The owners of a toolkit folder, one object for the whole process."""
    return Owners(home)
