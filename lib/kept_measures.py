"""What was measured, by content, so that only what changed is measured again; and what was found right."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.errors import DatabaseFailed
from lib.sqlite import Database, Told

_MEASURES = (
    """
    CREATE TABLE measures (
        what TEXT NOT NULL, key BLOB NOT NULL, found TEXT NOT NULL, PRIMARY KEY (what, key)
    ) WITHOUT ROWID
    """,
)
_JUDGED = (
    """
    CREATE TABLE found_right (
        root TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (root, content)
    ) WITHOUT ROWID
    """,
)
_MANY = 500


class KeptMeasures:
    """Two files in a folder: measures, which only save time, and judgements of people, which nothing brings back.

    Raises DatabaseFailed where the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        self.measures = folder / "measures.sqlite"
        self._measures = Database(self.measures, _MEASURES, Told("What was measured of pictures"))
        self._judged = Database(folder / "found_right.sqlite", _JUDGED, Told("What was found right"))

    def load(self, what: str, keys: Iterable[bytes]) -> dict[bytes, Any]:
        """The measures that are there, by key (16 bytes, a hash of what was measured).

        `what` names the measure and its version: another name, and all is measured anew.
        """
        wanted = list(dict.fromkeys(keys))
        if not self._measures.path.exists():
            return {}
        found: dict[bytes, Any] = {}
        for start in range(0, len(wanted), _MANY):
            part = wanted[start : start + _MANY]
            sql = f"SELECT key, found FROM measures WHERE what = ? AND key IN ({','.join('?' * len(part))})"
            found |= {row["key"]: json.loads(row["found"]) for row in self._measures.rows(sql, (what, *part))}
        return found

    def add(self, what: str, found: Mapping[bytes, Any]) -> None:
        """Keeps measures: anything that JSON can hold."""
        with self._measures.transaction() as connection:
            rows = [(what, key, json.dumps(value)) for key, value in found.items()]
            connection.executemany("INSERT OR REPLACE INTO measures VALUES (?, ?, ?)", rows)

    def found_right(self, root: Path) -> set[bytes]:
        """What was found right in a dataset, by `ReviewSamples.content_of`."""
        if not self._judged.path.exists():
            return set()
        rows = self._judged.rows("SELECT content FROM found_right WHERE root = ?", (str(root),))
        return {row["content"] for row in rows}

    def judge(self, root: Path, contents: Sequence[bytes], *, right: bool) -> None:
        """Remembers that findings were found right, or forgets that they were."""
        rows = [(str(root), content) for content in contents]
        with self._judged.transaction() as connection:
            if right:
                connection.executemany("INSERT OR IGNORE INTO found_right VALUES (?, ?)", rows)
            else:
                connection.executemany("DELETE FROM found_right WHERE root = ? AND content = ?", rows)

    def clear_measures(self) -> None:
        """Drops the measures; what people found right stays. Nothing is made where there are none."""
        if not self.measures.exists():
            return
        with self._measures.transaction() as connection:
            connection.execute("DELETE FROM measures")
        # Smaller only where nobody reads just now; else it is filled again.
        with contextlib.suppress(DatabaseFailed):
            self._measures.rewrite()

    def close(self) -> None:
        """Let go of the files until the next use."""
        self._measures.close()
        self._judged.close()
