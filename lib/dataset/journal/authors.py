"""Who wrote the captions: all that was done to each tag file, folded into one author."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from lib.dataset.tag_files.sidecar import text_of
from lib.domain import Author, ImageRecord, Origin
from lib.sqlite import Database

_LONGEST = 200
"""Changes of one file that are looked at; what is older says little of the caption of today."""

_Known = tuple[str, int, Author | None]
"""How a tag file was left: the hash of its bytes, Python's hash of its text, and who wrote that."""

_NOTHING: _Known = ("", hash(""), None)

_CHANGE = "c.operation, c.path, c.before_hash, c.after_hash, c.after, c.origin"


class _Operation(NamedTuple):
    """What an operation says of the captions that it wrote. `former`: the image's name before it was renamed."""

    at: str
    origin: Origin
    former: str


def author_of(db: Database, record: ImageRecord) -> Author | None:
    """Who wrote the caption that a record holds, out of its own history alone."""
    return _still(record, _left(db, record.sidecar, 1 << 62))


def latest_origin(db: Database, path: str, hash: str | None) -> Origin | None:
    """Where the latest caption of a tag file came from; with `hash`, only if it was left in that very state."""
    rows = db.rows(
        "SELECT coalesce(c.origin, o.origin) AS origin, c.after_hash"
        " FROM changes c JOIN operations o ON o.id = c.operation"
        " WHERE c.path = ? AND o.state = 'done' ORDER BY o.id DESC LIMIT 1",
        (path,),
    )
    if not rows or (hash is not None and rows[0]["after_hash"] != hash):
        return None
    return Origin(**json.loads(rows[0]["origin"]))


class Authors:
    """The authors of all captions of a dataset. What is new in the journal is read once. Safe for threads."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._forget()

    def of(self, records: Sequence[ImageRecord]) -> list[Author | None]:
        """Who wrote each caption, None where nobody knows."""
        with self._lock:
            self._catch_up()
            known = self._known
            return [_still(record, known.get(record.sidecar, _NOTHING)) for record in records]

    def _forget(self) -> None:
        self._known: dict[str, _Known] = {}
        self._upto = 0
        self._standing = (0, 0)

    def _catch_up(self) -> None:
        # What was undone, joined to another or forgotten since cannot be taken out of what was folded.
        if self._upto and self._standing_now() != self._standing:
            self._forget()
        done = _operations(self._db, "id > ?", (self._upto,))
        if not done:
            return
        # All of them by an index would take half as long again.
        where, values = ("WHERE c.operation > ?", [self._upto]) if self._upto else ("", [])
        rows = self._db.rows(f"SELECT {_CHANGE} FROM changes c {where}", values)
        _fold(rows, done, self._known, self._former)
        self._upto = max(done)
        self._standing = self._standing_now()

    def _standing_now(self) -> tuple[int, int]:
        sql = "SELECT count(*), coalesce(sum(id), 0) FROM operations INDEXED BY done WHERE state = 'done' AND id <= ?"
        count, total = self._db.rows(sql, (self._upto,))[0]
        return count, total

    def _former(self, path: str, operation: int) -> _Known:
        return self._known.get(path, _NOTHING)


def _left(db: Database, path: str, before: int) -> _Known:
    """How one tag file was left by what was done before an operation."""
    rows = db.rows(
        f"SELECT {_CHANGE} FROM changes c WHERE c.path = ? AND c.operation < ? ORDER BY c.operation DESC LIMIT ?",
        (path, before, _LONGEST),
    )
    numbers = [row[0] for row in rows]
    marks = ", ".join("?" * len(numbers))
    known: dict[str, _Known] = {}
    done = _operations(db, f"id IN ({marks})", numbers) if numbers else {}
    _fold(rows, done, known, lambda former, operation: _left(db, former, operation))
    return known.get(path, _NOTHING)


def _operations(db: Database, which: str, values: Sequence[object]) -> dict[int, _Operation]:
    rows = db.rows(
        "SELECT id, at, origin, iif(kind = 'rename', json_extract(detail, '$.from'), '') FROM operations"
        f" WHERE state = 'done' AND {which}",
        values,
    )
    return {row[0]: _Operation(row[1], _origin(row[2]), row[3]) for row in rows}


@lru_cache(maxsize=512)
def _origin(written: str) -> Origin:
    return Origin(**json.loads(written))


def _fold(
    rows: Iterable[Any],
    done: dict[int, _Operation],
    known: dict[str, _Known],
    former: Callable[[str, int], _Known],
) -> None:
    """Goes through changes in their order, and notes in `known` how each file was left.

    `former` tells how the tag file of an image was left before it was renamed.
    """
    current, operation, moved_from = -1, None, ""
    # Thousands of captions of one operation share their author. The prior one is kept, so that nobody gets its id.
    made: dict[Hashable, tuple[Author | None, Author | None]] = {}
    for number, path, before_hash, after_hash, after, told in sorted(rows, key=itemgetter(0)):
        if number != current:
            current, operation, made = number, done.get(number), {}
            moved_from = operation.former if operation is not None else ""
        if operation is None:
            continue
        text = _text(after)
        if not text or text.isspace():
            known[path] = (after_hash, hash(text), None)
            continue
        if moved_from:
            last = former(f"{moved_from.rpartition('.')[0]}.{path.rpartition('.')[2]}", number)
            prior = last[2] if last[0] == after_hash else None
        else:
            last = known.get(path, _NOTHING)
            # Where the file was not as it had been left, another program has written what stood there.
            prior = last[2] if last[0] == before_hash else None
        key: Hashable = id(prior) if told is None else (id(prior), told)
        found = made.get(key)
        if found is None:
            found = made[key] = prior, _author(operation, _origin(told) if told else operation.origin, prior)
        known[path] = (after_hash, hash(text), found[1])


def _text(data: bytes | None) -> str:
    if not data:
        return ""
    # Most captions, and a third of the time.
    return data.decode("ascii") if data.isascii() and b"\r" not in data else text_of(data) or ""


def _author(operation: _Operation, origin: Origin, prior: Author | None) -> Author | None:
    """Who the author is after an operation on a caption that was `prior`'s."""
    at = operation.at
    if origin.kind == "generate":
        edited = at if origin.edited else ""
        return Author("model", at, origin.model, origin.prompt, origin.params, edited)
    if origin.kind == "import":
        edited = at if origin.edited else ""
        return Author("import", at, origin.model, origin.prompt, origin.params, edited, origin.told_at)
    if origin.kind != "edit":
        # Converted or renamed: the words are the same.
        return prior
    return Author("hand", at) if prior is None or prior.by == "hand" else replace(prior, edited_at=at)


def _still(record: ImageRecord, known: _Known) -> Author | None:
    """The author, if the file still holds what it was left with."""
    return known[2] if known[1] == hash(record.text) else None
