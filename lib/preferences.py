"""What one owner keeps between visits: drafts, recent folders, prompt presets, filters, stop words, choices."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.domain import Origin, Selection
from lib.errors import WriteFailed
from lib.sqlite import Database, Salvage, Told

RECENT_FOLDERS = 8
KEPT_SELECTIONS = 50
MOST_UNSAVED = 20_000_000
"""Characters of one owner's unsaved texts together."""
MOST_KEPT = 5_000_000
"""Characters of one owner's prompts, filters and stop words together."""

_MIGRATIONS = (
    """
    CREATE TABLE choices (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE drafts (
        root TEXT NOT NULL, image TEXT NOT NULL, text TEXT NOT NULL, base_hash TEXT NOT NULL,
        origin TEXT NOT NULL, writer TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (root, image)
    );
    CREATE TABLE recent_folders (
        root TEXT PRIMARY KEY, recursive INTEGER NOT NULL, suffix TEXT NOT NULL, at TEXT NOT NULL
    );
    CREATE TABLE prompt_presets (name TEXT PRIMARY KEY, prompt TEXT NOT NULL)
    """,
    """
    CREATE TABLE filters (name TEXT PRIMARY KEY, params TEXT NOT NULL);
    CREATE TABLE stop_words (word TEXT PRIMARY KEY, is_one INTEGER NOT NULL);
    CREATE TABLE selections (id TEXT PRIMARY KEY, label TEXT NOT NULL, names TEXT NOT NULL, at TEXT NOT NULL)
    """,
    """
    CREATE TABLE set_aside (
        root TEXT NOT NULL, image TEXT NOT NULL, text TEXT NOT NULL, base_hash TEXT NOT NULL,
        origin TEXT NOT NULL, writer TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (root, image, text)
    )
    """,
)


