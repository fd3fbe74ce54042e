"""What one owner keeps between visits: drafts, recent folders, prompt presets, choices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.domain import Origin
from lib.sqlite import Database

RECENT_FOLDERS = 8

_MIGRATIONS = (
    """
    CREATE TABLE choices (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE drafts (
        root TEXT NOT NULL, image TEXT NOT NULL, text TEXT NOT NULL, base_hash TEXT NOT NULL,
        origin TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (root, image)
    );
    CREATE TABLE recent_folders (root TEXT PRIMARY KEY, at TEXT NOT NULL);
    CREATE TABLE prompt_presets (name TEXT PRIMARY KEY, prompt TEXT NOT NULL)
    """,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """Text that was typed but not saved. `base_hash`: the tag file's hash when it was read."""

    text: str
    base_hash: str
    origin: Origin


class Preferences:
    """One owner's SQLite file. Safe to share between threads and sessions."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / "preferences.sqlite", _MIGRATIONS)

    def choice(self, name: str, default: Any = None) -> Any:
        rows = self._database.rows("SELECT value FROM choices WHERE name = ?", (name,))
        return json.loads(rows[0]["value"]) if rows else default

    def choose(self, name: str, value: Any) -> None:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO choices VALUES (?, ?)", (name, json.dumps(value)))

    def draft(self, root: Path, image: str) -> Draft | None:
        rows = self._database.rows(
            "SELECT text, base_hash, origin FROM drafts WHERE root = ? AND image = ?", (str(root), image)
        )
        if not rows:
            return None
        return Draft(rows[0]["text"], rows[0]["base_hash"], Origin(**json.loads(rows[0]["origin"])))

    def keep_draft(self, root: Path, image: str, draft: Draft) -> None:
        """Store a draft durably; one that is there already under the same image is replaced."""
        origin = asdict(draft.origin) | {"params": dict(draft.origin.params)}
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?)",
                (str(root), image, draft.text, draft.base_hash, json.dumps(origin), _now()),
            )

    def drop_draft(self, root: Path, image: str) -> None:
        if not self._database.rows("SELECT 1 FROM drafts WHERE root = ? AND image = ?", (str(root), image)):
            return
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM drafts WHERE root = ? AND image = ?", (str(root), image))

    def drafts(self, root: Path) -> list[str]:
        """The images of a folder that have a draft, the newest first."""
        rows = self._database.rows("SELECT image FROM drafts WHERE root = ? ORDER BY at DESC", (str(root),))
        return [row["image"] for row in rows]

    def recent_folders(self) -> list[Path]:
        """The folders opened lately that are still there, the newest first."""
        rows = self._database.rows("SELECT root FROM recent_folders ORDER BY at DESC")
        return [Path(row["root"]) for row in rows if Path(row["root"]).is_dir()][:RECENT_FOLDERS]

    def remember_folder(self, root: Path) -> None:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO recent_folders VALUES (?, ?)", (str(root), _now()))

    def presets(self) -> Mapping[str, str]:
        """Prompt presets by name, in alphabetical order."""
        rows = self._database.rows("SELECT name, prompt FROM prompt_presets ORDER BY name COLLATE NOCASE")
        return {row["name"]: row["prompt"] for row in rows}

    def save_preset(self, name: str, prompt: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO prompt_presets VALUES (?, ?)", (name, prompt))

    def delete_preset(self, name: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM prompt_presets WHERE name = ?", (name,))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
