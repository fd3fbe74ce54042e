"""What long runs have still to do, item by item, so that a restart of the server loses none of it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from lib.errors import InvalidInput
from lib.files import write_errors
from lib.jobs.ledger_tables import MIGRATIONS
from lib.private import FILE, private_folder
from lib.sqlite import Database, Told, rename_in

RunState = Literal["running", "paused", "done", "failed", "cancelled"]
ItemState = Literal["waiting", "done", "skipped", "failed"]
Asked = Literal["", "pause", "cancel"]
"""What one process may ask of another that is at work on a run."""

_TOLD = Told("The list of what is left to do", "What was finished before is kept, and a run can be resumed.")


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that is about to begin. `spec` is what it is to do, as JSON would have it, and never holds a key."""

    id: str
    owner: str
    kind: str
    title: str
    spec: Mapping[str, Any]
    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what it is to do (`spec`, never a key), how it stands, and how many of its items stand how.

    `reason` is why it ended early, "" where it did not. A run whose process died is still "running" here. `holder` is
    who is at work on it, or was at last: "captioner, process 4711".
    """

    id: str
    kind: str
    title: str
    spec: Mapping[str, Any]
    state: RunState
    reason: str
    waiting: int
    done: int
    skipped: int
    failed: int
    owner: str = ""
    at: str = ""
    """When it was begun (UTC, ISO 8601)."""
    holder: str = ""
    since: str = ""
    """When that one took it up (UTC, ISO 8601)."""

    @property
    def total(self) -> int:
        return self.waiting + self.done + self.skipped + self.failed


@dataclass(frozen=True, slots=True)
class Settled:
    """How one item of a run ended."""

    item: str
    state: ItemState
    reason: str = ""


class Ledger:
    """The runs of all owners in one SQLite file, made at the first run. Safe for threads and processes."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS, _TOLD)

    def begin(self, run: NewRun) -> None:
        """Writes down what a run is to do, durable before it returns."""
        at, spec = datetime.now(UTC).isoformat(), json.dumps(dict(run.spec))
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO runs (id, owner, kind, title, spec, at, waiting, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'running')",
                (run.id, run.owner, run.kind, run.title, spec, at, len(run.items)),
            )
            connection.executemany(
                "INSERT INTO items (run, place, item) VALUES (?, ?, ?)",
                ((run.id, place, item) for place, item in enumerate(run.items)),
            )

    def settle(self, id: str, settled: Sequence[Settled]) -> None:
        """Notes how some items of a run, all of them waiting until now, ended."""
        counts = Counter(one.state for one in settled)
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE items SET state = ?, reason = ? WHERE run = ? AND item = ?",
                [(one.state, one.reason, id, one.item) for one in settled],
            )
            # Counted along, since the panel asks at every run of a page.
            connection.execute(
                "UPDATE runs SET waiting = waiting - ?, done = done + ?, skipped = skipped + ?, failed = failed + ?"
                " WHERE id = ?",
                (len(settled), counts["done"], counts["skipped"], counts["failed"], id),
            )

    def add(self, id: str, items: Sequence[str]) -> int:
        """Items that a run is to do as well, behind the others; those it has already stay. Gives how many came."""
        with self._database.transaction() as connection:
            (last,) = connection.execute("SELECT coalesce(max(place), -1) FROM items WHERE run = ?", (id,)).fetchone()
            before = connection.total_changes
            connection.executemany(
                "INSERT OR IGNORE INTO items (run, place, item) VALUES (?, ?, ?)",
                ((id, last + 1 + place, item) for place, item in enumerate(items)),
            )
            new = connection.total_changes - before
            connection.execute("UPDATE runs SET waiting = waiting + ? WHERE id = ?", (new, id))
            return new

    def note(self, id: str, done: int, total: int) -> None:
        """Notes how far a run without items of its own is."""
        with self._database.transaction() as connection:
            left = max(0, total - done)
            connection.execute("UPDATE runs SET done = ?, waiting = ? WHERE id = ?", (done, left, id))

    def take_up(self, id: str, program: str) -> None:
        """Notes that this process is at work on a run, and forgets what was asked of the one before."""
        holder, since = f"{program}, process {os.getpid()}", datetime.now(UTC).isoformat()
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE runs SET state = 'running', reason = '', asked = '', holder = ?, since = ? WHERE id = ?",
                (holder, since, id),
            )

    def ask(self, id: str, what: Asked) -> None:
        """Asks whoever is at work on a run to put it down at its next item, for a while or for good."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE runs SET asked = ? WHERE id = ?", (what, id))

    def asked(self, id: str) -> Asked:
        """What another process wants of the one that is at work on a run."""
        rows = self._database.rows("SELECT asked FROM runs WHERE id = ?", (id,))
        # A run that was dismissed meanwhile is to be put down.
        return rows[0]["asked"] if rows else "cancel"

    def mark(self, id: str, state: RunState, reason: str = "") -> None:
        """Notes how a run stands, and why."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE runs SET state = ?, reason = ? WHERE id = ?", (state, reason, id))

    def again(self, id: str) -> None:
        """The items that failed are to be done once more."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE items SET state = 'waiting', reason = '' WHERE run = ? AND state = 'failed'", (id,)
            )
            connection.execute("UPDATE runs SET waiting = waiting + failed, failed = 0 WHERE id = ?", (id,))

    def forget(self, id: str, owner: str) -> None:
        """Drops a run of that owner and its items. What it has written stays written."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM runs WHERE id = ? AND owner = ?", (id, owner))
        with suppress(OSError):
            # An empty file that nobody asks for any more.
            self._lock_file(id).unlink(missing_ok=True)

    def expire(self, days: int) -> None:
        """Drops the runs that were begun longer ago, and that nobody is at work on."""
        if not self._database.path.exists():
            return
        before = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        for row in self._database.rows("SELECT id, owner FROM runs WHERE at < ?", (before,)):
            if not self.is_held(row["id"]):
                self.forget(row["id"], row["owner"])

    def find(self, id: str, owner: str) -> Run | None:
        return next((run for run in self.of(owner) if run.id == id), None)

    def of(self, owner: str) -> list[Run]:
        """The runs of an owner that were not dropped, the oldest first."""
        return self._runs("owner = ?", owner)

    def running(self) -> list[Run]:
        """The runs of all owners that a process is at work on, or was when it died."""
        return self._runs("state = 'running'")

    def _runs(self, condition: str, *values: str) -> list[Run]:
        if not self._database.path.exists():
            return []
        rows = self._database.rows(
            "SELECT id, kind, title, spec, state, reason, waiting, done, skipped, failed, owner, at, holder, since"
            f" FROM runs WHERE {condition} ORDER BY rowid",
            values,
        )
        return [Run(**{**dict(row), "spec": json.loads(row["spec"])}) for row in rows]

    def waiting(self, id: str) -> list[str]:
        """The items of a run that are still to be done, in their order."""
        rows = self._database.rows("SELECT item FROM items WHERE run = ? AND state = 'waiting' ORDER BY place", (id,))
        return [row["item"] for row in rows]

    def failures(self, id: str, limit: int = -1) -> list[tuple[str, str]]:
        """(item, reason) of the items of a run that failed, in their order; all of them, or the first `limit`."""
        rows = self._database.rows(
            "SELECT item, reason FROM items WHERE run = ? AND state = 'failed' ORDER BY place LIMIT ?", (id, limit)
        )
        return [(row["item"], row["reason"]) for row in rows]

    def marked(self, id: str, limit: int = -1) -> list[tuple[str, str]]:
        """(item, reason) of the items of a run that were done and yet have something to be said of them."""
        rows = self._database.rows(
            "SELECT item, reason FROM items WHERE run = ? AND state = 'done' AND reason != '' ORDER BY place LIMIT ?",
            (id, limit),
        )
        return [(row["item"], row["reason"]) for row in rows]

    def is_held(self, id: str) -> bool:
        """Whether a living process is at work on a run."""
        try:
            with self.held(id, wait=0):
                return False
        except InvalidInput:
            return True

    @contextmanager
    def held(self, id: str, wait: float = 2.0) -> Iterator[None]:
        """Keeps other threads and processes off a run. Whoever dies lets go.

        Raises InvalidInput where it is held for longer than `wait` seconds, WriteFailed.
        """
        path = self._lock_file(id)
        lock = FileLock(path, mode=FILE)
        with write_errors("The run could not be taken up", _TOLD.kept):
            private_folder(path.parent)
            try:
                # Somebody who only looks holds it for a moment.
                lock.acquire(timeout=wait, poll_interval=0.02)
            except Timeout:
                raise InvalidInput("This run is under way already.", "Nothing was begun a second time.") from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Keeps other processes from taking up any run meanwhile. Raises WriteFailed."""
        path = self._lock_file("starting")
        with write_errors("The run could not be taken up", _TOLD.kept):
            private_folder(path.parent)
            lock = FileLock(path, mode=FILE)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def rename_owners(self, new_name: Callable[[str], str]) -> None:
        """Gives the runs of every owner to whom `new_name` says. Raises DatabaseFailed."""
        rename_in(self._database, "runs", "owner", new_name)

    def rewrite(self) -> None:
        """Writes the file anew, so that no owner's former name is left in it. Raises DatabaseFailed."""
        self._database.rewrite()

    def close(self) -> None:
        """Let go of the file until the next use."""
        self._database.close()

    def _lock_file(self, id: str) -> Path:
        return self._database.path.parent / "runs" / f"{id}.lock"