_TOLD = Told(
    "What is kept between visits (drafts, recent folders, filters, choices)",
    "What was kept before is whole, all tag files too; a text that you typed is still in its box.",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """Text that was typed but not saved. `base_hash`: the tag file's hash when it was read.

    `writer` is the session whose text box it was typed into, "" for a text that an action put there.
    """

    text: str
    base_hash: str
    origin: Origin
    writer: str = ""


@dataclass(frozen=True, slots=True)
class RecentFolder:
    """A folder that was opened, and how."""

    root: Path
    recursive: bool
    suffix: str


class Preferences:
    """One owner's SQLite file, made at the first write. Safe to share between threads and sessions.

    What is the newest is told by the number of its row, which grows with every write: a clock may be set back.
    """

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / "preferences.sqlite", _MIGRATIONS, _TOLD, Salvage())

    def choice(self, name: str, default: Any = None) -> Any:
        rows = self._rows("SELECT value FROM choices WHERE name = ?", (name,))
        return json.loads(rows[0]["value"]) if rows else default

    def choose(self, name: str, value: Any) -> None:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO choices VALUES (?, ?)", (name, json.dumps(value)))

    def draft(self, root: Path, image: str) -> Draft | None:
        sql = "SELECT text, base_hash, origin, writer FROM drafts WHERE root = ? AND image = ?"
        rows = self._rows(sql, (str(root), image))
        return _draft(rows[0]) if rows else None

    def keep_draft(self, root: Path, image: str, draft: Draft, *, aside: Draft | None = None) -> None:
        """Store a draft durably; one that is there already under the same image is replaced.

        `aside`: a text of that image whose place it takes, and which nobody has let go. It is kept beside the draft.
        """
        with self._database.transaction() as connection:
            texts = "SELECT text FROM drafts UNION ALL SELECT text FROM set_aside"
            held = int(connection.execute(f"SELECT coalesce(sum(length(text)), 0) FROM ({texts})").fetchone()[0])
            if held + len(draft.text) > MOST_UNSAVED:
                raise WriteFailed(
                    "So much text is typed and not saved that no more can be kept.",
                    "It stays in the box. Save or drop what “To look at” lists as typed but not saved.",
                )
            connection.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?, ?)", _row(root, image, draft))
            if aside is not None:
                row = _row(root, image, aside)
                connection.execute("INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            key = (str(root), image, draft.text)
            connection.execute("DELETE FROM set_aside WHERE root = ? AND image = ? AND text = ?", key)

    def set_aside(self, root: Path, image: str) -> list[Draft]:
        """The texts of an image that another one has taken the place of, the newest first."""
        sql = "SELECT text, base_hash, origin, writer FROM set_aside WHERE root = ? AND image = ? ORDER BY rowid DESC"
        return [_draft(row) for row in self._rows(sql, (str(root), image))]

    def drop_set_aside(self, root: Path, image: str, text: str) -> None:
        with self._database.transaction() as connection:
            key = (str(root), image, text)
            connection.execute("DELETE FROM set_aside WHERE root = ? AND image = ? AND text = ?", key)

    def drop_draft(self, root: Path, image: str) -> None:
        if not self._rows("SELECT 1 FROM drafts WHERE root = ? AND image = ?", (str(root), image)):
            return
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM drafts WHERE root = ? AND image = ?", (str(root), image))

    def drafts(self, root: Path) -> list[str]:
        """The images of a folder that have a draft, the newest first."""
        rows = self._rows("SELECT image FROM drafts WHERE root = ? ORDER BY rowid DESC", (str(root),))
        return [row["image"] for row in rows]

    def unsaved(self, root: Path) -> list[str]:
        """The images of a folder that have a draft, then those that have a text set aside, the newest first."""
        aside = self._rows("SELECT image FROM set_aside WHERE root = ? ORDER BY rowid DESC", (str(root),))
        return list(dict.fromkeys([*self.drafts(root), *(row["image"] for row in aside)]))

    def has_unsaved(self) -> bool:
        """Whether there are words here that stand nowhere else, of whichever folder."""
        return bool(self._rows("SELECT 1 FROM drafts UNION ALL SELECT 1 FROM set_aside LIMIT 1"))

    def rename_draft(self, root: Path, image: str, new: str) -> None:
        """Let what is not saved follow its image to another name."""
        if image not in self.unsaved(root):
            return
        with self._database.transaction() as connection:
            for table in ("drafts", "set_aside"):
                change = f"UPDATE OR REPLACE {table} SET image = ? WHERE root = ? AND image = ?"
                connection.execute(change, (new, str(root), image))

    def recent_folders(self) -> list[RecentFolder]:
        """The folders opened lately that are still there, the newest first."""
        rows = self._rows("SELECT root, recursive, suffix FROM recent_folders ORDER BY rowid DESC")
        # os.path.exists says no where Path.exists raises: on a folder that may not be looked into any more.
        there = [row for row in rows if os.path.exists(row["root"])][:RECENT_FOLDERS]  # noqa: PTH110
        return [RecentFolder(Path(row["root"]), bool(row["recursive"]), row["suffix"]) for row in there]

    def remember_folder(self, folder: RecentFolder) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO recent_folders VALUES (?, ?, ?, ?)",
                (str(folder.root), folder.recursive, folder.suffix, _now()),
            )

    def presets(self) -> Mapping[str, str]:
        """Prompt presets by name, in alphabetical order."""
        rows = self._rows("SELECT name, prompt FROM prompt_presets ORDER BY name COLLATE NOCASE")
        return {row["name"]: row["prompt"] for row in rows}

    def save_preset(self, name: str, prompt: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO prompt_presets VALUES (?, ?)", (name, prompt))
            _check_kept(connection)

    def delete_preset(self, name: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM prompt_presets WHERE name = ?", (name,))

    def filters(self) -> Mapping[str, Mapping[str, str]]:
        """Saved filters by name, each a scope's query parameters, in alphabetical order."""
        rows = self._rows("SELECT name, params FROM filters ORDER BY name COLLATE NOCASE")
        return {row["name"]: json.loads(row["params"]) for row in rows}

    def save_filter(self, name: str, params: Mapping[str, str], over: Mapping[str, str] | None = None) -> bool:
        """Keep a filter. False, and nothing is changed, where its name stands for another one than `over`."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT params FROM filters WHERE name = ?", (name,)).fetchone()
            if row is not None and json.loads(row["params"]) not in (params, over):
                return False
            connection.execute("INSERT OR REPLACE INTO filters VALUES (?, ?)", (name, json.dumps(dict(params))))
            _check_kept(connection)
        return True

    def delete_filter(self, name: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM filters WHERE name = ?", (name,))

    def stop_words(self) -> tuple[frozenset[str], frozenset[str]]:
        """The words that were added to the usual stop words, and those that were taken from them."""
        rows = self._rows("SELECT word, is_one FROM stop_words")
        added = frozenset(row["word"] for row in rows if row["is_one"])
        return added, frozenset(row["word"] for row in rows) - added

    def change_stop_words(self, words: Iterable[str], *, is_one: bool) -> None:
        """From now on these words are stop words, or are none. What was said of them before does not count."""
        with self._database.transaction() as connection:
            changes = [(word.strip().lower(), is_one) for word in words if word.strip()]
            connection.executemany("INSERT OR REPLACE INTO stop_words VALUES (?, ?)", changes)
            _check_kept(connection)

    def reset_stop_words(self) -> None:
        """Back to the usual stop words."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM stop_words")

    def keep_selection(self, selection: Selection) -> None:
        """Keep chosen images under their id, so that a link may carry them.

        The newest `KEPT_SELECTIONS` are kept, and all that a saved filter names.
        """
        names = json.dumps(sorted(selection.names))
        with self._database.transaction() as connection:
            row = (selection.id, selection.label, names, _now())
            connection.execute("INSERT OR REPLACE INTO selections VALUES (?, ?, ?, ?)", row)
            connection.execute(
                "DELETE FROM selections WHERE id NOT IN (SELECT id FROM selections ORDER BY rowid DESC LIMIT ?)"
                " AND NOT EXISTS (SELECT 1 FROM filters WHERE json_extract(params, '$.chosen') = selections.id)",
                (KEPT_SELECTIONS,),
            )

    def selection(self, id: str) -> Selection | None:
        """Chosen images by their id, None where they are not kept (any more)."""
        rows = self._rows("SELECT label, names FROM selections WHERE id = ?", (id,))
        return Selection(frozenset(json.loads(rows[0]["names"])), rows[0]["label"]) if rows else None

    def close(self) -> None:
        """Let go of the file until the next use."""
        self._database.close()

    def _rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        # A visitor who only looks leaves no file behind.
        return self._database.rows(sql, parameters) if self._database.path.exists() else []


def _check_kept(connection: sqlite3.Connection) -> None:
    """For the end of a transaction, which what it raises takes back."""
    lengths = (
        "SELECT length(name) + length(prompt) AS size FROM prompt_presets"
        " UNION ALL SELECT length(name) + length(params) FROM filters UNION ALL SELECT length(word) FROM stop_words"
    )
    if connection.execute(f"SELECT coalesce(sum(size), 0) FROM ({lengths})").fetchone()[0] > MOST_KEPT:
        raise WriteFailed(
            f"Prompts, filters and stop words may hold {MOST_KEPT:,} characters together.",
            "What was kept before is kept. Make this shorter, or delete a prompt or a filter.",
        )


def _draft(row: sqlite3.Row) -> Draft:
    return Draft(row["text"], row["base_hash"], Origin(**json.loads(row["origin"])), row["writer"])


def _row(root: Path, image: str, draft: Draft) -> tuple[str, ...]:
    origin = json.dumps(asdict(draft.origin) | {"params": dict(draft.origin.params)})
    return str(root), image, draft.text, draft.base_hash, origin, draft.writer, _now()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
